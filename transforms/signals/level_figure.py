"""A zone of support or resistance that an article prints, against our own of that evening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from transforms.signals.claim import Inputs
from transforms.signals.finding import Finding
from transforms.signals.grades import NOT_SUPPORTED, PARTLY, SUPPORTED, UNTESTABLE
from transforms.signals.level_grades import LEAST_JACCARD, STRONG_PERCENTILE
from transforms.signals.level_grid import LOOK_BACK
from transforms.signals.wording import number


@dataclass(frozen=True)
class Course:
    """The rise that is said to have led to today, from one level to the other."""

    pct: float
    starts_at: float
    ends_at: float


def rise_to(level: float, pct: float) -> Course:
    """The rise that ends at a level."""
    return Course(pct, level / (1 + pct / 100), level)


def rise_from(level: float, pct: float) -> Course:
    """The rise that starts at a level."""
    return Course(pct, level, level * (1 + pct / 100))


@dataclass(frozen=True)
class Zone:
    """An index has a zone between two levels; `course` is held against it in the reasons."""

    claim_id: str
    index_id: str
    kind: Literal["support", "resistance"]
    lower: float
    upper: float
    course: Course | None = None


def jaccard(lower: pl.Expr, upper: pl.Expr, figure: Zone) -> pl.Expr:
    """What two zones share of what they cover together, 0 to 1."""
    shared = pl.min_horizontal(upper, pl.lit(figure.upper)) - pl.max_horizontal(
        lower, pl.lit(figure.lower)
    )
    together = pl.max_horizontal(upper, pl.lit(figure.upper)) - pl.min_horizontal(
        lower, pl.lit(figure.lower)
    )
    return shared.clip(lower_bound=0) / together


def grade_zone(inputs: Inputs, figure: Zone, session: date) -> Finding:
    """Grade a stated zone by the own zone of its kind that it shares most with.

    The finding's `stated` and `value` are the middles of the stated zone and of that one.
    """
    stated = (figure.lower + figure.upper) / 2
    zones = inputs.zones
    if zones.width:
        zones = zones.filter(
            pl.col("index_id") == figure.index_id, pl.col("session_date") == session
        )
    if zones.is_empty():
        return Finding(
            figure.claim_id,
            stated,
            "points",
            UNTESTABLE,
            f"mart.zone holds no zone of {figure.index_id} for {session}{_course(figure)}",
        )
    mine = (
        zones.filter(pl.col("kind") == figure.kind)
        .with_columns(
            middle=(pl.col("lower") + pl.col("upper")) / 2,
            jaccard=jaccard(pl.col("lower"), pl.col("upper"), figure),
        )
        .with_columns(apart=(pl.col("middle") - stated).abs())
        # Where none overlaps, the one that lies nearest is told.
        .sort(pl.col("jaccard").neg(), "apart", "zone_rank")
    )
    if mine.is_empty():
        return Finding(
            figure.claim_id,
            stated,
            "points",
            NOT_SUPPORTED,
            f"we find no {figure.kind} on {session}, whose zones are {_listed(zones)}"
            f"{_course(figure)}",
        )
    best = mine.row(0, named=True)
    rank = best["strength_percentile"]
    is_strong = rank is not None and rank >= STRONG_PERCENTILE.value
    if best["jaccard"] >= LEAST_JACCARD.value:
        grade = SUPPORTED if is_strong else PARTLY
    else:
        grade = NOT_SUPPORTED
    strength = (
        "no touch of it is decided"
        if rank is None
        else f"its bounces stand at percentile {_points(rank, 1)} of artificial levels"
    )
    return Finding(
        figure.claim_id,
        stated,
        "points",
        grade,
        f"{_points(figure.lower)} to {_points(figure.upper)} shares "
        f"{_points(100 * best['jaccard'], 1)}% of its range with our {figure.kind} "
        f"of {_edges(best)} ({best['pivots']} turning points); {strength}; all of ours: "
        f"{_listed(mine)}{_course(figure)}",
        best["middle"],
        LOOK_BACK,
        session,
        best["reach_first_probability"],
        rank,
    )


def _course(figure: Zone) -> str:
    """Whether the rise that led here fits between the levels, as arithmetic has it."""
    course = figure.course
    if course is None:
        return ""
    end = course.starts_at if figure.kind == "support" else course.ends_at
    place = "below" if end < figure.lower else "above" if end > figure.upper else "within"
    ends = f"ends at {_points(course.ends_at, 0)}"
    starts = f"starts at {_points(course.starts_at, 0)}"
    told = f"{ends} {starts}" if figure.kind == "support" else f"{starts} {ends}"
    return f"; a rise of {course.pct:g}% that {told}, {place} the stated {figure.kind}"


def _listed(zones: pl.DataFrame) -> str:
    rows = zones.sort("kind", "zone_rank").iter_rows(named=True)
    return ", ".join(f"{row['kind']} {_edges(row)}" for row in rows)


def _edges(row: dict[str, float]) -> str:
    return f"{_points(row['lower'])} to {_points(row['upper'])}"


def _points(value: float, decimals: int = 2) -> str:
    text: str = pl.select(number(pl.lit(value), decimals)).item()
    return text
