"""Declared series from outside the exchange: what they are, and when they are known in India.

No publisher says in the file when a value came out, so the instant is assumed, on the late side,
from how each is released. A value that a nightly fetch brought earlier still counts from it alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

import holidays
import polars as pl

Frequency = Literal["daily", "weekly", "monthly"]
Release = Literal["day", "week", "month"]


@dataclass(frozen=True)
class MacroSeries:
    """One series, declared once.

    `release` and `lag_days` say from which evening on a value counts as known:

    day     so many working days of the United States after its date; 0 is the date itself
    week    so many days after the Monday of its week
    month   on that day of the month after
    """

    id: str
    title: str
    unit: str
    frequency: Frequency
    release: Release
    lag_days: int
    known_hour: int = 8
    """Asia/Kolkata hour of that day."""
    stale_after_sessions: int = 5
    """Older than this a value is stale: the next one should have come."""
    is_fred: bool = True


# The Federal Reserve's H.15 tells a day's rates on the next working afternoon in Washington, which
# is the second morning in India. H.10 tells a week's exchange rates on the next Monday, or the
# Tuesday after a holiday. The energy agency's spot prices come on Wednesdays.
_AFTER_TWO_DAYS = 2
_H10_DAYS, _SPOT_PRICE_DAYS = 9, 10
_MID_MONTH_DAYS = 15
_WEEKLY_BOUND, _MONTHLY_BOUND, _MEETING_BOUND = 10, 60, 45
EVENING = 20


def _daily(series_id: str, title: str, unit: str) -> MacroSeries:
    return MacroSeries(series_id, title, unit, "daily", "day", _AFTER_TWO_DAYS)


def _by_week(series_id: str, title: str, unit: str, lag_days: int) -> MacroSeries:
    return MacroSeries(
        series_id, title, unit, "daily", "week", lag_days, stale_after_sessions=_WEEKLY_BOUND
    )


def _monthly(series_id: str, title: str, unit: str) -> MacroSeries:
    return MacroSeries(
        series_id,
        title,
        unit,
        "monthly",
        "month",
        _MID_MONTH_DAYS,
        stale_after_sessions=_MONTHLY_BOUND,
    )


SERIES: tuple[MacroSeries, ...] = (
    _by_week("DEXINUS", "Rupees to one US dollar, noon rate in New York", "INR per USD", _H10_DAYS),
    _daily("DGS2", "US Treasury yield, 2 years", "percent"),
    _daily("DGS10", "US Treasury yield, 10 years", "percent"),
    _daily("DFF", "Effective federal funds rate", "percent"),
    _monthly("FEDFUNDS", "Effective federal funds rate, monthly mean", "percent"),
    _by_week("DTWEXBGS", "Broad dollar index, nominal", "index 2006=100", _H10_DAYS),
    _daily("VIXCLS", "Cboe volatility index", "points"),
    _by_week("DCOILBRENTEU", "Brent crude, spot", "USD per barrel", _SPOT_PRICE_DAYS),
    _by_week("DCOILWTICO", "WTI crude, spot", "USD per barrel", _SPOT_PRICE_DAYS),
    _daily("BAMLH0A0HYM2", "US high-yield spread, option-adjusted", "percent"),
    _daily("T10Y2Y", "US Treasury yields, 10 years less 2", "percent"),
    _daily("SP500", "S&P 500", "points"),
    _monthly("INDIRLTLT01STM", "Indian government bond yield, 10 years", "percent"),
    # A user's series: decisions of the monetary policy committee, unchanged ones included, and
    # the cut-off yields of the weekly auctions. Both are told on the day.
    MacroSeries(
        "RBI_REPO",
        "Repo rate of the Reserve Bank of India",
        "percent",
        "daily",
        "day",
        0,
        EVENING,
        stale_after_sessions=_MEETING_BOUND,
        is_fred=False,
    ),
    MacroSeries(
        "IN_TBILL_91D",
        "Indian treasury bills, 91 days, cut-off yield",
        "percent",
        "weekly",
        "day",
        0,
        EVENING,
        stale_after_sessions=_WEEKLY_BOUND,
        is_fred=False,
    ),
)

KNOWN: dict[str, MacroSeries] = {one.id: one for one in SERIES}
FRED_IDS: tuple[str, ...] = tuple(one.id for one in SERIES if one.is_fred)

UNKNOWN_UNIT = "unknown"
UNKNOWN: dict[Frequency, MacroSeries] = {
    "daily": MacroSeries("", "", UNKNOWN_UNIT, "daily", "day", _AFTER_TWO_DAYS),
    "weekly": MacroSeries(
        "", "", UNKNOWN_UNIT, "weekly", "week", _H10_DAYS, stale_after_sessions=_WEEKLY_BOUND
    ),
    "monthly": _monthly("", "", UNKNOWN_UNIT),
}
"""What holds of a series nobody declared, or of a mean over weeks or months of a declared one."""


def known_from(series_id: pl.Expr, frequency: pl.Expr, observation_date: pl.Expr) -> pl.Expr:
    """UTC instant from which a value counts as known, by the declared release of its series.

    Null where the date is. Source: Federal Reserve H.10 and H.15 release times; the rest assumed.
    """
    expression = pl.lit(None, pl.Datetime("us", "UTC"))
    for rule, ids in _releases().items():
        is_one = pl.concat_str(series_id, frequency, separator=" ").is_in(ids)
        if any(rule == _rule(one) for one in UNKNOWN.values()):
            usual = [name for name, one in UNKNOWN.items() if _rule(one) == rule]
            is_one = is_one | (frequency.is_in(usual) & ~_is_declared(series_id, frequency))
        expression = pl.when(is_one).then(_released(*rule, observation_date)).otherwise(expression)
    return expression


Rule = tuple[Release, int, int]


def _rule(one: MacroSeries) -> Rule:
    return one.release, one.lag_days, one.known_hour


def _releases() -> dict[Rule, list[str]]:
    """Each way of releasing, with the series and frequencies declared to come so."""
    found: dict[Rule, list[str]] = {_rule(one): [] for one in (*UNKNOWN.values(), *SERIES)}
    for one in SERIES:
        found[_rule(one)].append(f"{one.id} {one.frequency}")
    return found


def _is_declared(series_id: pl.Expr, frequency: pl.Expr) -> pl.Expr:
    declared = [f"{one.id} {one.frequency}" for one in SERIES]
    return pl.concat_str(series_id, frequency, separator=" ").is_in(declared)


@lru_cache(maxsize=1)
def _american_holidays() -> list[date]:
    return sorted(holidays.country_holidays("US", years=range(1990, 2050)))


def _released(release: Release, lag_days: int, hour: int, day: pl.Expr) -> pl.Expr:
    if release == "day" and not lag_days:
        shown_on = day
    elif release == "day":
        # A rate of a Sunday is told with that of the Friday before it.
        shown_on = day.dt.add_business_days(
            lag_days, holidays=_american_holidays(), roll="backward"
        )
    elif release == "week":
        shown_on = day.dt.truncate("1w").dt.offset_by(f"{lag_days}d")
    else:
        shown_on = day.dt.month_start().dt.offset_by("1mo").dt.offset_by(f"{lag_days - 1}d")
    local = shown_on.cast(pl.Datetime("us")).dt.offset_by(f"{hour}h")
    return local.dt.replace_time_zone("Asia/Kolkata").dt.convert_time_zone("UTC")
