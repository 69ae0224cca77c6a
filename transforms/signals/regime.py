"""The regime of each index by size: its state at every close, and what led to it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from transforms.signals import regime_rules as rules
from transforms.signals.regime_course import Course
from transforms.signals.regime_legs import Sources, measured
from transforms.signals.regime_log import Log, moves, tape
from transforms.signals.regime_odds import driftless, driftless_recovery, wilson
from transforms.signals.regime_rules import THRESHOLDS
from transforms.signals.regime_steps import tell
from transforms.signals.regime_table import (
    COMPANIONS,
    CONFIRMED,
    CONFIRMED_LEGS,
    EARLY,
    EARLY_LEGS,
    FULL,
    INDEX,
    PLURAL_LEGS,
    RANKS,
    REBOUND,
    UNKNOWN,
    RuleSet,
)
from transforms.signals.regime_triggers import triggers
from warehouse.tables.signals import Regime, RegimeTransition, RegimeTrigger
from warehouse.tables.table import key, schema

__all__ = ["THRESHOLDS", "Regimes", "Sources", "regimes"]

_DWELL, _TREND = int(rules.DWELL.value), int(rules.TREND_CLOSES.value)
_LEGS = EARLY_LEGS | CONFIRMED_LEGS
_COUNTS = ("early_held", "early_tested", "confirmed_held", "confirmed_tested")


@dataclass(frozen=True)
class Regimes:
    """Rows of mart.regime, mart.regime_transition and mart.regime_trigger."""

    states: pl.DataFrame
    transitions: pl.DataFrame
    triggers: pl.DataFrame


def regimes(sources: Sources) -> Regimes:
    """The regime of every index, by both sets of rules, from its first bar to the last session.

    A session without a close keeps the state. Nothing looks ahead: a session is told when all
    before it are, and a companion counts with its state of the session before.
    """
    grid = measured(sources)
    indices = {
        str(index_id): one for (index_id,), one in grid.group_by("index_id", maintain_order=True)
    }
    if not indices:
        return Regimes(*(pl.DataFrame(schema=schema(table)) for table in _TABLES))
    states, changes = [], []
    for rule_set in (FULL, INDEX):
        courses, logs = _run(indices, rule_set)
        states += [logs[index_id].beside(one, rule_set) for index_id, one in indices.items()]
        changes += [moves(course, index_id, rule_set) for index_id, course in courses.items()]
    wide = _told(pl.concat(states))
    return Regimes(
        _as(Regime, wide), _as(RegimeTransition, _changes(pl.concat(changes), wide)), triggers(wide)
    )


_TABLES = (Regime, RegimeTransition, RegimeTrigger)


def _as(table: type[Regime] | type[RegimeTransition], frame: pl.DataFrame) -> pl.DataFrame:
    types = schema(table)
    return frame.select(pl.col(name).cast(dtype) for name, dtype in types.items()).sort(key(table))


def _run(
    indices: dict[str, pl.DataFrame], rule_set: RuleSet
) -> tuple[dict[str, Course], dict[str, Log]]:
    """All indices through all sessions, side by side."""
    courses = {index_id: Course(tape(one, rule_set), rule_set) for index_id, one in indices.items()}
    logs = {index_id: Log() for index_id in indices}
    first = {index_id: int(one["day"][0]) for index_id, one in indices.items()}
    last = max(int(one["day"][-1]) for one in indices.values())
    ranks: dict[str, int] = {}
    for day in range(min(first.values()), last + 1):
        before = dict(ranks)
        for index_id, course in courses.items():
            row = day - first[index_id]
            if row >= 0:
                tell(course, row, before.get(COMPANIONS.get(index_id, ""), RANKS[UNKNOWN]))
                logs[index_id].write(course, row)
                ranks[index_id] = RANKS[course.state]
    return courses, logs


def _told(wide: pl.DataFrame) -> pl.DataFrame:
    """The log with odds, what data holds back, and nothing where there is nothing to say."""
    is_held = pl.col("close").is_not_null()
    has_low = pl.col("low_close").is_not_null()
    low, high = wilson(pl.col("past_confirmed"), pl.col("past_rebounds"))
    rise = pl.when(has_low).then((100 * (pl.col("close") / pl.col("low_close") - 1)).round(9))
    return (
        wide.rename(
            {
                "followed_on": "follow_through_on",
                "followed_low": "follow_through_low",
                "low_on": "low_date",
            }
        )
        .with_columns(
            # What is tested of a session is a close: without one nothing is.
            pl.when(is_held).then(pl.col(name)).alias(name)
            for name in _LEGS
        )
        .with_columns(
            *[pl.when(is_held & has_low).then(name).alias(name) for name in _COUNTS],
            rise_from_low_pct=rise,
            above_sma_200_of_7=pl.when(is_held).then("above_of_7"),
            resistance_upper=pl.when(is_held).then("resistance_upper"),
            rebound_threshold_pct=pl.when(is_held).then("rebound_threshold_pct"),
            confirmed_probability=pl.when(pl.col("past_rebounds") > 0).then(
                pl.col("past_confirmed") / pl.col("past_rebounds")
            ),
            confirmed_probability_low=low,
            confirmed_probability_high=high,
            null_probability=driftless(rise),
            recovery_null_probability=driftless_recovery(rise, pl.col("drawdown_252_pct")),
        )
        .with_columns(held_by_data=_held_by_data())
    )


def _held_by_data() -> pl.Expr:
    """What would be decided otherwise, if what is missing held."""
    windows = (
        f"drawdown: fewer than {rules.LEAST_HELD.value:g}% of {rules.YEAR.value:g} sessions have "
        "a close"
    )
    return pl.coalesce(
        pl.when(pl.col("close").is_null()).then(pl.lit("no close")),
        pl.when(pl.col("drawdown_252_pct").is_null() & (pl.col("state") != UNKNOWN)).then(
            pl.lit(windows)
        ),
        *[
            step
            for rule_set in (FULL, INDEX)
            for step in (
                _held_back(
                    rule_set,
                    from_state=REBOUND,
                    to_state=EARLY,
                    name="early",
                    legs=rule_set.early,
                    needed=rule_set.early_needed,
                ),
                _held_back(
                    rule_set,
                    from_state=EARLY,
                    to_state=CONFIRMED,
                    name="confirmed",
                    legs=rule_set.confirmed,
                    needed=rule_set.confirmed_needed,
                ),
            )
        ],
        pl.lit(""),
    )


def _held_back(
    rule_set: RuleSet,
    *,
    from_state: str,
    to_state: str,
    name: str,
    legs: tuple[str, ...],
    needed: int,
) -> pl.Expr:
    """The legs that are missing, where with them the next step would be made; else null.

    A leg that is missing is one that could hold: a step that enough legs make, with too few of
    them tested, is held back as well.
    """
    held, known = pl.col(f"{name}_held"), pl.col(f"{name}_tested")
    is_mine = (pl.col("rules") == rule_set.name) & (pl.col("state") == from_state)
    could_be = (known < len(legs)) & (held + (len(legs) - known) >= needed)
    if to_state == CONFIRMED:
        could_be &= pl.col("above_sma_200_of_7") >= _TREND
    are_many = (known < len(legs) - 1) | pl.any_horizontal(
        pl.lit(value=False), *[pl.col(leg).is_null() for leg in legs if leg in PLURAL_LEGS]
    )
    verb = pl.when(are_many).then(pl.lit("are")).otherwise(pl.lit("is"))
    said = pl.format(
        f"{to_state}: {{}} {{}} missing ({{}} of {len(legs)} hold, {{}} tested)",
        _listed({_LEGS[leg]: pl.col(leg).is_null() for leg in legs}),
        verb,
        held,
        known,
    )
    # The step was not made, or the state would be another.
    return pl.when(is_mine & (pl.col("days_in_state") > _DWELL) & could_be).then(said)


def _listed(names: dict[str, pl.Expr]) -> pl.Expr:
    return pl.concat_str(
        [pl.when(holds).then(pl.lit(name)) for name, holds in names.items()],
        separator=", ",
        ignore_nulls=True,
    )


def _changes(changes: pl.DataFrame, wide: pl.DataFrame) -> pl.DataFrame:
    """Changes of state with the figures and the legs of their session."""
    held = _by_rules({leg: pl.col(leg).fill_null(value=False) for leg in _LEGS})
    # Without a low there is nothing to be a fifth above, nor a resistance since it.
    is_asked = {leg: pl.lit(value=True) for leg in _LEGS}
    is_asked |= dict.fromkeys(("leg_breakout", "leg_risen_20"), pl.col("low_close").is_not_null())
    missing = _by_rules({leg: pl.col(leg).is_null() & is_asked[leg] for leg in _LEGS})
    figures = wide.select(
        "index_id",
        "session_date",
        "rules",
        "close",
        "low_close",
        "rise_from_low_pct",
        "drawdown_252_pct",
        "is_bear_rally",
        legs_held=held,
        legs_missing=missing,
    )
    return changes.join(figures, on=["index_id", "session_date", "rules"], how="left")


def _by_rules(legs: dict[str, pl.Expr]) -> pl.Expr:
    """Those of the set of rules that hold, comma between."""
    of_index = {leg: legs[leg] for leg in (*INDEX.early, *INDEX.confirmed)}
    return pl.when(pl.col("rules") == FULL.name).then(_listed(legs)).otherwise(_listed(of_index))
