"""What a results season's metrics are: one aggregate over the companies of a universe each.

There is no free consensus of analysts: what companies themselves reported stands in for changes
of expectations, as a proxy.
"""

from __future__ import annotations

import polars as pl

from transforms.metrics.metric import Metric, metric

EARNINGS: list[Metric] = []

PROVISIONAL_BELOW_PCT = 80.0
SURPRISE = 0.5

# Below, one expression aggregates the companies of one universe at one session, reported or not,
# sorted by company.

_PROFIT, _PRIOR = pl.col("profit_inr"), pl.col("prior_profit_inr")
_HAS_PAIR = _PROFIT.is_not_null() & _PRIOR.is_not_null()


def _count_of(profit_class: str) -> pl.Expr:
    return (pl.col("profit_class") == profit_class).sum()


def _growth(now: pl.Expr, prior: pl.Expr) -> pl.Expr:
    """Sum now over sum before, less one, in percent; null unless the sum before is above 0."""
    return pl.when(prior > 0).then(100 * (now / prior - 1))


@metric(
    EARNINGS,
    name="Companies",
    unit="companies",
    warmup=0,
    needs=(),
    kind="count",
    source="Members of the universe at the session",
)
def companies() -> pl.Expr:
    """Companies in the universe: the denominator of coverage."""
    return pl.len()


@metric(
    EARNINGS,
    name="Companies that reported",
    unit="companies",
    warmup=0,
    needs=("is_reported",),
    kind="count",
    source="Results of the season's quarter broadcast by the evening",
)
def reported() -> pl.Expr:
    """Companies whose result of the season's quarter was out by the evening."""
    return pl.col("is_reported").sum()


@metric(
    EARNINGS,
    name="Coverage of the season",
    unit="percent",
    warmup=0,
    bounds=(0.0, 100.0),
    needs=("is_reported",),
    source="Companies that reported over companies of the universe",
)
def coverage_pct() -> pl.Expr:
    """Share of the universe's companies that have reported the season's quarter."""
    return 100 * pl.col("is_reported").mean()


@metric(
    EARNINGS,
    name="Provisional",
    unit="true or false",
    warmup=0,
    needs=("is_reported",),
    kind="flag",
    source=f"Coverage below {PROVISIONAL_BELOW_PCT:g}%",
)
def is_provisional() -> pl.Expr:
    """Whether too few have reported to judge the quarter; those who report late report worse."""
    return 100 * pl.col("is_reported").mean() < PROVISIONAL_BELOW_PCT


@metric(
    EARNINGS,
    name="Matched companies",
    unit="companies",
    warmup=0,
    needs=("profit_inr", "prior_profit_inr"),
    kind="count",
    source="Companies with both quarters on one basis and one measure of profit",
)
def matched() -> pl.Expr:
    """Companies whose profit can be compared with that of the quarter a year before."""
    return _HAS_PAIR.sum()


@metric(
    EARNINGS,
    name="Growth of net profit",
    unit="percent",
    warmup=0,
    needs=("profit_inr", "prior_profit_inr"),
    source="Sum now over sum a year before, on the matched set",
)
def net_profit_growth_pct() -> pl.Expr:
    """Profit of the matched companies together on the year before; null if that was no profit."""
    return _growth(_PROFIT.filter(_HAS_PAIR).sum(), _PRIOR.filter(_HAS_PAIR).sum())


@metric(
    EARNINGS,
    name="Growth of net profit without the largest",
    unit="percent",
    warmup=0,
    needs=("profit_inr", "prior_profit_inr"),
    source="As net_profit_growth_pct, without the company whose profit changed most in rupees",
)
def net_profit_growth_without_largest_pct() -> pl.Expr:
    """Growth without the one company whose profit rose or fell most; null where no other is."""
    now, prior = _PROFIT.filter(_HAS_PAIR), _PRIOR.filter(_HAS_PAIR)
    largest = (now - prior).abs().arg_max()
    rest, rest_before = now.sum() - now.get(largest), prior.sum() - prior.get(largest)
    return pl.when(_HAS_PAIR.sum() > 1).then(_growth(rest, rest_before))


@metric(
    EARNINGS,
    name="Growth of revenue",
    unit="percent",
    warmup=0,
    needs=("revenue_inr", "prior_revenue_inr"),
    source="Sum now over sum a year before, on the companies with both",
)
def revenue_growth_pct() -> pl.Expr:
    """Revenue on the year before of the companies that have both quarters on one basis."""
    now, prior = pl.col("revenue_inr"), pl.col("prior_revenue_inr")
    has_pair = now.is_not_null() & prior.is_not_null()
    return _growth(now.filter(has_pair).sum(), prior.filter(has_pair).sum())


