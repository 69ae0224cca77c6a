"""Flow metrics of the published nets against plain Python, session by session.

The nets are read here without the parsers; purchases and sales were not republished.
"""

from __future__ import annotations

import csv
import math
import statistics
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms.metrics.flow_balance import flow_balance
from transforms.metrics.flow_rows import flow_rows
from transforms.metrics.flows_of_funds import flow
from warehouse.tables.flows import CategoryTurnover, DepositoryFlow, InstitutionalFlow
from warehouse.tables.table import schema

pytestmark = pytest.mark.real

SUMS = (1, 5, 9, 10, 15, 20, 40, 60)
COLUMNS = {"FII": "fii_net_cr", "DII": "dii_net_cr"}
MISSING = [
    date(2015, 1, 21),
    date(2015, 7, 28),
    date(2015, 8, 5),
    date(2015, 10, 15),
    date(2016, 4, 7),
    date(2016, 4, 11),
    date(2016, 4, 12),
    date(2016, 5, 17),
    date(2017, 1, 18),
    date(2017, 6, 27),
    date(2018, 4, 4),
    date(2018, 7, 2),
    date(2018, 11, 1),
    date(2020, 11, 14),
    date(2021, 4, 9),
]


@dataclass
class History:
    """Sessions, and the nets of each participant as whole hundredths of a crore."""

    sessions: list[date]
    place: dict[date, int]
    nets: dict[str, dict[date, Fraction]]

    def window(self, who: str, end: date, n: int) -> list[Fraction] | None:
        """The nets of n sessions to `end`; None where one is missing."""
        last = self.place[end]
        if last + 1 < n:
            return None
        found = [self.nets[who].get(day) for day in self.sessions[last + 1 - n : last + 1]]
        return None if None in found else [one for one in found if one is not None]

    def summed(self, who: str, end: date, n: int) -> Fraction | None:
        found = self.window(who, end, n)
        return None if found is None else sum(found, Fraction(0))


@pytest.fixture(scope="module")
def history(archive: Path) -> History:
    files = sorted((archive / "fii_dii").glob("*.csv"))
    if not files:
        pytest.skip("the archive holds no fii_dii/*.csv")
    with (archive / "sessions_2004_2025.csv").open(newline="") as lines:
        sessions = sorted(date.fromisoformat(row["date"]) for row in csv.DictReader(lines))
    nets: dict[str, dict[date, Fraction]] = {"FII": {}, "DII": {}}
    for path in files:
        with path.open(newline="") as lines:
            for row in csv.DictReader(lines):
                for who, column in COLUMNS.items():
                    nets[who][date.fromisoformat(row["date"])] = Fraction(row[column])
    nets["FII+DII"] = {day: net + nets["DII"][day] for day, net in nets["FII"].items()}
    return History(sessions, {day: n for n, day in enumerate(sessions)}, nets)


@pytest.fixture(scope="module")
def marts(history: History) -> tuple[pl.DataFrame, pl.DataFrame]:
    """mart.flow and mart.flow_balance of the nets."""
    columns = schema(InstitutionalFlow)
    told = [
        {
            "session_date": day,
            "participant": who,
            "scope": "unstated",
            "stage": "provisional",
            "source_id": "imported_flow",
            "net_crore": Decimal(net.numerator) / Decimal(net.denominator),
            "is_imported": True,
        }
        for who in ("FII", "DII")
        for day, net in history.nets[who].items()
    ]
    core = pl.DataFrame([{name: row.get(name) for name in columns} for row in told], schema=columns)
    sessions = pl.DataFrame({"session_date": history.sessions})
    rows = flow_rows(
        core,
        pl.DataFrame(schema=schema(CategoryTurnover)),
        pl.DataFrame(schema=schema(DepositoryFlow)),
        sessions,
    )
    flows = flow(rows, sessions)
    return flows, flow_balance(flows, sessions)


def by_session(frame: pl.DataFrame, column: str) -> dict[date, Any]:
    return dict(frame.select("session_date", column).iter_rows())


def mid_rank(value: Fraction, among: list[Fraction]) -> float:
    below = sum(one < value for one in among)
    same = sum(one == value for one in among)
    return 100 * (below + same / 2) / len(among)


def test_fifteen_sessions_are_missing_between_2015_and_2022(history: History) -> None:
    held = history.nets["FII"]
    first, last = min(held), max(day for day in held if day.year == 2022)
    span = [day for day in history.sessions if first <= day <= last]
    assert [day for day in span if day not in held] == MISSING
    later = [day for day in history.sessions if date(2025, 5, 9) <= day <= date(2025, 8, 29)]
    assert [day for day in later if day not in held] == []
    assert set(held) <= set(history.sessions)
    assert history.nets["DII"].keys() == held.keys()


