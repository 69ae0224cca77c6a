"""The literal figures an article prints, graded once, as of a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from transforms.signals.claim import FLOW_SOURCE, INDEX_SOURCE, Inputs
from transforms.signals.finding import Finding
from transforms.signals.flow_series import LONGEST_SUM, SUMS, foreign_series
from transforms.signals.grades import (
    CASE_END_DATES,
    CASE_NET_TOLERANCE_PCT,
    CASE_RISE_TOLERANCE_PCT,
    CONTRADICTED,
    LEAST_BASE_RATE_SESSIONS,
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    UNTESTABLE,
)
from transforms.signals.grid import return_pct, session_grid, sigma_60
from transforms.signals.level_figure import Zone, grade_zone
from transforms.signals.random_walk import survival_fixed, survival_from_low
from transforms.signals.rebounds import starts_at_low
from transforms.signals.wording import MINUS, rupees_crore


@dataclass(frozen=True)
class Rise:
    """An index rose by at least so much in so many sessions."""

    claim_id: str
    index_id: str
    at_least_pct: float
    sessions: tuple[int, ...]  # as different people count them


@dataclass(frozen=True)
class SameWindowRise:
    """Another index rose by so much over the same sessions; `others` are what its name may mean."""

    claim_id: str
    index_id: str
    pct: float
    same_as: Rise
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class ForeignNet:
    """Foreigners bought so much, net, in recent sessions, however many these were."""

    claim_id: str
    crore: float


Figure = Rise | SameWindowRise | ForeignNet | Zone


@dataclass(frozen=True)
class _Window:
    sessions: int
    ends_on: date
    pct: float
    null_probability: float | None

    def __str__(self) -> str:
        pct = f"{self.pct:+.2f}".replace("-", MINUS)
        return f"{pct}% in {self.sessions} sessions to {self.ends_on}"


def grade_figure(inputs: Inputs, figure: Figure, session: date) -> Finding:
    """Grade one stated figure with what was published up to `session`."""
    match figure:
        case Rise():
            return _grade_rise(inputs, figure, session)
        case SameWindowRise():
            return _grade_same_window(inputs, figure, session)
        case ForeignNet():
            return _grade_foreign_net(inputs, figure, session)
        case Zone():
            return grade_zone(inputs, figure, session)


def _grade_rise(inputs: Inputs, figure: Rise, session: date) -> Finding:
    found = list(_windows(inputs, figure.index_id, figure.sessions, session))
    if not found:
        return Finding(
            figure.claim_id,
            figure.at_least_pct,
            "percent",
            UNTESTABLE,
            f"{INDEX_SOURCE} holds no window of {figure.index_id} that ends in the "
            f"{CASE_END_DATES} sessions up to {session}",
        )
    best = max(found, key=lambda one: one.pct)
    hits = [one for one in found if one.pct >= figure.at_least_pct]
    if hits:
        grade, reasons = SUPPORTED, f"reached: {'; '.join(str(one) for one in hits)}"
    else:
        grade = CONTRADICTED if best.pct < 0 else NOT_SUPPORTED
        reasons = f"not reached; the best is {best}"
    return Finding(
        figure.claim_id,
        figure.at_least_pct,
        "percent",
        grade,
        f"{reasons}; the odds are of this window alone, though {len(found)} were looked at",
        best.pct,
        best.sessions,
        best.ends_on,
        best.null_probability,
    )


def _grade_same_window(inputs: Inputs, figure: SameWindowRise, session: date) -> Finding:
    anchor = list(_windows(inputs, figure.same_as.index_id, figure.same_as.sessions, session))
    hits = [one for one in anchor if one.pct >= figure.same_as.at_least_pct]
    if anchor and not hits:
        hits = [max(anchor, key=lambda one: one.pct)]
    wanted = {(one.sessions, one.ends_on) for one in hits}
    per_index = {
        index_id: [
            one
            for one in _windows(inputs, index_id, figure.same_as.sessions, session)
            if (one.sessions, one.ends_on) in wanted
        ]
        for index_id in (figure.index_id, *figure.others)
    }
    mine = per_index[figure.index_id]
    if not mine:
        return Finding(
            figure.claim_id,
            figure.pct,
            "percent",
            UNTESTABLE,
            f"{INDEX_SOURCE} holds no closes of {figure.index_id} over the windows of "
            f"{figure.same_as.index_id} up to {session}",
        )
    nearest = {
        index_id: min(found, key=lambda one: abs(one.pct - figure.pct))
        for index_id, found in per_index.items()
        if found
    }
    near = [
        index_id
        for index_id, one in nearest.items()
        if abs(one.pct - figure.pct) <= CASE_RISE_TOLERANCE_PCT
    ]
    best = nearest[figure.index_id]
    if figure.index_id in near:
        grade = SUPPORTED
    elif near:
        grade = PARTLY
    else:
        grade = CONTRADICTED if best.pct < 0 else NOT_SUPPORTED
    listed = "; ".join(f"{index_id} {one}" for index_id, one in nearest.items())
    absent = [index_id for index_id, found in per_index.items() if not found]
    return Finding(
        figure.claim_id,
        figure.pct,
        "percent",
        grade,
        f"within {CASE_RISE_TOLERANCE_PCT:g} points: {', '.join(near) or 'none'} ({listed})"
        + (f"; {INDEX_SOURCE} lacks {', '.join(absent)}" if absent else ""),
        best.pct,
        best.sessions,
        best.ends_on,
        best.null_probability,
    )


def _windows(
    inputs: Inputs, index_id: str, sessions: tuple[int, ...], session: date
) -> Iterator[_Window]:
    """Windows of whole closes that end in the last few sessions up to one, the latest first."""
    close = pl.col("close")
    grid = session_grid(inputs, close=index_id).filter(pl.col("session_date") <= session)
    for n in sessions:
        measured = grid.select(
            "session_date",
            pct=return_pct(close, n),
            sigma=sigma_60(close).shift(n),
            is_from_low=starts_at_low(close, n).fill_null(value=False),
        ).tail(CASE_END_DATES)
        for row in measured.reverse().drop_nulls("pct").iter_rows(named=True):
            odds = survival_from_low if row["is_from_low"] else survival_fixed
            chance = None
            if row["sigma"]:
                rise = pl.Series([row["pct"] / 100]).log1p().to_numpy()
                chance = float(odds(rise, pl.Series([row["sigma"]]).to_numpy(), n)[0])
            yield _Window(n, row["session_date"], row["pct"], chance)


def _grade_foreign_net(inputs: Inputs, figure: ForeignNet, session: date) -> Finding:
    """Only a match can be graded: "recent" may mean any window, so a mismatch refutes nothing."""
    allowed = abs(figure.crore) * CASE_NET_TOLERANCE_PCT / 100
    frame = foreign_series(inputs).filter(pl.col("session_date") <= session)
    today = frame.filter(pl.col("session_date") == session)
    if today.is_empty() or today["scope"].item() is None:
        return Finding(
            figure.claim_id,
            figure.crore,
            "Rs crore",
            UNTESTABLE,
            f"{FLOW_SOURCE} has no FII figure for {session}; last held before: {_last_held(frame)}",
        )
    sums = {n: today[f"net_sum_{n}"].item() for n in range(1, LONGEST_SUM + 1)}
    held = {n: value for n, value in sums.items() if value is not None}
    nearest = min(held, key=lambda n: abs(held[n] - figure.crore))
    hits = [n for n, value in held.items() if abs(value - figure.crore) <= allowed]
    series = f"FII, provisional, scope {today['scope'].item()}"
    if hits:
        listed = ", ".join(f"{n} ({_rupees(held[n])})" for n in hits)
        reasons = f"sessions to {session} with that net: {listed}; {series}"
    else:
        reasons = (
            f"no number of sessions from 1 to {max(held)} gives it, and the article does not say "
            f"how many; the nearest is {nearest} ({_rupees(held[nearest])}); {series}"
        )
        if len(held) < LONGEST_SUM:
            reasons += f"; {FLOW_SOURCE} lacks sessions for the longer sums"
    return Finding(
        figure.claim_id,
        figure.crore,
        "Rs crore",
        SUPPORTED if hits else UNTESTABLE,
        reasons,
        held[nearest],
        nearest,
        session,
        _share_of_matches(frame.filter(pl.col("session_date") < session), figure.crore, allowed),
    )


def _rupees(crore: float) -> str:
    text: str = pl.select(rupees_crore(pl.lit(crore), 2)).item()
    return text


def _last_held(frame: pl.DataFrame) -> str:
    dates = frame["last_held"].drop_nulls()
    return str(dates[-1]) if dates.len() else "none at all"


def _share_of_matches(earlier: pl.DataFrame, crore: float, allowed: float) -> float | None:
    """Share of earlier sessions on which some window matched, so many are tried."""
    whole = earlier.drop_nulls(SUMS)
    if whole.height < LEAST_BASE_RATE_SESSIONS:
        return None
    matched = pl.any_horizontal((pl.col(SUMS) - crore).abs() <= allowed)
    return float(whole.select(matched.mean()).item())
