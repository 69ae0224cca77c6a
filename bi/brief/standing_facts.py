"""Where the headline index stands on one evening: its state, odds, triggers, zones and chart."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from transforms.signals.regime_table import CONFIRMED_LEGS, EARLY_LEGS
from transforms.signals.size_indices import HEADLINE, SIZE_INDICES
from transforms.signals.zone_pivots import pivots
from warehouse.store import Warehouse
from warehouse.tables.signals import RULE_SETS

FULL, BY_CLOSES = RULE_SETS
NEAREST_SIZES = ("nifty-smallcap-250", "nifty-smallcap-50", "nifty-midcap-100")
"""Whose state is told where the headline index has none, the nearest first."""
YEAR_SESSIONS = 252
"""Sessions of the chart, and those whose transitions are told."""
# Bars before the chart that its first pivots and their average true range take.
_LEAD_IN = 40


@dataclass(frozen=True)
class RegimeLeg:
    """One leg of the state machine; `holds` is None where it could not be tested."""

    title: str
    holds: bool | None


@dataclass(frozen=True)
class Regime:
    """The state of one index by one set of rules, as mart.regime has it; null until known."""

    index_id: str
    rules: str
    state: str
    days_in_state: int
    entered_on: date
    is_bear_rally: bool
    held_by_data: str
    close: float | None
    drawdown_252_pct: float | None
    low_close: float | None
    low_date: date | None
    rise_from_low_pct: float | None
    day_count: int | None
    follow_through_on: date | None
    above_sma_200_of_7: int | None
    early_held: int | None
    early_tested: int | None
    confirmed_held: int | None
    confirmed_tested: int | None
    past_rebounds: int
    past_confirmed: int
    confirmed_probability: float | None
    confirmed_probability_low: float | None
    confirmed_probability_high: float | None
    past_null_probability: float | None
    recovery_null_probability: float | None
    early_legs: tuple[RegimeLeg, ...] = ()
    confirmed_legs: tuple[RegimeLeg, ...] = ()
    last_close_on: date | None = None
    """The last close of the chart's sessions, of the headline index alone."""

    @property
    def title(self) -> str:
        """What a sentence calls the index."""
        return title(self.index_id)


@dataclass(frozen=True)
class Trigger:
    """One condition that would change the state at the next session, as mart.regime_trigger."""

    to_state: str
    trigger: str
    quantity: str
    comparison: str
    level: float | None
    unit: str
    current: float | None
    distance_pct: float | None
    is_met: bool | None
    needs: str


@dataclass(frozen=True)
class Transition:
    """One change of state of the headline index, as mart.regime_transition has it."""

    session_date: date
    from_state: str
    to_state: str
    days_in_state: int
    reason: str
    legs_held: str
    legs_missing: str
    is_bear_rally: bool


@dataclass(frozen=True)
class Zone:
    """One zone of support or resistance, as mart.zone has it."""

    kind: str
    zone_rank: int
    lower: float
    upper: float
    pivots: int
    touches: int
    bounces: int
    breakouts: int
    failures: int
    bounce_rate_pct: float | None
    artificial_bounce_rate_pct: float | None
    strength_percentile: float | None
    volume_pct: float | None
    is_volume_peak: bool | None
    distance_pct: float | None
    distance_atr: float | None
    distance_sessions: float | None
    reach_first_probability: float | None


@dataclass(frozen=True)
class Span:
    """A stretch of sessions of the chart in one state, `first` and `last` included."""

    state: str
    first: date
    last: date


@dataclass(frozen=True)
class Chart:
    """The last 252 sessions of the headline index.

    `bars` has session_date, high, low, close (null where not held), one row a session, oldest
    first; `pivots` has session_date, kind (high or low), level: turning points known by the
    session. `spans` are the states by the full rules, oldest first.
    """

    bars: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema={
                "session_date": pl.Date,
                "high": pl.Float64,
                "low": pl.Float64,
                "close": pl.Float64,
            }
        ),
        compare=False,
    )
    pivots: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema={"session_date": pl.Date, "kind": pl.String, "level": pl.Float64}
        ),
        compare=False,
    )
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Standing:
    """Where the headline index stands; everything is empty or None where nothing is held.

    `regime` is by the full rules, `by_closes` by closes alone. Triggers are of the full rules.
    Transitions are those of the last 252 sessions, newest first; zones go by kind, the nearest
    first; `sizes` are the other indices by size, full rules, in declared order.
    """

    regime: Regime | None = None
    by_closes: Regime | None = None
    triggers: tuple[Trigger, ...] = ()
    transitions: tuple[Transition, ...] = ()
    zones: tuple[Zone, ...] = ()
    sizes: tuple[Regime, ...] = ()
    chart: Chart = field(default_factory=Chart)

    @property
    def nearest_size(self) -> Regime | None:
        """The index that comes nearest where the headline has no state of its own."""
        held = {one.index_id: one for one in self.sizes if one.state != "UNKNOWN"}
        return next((held[name] for name in NEAREST_SIZES if name in held), None)


def title(index_id: str) -> str:
    """An index by the words of its id: nifty-smallcap-100 is the Nifty Smallcap 100."""
    return " ".join(part.capitalize() for part in index_id.split("-"))


