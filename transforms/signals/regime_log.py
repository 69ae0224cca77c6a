"""From frames to what the machine reads, and from what it remembers back to frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan

import polars as pl

from transforms.signals.follow_through import MISSING, NO, NO_ROW, YES
from transforms.signals.regime_course import Course, Tape
from transforms.signals.regime_table import RuleSet

EARLY_STATIC = ("leg_above_averages", "leg_breadth_turns", "leg_flows")
CONFIRMED_STATIC = ("leg_summation", "leg_above_sma_200", "leg_results")
"""Legs that no low and no companion is needed for."""

_FLAGS = {
    "leg_thrust": "thrust",
    "leg_companion": "companion",
    "leg_breakout": "breakout",
    "leg_risen_20": "risen",
    "leg_companion_recovers": "companion_recovers",
}
_FLOATS = (
    "low_close",
    "support_lower",
    "support_break",
    "followed_low",
    "failed_level",
    "top_close",
    "past_null_probability",
)
_COUNTS = (
    "early_held",
    "early_tested",
    "confirmed_held",
    "confirmed_tested",
    "past_rebounds",
    "past_confirmed",
    "streak",
    "days_in_state",
)
_ROWS = ("entered_row", "low_row", "followed_row")
_DAYS = ("day_count", "day_count_intraday")


def tape(one: pl.DataFrame, rule_set: RuleSet) -> Tape:
    """Rows of one index from `regime_legs.measured`, as the machine reads them.

    By closes alone there is neither turnover nor breadth, so no follow-through day and no thrust.
    """
    early = [leg for leg in EARLY_STATIC if leg in rule_set.early]
    confirmed = [leg for leg in CONFIRMED_STATIC if leg in rule_set.confirmed]
    nothing = [NO] * one.height
    return Tape(
        dates=one["session_date"].to_list(),
        run=one["run"].to_list(),
        close=_floats(one["close"]),
        low=_floats(one["low"]),
        is_up=one["is_up"].fill_null(value=False).to_list(),
        drawdown=_floats(one["drawdown_252_pct"]),
        atr=_floats(one["atr_14"]),
        mean_200=_floats(one["sma_200"]),
        above=one["above_of_7"].fill_null(0).to_list(),
        below=one["below_of_7"].fill_null(0).to_list(),
        threshold=_floats(one["rebound_threshold_pct"]),
        follows=nothing if rule_set.is_index else _flags(one["follows"]),
        support=_floats(one["support_lower"]),
        resistance=_floats(one["resistance_upper"]),
        thrust=[MISSING] * one.height if rule_set.is_index else _flags(one["breadth_thrust"]),
        below_averages=_flags(one["below_averages"]),
        early_held=_count(one, early, holds=True),
        early_tested=_count(one, early, holds=False),
        confirmed_held=_count(one, confirmed, holds=True),
        confirmed_tested=_count(one, confirmed, holds=False),
    )


def _floats(values: pl.Series) -> list[float]:
    return values.fill_null(nan).to_list()


def _flags(values: pl.Series) -> list[int]:
    return values.cast(pl.Int64).fill_null(MISSING).to_list()


def _count(one: pl.DataFrame, legs: list[str], *, holds: bool) -> list[int]:
    if not legs:
        return [0] * one.height
    flag = pl.col(legs).fill_null(value=False) if holds else pl.col(legs).is_not_null()
    return one.select(n=pl.sum_horizontal(flag.cast(pl.Int64)))["n"].to_list()


@dataclass(slots=True)
class Log:
    """What the machine knew at each session of one index; `values` in the order of _LOG_SCHEMA."""

    state: list[str] = field(default_factory=list)
    failed_by: list[str] = field(default_factory=list)
    is_bear_rally: list[bool] = field(default_factory=list)
    values: list[tuple[float, ...]] = field(default_factory=list)

    def write(self, course: Course, row: int) -> None:
        """Note the course after session `row`."""
        attempt = course.attempt
        self.state.append(course.state)
        self.failed_by.append(course.failed_by)
        self.is_bear_rally.append(course.is_bear_rally)
        self.values.append(
            (
                course.low_close,
                course.support_lower,
                course.support_break,
                nan if attempt is None or attempt.followed_row == NO_ROW else attempt.followed_low,
                course.failed_level,
                course.top_close,
                course.past_null / course.past if course.past else nan,
                course.early_held,
                course.early_tested,
                course.confirmed_held,
                course.confirmed_tested,
                course.past,
                course.past_confirmed,
                course.streak,
                row - course.entered + 1,
                course.entered,
                NO_ROW if attempt is None else attempt.low_row,
                NO_ROW if attempt is None else attempt.followed_row,
                NO_ROW if attempt is None else attempt.day(row),
                NO_ROW if attempt is None else attempt.intraday_day(row),
                course.thrust,
                course.companion,
                course.breakout,
                course.risen,
                course.companion_recovers,
            )
        )

    def beside(self, one: pl.DataFrame, rule_set: RuleSet) -> pl.DataFrame:
        """The measures of the index with what the machine knew, and without the other's legs."""
        dates = one["session_date"]
        columns = zip(*self.values, strict=True)
        rows = pl.DataFrame(dict(zip(_LOG_SCHEMA, columns, strict=True)), schema=_LOG_SCHEMA)
        others = [leg for leg in (*EARLY_STATIC, *CONFIRMED_STATIC) if leg not in _legs(rule_set)]
        return one.with_columns(
            pl.Series("state", self.state, pl.String),
            pl.Series("failed_by", self.failed_by, pl.String),
            pl.Series("is_bear_rally", self.is_bear_rally, pl.Boolean),
            rules=pl.lit(rule_set.name),
        ).with_columns(
            *[rows[name].fill_nan(None).alias(name) for name in _FLOATS],
            *[rows[name] for name in _COUNTS],
            *[
                dates.gather(rows.select(pl.when(pl.col(name) >= 0).then(name)).to_series()).alias(
                    f"{name.removesuffix('_row')}_on"
                )
                for name in _ROWS
            ],
            *[rows.select(pl.when(pl.col(name) > 0).then(name)).to_series() for name in _DAYS],
            *[
                rows.select(
                    pl.when(pl.col(name) != MISSING).then(pl.col(name) == YES).alias(name)
                ).to_series()
                for name in _FLAGS
            ],
            *[pl.lit(None, pl.Boolean).alias(leg) for leg in others],
        )


def _legs(rule_set: RuleSet) -> tuple[str, ...]:
    return (*rule_set.early, *rule_set.confirmed)


_LOG_SCHEMA = pl.Schema(
    dict.fromkeys(_FLOATS, pl.Float64())
    | dict.fromkeys((*_COUNTS, *_ROWS, *_DAYS, *_FLAGS), pl.Int64())
)


def moves(course: Course, index_id: str, rule_set: RuleSet) -> pl.DataFrame:
    """The changes of state of one index, oldest first."""
    dates = course.tape.dates
    return pl.DataFrame(
        {
            "session_date": [dates[one.row] for one in course.moves],
            "from_state": [one.from_state for one in course.moves],
            "to_state": [one.to_state for one in course.moves],
            "days_in_state": [one.days for one in course.moves],
            "reason": [one.reason for one in course.moves],
        },
        schema={
            "session_date": pl.Date,
            "from_state": pl.String,
            "to_state": pl.String,
            "days_in_state": pl.Int64,
            "reason": pl.String,
        },
    ).with_columns(index_id=pl.lit(index_id), rules=pl.lit(rule_set.name))
