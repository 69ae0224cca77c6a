"""The day count and follow-through days: the published vector, and by hand."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms.signals.follow_through import MISSING, NO, NO_ROW, YES, Attempt, follows


def frame(closes: list[float], volume: list[Any], **columns: list[Any]) -> pl.DataFrame:
    count = len(closes)
    told: dict[str, list[Any]] = {
        "is_short": [False] * count,
        "sigma_60": [None] * count,
        "market_turnover_inr": [None] * count,
    }
    told |= columns
    return pl.DataFrame(
        {
            "index_id": ["one"] * count,
            "session_date": [date(2024, 1, 1) + timedelta(days=n) for n in range(count)],
            "close": closes,
            "last_close": [None, *closes[:-1]],
            "turnover_inr": volume,
            **told,
        },
        schema_overrides={
            "close": pl.Float64,
            "last_close": pl.Float64,
            "sigma_60": pl.Float64,
            "turnover_inr": pl.Float64,
            "market_turnover_inr": pl.Float64,
        },
    )


def told(closes: list[float], lows: list[float], flags: list[int]) -> Attempt:
    """An attempt at the lowest close, told all sessions after it."""
    low_row = closes.index(min(closes))
    attempt = Attempt(low_row)
    for row in range(low_row + 1, len(closes)):
        attempt.tell(row, closes[row] > closes[row - 1], lows[row], flags[row])
    return attempt


def as_flags(values: pl.Series) -> list[int]:
    return [MISSING if value is None else int(value) for value in values]


@pytest.mark.parametrize(("gain", "name"), [(1.25, "ftd_index_1.25"), (1.7, "ftd_index_1.7")])
def test_the_published_vector(archive: Path, gain: float, name: str) -> None:
    path = archive.parent / "vectors" / "constructed" / "ftd.json"
    if not path.is_file():
        pytest.skip("no vectors beside the archive: constructed/ftd.json")
    vector = json.loads(path.read_text())
    found = follows(frame(vector["close"], vector["volume"]), least_gain_pct=gain)["follows"]
    attempt = told(vector["close"], vector["low"], as_flags(found))
    assert attempt.first_row == vector["day1_index"]
    expected = vector[name]
    assert attempt.followed_row == (NO_ROW if expected is None else expected)
    # Day 4 is three sessions after day 1.
    assert attempt.day(vector["day1_index"] + 3) == 4


# Low at row 1; rows 2 to 6 rise, the last by 2% on more turnover.
CLOSES = [102.0, 100.0, 100.5, 100.6, 100.7, 100.8, 102.816]
TURNOVER = [10.0, 10.0, 12.0, 11.0, 10.0, 9.0, 12.0]


def test_a_gain_on_more_turnover_from_day_four_on() -> None:
    found = follows(frame(CLOSES, TURNOVER))["follows"].to_list()
    assert found[1:] == [False, False, False, False, False, True]
    attempt = told(CLOSES, CLOSES, as_flags(pl.Series(found)))
    assert (attempt.first_row, attempt.day(6), attempt.followed_row) == (2, 5, 6)
    assert attempt.followed_low == 102.816
    # The same gain on day 3 follows nothing.
    early = [102.0, 100.0, 100.5, 100.6, 102.612]
    found = follows(frame(early, [10.0, 10.0, 10.0, 9.0, 12.0]))["follows"].to_list()
    assert found[-1] is True
    assert told(early, early, as_flags(pl.Series(found))).followed_row == NO_ROW


def test_one_standard_deviation_is_asked_where_it_is_more() -> None:
    loud = follows(frame(CLOSES, TURNOVER, sigma_60=[0.021] * 7))["follows"].to_list()
    assert loud[-1] is False
    just = follows(frame(CLOSES, TURNOVER, sigma_60=[0.02] * 7))["follows"].to_list()
    assert just[-1] is True


def test_the_market_stands_in_where_the_index_has_no_turnover() -> None:
    none: list[Any] = [None] * 7
    more = follows(frame(CLOSES, none, market_turnover_inr=TURNOVER))["follows"].to_list()
    assert more[-1] is True
    half: list[Any] = [None, None, None, None, None, None, 5.0]
    assert follows(frame(CLOSES, half, market_turnover_inr=TURNOVER))["follows"][-1] is True
    # Without either nothing is known of the gain, and small gains are still none.
    blind = follows(frame(CLOSES, none))["follows"].to_list()
    assert blind[1:] == [False, False, False, False, False, None]
    attempt = told(CLOSES, CLOSES, as_flags(pl.Series(blind)))
    assert (attempt.followed_row, attempt.untold_row) == (NO_ROW, 6)


def test_a_short_session_is_none_and_is_not_compared_with() -> None:
    turnover = [10.0, 10.0, 12.0, 11.0, 15.0, 1.0, 12.0]
    short = [False, False, False, False, False, True, False]
    found = follows(frame(CLOSES, turnover, is_short=short))["follows"].to_list()
    assert found[-1] is False  # 12 is less than the 15 of the last full session
    last = [False] * 6 + [True]
    assert follows(frame(CLOSES, TURNOVER, is_short=last))["follows"][-1] is False


def test_a_low_under_the_low_of_day_one_restarts_the_intraday_count_alone() -> None:
    closes = [102.0, 100.0, 101.0, 100.8, 101.5]
    lows = [101.0, 99.5, 100.2, 100.1, 101.0]
    attempt = told(closes, lows, [NO] * 5)
    assert (attempt.day(4), attempt.intraday_day(4)) == (3, 1)
    # An up close that dips under it is day 1 again.
    dipped = told([102.0, 100.0, 101.0, 101.2], [101.0, 99.5, 100.2, 100.0], [NO] * 4)
    assert (dipped.day(3), dipped.intraday_day(3)) == (2, 1)
    assert (dipped.intraday_low, YES) == (100.0, 1)
