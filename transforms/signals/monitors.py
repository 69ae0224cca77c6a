"""What to watch next: seven monitors, each green, amber, red or unknown, and since when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from transforms.signals import monitor_level
from transforms.signals.claim import Inputs
from transforms.signals.flow_series import (
    foreign_series,
    hole_in_words,
    no_row_in_words,
    series_in_words,
)
from transforms.signals.monitor_level import level_holds
from transforms.signals.risk_appetite import LEAST_OF_PILLAR_PCT, RiskAppetiteFrames, risk_appetite
from transforms.signals.risk_figures import DECIMALS
from transforms.signals.risk_inputs import INPUTS
from transforms.signals.risk_inputs import SERIES as INPUT_SERIES
from transforms.signals.size_indices import HEADLINE
from transforms.signals.threshold import Threshold
from transforms.signals.wording import number, rupees_crore
from transforms.universes import MARKET

GREEN_FROM = Threshold(
    id="monitor_green_from",
    value=60,
    unit="percentile",
    meaning="A monitor is green from here",
    source="Riskon convention",
)
RED_BELOW = Threshold(
    id="monitor_red_below",
    value=40,
    unit="percentile",
    meaning="A monitor is red below here",
    source="Riskon convention",
)
THRESHOLDS = (GREEN_FROM, RED_BELOW, *monitor_level.THRESHOLDS)

SERIES = tuple(sorted({*INPUT_SERIES, HEADLINE}))
"""Indices whose closes are read."""
MIDCAP_100 = "nifty-midcap-100"
FULL = "full"
STATE_COLOUR = {
    "UNKNOWN": "unknown",
    "ADVANCE": "green",
    "DRAWDOWN": "red",
    "REBOUND": "green",
    "EARLY_RECOVERY": "green",
    "CONFIRMED": "green",
    "FAILED": "red",
}
MACRO_INPUTS = {one.id: one.title for one in INPUTS if one.source == "macro"}

_BANDS = f"green from {GREEN_FROM.value:g}, red below {RED_BELOW.value:g}"
_percentile = pl.col("percentile")


@dataclass(frozen=True)
class Monitor:
    """One monitor: `rows` gives session_date, colour, value, percentile, reasons."""

    id: str
    title: str
    unit: str
    rows: Callable[[Inputs, RiskAppetiteFrames], pl.DataFrame]


def monitors(inputs: Inputs, frames: RiskAppetiteFrames | None = None) -> pl.DataFrame:
    """Every monitor at every session, as rows of mart.monitor.

    A colour without hysteresis: `changed_on` is the first session of its unbroken run, in which
    unknown is a colour like the others.

    Args:
        inputs: sessions, series, flow, earnings, regimes, zones, and what risk appetite reads.
        frames: what `risk_appetite` gives for these inputs; None: it is computed.

    Returns:
        One row a session and monitor, sorted by session and in order of MONITORS.
    """
    appetite = risk_appetite(inputs) if frames is None else frames
    days = inputs.sessions.select(pl.col("session_date").unique().sort())
    told = pl.concat(
        days.join(
            one.rows(inputs, appetite), on="session_date", how="left", maintain_order="left"
        ).select(
            "session_date",
            pl.lit(place).alias("place"),
            pl.lit(one.id).alias("monitor_id"),
            pl.lit(one.title).alias("title"),
            "colour",
            pl.col("value").cast(pl.Float64),
            pl.lit(one.unit).alias("unit"),
            pl.col("percentile").cast(pl.Float64),
            "reasons",
        )
        for place, one in enumerate(MONITORS)
    )
    before = pl.col("colour").shift(1).over("monitor_id")
    is_first = pl.col("colour").ne_missing(before)
    return (
        told.with_columns(
            changed_on=pl.when(is_first).then("session_date"),
            previous_colour=pl.when(is_first).then(before),
        )
        # A run that follows another has a colour before it: a first one has none to fill.
        .with_columns(pl.col("changed_on", "previous_colour").forward_fill().over("monitor_id"))
        .sort("session_date", "place")
        .drop("place")
    )


def _by(rank: pl.Expr) -> pl.Expr:
    """Colour of a rank of 0 to 100, high is good."""
    return (
        pl.when(rank.is_null())
        .then(pl.lit("unknown"))
        .when(rank >= GREEN_FROM.value)
        .then(pl.lit("green"))
        .when(rank >= RED_BELOW.value)
        .then(pl.lit("amber"))
        .otherwise(pl.lit("red"))
    )


def _fii_inflows(inputs: Inputs, _: RiskAppetiteFrames) -> pl.DataFrame:
    """Net of 10 sessions by its rank in the history of the series that judges the session."""
    net, z = pl.col("net_sum_10_crore"), pl.col("net_sum_10_z")
    spread = pl.when(z.is_null()).then(pl.lit("")).otherwise(pl.format(", z {}", number(z, 1)))
    said = pl.format("Net {} over 10 sessions{} ({})", rupees_crore(net), spread, series_in_words())
    rank = pl.col("net_sum_10_crore_percentile")
    return foreign_series(inputs).select(
        "session_date",
        colour=_by(rank),
        value=net,
        percentile=rank,
        reasons=pl.when(pl.col("scope").is_null())
        .then(no_row_in_words())
        .when(net.is_null())
        .then(pl.format("No sum of 10 sessions: {}", hole_in_words()))
        .when(rank.is_null())
        .then(pl.format("{}: too little history to rank", said))
        .otherwise(pl.format(f"{{}}: percentile {{}}; {_BANDS}", said, number(rank))),
    )


def _filings(inputs: Inputs, _: RiskAppetiteFrames) -> pl.DataFrame:
    """Diffusion of surprises of all companies that report, by its rank among quarters."""
    proxy = "a proxy for guidance, whose text is in no form to be read"
    columns = ("surprise_diffusion_pct", "surprise_diffusion_percentile", "surprised")
    if inputs.earnings.width == 0:
        return inputs.sessions.select(
            "session_date",
            colour=pl.lit("unknown"),
            value=pl.lit(None),
            percentile=pl.lit(None),
            reasons=pl.lit(f"No results are held; they are {proxy}"),
        )
    days = inputs.sessions.select("session_date")
    rows = inputs.earnings.filter(pl.col("universe") == MARKET).select(
        "session_date", "quarter_end", *columns
    )
    value, rank, surprised = (pl.col(name) for name in columns)
    quarter = pl.col("quarter_end").dt.to_string("%Y-%m-%d")
    said = pl.format(
        f"Surprises upwards less downwards: {{}}% of {{}} results, quarter to {{}} ({proxy})",
        number(value, 1),
        surprised,
        quarter,
    )
    return days.join(rows, on="session_date", how="left").select(
        "session_date",
        colour=_by(rank),
        value=value,
        percentile=rank,
        reasons=pl.when(value.is_null())
        .then(pl.lit(f"No result can be told from its season; surprises are {proxy}"))
        .when(rank.is_null())
        .then(pl.format("{}: too few quarters to rank", said))
        .otherwise(pl.format(f"{{}}: percentile {{}}; {_BANDS}", said, number(rank))),
    )


def _midcaps(inputs: Inputs, _: RiskAppetiteFrames) -> pl.DataFrame:
    """The state of Midcap 100 by the full rules."""
    if inputs.regimes.width == 0:
        return inputs.sessions.select(
            "session_date",
            colour=pl.lit("unknown"),
            value=pl.lit(None),
            percentile=pl.lit(None),
            reasons=pl.lit("No regime of Nifty Midcap 100"),
        )
    rows = inputs.regimes.filter((pl.col("index_id") == MIDCAP_100) & (pl.col("rules") == FULL))
    held = pl.col("held_by_data")
    waits = pl.when(held == "").then(pl.lit("")).otherwise(pl.format("; held: {}", held))
    state, since = pl.col("state"), pl.col("entered_on").dt.to_string("%Y-%m-%d")
    said = (
        pl.when(state == "UNKNOWN")
        .then(pl.format("Nifty Midcap 100 has had no known state since {}{}", since, waits))
        .otherwise(pl.format("Nifty Midcap 100 is in {} since {}{}", state, since, waits))
    )
    return (
        inputs.sessions.select("session_date")
        .join(rows, on="session_date", how="left")
        .select(
            "session_date",
            colour=state.replace_strict(STATE_COLOUR, return_dtype=pl.String).fill_null("unknown"),
            value="drawdown_252_pct",
            percentile=pl.lit(None, pl.Float64),
            reasons=said.fill_null("No regime of Nifty Midcap 100"),
        )
    )


def _macro(_: Inputs, frames: RiskAppetiteFrames) -> pl.DataFrame:
    """Mean rank of the macro inputs of stress, by the rule of a pillar."""
    used = pl.col("is_fresh")
    enough = 100 * used.sum() >= LEAST_OF_PILLAR_PCT.value * pl.len()
    names = ", ".join(title for title in MACRO_INPUTS.values())
    rows = frames.inputs.filter(pl.col("input_id").is_in(list(MACRO_INPUTS)))
    told = rows.group_by("session_date").agg(
        rank=pl.when(enough).then(pl.col("percentile").filter(used).sort().mean().round(DECIMALS)),
        fresh=used.sum(),
    )
    count = len(MACRO_INPUTS)
    return _of_ranks(
        told,
        pl.format(f"{{}} of {count} inputs ({names}; high is calm)", "fresh"),
    )


def _breadth(_: Inputs, frames: RiskAppetiteFrames) -> pl.DataFrame:
    """The pillar of breadth."""
    rows = frames.pillars.filter(pl.col("pillar") == "breadth")
    told = rows.with_columns(rank="value")
    left_out = (
        pl.when(pl.col("missing") == "")
        .then(pl.lit(""))
        .otherwise(pl.format("; left out: {}", "missing"))
    )
    return _of_ranks(told, pl.format("{} of {} inputs{}", "fresh", "inputs", left_out))


def _appetite(_: Inputs, frames: RiskAppetiteFrames) -> pl.DataFrame:
    """The composite of risk appetite."""
    told = frames.appetite.with_columns(rank="composite")
    left_out = (
        pl.when(pl.col("missing") == "")
        .then(pl.lit(""))
        .otherwise(pl.format("; left out: {}", "missing"))
    )
    return _of_ranks(told, pl.format("{} of 5 pillars{}", "pillars", left_out))


def _of_ranks(told: pl.DataFrame, of: pl.Expr) -> pl.DataFrame:
    """Rows of a monitor whose figure `rank` is a mean of ranks, so that it bears the bands."""
    rank = pl.col("rank")
    return told.select(
        "session_date",
        colour=_by(rank),
        value=rank,
        percentile=rank,
        reasons=pl.when(rank.is_null())
        .then(pl.format("Too little to tell: {}", of))
        .otherwise(pl.format(f"Mean rank {{}}, {{}}; {_BANDS}", number(rank), of)),
    )


MONITORS = (
    Monitor("fii_inflows", "FII inflows", "Rs crore", _fii_inflows),
    Monitor("filings", "Results (proxy for guidance)", "percent", _filings),
    Monitor("midcap_participation", "Mid caps take part", "percent", _midcaps),
    Monitor("macro", "World outside", "rank", _macro),
    Monitor("level_holds", "The last support holds", "ATR", lambda inputs, _: level_holds(inputs)),
    Monitor("breadth", "Breadth", "rank", _breadth),
    Monitor("appetite", "Risk appetite", "rank", _appetite),
)
