"""The frozen events: their definitions, when they begin, and which of them are kept."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from tests.transforms.studied_market import LARGE, MARKET, NOTHING, SMALL, levels, sessions, walks
from transforms.signals.event_study.events import (
    DEFINITIONS,
    HORIZONS,
    TARGETS,
    VERSION,
    definitions_digest,
    first_of_each,
    signals,
    study_grid,
)
from transforms.signals.event_study.study import THRESHOLDS

FROZEN = {
    1: "6bd34b0f013b652d60716eae2b292fac511044004b9be8a63b859f0978e7607b",
    # Version 2 also sees events in total return, where no price is held.
    2: "4cc25f0ec53ff0eae1b0cb2754c4f14292b520358f9593ba8c65b55376139423",
}


def began(closes: pl.DataFrame, breadth: pl.DataFrame = NOTHING) -> dict[str, pl.Series]:
    days = sessions(closes.group_by("index_id").len()["len"].max())
    return signals(study_grid(closes, breadth, days))


def rows_of(found: pl.Series) -> list[int]:
    return np.flatnonzero(found.fill_null(False).to_numpy()).tolist()


def test_definitions_are_frozen() -> None:
    """A change of any definition is another study: raise VERSION and add its digest here."""
    assert definitions_digest() == FROZEN[VERSION]


def test_the_family_is_that_of_the_methodology() -> None:
    tests = [one for one in DEFINITIONS if one.role == "test"]
    assert len(tests) * len(TARGETS) * len(HORIZONS) == 18
    assert TARGETS == (MARKET, SMALL)
    assert HORIZONS == (21, 63, 126)


def test_every_threshold_has_its_own_id_and_a_source() -> None:
    assert len({one.id for one in THRESHOLDS}) == len(THRESHOLDS)
    assert all(one.source and one.unit and one.meaning for one in THRESHOLDS)


def test_total_return_stands_in_where_a_price_is_missing() -> None:
    """Levels that are a constant multiple tell the same events, save on windows across the seam."""
    closes = walks(1600, 5)
    days = sessions(1600)
    seam = days["session_date"][1000]
    totals = closes.filter(pl.col("session_date") < seam).with_columns(3 * pl.col("close"))
    prices = closes.filter(pl.col("session_date") >= seam)
    whole = began(closes)
    parted = signals(study_grid(prices, NOTHING, days, totals))
    for name in ("relative_strength_80", "risen_10_after_15", "large_cap_strength"):
        assert parted[name][:1000].equals(whole[name][:1000])
        assert whole[name][:1000].any()
        # The strength's rank at the seam is null for 63 sessions, the year's high for 293.
        assert parted[name][1000] is None
        assert parted[name][1300:].is_not_null().all()


def test_a_rise_of_a_tenth_after_a_fall_begins_once() -> None:
    """260 sessions at 1000, a fall to 800 in one, 5 there, then a rise of 1% a session."""
    path = np.zeros(330)
    path[260] = np.log(0.8)
    path[266:] = np.log(1.01)
    closes = pl.concat([levels(one, path) for one in (LARGE, MARKET, SMALL)])
    found = began(closes)["risen_10_after_15"]
    # 42 sessions before the low stand at 1000, so the rise is first measured from 800: session
    # 302 compares with 260, 1.01 ** 37 is 1.445; session 301 with 1000, 0.8 * 1.01 ** 36 = 1.145.
    # Before it, 0.8 * 1.01 ** n >= 1.1 from n = 33 (1.1109), n = 32 gives 1.0999: session 298.
    assert rows_of(found) == [298]
    # 252 closes, then the deepest of 43 sessions, then one session before to begin after.
    assert found.is_null().to_list() == [n < 251 + 42 + 1 for n in range(330)]


def test_a_fall_just_short_is_none() -> None:
    path = np.zeros(330)
    path[260] = np.log(0.851)
    path[266:] = np.log(1.01)
    closes = pl.concat([levels(one, path) for one in (LARGE, MARKET, SMALL)])
    assert rows_of(began(closes)["risen_10_after_15"]) == []


def test_breadth_goes_from_few_to_most_within_42_sessions() -> None:
    share = [50.0] * 10 + [29.0] + [50.0] * 41 + [71.0] + [71.0] + [50.0] + [71.0]
    days = sessions(len(share))
    breadth = pl.DataFrame(
        {
            "universe": "nifty-smallcap-250",
            "session_date": days["session_date"],
            "above_sma_50_pct": share,
        }
    )
    closes = pl.concat([levels(one, np.zeros(len(share))) for one in (LARGE, MARKET, SMALL)])
    # Session 52 looks back to session 10, 42 before; 55 no longer does.
    assert rows_of(began(closes, breadth)["breadth_30_to_70"]) == [52]
    equal = breadth.with_columns(above_sma_50_pct=pl.col("above_sma_50_pct").replace(29.0, 30.0))
    assert rows_of(began(closes, equal)["breadth_30_to_70"]) == []


def test_relative_strength_needs_three_years_and_a_crossing() -> None:
    """A flat ratio with ties everywhere never crosses; one that jumps does, on that session."""
    flat = np.zeros(1000)
    jump = flat.copy()
    jump[900] = 0.05
    closes = pl.concat([levels(LARGE, flat), levels(MARKET, flat), levels(SMALL, jump)])
    found = began(closes)["relative_strength_80"]
    assert rows_of(found) == [900]
    # 63 sessions, 756 values, and one session before.
    assert found.null_count() == 63 + 755 + 1
    assert rows_of(began(closes)["large_cap_strength"]) == []


def test_a_missing_close_leaves_its_sessions_untold() -> None:
    closes = walks(1200, 4).filter(
        ~(
            (pl.col("index_id") == SMALL)
            & (pl.col("session_date") == sessions(1200)["session_date"][1000])
        )
    )
    told = began(closes)["relative_strength_80"].is_not_null()
    # The session itself and the one after it, whose session before is untold; and 63 later.
    assert [n for n in range(900, 1200) if not told[n]] == [1000, 1001, 1063, 1064]


@pytest.mark.parametrize(
    ("signal_rows", "horizon", "kept"),
    [
        ([5, 26, 27, 47, 49], 21, [5, 27, 49]),
        ([0, 1, 2], 1, [0, 2]),
        ([], 21, []),
    ],
)
def test_no_event_within_a_horizon_of_the_last(
    signal_rows: list[int], horizon: int, kept: list[int]
) -> None:
    assert first_of_each(np.array(signal_rows, dtype=np.int64), horizon).tolist() == kept


def test_sessions_are_those_of_the_table() -> None:
    grid = study_grid(
        walks(10, 1), NOTHING, sessions(10).sample(fraction=1.0, shuffle=True, seed=1)
    )
    assert grid["session_date"].to_list()[0] == dt.date(2005, 1, 3)
    assert grid["session_date"].is_sorted()
