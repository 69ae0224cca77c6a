"""Who leads a move: what is told of one universe at one session."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import polars as pl

from transforms import indicators
from transforms.metrics.contribution import LEAST_MOVE_PCT
from transforms.metrics.leadership_sections import LEAST_MEMBERS, WINDOWS
from transforms.metrics.leadership_sectors import NAMED_SECTORS, SECTOR_WINDOWS
from transforms.metrics.leadership_windows import DECIMALS, chained_pct, window_sum
from transforms.metrics.metric import Kind, Metric, metric

LEADERSHIP: list[Metric] = []

SPANS = (9, 21, 63)
"""Sessions of the windows."""
GROUPS = {
    "quality_top": ("quality", "top third"),
    "quality_bottom": ("quality", "bottom third"),
    "speculative_top": ("speculative", "top third"),
}
"""Groups of mart.contribution of which windows are chained."""
MICROCAP, SMALLCAPS = "nifty-microcap-250", ("nifty-smallcap-250", "nifty-smallcap-100")

_level = pl.col("index_close_before")
_own_return = pl.col("index_return_pct")


def _tells(
    id_: str,
    name: str,
    meaning: str,
    expression: Callable[[], pl.Expr],
    *,
    unit: str,
    needs: tuple[str, ...],
    source: str,
    warmup: int = 0,
    bounds: tuple[float | None, float | None] = (None, None),
    percentile: bool = False,
    kind: Kind = "number",
) -> None:
    """Declare one of a family of metrics that differ by their window alone."""

    def function() -> pl.Expr:
        return expression() if kind == "count" else expression().round(DECIMALS)

    function.__name__, function.__doc__ = id_, meaning
    metric(
        LEADERSHIP,
        name=name,
        unit=unit,
        warmup=warmup,
        source=source,
        bounds=bounds,
        needs=needs,
        percentile=percentile,
        kind=kind,
    )(function)


def _move_pct(n: int) -> pl.Expr:
    """Published return of the index over n sessions."""
    return 100 * (_level * (1 + _own_return / 100) / _level.shift(n - 1) - 1)


def _explained_points(contribution: str, n: int) -> pl.Expr:
    """Contributions of n sessions, each carried forward by the index; see `chained`."""
    return window_sum(pl.col(contribution) * _level, n) / _level.shift(n - 1)


def _residual_bps(n: int) -> pl.Expr:
    return 100 * (_move_pct(n) - _explained_points("whole_points", n))


def _lift(n: int) -> pl.Expr:
    move, weight = _move_pct(n), pl.col("quality_top_weight_pct").shift(n - 1)
    share_pct = 100 * _explained_points("quality_top_points", n) / move
    is_told = (move.abs() >= LEAST_MOVE_PCT) & (weight > 0)
    return pl.when(is_told).then(share_pct / weight)


def _spread(one: str, other: str, kind: str, n: int) -> pl.Expr:
    return chained_pct(pl.col(f"{one}_{kind}"), n) - chained_pct(pl.col(f"{other}_{kind}"), n)


def _less(one: str, other: str, n: int) -> pl.Expr:
    one_return, other_return = (
        indicators.simple_return(pl.col(index), n) for index in (one, other)
    )
    return 100 * (one_return - other_return)


def _declare_attribution(n: int) -> None:
    indexed = ("index_close_before", "index_return_pct")
    _tells(
        f"residual_{n}_bps",
        f"Residual, {n} sessions",
        "What the members' returns by market cap leave unexplained of the published return; "
        "attributions are worth no more than this allows.",
        partial(_residual_bps, n),
        unit="basis points",
        needs=("whole_points", *indexed),
        source="Published return less contributions chained daily",
        warmup=n - 1,
    )
    _tells(
        f"index_move_{n}_pct",
        f"Published return, {n} sessions",
        "Return of the universe's index, beside which attributions are read: a lift above 1 is a "
        "greater part of a fall too.",
        partial(_move_pct, n),
        unit="percent",
        needs=indexed,
        source="Closes as published",
        warmup=n - 1,
    )
    _tells(
        f"quality_lift_{n}",
        f"Lift of quality, {n} sessions",
        "Share of the index's move that the best third by quality contributed, over its weight "
        "when the window began: above 1 it moved more than its part. Null where the index moved "
        f"less than {LEAST_MOVE_PCT:g}%.",
        partial(_lift, n),
        unit="ratio",
        needs=("quality_top_points", "quality_top_weight_pct", *indexed),
        source="Contributions chained daily; Brinson and Fachler (1985)",
        warmup=n - 1,
    )


_SPREADS = (
    (
        "quality_less_speculative",
        ("quality_top", "speculative_top"),
        "Quality less speculative",
        "Return of the best third by quality less that of the most speculative third",
    ),
    (
        "quality_spread",
        ("quality_top", "quality_bottom"),
        "Best less worst quality",
        "Return of the best third by quality less that of the worst third",
    ),
)
_WEIGHTS = {
    "return_pct": ("", "weighted by market cap"),
    "equal_return_pct": ("equal_", "each member alike"),
}


def _declare_spreads(n: int) -> None:
    for prefix, (one, other), name, meaning in _SPREADS:
        for kind, (infix, weights) in _WEIGHTS.items():
            _tells(
                f"{prefix}_{infix}{n}_points",
                f"{name}, {n} sessions, {weights}",
                f"{meaning}, {weights}; the thirds as they were drawn before each session.",
                partial(_spread, one, other, kind, n),
                unit="percentage points",
                needs=(f"{one}_{kind}", f"{other}_{kind}"),
                source="Returns of thirds chained daily",
                warmup=n - 1,
                percentile=True,
            )


def _declare_sections(n: int) -> None:
    _tells(
        f"quality_ic_members_{n}",
        f"Members in the information coefficient, {n} sessions",
        "Members with a quality score drawn before the window and a return over it.",
        partial(pl.col, f"ic_members_{n}"),
        unit="companies",
        needs=(f"ic_members_{n}",),
        source="Count",
        bounds=(0, None),
        kind="count",
    )
    for column, what in (
        (f"ic_{n}", "return"),
        (f"ic_beta_adjusted_{n}", "return less beta times that of Nifty 500"),
    ):
        _tells(
            f"quality_{column}",
            f"Information coefficient of quality, {n} sessions, {what}",
            f"Spearman's rank correlation of the quality score with the {what} over the window "
            f"after it; null below {LEAST_MEMBERS} members.",
            partial(pl.col, column),
            unit="ratio",
            needs=(column,),
            source="Grinold and Kahn, Active Portfolio Management (1999); Spearman (1904)",
            bounds=(-1, 1),
            percentile=True,
        )
        _tells(
            f"quality_{column}_p",
            f"Chance of that coefficient, {n} sessions, {what}",
            "How often scores dealt at random to the members correlate as highly: one-sided, "
            "by the normal distribution with the permutations' own mean 0 and variance 1/(n-1).",
            partial(pl.col, f"{column}_p"),
            unit="probability",
            needs=(f"{column}_p",),
            source="Hotelling and Pabst, Ann. Math. Statist. 7 (1936)",
            bounds=(0, 1),
        )
    _tells(
        f"beta_spread_{n}_points",
        f"High less low beta, {n} sessions",
        "Mean return of the fifth of the members with the highest beta to Nifty 500 when the "
        "window began less that of the lowest fifth.",
        partial(pl.col, f"beta_spread_{n}"),
        unit="percentage points",
        needs=(f"beta_spread_{n}",),
        source="Quintile spread; Frazzini and Pedersen, J. Financial Economics 111 (2014)",
        percentile=True,
    )


def _declare_named_sectors(n: int) -> None:
    for column, name, meaning, unit in (
        (f"sectors_{n}", "Sectors", "Sectors with a return on every session.", "sectors"),
        (
            f"named_sectors_{n}",
            "Named sectors",
            f"Of those, the named: {', '.join(NAMED_SECTORS)}.",
            "sectors",
        ),
        (
            f"named_in_top_third_{n}",
            "Named sectors in the top third",
            "Named sectors among the best third of all by return in the universe.",
            "sectors",
        ),
    ):
        _tells(
            column,
            f"{name}, {n} sessions",
            meaning,
            partial(pl.col, column),
            unit=unit,
            needs=(column,),
            source="Returns of sectors within the universe, by market cap, chained daily",
            bounds=(0, None),
            kind="count",
        )
    _tells(
        f"named_sector_percentile_{n}",
        f"Mean place of the named sectors, {n} sessions",
        "Mean mid-rank of the named sectors' returns among all sectors.",
        partial(pl.col, f"named_percentile_{n}"),
        unit="percent",
        needs=(f"named_percentile_{n}",),
        source="Mid-ranks",
        bounds=(0, 100),
    )
    _tells(
        f"named_sector_p_{n}",
        f"Chance of that place, {n} sessions",
        "How often as many sectors drawn at random rank as high on average; exact.",
        partial(pl.col, f"named_p_{n}"),
        unit="probability",
        needs=(f"named_p_{n}",),
        source="Exact distribution of the rank sum, Mann and Whitney (1947)",
        bounds=(0, 1),
    )


def _declare_microcaps(n: int) -> None:
    for small in SMALLCAPS:
        size = small.rsplit("-", 1)[1]
        _tells(
            f"microcap_less_smallcap_{size}_{n}_points",
            f"Microcaps less small caps, {n} sessions",
            f"Return of Nifty Microcap 250 less that of Nifty Smallcap {size}; in the row of the "
            "market.",
            partial(_less, MICROCAP, small, n),
            unit="percentage points",
            needs=(MICROCAP, small),
            source="Difference of published index returns",
            warmup=n,
            percentile=True,
        )


for _n in SPANS:
    _declare_attribution(_n)
for _n in SPANS:
    _declare_spreads(_n)
for _n in WINDOWS:
    _declare_sections(_n)
for _n in SPANS:
    _declare_microcaps(_n)
for _n in SECTOR_WINDOWS:
    _declare_named_sectors(_n)
