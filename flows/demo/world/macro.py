"""The world outside the simulated market: rates, prices and currencies, and when they come out.

Levels are invented round figures of a plausible history; between them the paths follow the latent
state of the simulated market, with noise of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal

import holidays
import numpy as np

from flows.demo.world.factors import Floats, fat
from flows.demo.world.latent import latent, stream
from flows.demo.world.story import LAST_SESSION

FIRST_DAY = date(2015, 1, 1)
SATURDAY = 5
Points = tuple[tuple[date, float], ...]

FED_FUNDS: Points = (
    (date(2015, 1, 1), 0.0),
    (date(2015, 12, 1), 0.0),
    (date(2018, 12, 1), 2.25),
    (date(2019, 7, 1), 2.25),
    (date(2019, 11, 1), 1.5),
    (date(2020, 2, 20), 1.5),
    (date(2020, 3, 20), 0.0),
    (date(2022, 2, 1), 0.0),
    (date(2023, 8, 1), 5.25),
    (date(2024, 8, 20), 5.25),
    (date(2025, 1, 1), 4.25),
    (date(2025, 8, 20), 4.25),
    (date(2026, 1, 1), 3.5),
    (date(2027, 1, 1), 3.0),
)
REPO: Points = (
    (date(2015, 1, 1), 8.0),
    (date(2017, 9, 1), 6.0),
    (date(2018, 9, 1), 6.5),
    (date(2020, 1, 1), 5.25),
    (date(2020, 6, 1), 4.0),
    (date(2022, 4, 1), 4.0),
    (date(2023, 2, 1), 6.5),
    (date(2025, 1, 20), 6.5),
    (date(2025, 7, 1), 5.5),
    (date(2026, 1, 1), 5.25),
    (date(2027, 1, 1), 4.75),
)


@dataclass(frozen=True)
class Series:
    """One published series.

    `calendar`: dates that have a row. Of those, closed ones have a row without a value.
    `release`: the next US business day, the Monday after the week, or the 15th of the next month.
    """

    id: str
    decimals: int
    calendar: Literal["weekdays", "every day", "months"] = "weekdays"
    closed: Literal["federal", "exchange", "never"] = "federal"
    release: Literal["next day", "monday", "next month"] = "next day"


SERIES = {
    series.id: series
    for series in (
        Series("DEXINUS", 4, release="monday"),
        Series("DGS2", 2),
        Series("DGS10", 2),
        Series("T10Y2Y", 2),
        Series("DFF", 2, "every day", "never"),
        Series("FEDFUNDS", 2, "months", "never", "next month"),
        Series("DTWEXBGS", 4, release="monday"),
        Series("VIXCLS", 2, closed="exchange"),
        Series("SP500", 2, closed="exchange"),
        Series("DCOILBRENTEU", 2),
        Series("DCOILWTICO", 2),
        Series("BAMLH0A0HYM2", 2),
        Series("INDIRLTLT01STM", 3, "months", "never", "next month"),
    )
}


@cache
def _grid() -> tuple[date, ...]:
    return tuple(FIRST_DAY + timedelta(days=k) for k in range((LAST_SESSION - FIRST_DAY).days + 1))


def _through(points: Points, ahead: int = 0) -> Floats:
    """Levels between the points, looking so many days ahead."""
    days = np.array([day.toordinal() for day in _grid()], dtype=np.float64) + ahead
    on, levels = zip(*((day.toordinal(), level) for day, level in points), strict=True)
    path: Floats = np.interp(days, on, levels)
    return path


def _levels(*levels: float) -> Points:
    """Round levels at each new year from the first, the last one after the story's end."""
    return tuple((date(FIRST_DAY.year + k, 1, 1), level) for k, level in enumerate(levels))


