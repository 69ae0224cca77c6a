"""Does the nearest support hold: the close against the zone that held before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from transforms.signals.claim import Inputs
from transforms.signals.grid import session_grid
from transforms.signals.size_indices import HEADLINE
from transforms.signals.threshold import Threshold
from transforms.signals.wording import number

CLEAR_ATR = Threshold(
    id="monitor_level_clear_atr",
    value=1,
    unit="ATR",
    meaning="A close this far above the support is clear of it",
    source="Riskon convention",
)
FAILURE_ATR = Threshold(
    id="monitor_level_failure_atr",
    value=0.5,
    unit="ATR",
    meaning="A close this far under the support has failed it",
    source="Riskon convention: the failure of the regime machine",
)
MEMORY_SESSIONS = Threshold(
    id="monitor_level_memory_sessions",
    value=21,
    unit="sessions",
    meaning="So long closes under a support are measured by it; then the next one takes over",
    source="Riskon convention: a month",
)
THRESHOLDS = (CLEAR_ATR, FAILURE_ATR, MEMORY_SESSIONS)

NO_CLOSE, NO_ZONES, NO_SUPPORT, CLEAR, NEAR, INSIDE, UNDER, FAILED = (
    "no close",
    "no zones",
    "no support",
    "clear",
    "near",
    "inside",
    "under",
    "failed",
)
_COLOUR = {
    NO_CLOSE: "unknown",
    NO_ZONES: "unknown",
    NO_SUPPORT: "unknown",
    CLEAR: "green",
    NEAR: "amber",
    INSIDE: "amber",
    UNDER: "amber",
    FAILED: "red",
}
_JUDGED = {"place": pl.String(), "lower": pl.Float64(), "upper": pl.Float64(), "atr": pl.Float64()}


@dataclass(frozen=True)
class Support:
    """A zone of support as it was drawn at some close."""

    lower: float
    upper: float
    atr: float


def level_holds(inputs: Inputs) -> pl.DataFrame:
    """Where the headline index closed against its support, at every session, oldest first.

    The support is the nearest one drawn at that close. Where the close falls below the one drawn
    before, that one stands, else no support could ever fail: until it is regained, or for
    MEMORY_SESSIONS.

    Returns:
        session_date, colour, value (ATR from the upper edge, negative below it), percentile
        (null), reasons. Unknown without a close, without any zone of the session, and where no
        support lies below.
    """
    grid = session_grid(inputs, close=HEADLINE)
    if inputs.zones.width == 0:
        zoned = grid.with_columns(
            pl.lit(None, dtype).alias(name)
            for name, dtype in (*list(_JUDGED.items())[1:], ("is_zoned", pl.Boolean()))
        )
    else:
        own = inputs.zones.filter(pl.col("index_id") == HEADLINE)
        nearest = own.filter((pl.col("kind") == "support") & (pl.col("zone_rank") == 1)).select(
            "session_date", "lower", "upper", atr="atr_14"
        )
        drawn = own.select(pl.col("session_date").unique(), is_zoned=pl.lit(value=True))
        zoned = grid.join(nearest, on="session_date", how="left").join(
            drawn, on="session_date", how="left"
        )
    zoned = zoned.sort("session_date")
    rows = zoned.select("close", "lower", "upper", "atr", "is_zoned").iter_rows()
    judged = pl.DataFrame(list(_judged(rows)), schema=_JUDGED, orient="row")
    # What the walk through the sessions held stands, not what each session drew.
    told = zoned.select("session_date", "close").hstack(judged)
    return told.select(
        "session_date",
        colour=pl.col("place").replace_strict(_COLOUR),
        value=((pl.col("close") - pl.col("upper")) / pl.col("atr")),
        percentile=pl.lit(None, pl.Float64),
        reasons=_reasons(),
    )


def _judged(
    rows: Iterator[tuple[float | None, float | None, float | None, float | None, bool | None]],
) -> Iterator[tuple[str, float | None, float | None, float | None]]:
    """Place of each close, and the support it is measured by."""
    held: Support | None = None
    under = 0
    for close, lower, upper, atr, is_zoned in rows:
        # A session that cannot be judged leaves the support as it was, and is no session of it.
        if close is None:
            yield NO_CLOSE, None, None, None
            continue
        if not is_zoned:
            yield NO_ZONES, None, None, None
            continue
        drawn = None
        if lower is not None and upper is not None and atr is not None:
            drawn = Support(lower, upper, atr)
        under = under + 1 if held is not None and close < held.lower else 0
        if under > MEMORY_SESSIONS.value:
            held, under = None, 0
        # A zone the price has come into stands while it is in it, however it is named there.
        is_inside = held is not None and held.lower <= close <= held.upper
        if not under and not (is_inside and (drawn is None or drawn.upper < close)):
            held = drawn
        if held is None:
            yield NO_SUPPORT, None, None, None
        else:
            yield _place(close, held), held.lower, held.upper, held.atr


def _place(close: float, support: Support) -> str:
    if close < support.lower - FAILURE_ATR.value * support.atr:
        return FAILED
    if close < support.lower:
        return UNDER
    if close <= support.upper:
        return INSIDE
    return NEAR if close < support.upper + CLEAR_ATR.value * support.atr else CLEAR


def _reasons() -> pl.Expr:
    close, lower, upper, atr = (pl.col(name) for name in ("close", "lower", "upper", "atr"))
    zone = pl.format("the support {} to {}", number(lower), number(upper))
    broken = pl.format("what was support, {} to {}", number(lower), number(upper))
    above = number((close - upper) / atr, 1)
    failure = number(lower - FAILURE_ATR.value * atr)
    said = {
        NO_CLOSE: pl.lit("No close of the index"),
        NO_ZONES: pl.lit("No zones are known"),
        NO_SUPPORT: pl.lit("No zone of support lies below the close"),
        CLEAR: pl.format("Close {} is {} ATR above {}", number(close), above, zone),
        NEAR: pl.format(
            f"Close {{}} is {{}} ATR above {{}}, green from {CLEAR_ATR.value:g} ATR",
            number(close),
            above,
            zone,
        ),
        INSIDE: pl.format("Close {} lies in {}", number(close), zone),
        UNDER: pl.format(
            "Close {} is under {}; its failure line is {}", number(close), broken, failure
        ),
        FAILED: pl.format(
            "Close {} is below {}, the failure line of {}", number(close), failure, broken
        ),
    }
    return pl.coalesce(pl.when(pl.col("place") == place).then(word) for place, word in said.items())
