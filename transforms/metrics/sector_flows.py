"""Foreign money by sector, fortnight by fortnight: the only source of foreign flows by sector."""

from __future__ import annotations

import polars as pl

from transforms import indicators
from transforms.metrics.flow_grid import evaluated, in_crore, lakh, on_grid, stored
from transforms.metrics.metric import Metric, metric

SECTOR_FLOW: list[Metric] = []

LEAST_FORTNIGHTS = 72
"""Three years: before, a rank in own history is not given."""
SUM_FORTNIGHTS = 6
TOTALS = ("total", "grand total", "sub total", "sub-total")
"""Rows of the report that are no sector, in lower case: they have no rank."""

_NET = pl.col("net_lakh")
_BASIS_POINTS = 10_000
_SOURCE = "NSDL, fortnightly sector-wise FPI investment data, equity"


def sector_flow(core_sector_flow: pl.DataFrame) -> pl.DataFrame:
    """Net investment of foreign investors in each sector's shares, primary market included.

    A sector under another name is another sector: its history starts anew.

    Args:
        core_sector_flow: rows of core.sector_flow, any asset class, any order.

    Returns:
        fortnight_end, sector (the key), published_at, net_crore, assets_crore (Float64),
        sector_rank (1: most bought in proportion to what was held, among the sectors that have a
        figure), the metrics of SECTOR_FLOW, then the percentiles; sorted by sector and fortnight.
        Windows count fortnights; null where one inside is missing. Where several sources state a
        row, the first by its id stands.
    """
    held = (
        core_sector_flow.filter(pl.col("asset_class") == "equity")
        .with_columns(fortnight=_number(pl.col("fortnight_end")))
        .sort("fortnight", "sector", "source_id", "fortnight_end")
        .unique(["fortnight", "sector"], keep="first", maintain_order=True)
        .select(
            "fortnight",
            "fortnight_end",
            "sector",
            "published_at",
            pl.col("net_crore", "assets_crore").cast(pl.Float64),
            net_lakh=lakh("net_crore"),
            assets_lakh=lakh("assets_crore"),
        )
    )
    by = ["sector"]
    share = pl.col("share_of_assets_bps")
    is_sector = ~pl.col("sector").str.to_lowercase().str.strip_chars().is_in(TOTALS)
    return (
        evaluated(
            on_grid(held, _every(held["fortnight"]), by=by, step="fortnight"),
            SECTOR_FLOW,
            by=by,
            at_least=LEAST_FORTNIGHTS,
        )
        .filter("is_held")
        .with_columns(
            sector_rank=pl.when(is_sector)
            .then(pl.when(is_sector).then(share).rank("min", descending=True).over("fortnight"))
            .cast(pl.Int64)
        )
        .select(
            "fortnight_end",
            "sector",
            "published_at",
            "net_crore",
            "assets_crore",
            "sector_rank",
            *stored(SECTOR_FLOW),
        )
    )


def _number(day: pl.Expr) -> pl.Expr:
    """Number of the fortnight that ends on a date: two a month, to the 15th and to its end."""
    month = day.dt.year().cast(pl.Int64) * 12 + day.dt.month()
    return 2 * month + (day.dt.day() > 15).cast(pl.Int64)


def _every(fortnights: pl.Series) -> pl.DataFrame:
    """Every fortnight from the first to the last, reported or not."""
    if fortnights.is_empty():
        return fortnights.to_frame()
    numbers = fortnights.sort()
    return pl.int_range(numbers[0], numbers[-1] + 1, eager=True).alias("fortnight").to_frame()


@metric(
    SECTOR_FLOW,
    name="Net bought in 6 fortnights",
    unit="Rs crore",
    warmup=SUM_FORTNIGHTS - 1,
    needs=("net_lakh",),
    percentile=True,
    source=_SOURCE,
)
def net_sum_6_crore() -> pl.Expr:
    """Bought less sold in 6 fortnights, a quarter of a year; warm-up counts fortnights."""
    return in_crore(_NET.rolling_sum(SUM_FORTNIGHTS))


@metric(
    SECTOR_FLOW,
    name="Net bought of what was held",
    unit="basis points",
    warmup=1,
    needs=("net_lakh", "assets_lakh"),
    percentile=True,
    source=_SOURCE + "; over assets under custody",
)
def share_of_assets_bps() -> pl.Expr:
    """Net of the fortnight over the assets in custody at the end of the fortnight before.

    So the fortnight's own prices and purchases are not in what it is measured by.
    """
    return _BASIS_POINTS * indicators.ratio(_NET, pl.col("assets_lakh").shift(1))
