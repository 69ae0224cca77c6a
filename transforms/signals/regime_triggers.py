"""What would change the state at the next session, as numbers."""

from __future__ import annotations

import polars as pl

from transforms.signals.regime_exits import EXITS, NOTHING, POINTS, Exit
from transforms.signals.regime_rules import DWELL, MOST_GAP, YEAR
from warehouse.tables.signals import RegimeTrigger
from warehouse.tables.table import key, schema

_DWELL, _YEAR = int(DWELL.value), int(YEAR.value)


def triggers(wide: pl.DataFrame) -> pl.DataFrame:
    """Every condition that leads out of the state of each session, for the session after it.

    Args:
        wide: one row a session, index and set of rules: the columns of mart.regime, and what
            `regime_legs.measured` and `regime_log.Log` tell beside them.

    Returns:
        Rows of mart.regime_trigger; a condition whose level is not known has none.
    """
    counted = wide.with_columns(closes_held=_closes_held())
    found = [_rows(one, counted) for one in EXITS]
    types = schema(RegimeTrigger)
    return (
        pl.concat(found)
        .select(pl.col(name).cast(dtype) for name, dtype in types.items())
        .sort(key(RegimeTrigger))
    )


def _closes_held() -> pl.Expr:
    """Closes among the last 252 sessions; none once a hole has ended the windows.

    What ends a run of windows shows in `run` only when closes return, in the sessions since the
    last of them at once.
    """
    is_held, place = pl.col("close").is_not_null(), pl.int_range(pl.len())
    since_last = place - pl.when(is_held).then(place).forward_fill()
    held = is_held.cast(pl.Int64).rolling_sum(_YEAR, min_samples=1)
    return (
        pl.when(since_last > MOST_GAP.value)
        .then(0)
        .otherwise(held)
        .over("index_id", "rules", "run", order_by="session_date")
    )


def _rows(one: Exit, wide: pl.DataFrame) -> pl.DataFrame:
    is_mine = pl.col("state").is_in(one.states)
    if one.rules:
        is_mine &= pl.col("rules") == one.rules
    needs = [*one.needs, *([_dwell()] if one.is_bound_to_dwell else [])]
    level, current = pl.col("level"), pl.col("current")
    if one.comparison == "above":
        is_met = current >= level if one.includes_level else current > level
    else:
        is_met = current <= level if one.includes_level else current < level
    return (
        wide.filter(is_mine)
        .select(
            "session_date",
            "index_id",
            "rules",
            level=one.level.cast(pl.Float64).round_sig_figs(12),
            current=one.current.cast(pl.Float64),
            needs=pl.concat_str(
                [pl.when(need != "").then(need) for need in needs] or [NOTHING],
                separator="; ",
                ignore_nulls=True,
            ),
        )
        .filter(level.is_not_null())
        .with_columns(
            to_state=pl.lit(one.to_state),
            trigger=pl.lit(one.name),
            quantity=pl.lit(one.quantity),
            comparison=pl.lit(one.comparison),
            unit=pl.lit(one.unit),
            distance_pct=(
                100 * (level / current - 1) if one.unit == POINTS else pl.lit(None, pl.Float64)
            ),
            is_met=is_met,
        )
    )


def _dwell() -> pl.Expr:
    """How long the state lasts at the least, where that is beyond the next session."""
    days = pl.col("days_in_state")
    return (
        pl.when(days < _DWELL)
        .then(
            pl.format(
                f"{_DWELL} sessions in the state: in {{}} sessions at the earliest",
                _DWELL + 1 - days,
            )
        )
        .otherwise(NOTHING)
    )
