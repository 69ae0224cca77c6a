"""The regimes of Nifty Smallcap 250 from 2005 to 2022, by closes alone, read by hand."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from tests.transforms.regime_paths import NOTHING
from transforms.signals.regime import Regimes, Sources, regimes
from transforms.signals.zones import zones


@cache
def regimes_of(path: Path) -> Regimes:
    text = pl.read_csv(path, infer_schema_length=0)
    bars = (
        text.select(
            index_id=pl.lit("nifty-smallcap-250"),
            session_date=pl.col("Date").str.to_date(),
            open=pl.lit(None, pl.Float64),
            high=pl.col("High").cast(pl.Float64, strict=False),
            low=pl.col("Low").cast(pl.Float64, strict=False),
            close=pl.col("Close").cast(pl.Float64, strict=False),
            turnover_inr=pl.lit(None, pl.Float64),
        )
        .filter(pl.col("close") > 0)
        .sort("session_date", "high", nulls_last=True)
        .unique("session_date", keep="first", maintain_order=True)
    )
    sessions = bars.select("session_date", is_short=pl.lit(value=False))
    nearest = zones(bars, sessions, None).filter(pl.col("zone_rank") == 1)
    return regimes(Sources(bars, sessions, nearest, NOTHING, NOTHING, NOTHING, NOTHING))


@pytest.fixture
def found(archive: Path) -> Regimes:
    path = archive / "niftyindices" / "price" / "NIFTY SMALLCAP 250.csv"
    if not path.is_file():
        pytest.skip("the archive has no price history of Nifty Smallcap 250")
    return regimes_of(path)


def moves(found: Regimes, first: date, last: date) -> list[tuple[date, str]]:
    told = found.transitions.filter(
        pl.col("rules") == "index", pl.col("session_date").is_between(first, last)
    )
    return list(told.select("session_date", "to_state").iter_rows())


def test_2008_is_bear_rallies_until_the_low_of_march_2009(found: Regimes) -> None:
    told = moves(found, date(2008, 1, 1), date(2009, 12, 31))
    # From the peak of 2 January 2008 to the recovery after the election of May 2009.
    assert told[0] == (date(2008, 1, 18), "DRAWDOWN")
    (confirmed,) = [day for day, to_state in told if to_state == "CONFIRMED"]
    # Which day depends on the zones; the fifth close above the long mean was on 11 May.
    assert date(2009, 5, 11) <= confirmed <= date(2009, 6, 30)
    low = found.states.filter(rules="index", session_date=confirmed).row(0, named=True)
    assert low["low_date"] == date(2009, 3, 9)
    assert next(day for day, to_state in told if to_state == "ADVANCE") > confirmed
    fallen = found.transitions.filter(
        pl.col("rules") == "index",
        pl.col("is_bear_rally"),
        pl.col("session_date").is_between(date(2008, 1, 1), date(2009, 3, 9)),
    )
    assert fallen.height >= 6


def test_2018_to_2020_has_one_confirmation_and_the_crash_ends_it(found: Regimes) -> None:
    told = moves(found, date(2018, 1, 1), date(2020, 12, 31))
    assert told[0] == (date(2018, 2, 2), "DRAWDOWN")
    confirmed = [day for day, to_state in told if to_state == "CONFIRMED"]
    # Two years of failures, the recovery that the crash ended, and the one after it.
    assert [(day.year, day.month) for day in confirmed] in ([(2020, 1), (2020, 8)], [(2020, 8)])
    crash = [(day, to_state) for day, to_state in told if day >= date(2020, 3, 1)]
    assert (date(2020, 3, 31), "REBOUND") in crash
    states = [to_state for _, to_state in crash]
    assert states[-5:] == ["DRAWDOWN", "REBOUND", "EARLY_RECOVERY", "CONFIRMED", "ADVANCE"]
    at = found.states.filter(rules="index", session_date=date(2020, 3, 31)).row(0, named=True)
    assert at["low_date"] == date(2020, 3, 24)


def test_a_slow_bear_market_is_no_advance(found: Regimes) -> None:
    # From 2011 to the low of December 2011 the index lost a quarter.
    states = found.states.filter(
        pl.col("rules") == "index",
        pl.col("session_date").is_between(date(2011, 1, 1), date(2012, 9, 1)),
    )
    assert "ADVANCE" not in set(states["state"])


def test_without_breadth_the_full_rules_confirm_nothing_and_say_why(found: Regimes) -> None:
    told = found.states.filter(rules="full")
    assert set(told["state"]).isdisjoint({"EARLY_RECOVERY", "CONFIRMED"})
    held = told.filter(pl.col("held_by_data") != "")
    assert held.height > 100
    assert held["held_by_data"].str.starts_with("EARLY_RECOVERY: ").all()