def _decided(points: Points, every: int) -> Floats:
    """A policy rate: changed in quarters of a point, at meetings so many days apart."""
    smooth = np.round(_through(points) * 4.0) / 4.0
    held: Floats = smooth[np.arange(len(smooth)) // every * every]
    return held


def _wander(seed: int, name: str, deviation: float, keep: float = 0.985) -> Floats:
    """Noise that forgets slowly; `deviation` is that of the path, not of a day."""
    draws = deviation * np.sqrt(1.0 - keep * keep) * fat(stream(seed, name), len(_grid()), 6)
    path = np.empty(len(draws))
    state = 0.0
    for k, draw in enumerate(draws):
        # Rounded before it is carried on, as in the market's own paths.
        state = round(keep * state + draw, 9)
        path[k] = state
    return path


@cache
def paths(seed: int) -> Mapping[str, Floats]:
    """Level of each series on every day from `FIRST_DAY` on, weekends included, as published."""
    state = latent(seed)
    at = np.searchsorted(
        [day.toordinal() for day in state.sessions],
        [day.toordinal() for day in _grid()],
        side="right",
    )
    # Before the story there is no state: a calm, indifferent world.
    appetite = np.concatenate(([0.0], state.factors.appetite))[at]
    fear = np.concatenate(([0.8], state.factors.volatility))[at]
    two = 0.4 * _through(FED_FUNDS) + 0.6 * _through(FED_FUNDS, 300) - 0.1 + 0.03 * appetite
    two = np.maximum(two + _wander(seed, "DGS2", 0.09), 0.05)
    ten = 0.55 * two + 1.75 + 0.04 * appetite + _wander(seed, "DGS10", 0.16)
    rupee = _levels(62, 66, 68, 64, 70, 71.5, 73.5, 74.5, 82.5, 83, 85.5, 90, 92)
    dollar = _levels(107, 114, 120, 112, 116, 115, 113, 116, 121, 119, 127, 120, 119)
    brent = _levels(52, 42, 55, 66, 58, 62, 52, 80, 84, 78, 75, 63, 65)
    spread = _levels(4.8, 6.2, 4.0, 3.5, 4.6, 3.8, 3.7, 3.1, 4.3, 3.5, 2.9, 3.0, 3.2)
    india = _levels(7.8, 7.6, 6.8, 7.3, 7.4, 6.6, 6.0, 6.5, 7.3, 7.2, 6.8, 6.6, 6.5)
    shares = _levels(2050, 2040, 2250, 2700, 2500, 3230, 3750, 4750, 3850, 4750, 5900, 6850, 7200)
    overnight = _decided(FED_FUNDS, 42) + 0.08 + 0.003 * np.sin(np.arange(len(two)))
    oil = _through(brent) * np.exp(0.06 * appetite + _wander(seed, "DCOILBRENTEU", 0.07))
    raw = {
        "DEXINUS": _through(rupee) - 0.18 * appetite + _wander(seed, "DEXINUS", 0.45),
        "DGS2": two,
        "DGS10": ten,
        # The difference of what is published, so that both sources agree to the last decimal.
        "T10Y2Y": np.round(ten, 2) - np.round(two, 2),
        "DFF": overnight,
        "FEDFUNDS": _mean_of_month(np.round(overnight, 2)),
        "SP500": _through(shares) * np.exp(0.025 * appetite + _wander(seed, "SP500", 0.03)),
        "DTWEXBGS": _through(dollar) - 0.5 * appetite + _wander(seed, "DTWEXBGS", 1.0),
        "VIXCLS": np.clip(
            17.5 * fear**0.6 * np.exp(_wander(seed, "VIXCLS", 0.13, 0.94) - 0.05 * appetite), 9, 80
        ),
        "DCOILBRENTEU": oil,
        "DCOILWTICO": oil - 3.5 + _wander(seed, "DCOILWTICO", 0.8),
        "BAMLH0A0HYM2": np.maximum(
            _through(spread)
            + 0.9 * np.maximum(fear - 1.2, 0.0)
            - 0.15 * appetite
            + _wander(seed, "BAMLH0A0HYM2", 0.15),
            2.4,
        ),
        "INDIRLTLT01STM": _through(india) + _wander(seed, "INDIRLTLT01STM", 0.08),
        "RBI_REPO": _decided(REPO, 60),
        "IN_TBILL_91D": 0.3 * _through(REPO)
        + 0.7 * _through(REPO, 150)
        + _wander(seed, "IN_TBILL_91D", 0.06),
    }
    return {
        name: np.round(path, SERIES[name].decimals if name in SERIES else 2)
        for name, path in raw.items()
    }


def _mean_of_month(path: Floats) -> Floats:
    """On every day the mean of its month."""
    month = np.array([day.year * 12 + day.month for day in _grid()])
    month -= month[0]
    means: Floats = (np.bincount(month, weights=path) / np.bincount(month))[month]
    return means


def level_on(seed: int, name: str, day: date) -> float:
    """The level of a series on one day of the grid."""
    return float(paths(seed)[name][(day - FIRST_DAY).days])


def days_of(series: Series) -> tuple[date, ...]:
    """Dates on which the series has a row."""
    if series.calendar == "months":
        return tuple(day for day in _grid() if day.day == 1)
    every_day = series.calendar == "every day"
    return tuple(day for day in _grid() if every_day or day.weekday() < SATURDAY)


@cache
def closed_days(which: Literal["federal", "exchange", "never"]) -> frozenset[date]:
    """US holidays from the first day to some weeks beyond the story."""
    years = range(FIRST_DAY.year, LAST_SESSION.year + 2)
    if which == "never":
        return frozenset()
    if which == "exchange":
        return frozenset(holidays.financial_holidays("XNYS", years=years))
    return frozenset(holidays.country_holidays("US", years=years))


def _business_day_from(day: date) -> date:
    while day.weekday() >= SATURDAY or day in closed_days("federal"):
        day += timedelta(days=1)
    return day


def released_at(series: Series, day: date) -> datetime:
    """When the value of a date comes out: in the afternoon of Washington."""
    if series.release == "next month":
        return datetime.combine((day + timedelta(days=31)).replace(day=15), time(12), tzinfo=UTC)
    ahead = 7 - day.weekday() if series.release == "monday" else 1
    return datetime.combine(
        _business_day_from(day + timedelta(days=ahead)), time(21, 15), tzinfo=UTC
    )