def test_rows_are_those_of_the_files(history: History, marts: tuple[Any, Any]) -> None:
    for who, nets in history.nets.items():
        mine = marts[0].filter(participant=who)
        assert by_session(mine, "net_crore") == {day: float(net) for day, net in nets.items()}
        assert mine["is_imported"].all()


@pytest.mark.parametrize("who", ["FII", "DII", "FII+DII"])
def test_every_sum_of_every_session(history: History, marts: tuple[Any, Any], who: str) -> None:
    mine = marts[0].filter(participant=who)
    for n in SUMS:
        told = by_session(mine, f"net_sum_{n}_crore")
        expected = {day: history.summed(who, day, n) for day in told}
        assert told == {
            day: None if value is None else float(value) for day, value in expected.items()
        }
        assert sum(value is not None for value in told.values()) > 1000


def test_ranks_stand_on_all_sums_before_holes_or_not(
    history: History, marts: tuple[Any, Any]
) -> None:
    mine = marts[0].filter(participant="FII")
    for n in (10, 60):
        ranks = by_session(mine, f"net_sum_{n}_crore_percentile")
        sums: list[Fraction] = []
        compared = 0
        for day in sorted(ranks):
            value = history.summed("FII", day, n)
            if value is None:
                assert ranks[day] is None
                continue
            sums.append(value)
            if len(sums) < 756:
                assert ranks[day] is None
            elif len(sums) % 10 == 0 or len(sums) == 756:
                assert ranks[day] == pytest.approx(mid_rank(value, sums), abs=1e-9)
                compared += 1
        assert compared > 20


def test_streaks_begin_where_a_change_was_seen(history: History, marts: tuple[Any, Any]) -> None:
    told = by_session(marts[0].filter(participant="FII"), "streak_sessions")
    nets = history.nets["FII"]
    for day, streak in told.items():
        sign = (nets[day] > 0) - (nets[day] < 0)
        length, place = 0, history.place[day]
        while (one := nets.get(history.sessions[place])) is not None and (
            (one > 0) - (one < 0) == sign
        ):
            length += 1
            place -= 1
        assert streak == (None if one is None else sign * length), day


def test_financial_years_need_each_of_their_sessions(
    history: History, marts: tuple[Any, Any]
) -> None:
    told = by_session(marts[0].filter(participant="FII"), "financial_year_net_crore")
    nets = history.nets["FII"]
    whole = 0
    for day, value in told.items():
        began = date(day.year - (day.month < 4), 4, 1)
        year = [one for one in history.sessions if began <= one <= day]
        known = all(one in nets for one in year)
        assert value == (float(sum(nets[one] for one in year)) if known else None), day
        whole += known
    assert whole > 200


def test_slope_calm_and_stabilising(history: History, marts: tuple[Any, Any]) -> None:
    mine = marts[0].filter(participant="FII")
    slopes, ratios = by_session(mine, "net_sum_20_slope"), by_session(mine, "net_sd_10_ratio")
    flags = by_session(mine, "is_stabilising")
    seen = {True: 0, False: 0, None: 0}
    for day in sorted(flags):
        earlier = history.sessions[history.place[day] - 5]
        now, then = history.summed("FII", day, 20), history.summed("FII", earlier, 20)
        slope = None if now is None or then is None else (now - then) / 5
        assert slopes[day] == (None if slope is None else pytest.approx(float(slope), abs=1e-9))
        window = history.window("FII", day, 70)
        if window is None:
            assert ratios[day] is None
        else:
            values = [float(one) for one in window]
            ratio = statistics.stdev(values[60:]) / statistics.stdev(values[:60])
            assert ratios[day] == pytest.approx(ratio, rel=1e-9)
            assert flags[day] is (slope is not None and slope > 0 and ratio <= 1)
        seen[flags[day]] += 1
    assert min(seen[True], seen[False]) > 100


def test_absorption(history: History, marts: tuple[Any, Any]) -> None:
    balance = marts[1]
    for n in (5, 20):
        told = by_session(balance, f"absorption_{n}_pct")
        cancelled = 0
        for day, pct in told.items():
            foreign, domestic = history.window("FII", day, n), history.summed("DII", day, n)
            if foreign is None or domestic is None:
                assert pct is None
                continue
            net = sum(foreign, Fraction(0))
            moved = sum((abs(one) for one in foreign), Fraction(0))
            if abs(net) * 20 < moved:
                cancelled += 1
                assert pct is None
            else:
                assert pct == pytest.approx(float(-100 * domestic / net), rel=1e-9)
                assert math.isfinite(pct)
        assert 0 < cancelled < 200
    # In most fortnights they take the other side.
    values = balance["absorption_20_pct"].drop_nulls()
    assert (values > 0).mean() > 0.7
