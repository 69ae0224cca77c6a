"""The day count of an attempt to rise off a low, and its follow-through days."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from transforms.signals.regime_rules import (
    FIRST_DAY,
    FOLLOW_THROUGH_GAIN,
    FOLLOW_THROUGH_SIGMAS,
)

NO_ROW = -1
YES, NO, MISSING = 1, 0, -1
_FIRST_DAY = int(FIRST_DAY.value)


@dataclass(slots=True)
class Attempt:
    """What the sessions after a low tell, told one at a time; rows number sessions.

    Day 1 is the first close above the one before it after the low; sessions without a close count.
    `intraday_row` is day 1 of the count that a low under its day 1's low restarts. The
    follow-through day is the first there is, `latest_row` the last.
    """

    low_row: int
    first_row: int = NO_ROW
    intraday_row: int = NO_ROW
    intraday_low: float = 0.0
    followed_row: int = NO_ROW
    followed_low: float = 0.0
    latest_row: int = NO_ROW
    untold_row: int = NO_ROW

    def tell(self, row: int, is_up: bool, low: float, follows: int) -> None:
        """Take in one session after the low, its close not below it.

        Args:
            row: number of the session.
            is_up: whether it closed above the last close.
            low: low of the session; its close where no low is known.
            follows: YES, NO or MISSING: gain and turnover of a follow-through day.
        """
        if self.intraday_row != NO_ROW and low < self.intraday_low:
            self.intraday_row = NO_ROW
        if is_up:
            if self.first_row == NO_ROW:
                self.first_row = row
            if self.intraday_row == NO_ROW:
                self.intraday_row, self.intraday_low = row, low
        if follows != NO and self.day(row) >= _FIRST_DAY:
            if follows == YES:
                self.latest_row = row
                # The first one carries the attempt: a strong day months later is no stop for it.
                if self.followed_row == NO_ROW:
                    self.followed_row, self.followed_low = row, low
            else:
                self.untold_row = row

    def day(self, row: int) -> int:
        """Day of the attempt, 0 before its first."""
        return 0 if self.first_row == NO_ROW else row - self.first_row + 1

    def intraday_day(self, row: int) -> int:
        """Day of the count that lows restart, 0 before its first."""
        return 0 if self.intraday_row == NO_ROW else row - self.intraday_row + 1


def follows(
    frame: pl.DataFrame, *, least_gain_pct: float = FOLLOW_THROUGH_GAIN.value
) -> pl.DataFrame:
    """Whether each session has the gain and the turnover of a follow-through day.

    Never on a short session; turnover is compared with the last full session's. The market's
    turnover stands in where the index has none on either of the two.

    Args:
        frame: index_id, session_date, is_short, close, last_close (of the session before),
            sigma_60 (of log returns, a fraction), turnover_inr, market_turnover_inr; sorted by
            index and session.
        least_gain_pct: a published gain; one standard deviation if that is more, and it alone
            until the deviation is known.

    Returns:
        The frame with `follows`, null where what decides is missing.
    """
    gain = (100 * (pl.col("close") / pl.col("last_close") - 1)).round(9)
    sigma = (100 * FOLLOW_THROUGH_SIGMAS.value * pl.col("sigma_60")).round(9)
    own, market = (
        pl.col(name) > pl.col(name).shift(1).over("index_id")
        for name in ("turnover_inr", "market_turnover_inr")
    )
    more = (
        frame.filter(~pl.col("is_short"))
        .with_columns(is_more=pl.coalesce(own, market))
        .select("index_id", "session_date", "is_more")
    )
    return (
        frame.join(more, on=["index_id", "session_date"], how="left", maintain_order="left")
        .with_columns(
            follows=~pl.col("is_short")
            & (gain >= pl.max_horizontal(pl.lit(least_gain_pct), sigma))
            & pl.col("is_more")
        )
        .drop("is_more")
    )
