"""How the shares of a universe moved at one session, and what was traded: sums over its members.

Money, returns and scores are added in whole small units, so that a sum is exact: it depends
neither on the order of rows nor on how many sessions are counted at once.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms.metrics.metric import Kind, Metric, metric

MOVES: list[Metric] = []
UNIT: dict[str, int] = {}
"""How many of the units in which a metric is added make one of its own."""

# Below, one expression is what one share adds at one session that it traded.

_RETURN = pl.col("return_1_pct")
_CAP_BEFORE = pl.col("market_cap_before_inr")
_DELIVERY = pl.col("delivery_shares")

PERCENT_UNIT = 1_000_000
MONEY_UNIT = 100  # paise
WEIGHT_RUPEES = 10_000
"""Weights are whole multiples of this, so that weight times return fits 64 bits."""

# A tick of one paisa is 0.000005% of the dearest share's price; chained closes that are equal
# differ by less, because of the factors they carry.
UNMOVED_PCT = 1e-6

_IS_PAIR = (
    (pl.col("sessions_since_bar") == 1) & pl.col("is_quarantined").not_() & _RETURN.is_not_null()
).fill_null(value=False)
_IS_UP = _IS_PAIR & (_RETURN > UNMOVED_PCT)
_IS_DOWN = _IS_PAIR & (_RETURN < -UNMOVED_PCT)
_IS_WEIGHED = _IS_PAIR & (_CAP_BEFORE > 0).fill_null(value=False)
_WEIGHT = (_CAP_BEFORE / WEIGHT_RUPEES).round()


def whole_units(value: pl.Expr, unit: int) -> pl.Expr:
    """The value in whole units of 1/unit."""
    return (value.cast(pl.Float64) * unit).round().cast(pl.Int64)


def adds(
    registry: list[Metric],
    name: str,
    unit: str,
    *needs: str,
    source: str = "Sum over the members of the universe",
    kind: Kind = "count",
    whole: int = 1,
    bounds: tuple[float | None, float | None] = (0, None),
) -> Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]:
    """Declare a sum: what each share adds, in units of 1/whole."""

    def declare(function: Callable[[], pl.Expr]) -> Callable[[], pl.Expr]:
        UNIT[function.__name__] = whole
        return metric(
            registry,
            name=name,
            unit=unit,
            warmup=0,
            source=source,
            needs=needs,
            kind=kind,
            bounds=bounds,
        )(function)

    return declare


def _money(name: str, *needs: str) -> Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]:
    return adds(MOVES, name, "rupees", *needs, kind="number", whole=MONEY_UNIT)


@adds(MOVES, "Shares traded", "companies", "close")
def traded() -> pl.Expr:
    """Ordinary shares of the universe with a bar at the session."""
    return pl.col("close").is_not_null()


@adds(MOVES, "Advances", "companies", "return_1_pct", source="Methodology of breadth: A")
def advances() -> pl.Expr:
    """Shares above their previous close, adjusted, among those that traded the session before."""
    return _IS_UP


@adds(MOVES, "Declines", "companies", "return_1_pct", source="Methodology of breadth: D")
def declines() -> pl.Expr:
    """Shares below their previous close, adjusted, among those that traded the session before."""
    return _IS_DOWN


@adds(MOVES, "Unchanged", "companies", "return_1_pct")
def unchanged() -> pl.Expr:
    """Shares at their previous close, adjusted, among those that traded the session before."""
    return _IS_PAIR & (_RETURN.abs() <= UNMOVED_PCT)


@adds(MOVES, "Quarantined", "companies", "is_quarantined")
def quarantined() -> pl.Expr:
    """Shares whose move nobody explains: neither advance nor decline, and in no return."""
    return pl.col("is_quarantined").fill_null(value=False)


@_money("Turnover", "turnover_inr")
def turnover_inr() -> pl.Expr:
    """Value traded in the universe's shares."""
    return whole_units(pl.col("turnover_inr"), MONEY_UNIT)


@_money("Turnover of advances", "turnover_inr", "return_1_pct")
def up_turnover_inr() -> pl.Expr:
    """Value traded in shares that rose: up-volume."""
    return pl.when(_IS_UP).then(whole_units(pl.col("turnover_inr"), MONEY_UNIT))


@_money("Turnover of declines", "turnover_inr", "return_1_pct")
def down_turnover_inr() -> pl.Expr:
    """Value traded in shares that fell: down-volume."""
    return pl.when(_IS_DOWN).then(whole_units(pl.col("turnover_inr"), MONEY_UNIT))


@adds(MOVES, "Trades", "trades", "trades")
def trades() -> pl.Expr:
    """Trades made in the universe's shares."""
    return pl.col("trades").cast(pl.Int64)


@adds(MOVES, "Deliveries known", "companies", "delivery_shares")
def delivery_known() -> pl.Expr:
    """Shares that moved and whose deliveries the exchange has told: often none until a day later.

    Shares of a series in which every trade is delivered tell nothing and are not among them.
    """
    return (_IS_UP | _IS_DOWN) & _DELIVERY.is_not_null()


@_money("Delivered value of advances", "delivery_shares", "close")
def up_delivered_inr() -> pl.Expr:
    """Shares delivered at the close, of those that rose and whose deliveries are known."""
    return pl.when(_IS_UP).then(whole_units(_DELIVERY * pl.col("close"), MONEY_UNIT))


@_money("Delivered value of declines", "delivery_shares", "close")
def down_delivered_inr() -> pl.Expr:
    """Shares delivered at the close, of those that fell and whose deliveries are known."""
    return pl.when(_IS_DOWN).then(whole_units(_DELIVERY * pl.col("close"), MONEY_UNIT))


@adds(
    MOVES,
    "Sum of returns",
    "percent",
    "return_1_pct",
    kind="number",
    whole=PERCENT_UNIT,
    bounds=(None, None),
)
def return_sum_pct() -> pl.Expr:
    """Returns of advances, declines and unchanged added up."""
    return pl.when(_IS_PAIR).then(whole_units(_RETURN, PERCENT_UNIT))


@adds(MOVES, "Shares with a weight", "companies", "market_cap_before_inr")
def weighed() -> pl.Expr:
    """Advances, declines and unchanged whose market cap before the session is known."""
    return _IS_WEIGHED


@adds(MOVES, "Weight", "rupees", "market_cap_before_inr", kind="number")
def weight_inr() -> pl.Expr:
    """Market cap before the session of the shares with a weight, each to ten thousand rupees."""
    return pl.when(_IS_WEIGHED).then(_WEIGHT.cast(pl.Int64) * WEIGHT_RUPEES)


@adds(
    MOVES,
    "Sum of returns of shares with a weight",
    "percent",
    "return_1_pct",
    "market_cap_before_inr",
    kind="number",
    whole=PERCENT_UNIT,
    bounds=(None, None),
)
def weighed_return_sum_pct() -> pl.Expr:
    """Returns of the shares with a weight added up, each alike."""
    return pl.when(_IS_WEIGHED).then(whole_units(_RETURN, PERCENT_UNIT))


@adds(
    MOVES,
    "Sum of weighted returns",
    "rupee percent",
    "return_1_pct",
    "market_cap_before_inr",
    kind="number",
    bounds=(None, None),
)
def weighted_return_sum() -> pl.Expr:
    """Returns of the shares with a weight times their market cap before the session."""
    return pl.when(_IS_WEIGHED).then(
        (_WEIGHT * (_RETURN.cast(pl.Float64) * PERCENT_UNIT).round()).cast(pl.Int64)
    )


UNIT["weighted_return_sum"] = PERCENT_UNIT // WEIGHT_RUPEES
