"""The simulated FRED: holes, delay, and a world that belongs to the market."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from flows.calendar import IST
from flows.demo.formats.macro import fred_csv
from flows.demo.sites.answers import Request, Visitors
from flows.demo.sites.macro import DOWNLOAD, MacroSite, macro_history_csv
from flows.demo.world.latent import latent
from flows.demo.world.macro import SERIES, paths
from flows.demo.world.market import Market, simulate

NIGHT = datetime(2026, 2, 11, 22, 30, tzinfo=IST)


@pytest.fixture(scope="module")
def site(market: Market) -> MacroSite:
    return MacroSite(market, Visitors())


def values(
    site: MacroSite, name: str, since: str = "2015-01-01", now: datetime = NIGHT
) -> dict[date, float | None]:
    answer = site.answer(Request("GET", DOWNLOAD, f"id={name}&cosd={since}"), now)
    assert answer is not None
    assert answer.status == 200
    header, *rows = csv.reader(answer.body.decode().splitlines())
    assert header == ["observation_date", name]
    return {date.fromisoformat(day): float(value) if value else None for day, value in rows}


@pytest.mark.real
def test_a_genuine_series_comes_back(genuine: Callable[[str], list[Path]]) -> None:
    [file] = genuine("fred/DEXINUS_monthly_*.csv")
    body = file.read_bytes()
    _, *rows = csv.reader(body.decode().splitlines())
    read = [(date.fromisoformat(day), float(value)) for day, value in rows]
    assert len(read) > 60
    assert fred_csv("DEXINUS", read, decimals=4) == body


def test_holidays_are_holes(site: MacroSite) -> None:
    rates, fear, overnight = (values(site, name) for name in ("DGS10", "VIXCLS", "DFF"))
    for holiday in (date(2025, 7, 4), date(2025, 11, 27), date(2024, 12, 25)):
        assert rates[holiday] is None
        assert fear[holiday] is None
        assert overnight[holiday] is not None
    columbus, good_friday = date(2025, 10, 13), date(2025, 4, 18)
    assert rates[columbus] is None
    assert fear[columbus] is not None
    assert fear[good_friday] is None
    saturday = date(2025, 10, 11)
    assert saturday not in rates
    assert overnight[saturday] is not None
    assert 8 <= sum(value is None for day, value in rates.items() if day.year == 2025) <= 11


def test_from_the_date_asked_for(site: MacroSite) -> None:
    shown = values(site, "DGS2", "2026-01-20")
    assert min(shown) == date(2026, 1, 20)
    whole = values(site, "DGS2")
    assert min(whole) == date(2015, 1, 1)
    assert {day: whole[day] for day in shown} == shown


@pytest.mark.parametrize(
    ("name", "now", "last"),
    [
        # Tuesday's rate comes on Wednesday afternoon in Washington: Thursday in India.
        ("DGS2", datetime(2026, 2, 4, 22, 30, tzinfo=IST), date(2026, 2, 2)),
        ("DGS2", datetime(2026, 2, 5, 8, 0, tzinfo=IST), date(2026, 2, 3)),
        # Friday's comes on Monday.
        ("VIXCLS", datetime(2026, 2, 9, 12, 0, tzinfo=UTC), date(2026, 2, 5)),
        ("VIXCLS", datetime(2026, 2, 9, 23, 0, tzinfo=UTC), date(2026, 2, 8 - 2)),
        # Currencies come on Mondays for the week before, after a holiday on Tuesday.
        ("DEXINUS", datetime(2026, 2, 9, 12, 0, tzinfo=UTC), date(2026, 1, 30)),
        ("DEXINUS", datetime(2026, 2, 9, 23, 0, tzinfo=UTC), date(2026, 2, 6)),
        ("DTWEXBGS", datetime(2026, 1, 19, 23, 0, tzinfo=UTC), date(2026, 1, 9)),
        ("DTWEXBGS", datetime(2026, 1, 20, 23, 0, tzinfo=UTC), date(2026, 1, 16)),
        ("INDIRLTLT01STM", datetime(2026, 1, 14, 23, 0, tzinfo=UTC), date(2025, 11, 1)),
        ("INDIRLTLT01STM", datetime(2026, 1, 15, 12, 0, tzinfo=UTC), date(2025, 12, 1)),
    ],
)
def test_values_come_out_late(site: MacroSite, name: str, now: datetime, last: date) -> None:
    assert max(values(site, name, now=now)) == last


def test_every_series_is_plausible(site: MacroSite) -> None:
    bounds = {
        "DEXINUS": (55, 100),
        "DGS2": (0.01, 7),
        "DGS10": (0.5, 7),
        "DFF": (0.01, 7),
        "FEDFUNDS": (0.01, 7),
        "T10Y2Y": (-2.5, 3.5),
        "DTWEXBGS": (95, 140),
        "VIXCLS": (8, 85),
        "SP500": (1500, 9000),
        "DCOILBRENTEU": (10, 150),
        "DCOILWTICO": (5, 150),
        "BAMLH0A0HYM2": (2, 12),
        "INDIRLTLT01STM": (4, 10),
    }
    assert set(bounds) == set(SERIES)
    for name, (low, high) in bounds.items():
        shown = [value for value in values(site, name).values() if value is not None]
        assert low <= min(shown) < max(shown) <= high, name
        assert len(set(shown)) > 15, name


def test_the_slope_is_the_difference_of_the_rates(site: MacroSite) -> None:
    two, ten, slope = (values(site, name) for name in ("DGS2", "DGS10", "T10Y2Y"))
    for day, value in list(slope.items())[-500:]:
        left, right = ten[day], two[day]
        assert (value is None) == (left is None or right is None)
        if value is not None and left is not None and right is not None:
            assert value == pytest.approx(left - right, abs=0.0051)


def test_a_month_s_rate_is_the_mean_of_its_days(site: MacroSite) -> None:
    daily, monthly = values(site, "DFF"), values(site, "FEDFUNDS")
    november = [v for d, v in daily.items() if (d.year, d.month) == (2025, 11) and v is not None]
    assert len(november) == 30
    assert monthly[date(2025, 11, 1)] == pytest.approx(sum(november) / 30, abs=0.0051)


def test_the_world_belongs_to_the_market(site: MacroSite, market: Market) -> None:
    state = latent(market.seed)
    fear = values(site, "VIXCLS")
    both = [
        (float(state.factors.volatility[t]), value)
        for t, day in enumerate(state.sessions)
        if (value := fear.get(day)) is not None
    ]
    assert np.corrcoef(np.log(both), rowvar=False)[0, 1] > 0.6


def test_rate_cuts_are_hoped_for_at_the_end(site: MacroSite, market: Market) -> None:
    day = date(2026, 2, 9)
    two, overnight = values(site, "DGS2")[day], values(site, "DFF")[day]
    assert two is not None
    assert overnight is not None
    assert two < overnight
    rows = list(csv.DictReader(macro_history_csv(market).decode().splitlines()))
    last = {row["series_id"]: float(row["value"]) for row in rows}
    assert last["IN_TBILL_91D"] < last["RBI_REPO"]


def test_what_a_user_has_collected(market: Market) -> None:
    header, *lines = macro_history_csv(market).decode().splitlines()
    assert header == "series_id,observation_date,value"
    rows = [line.split(",") for line in lines]
    assert {row[0] for row in rows} == {"RBI_REPO", "IN_TBILL_91D"}
    assert rows[0][1] == "2015-01-01"
    assert max(row[1] for row in rows) == "2026-02-10"
    repo = [float(row[2]) for row in rows if row[0] == "RBI_REPO"]
    assert all(4 * rate == round(4 * rate) for rate in repo), "quarters of a point"
    assert 5 < len({*repo}) < 25


@pytest.mark.parametrize(
    ("query", "status"),
    [("id=NOSUCH", 404), ("", 404), ("id=DGS2&cosd=yesterday", 400), ("id=DGS2", 200)],
)
def test_odd_questions(site: MacroSite, query: str, status: int) -> None:
    answer = site.answer(Request("GET", DOWNLOAD, query), NIGHT)
    assert answer is not None
    assert answer.status == status


def test_another_day_is_an_older_download(site: MacroSite) -> None:
    asked = Request("GET", DOWNLOAD, "id=DGS2&cosd=2026-01-01")
    old = site.another_day(asked, NIGHT)
    assert old is not None
    assert old.body.decode().splitlines()[-1].startswith("2026-01-26,")
    assert site.answer(Request("GET", "/elsewhere"), NIGHT) is None


def test_a_series_hangs_on_no_other_window(site: MacroSite) -> None:
    window = simulate(start=date(2025, 3, 3), end=date(2025, 4, 30))
    assert values(MacroSite(window, Visitors()), "DGS10") == values(site, "DGS10")
    assert not np.array_equal(paths(1)["DGS10"], paths(2)["DGS10"])