@metric(
    EARNINGS,
    name="Median growth of profit",
    unit="ratio",
    warmup=0,
    bounds=(-2.0, 2.0),
    needs=("profit_growth_bounded",),
    source="Median of (x - b) / ((|x| + |b|) / 2)",
)
def median_profit_growth_bounded() -> pl.Expr:
    """The middle company's bounded growth of profit, losses and negative bases included."""
    return pl.col("profit_growth_bounded").median()


@metric(
    EARNINGS,
    name="Median growth of revenue",
    unit="ratio",
    warmup=0,
    bounds=(-2.0, 2.0),
    needs=("revenue_growth_bounded",),
    source="Median of (x - b) / ((|x| + |b|) / 2)",
)
def median_revenue_growth_bounded() -> pl.Expr:
    """The middle company's bounded growth of revenue."""
    return pl.col("revenue_growth_bounded").median()


@metric(
    EARNINGS,
    name="Diffusion of surprises",
    unit="percent",
    warmup=0,
    bounds=(-100.0, 100.0),
    needs=("sue",),
    source=f"Share with SUE above {SURPRISE:g} less share below -{SURPRISE:g}",
)
def surprise_diffusion_pct() -> pl.Expr:
    """Companies that surprised upwards less those downwards, against their own seasons.

    A proxy for revised expectations: no analyst's estimate is in it.
    """
    surprised = pl.col("sue").count()
    above, below = (
        is_beyond.sum().cast(pl.Int64)
        for is_beyond in (pl.col("sue") > SURPRISE, pl.col("sue") < -SURPRISE)
    )
    # One division: a difference of two shares is off by a hair, and equals would not rank equal.
    return pl.when(surprised > 0).then(100 * (above - below) / surprised)


@metric(
    EARNINGS,
    name="Companies with a surprise",
    unit="companies",
    warmup=0,
    needs=("sue",),
    kind="count",
    source="Companies with a standardised unexpected earnings",
)
def surprised() -> pl.Expr:
    """Companies that have history enough for a surprise, of either sign or none."""
    return pl.col("sue").count()


@metric(
    EARNINGS,
    name="Breadth of acceleration",
    unit="percent",
    warmup=0,
    bounds=(0.0, 100.0),
    needs=("acceleration",),
    source="Share of companies with g[q] > g[q-1], bounded growth on a year before",
)
def acceleration_pct() -> pl.Expr:
    """Share of companies whose growth is above that of the quarter before. A proxy."""
    return 100 * (pl.col("acceleration") > 0).mean()


@metric(
    EARNINGS,
    name="Breadth of margin expansion",
    unit="percent",
    warmup=0,
    bounds=(0.0, 100.0),
    needs=("operating_margin_change_points",),
    source="Share of companies whose operating margin rose on the year before",
)
def margin_expansion_pct() -> pl.Expr:
    """Share of companies, banks and insurers aside, whose operating margin is wider."""
    return 100 * (pl.col("operating_margin_change_points") > 0).mean()


@metric(
    EARNINGS,
    name="Breadth of profit growth",
    unit="percent",
    warmup=0,
    bounds=(0.0, 100.0),
    needs=("profit_inr", "prior_profit_inr"),
    source="Share of matched companies with more profit, or less loss",
)
def profit_up_pct() -> pl.Expr:
    """Share of matched companies whose profit is above that of a year before."""
    return 100 * (_PROFIT > _PRIOR).mean()


@metric(
    EARNINGS,
    name="Turnarounds",
    unit="companies",
    warmup=0,
    needs=("profit_class",),
    kind="count",
    source="Class of growth on a base of 0 or below",
)
def turnarounds() -> pl.Expr:
    """Companies with a profit where a year before was none."""
    return _count_of("turnaround")


@metric(
    EARNINGS,
    name="Turned to loss",
    unit="companies",
    warmup=0,
    needs=("profit_class",),
    kind="count",
    source="Class of growth",
)
def to_losses() -> pl.Expr:
    """Companies with a loss where a year before was none."""
    return _count_of("to_loss")


@metric(
    EARNINGS,
    name="Losses narrowed",
    unit="companies",
    warmup=0,
    needs=("profit_class",),
    kind="count",
    source="Class of growth on a negative base",
)
def losses_narrowed() -> pl.Expr:
    """Companies that lose less than a year before."""
    return _count_of("loss_narrowed")


@metric(
    EARNINGS,
    name="Losses widened",
    unit="companies",
    warmup=0,
    needs=("profit_class",),
    kind="count",
    source="Class of growth on a negative base",
)
def losses_widened() -> pl.Expr:
    """Companies that lose as much as a year before or more."""
    return _count_of("loss_widened")


@metric(
    EARNINGS,
    name="Low bases",
    unit="companies",
    warmup=0,
    needs=("profit_class",),
    kind="count",
    source="Base below Rs 1 crore or 1% of the revenue of four quarters",
)
def low_bases() -> pl.Expr:
    """Companies whose growth says little because a year before was next to nothing."""
    return _count_of("low_base")
