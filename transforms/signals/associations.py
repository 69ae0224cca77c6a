"""Who moves first, and with whom: relations between indices, and of flows with returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from transforms.metrics.momentum import NIFTY_500
from transforms.signals.event_study import reactions as reacted
from transforms.signals.event_study.events import LARGE, SMALL, SMALL_WIDE, TITLES
from transforms.signals.event_study.lead_lag import (
    Estimate,
    granger,
    partial_estimate,
    rotation_p,
    varies,
)
from transforms.signals.event_study.outcomes import Floats
from transforms.signals.event_study.reactions import reactions
from transforms.signals.event_study.relation_series import (
    CYCLICAL,
    DEFENSIVE,
    FLOW_USUAL,
    Series,
    related_series,
)
from transforms.signals.threshold import Threshold
from warehouse.tables.signals import Association
from warehouse.tables.table import schema

_OURS = "Riskon convention"
LEAST_WEEKS = Threshold("association_weeks", 104, "weeks", "Fewer weeks give no relation", _OURS)
LEAST_SESSIONS = Threshold(
    "association_sessions", 504, "sessions", "Fewer sessions give no relation", _OURS
)
WEEKLY_LAGS = Threshold("association_weekly_lags", 4, "weeks", "Lags of a relation", _OURS)
DAILY_LAGS = Threshold("association_daily_lags", 5, "sessions", "Lags of a relation", _OURS)
LEAST_ROTATION = Threshold(
    "association_rotation", 21, "sessions", "Nearest rotation that counts as unrelated", _OURS
)
LEAST_LOWS = Threshold("association_lows", 3, "lows", "Fewer lows give no mean", _OURS)
FEWEST_BLOCK = Threshold(
    "association_block", 4, "weeks", "Shortest mean block of the bootstrap", _OURS
)
DRAWS = Threshold("association_draws", 499, "draws", "Draws of the stationary bootstrap", _OURS)
THRESHOLDS: tuple[Threshold, ...] = (
    LEAST_WEEKS,
    LEAST_SESSIONS,
    WEEKLY_LAGS,
    DAILY_LAGS,
    LEAST_ROTATION,
    *reacted.THRESHOLDS,
    LEAST_LOWS,
    FEWEST_BLOCK,
    DRAWS,
    FLOW_USUAL,
)


@dataclass(frozen=True)
class Answer:
    """A relation as far as it could be measured; without an estimate `missing` says why."""

    statement: str
    unit: str
    method: str
    size: int
    missing: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None


def associations(
    closes: pl.DataFrame,
    total_returns: pl.DataFrame,
    flow: pl.DataFrame,
    sessions: pl.DataFrame,
    through: Sequence[date],
) -> pl.DataFrame:
    """Every relation with what was known at the end of each quarter; frames in any row order.

    A return is total return where all indices of INDICES that it is compared with have both
    levels, else price return.

    Args:
        closes: index_id, session_date, close; price return.
        total_returns: the same of total-return levels; possibly empty.
        flow: rows of mart.flow; possibly empty.
        sessions: rows of core.trading_session.
        through: last sessions of the quarters to answer for.

    Returns:
        Rows of mart.association, one a quarter and relation; value and interval null where
        `missing` says what lacks.
    """
    rows: list[dict[str, Any]] = []
    if through:
        whole = related_series(closes, total_returns, flow, sessions)
        for day in sorted(set(through)):
            known = whole.through(day)
            rows += [_row(day, name, measure(known)) for name, measure in RELATIONS.items()]
    return pl.DataFrame(rows, schema=schema(Association))


def _row(day: date, name: str, answer: Answer) -> dict[str, Any]:
    return {
        "through_date": day,
        "association_id": name,
        "statement": answer.statement,
        "value": answer.value,
        "unit": answer.unit,
        "low": answer.low,
        "high": answer.high,
        "p_value": answer.p_value,
        "sample_size": answer.size,
        "method": answer.method,
        "missing": answer.missing,
    }


def _small(returns: dict[str, Floats], least: int) -> str:
    """Nifty Smallcap 100, or Nifty Smallcap 250 while the other is held for too short."""
    return SMALL if np.count_nonzero(~np.isnan(returns[SMALL])) >= least else SMALL_WIDE


def _lead(known: Series, *, small_first: bool, weekly: bool) -> Answer:
    """Whether returns of small caps help to forecast those of large caps, or the reverse."""
    returns = known.weekly if weekly else known.returns
    least, lags = (
        (int(LEAST_WEEKS.value), int(WEEKLY_LAGS.value))
        if weekly
        else (int(LEAST_SESSIONS.value), int(DAILY_LAGS.value))
    )
    grain, one = ("weeks", "weekly") if weekly else ("sessions", "daily")
    small = _small(returns, least)
    first, second = (small, LARGE) if small_first else (LARGE, small)
    size = _both(returns[first], returns[second])
    known_as = (
        f"{one.capitalize()} returns of {TITLES[first]} help to forecast those of "
        f"{TITLES[second]}, beyond the "
        "latter's own past"
    )
    return _answer(
        Answer(
            statement=known_as,
            unit=f"percent per percent, summed over lags of {grain}",
            method=(
                f"Granger: least squares on {lags} lags of both, covariance of Newey and West; "
                "interval and p are of the sum; log returns, total where held"
            ),
            size=size,
        ),
        granger(returns[second], returns[first], lags) if size >= least else None,
        f"{size} of {least} {grain} with returns of {TITLES[first]} and {TITLES[second]}",
        size >= least,
    )


def _named(*index_ids: str) -> str:
    return ", ".join(TITLES[one] for one in index_ids)


def _both(*series: Floats) -> int:
    return int(np.count_nonzero(~np.isnan(np.array(series)).any(axis=0)))


def _answer(told: Answer, found: Estimate | None, lacking: str, is_enough: bool) -> Answer:
    """The answer with its estimate, or with what it lacks."""
    if found is None:
        missing = "a series that varies" if is_enough else lacking
        return Answer(told.statement, told.unit, told.method, told.size, missing)
    return Answer(
        told.statement,
        told.unit,
        told.method,
        found.observations,
        "",
        found.value,
        found.low,
        found.high,
        found.p_value,
    )


def _flows(known: Series, *, flows_first: bool) -> Answer:
    """Whether foreign buying helps to forecast the market, or the market foreign buying."""
    returns, least, lags = (
        known.returns[NIFTY_500],
        int(LEAST_SESSIONS.value),
        int(DAILY_LAGS.value),
    )
    cause, effect = (known.flow, returns) if flows_first else (returns, known.flow)
    size = _both(cause, effect)
    found = granger(effect, cause, lags) if size >= least else None
    if found is not None:
        chance = rotation_p(effect, cause, lags, int(LEAST_ROTATION.value))
        if chance is not None:
            found = Estimate(found.value, found.low, found.high, chance, size)
    return _answer(
        Answer(
            statement=(
                f"Net foreign buying helps to forecast {_named(NIFTY_500)}, beyond its own past"
                if flows_first
                else f"Returns of {_named(NIFTY_500)} help to forecast net foreign buying, beyond "
                "its own past"
            ),
            unit=(
                "percent per usual day of flow, summed over lags"
                if flows_first
                else "usual days of flow per percent, summed over lags"
            ),
            method=(
                f"VAR of daily returns and net flow, {lags} lags, interval of the sum by Newey and "
                "West; p, of each lag for itself and not of the sum, by rotating one series, freed "
                "of its own past, against the other"
            ),
            size=size,
        ),
        found,
        f"{size} of {least} sessions with returns of {TITLES[NIFTY_500]} and the net flow of FII",
        size >= least,
    )


def _first_to_react(known: Series) -> Answer:
    """Sessions by which small caps were up 5% from a market low later than large caps were."""
    least = int(LEAST_SESSIONS.value)
    found = reactions(known, least)
    small, count = found.small, len(found.lags)
    told = Answer(
        statement=(
            f"From lows of {_named(NIFTY_500)}, {_named(small)} is up 5% before {_named(LARGE)} is"
        ),
        unit="sessions, below 0 where small caps react first",
        method=(
            "Lows after a fall of 10% that a rise of 10% followed; sessions to the first close 5% "
            "above the low's, small less large, by price where both are held, else both by total "
            f"return ({found.by_total} of {count}); mean, Student's t"
        ),
        size=count,
    )
    if count < LEAST_LOWS.value:
        lacking = (
            f"{count} of {LEAST_LOWS.value:.0f} market lows"
            if found.sessions >= least
            else f"{found.sessions} of {least} sessions with closes of "
            f"{_named(NIFTY_500, LARGE, small)}"
        )
        return _answer(told, None, lacking, False)
    values: Floats = np.array(found.lags, dtype=np.float64)
    if not varies(values):
        return _answer(told, None, "", True)
    from statsmodels.stats.weightstats import DescrStatsW  # noqa: PLC0415 (takes two seconds)

    described = DescrStatsW(values)
    low, high = (float(end) for end in described.tconfint_mean(alpha=0.05))
    p_value = float(described.ttest_mean(0.0)[1])
    return _answer(told, Estimate(float(values.mean()), low, high, p_value, count), "", True)


def _defensive(known: Series) -> Answer:
    """Whether small caps do badly against large in weeks in which defensive sectors do well."""
    least, weekly = int(LEAST_WEEKS.value), known.weekly
    spread = weekly[SMALL] - weekly[LARGE]
    defence = np.mean([weekly[name] for name in DEFENSIVE], axis=0) - np.mean(
        [weekly[name] for name in CYCLICAL], axis=0
    )
    rows = np.column_stack([spread, defence, weekly[NIFTY_500]])
    rows = rows[~np.isnan(rows).any(axis=1)]
    size = len(rows)
    is_enough = size >= least
    found = (
        partial_estimate(rows, int(DRAWS.value), int(FEWEST_BLOCK.value))
        if is_enough and all(varies(one) for one in rows.T)
        else None
    )
    return _answer(
        Answer(
            statement=(
                f"Weak participation is defensiveness: in weeks in which defensive sectors beat "
                f"cyclical ones, {TITLES[SMALL]} falls behind {TITLES[LARGE]}"
            ),
            unit="correlation",
            method=(
                "Weekly log changes of the two ratios, both freed of beta to Nifty 500; stationary "
                f"bootstrap, {DRAWS.value:.0f} draws, mean block of {FEWEST_BLOCK.value:.0f} weeks "
                "or the optimal one"
            ),
            size=size,
        ),
        found,
        f"{size} of {least} weeks with returns of {_named(SMALL, LARGE, NIFTY_500)}, "
        f"{_named(*DEFENSIVE)} and {_named(*CYCLICAL)}",
        is_enough,
    )


RELATIONS: dict[str, Callable[[Series], Answer]] = {
    "small_before_large_weekly": partial(_lead, small_first=True, weekly=True),
    "large_before_small_weekly": partial(_lead, small_first=False, weekly=True),
    "small_before_large_daily": partial(_lead, small_first=True, weekly=False),
    "large_before_small_daily": partial(_lead, small_first=False, weekly=False),
    "first_to_react": _first_to_react,
    "participation_is_defensive": _defensive,
    "flows_before_returns": partial(_flows, flows_first=True),
    "returns_before_flows": partial(_flows, flows_first=False),
}