def standing(warehouse: Warehouse, session: date) -> Standing:
    """Read where the headline index stands from what was known at one session's close."""
    rows = warehouse.read(
        "SELECT * FROM mart.regime WHERE session_date = $1 AND index_id IN "
        "(SELECT unnest($2::VARCHAR[]))",
        [session, list(SIZE_INDICES)],
    )
    regimes = {(row["index_id"], row["rules"]): _regime(row) for row in rows.iter_rows(named=True)}
    others = (regimes.get((index_id, FULL)) for index_id in SIZE_INDICES if index_id != HEADLINE)
    days = warehouse.read(
        "SELECT session_date FROM core.trading_session WHERE session_date <= ? "
        "ORDER BY session_date DESC LIMIT ?",
        [session, YEAR_SESSIONS + _LEAD_IN],
    ).sort("session_date")
    year = days.tail(YEAR_SESSIONS)
    first: date = year["session_date"][0] if year.height else session
    bars, turns = _bars(warehouse, session, days, first)
    last: date | None = bars.drop_nulls("close")["session_date"].max()  # type: ignore[assignment]
    own = regimes.get((HEADLINE, FULL))
    return Standing(
        None if own is None else replace(own, last_close_on=last),
        regimes.get((HEADLINE, BY_CLOSES)),
        _triggers(warehouse, session),
        _transitions(warehouse, first, session),
        _zones(warehouse, session),
        tuple(other for other in others if other is not None),
        Chart(bars, turns, _spans(warehouse, first, session)),
    )


def _regime(row: dict[str, Any]) -> Regime:
    def legs(titles: dict[str, str]) -> tuple[RegimeLeg, ...]:
        return tuple(RegimeLeg(words, row[column]) for column, words in titles.items())

    own = {name: row[name] for name in Regime.__dataclass_fields__ if name in row}
    return Regime(**own, early_legs=legs(EARLY_LEGS), confirmed_legs=legs(CONFIRMED_LEGS))


def _triggers(warehouse: Warehouse, session: date) -> tuple[Trigger, ...]:
    rows = warehouse.read(
        """
        SELECT to_state, trigger, quantity, comparison, level, unit, current, distance_pct,
               is_met, needs
        FROM mart.regime_trigger WHERE session_date = $1 AND index_id = $2 AND rules = $3
        ORDER BY abs(distance_pct) NULLS LAST, to_state, trigger
        """,
        [session, HEADLINE, FULL],
    )
    return tuple(Trigger(**row) for row in rows.iter_rows(named=True))


def _transitions(warehouse: Warehouse, first: date, session: date) -> tuple[Transition, ...]:
    rows = warehouse.read(
        """
        SELECT session_date, from_state, to_state, days_in_state, reason, legs_held, legs_missing,
               is_bear_rally
        FROM mart.regime_transition
        WHERE index_id = $1 AND rules = $2 AND session_date BETWEEN $3 AND $4
        ORDER BY session_date DESC
        """,
        [HEADLINE, FULL, first, session],
    )
    return tuple(Transition(**row) for row in rows.iter_rows(named=True))


def _zones(warehouse: Warehouse, session: date) -> tuple[Zone, ...]:
    rows = warehouse.read(
        f"""
        SELECT {", ".join(Zone.__dataclass_fields__)} FROM mart.zone
        WHERE session_date = $1 AND index_id = $2 ORDER BY kind DESC, zone_rank
        """,  # noqa: S608  the dataclass's own names
        [session, HEADLINE],
    )
    return tuple(Zone(**row) for row in rows.iter_rows(named=True))


def _bars(
    warehouse: Warehouse, session: date, days: pl.DataFrame, first: date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The year's bars, one row a session, and the pivots among them that are known."""
    start: date = days["session_date"][0] if days.height else session
    found = warehouse.read(
        """
        SELECT bar.session_date, bar.open::DOUBLE AS open, bar.high::DOUBLE AS high,
               bar.low::DOUBLE AS low, bar.close::DOUBLE AS close,
               bar.turnover_inr::DOUBLE AS turnover_inr
        FROM core.index_bar bar JOIN core.index_name name USING (index_name)
        WHERE bar.return_variant = 'price' AND name.index_id = $1
          AND bar.session_date BETWEEN $2 AND $3
        QUALIFY row_number() OVER (PARTITION BY bar.session_date
            ORDER BY bar.high IS NULL OR bar.low IS NULL,
                     bar.source_id = 'nse_index_close' DESC, bar.source_id, bar.index_name) = 1
        """,
        [HEADLINE, start, session],
    )
    bars = days.join(found, on="session_date", how="left").sort("session_date")
    turns = pivots(bars).filter(pl.col("known_from") <= session, pl.col("session_date") >= first)
    year = bars.filter(pl.col("session_date") >= first)
    return (
        year.select("session_date", "high", "low", "close"),
        turns.select("session_date", "kind", "level").sort("session_date", "kind"),
    )


def _spans(warehouse: Warehouse, first: date, session: date) -> tuple[Span, ...]:
    rows = warehouse.read(
        "SELECT session_date, state FROM mart.regime WHERE index_id = $1 AND rules = $2 "
        "AND session_date BETWEEN $3 AND $4 ORDER BY session_date",
        [HEADLINE, FULL, first, session],
    )
    spans = rows.group_by(pl.col("state").rle_id().alias("run"), maintain_order=True).agg(
        pl.col("state").first(),
        first=pl.col("session_date").min(),
        last=pl.col("session_date").max(),
    )
    return tuple(
        Span(row["state"], row["first"], row["last"]) for row in spans.iter_rows(named=True)
    )
