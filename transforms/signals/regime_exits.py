"""The ways out of each state as conditions on the next session: levels, and what else they take."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from transforms.signals import regime_rules as rules
from transforms.signals.regime_course import LONG_MEAN
from transforms.signals.regime_table import (
    ADVANCE,
    CONFIRMED,
    EARLY,
    FAILED,
    FULL,
    HAVE_LOW,
    IN_DRAWDOWN,
    INDEX,
    REBOUND,
    RECOVERIES,
    UNKNOWN,
    RuleSet,
)

_SETTLED = int(rules.SETTLED.value)
_FIRST_DAY, _YEAR = int(rules.FIRST_DAY.value), int(rules.YEAR.value)
_TREND, _WINDOW = int(rules.TREND_CLOSES.value), int(rules.TREND_WINDOW.value)
_LONG = int(rules.LONG_MEAN.value)
POINTS, COUNT = "points", "count"
_CLOSE, NOTHING = pl.col("close"), pl.lit("")


@dataclass(frozen=True)
class Exit:
    """One condition of some states: `level` and `current` are columns of the log, or made of them.

    `rules` names the only set of rules it belongs to, if not both.
    """

    name: str
    states: tuple[str, ...]
    to_state: str
    comparison: str
    level: pl.Expr
    needs: tuple[pl.Expr, ...] = ()
    quantity: str = "close"
    unit: str = POINTS
    current: pl.Expr = _CLOSE
    rules: str = ""
    is_bound_to_dwell: bool = True
    includes_level: bool = True


def _settled() -> pl.Expr:
    days = pl.col("days_in_state")
    return (
        pl.when(days < _SETTLED)
        .then(
            pl.format(
                f"{_SETTLED} sessions in the state: in {{}} sessions at the earliest",
                _SETTLED + 1 - days,
            )
        )
        .otherwise(NOTHING)
    )


def _share(base: str, percent: float) -> pl.Expr:
    return pl.col(base) * (1 + percent / 100)


def _follow_through_stop() -> pl.Expr:
    """The close that falls by so many ATR below the follow-through day, its own fall in the ATR.

    Of a session that falls from the last close and ends at its low, so that its range is the fall.
    """
    count, depth = int(rules.ATR_SESSIONS.value), rules.FOLLOW_THROUGH_ATR.value
    before = ((count - 1) * pl.col("atr_14") + _CLOSE) / count
    return (pl.col("follow_through_low") - depth * before) / (1 - depth / count)


def _rebound_level() -> pl.Expr:
    return pl.col("low_close") * (1 + pl.col("rebound_threshold_pct") / 100)


def _first_day() -> pl.Expr:
    day = pl.col("day_count")
    return (
        pl.when(day.is_null())
        .then(pl.lit(f"day {_FIRST_DAY}: day 1 is the first up close after the low"))
        .when(day < _FIRST_DAY - 1)
        .then(pl.format(f"day {_FIRST_DAY}: the next session is day {{}}", day + 1))
        .otherwise(NOTHING)
    )


def _again(closes: int, ordinal: str) -> pl.Expr:
    """Further closes in a row that it takes beside the next."""
    return (
        pl.when(pl.col("streak") < closes - 1)
        .then(pl.format(f"{ordinal} close in a row, {{}} so far", "streak"))
        .otherwise(NOTHING)
    )


def _trend(side: str, count: str) -> pl.Expr:
    return pl.format(
        f"{_TREND} of {_WINDOW} closes {side} the {_LONG}-session mean, {{}} so far", count
    )


def _tested(rule_set: RuleSet, name: str) -> tuple[pl.Expr, ...]:
    needed = getattr(rule_set, f"{name}_tested")
    tested = pl.col(f"{name}_tested")
    return (
        pl.when(tested < needed)
        .then(pl.format(f"{needed} legs tested, {{}} so far", tested))
        .otherwise(NOTHING),
    )


_LONGER_MEAN = pl.when(pl.col("mean_19").is_not_null() & pl.col("mean_49").is_not_null())
_ABOVE_MEANS = _LONGER_MEAN.then(pl.max_horizontal("mean_19", "mean_49"))
_BELOW_MEANS = _LONGER_MEAN.then(pl.min_horizontal("mean_19", "mean_49"))
_LEG = pl.lit("one leg of several")

EXITS: tuple[Exit, ...] = (
    Exit(
        "warm",
        (UNKNOWN,),
        ADVANCE,
        "above",
        pl.lit(float(_YEAR)),
        (pl.lit(f"or {IN_DRAWDOWN}, where the close is then a tenth below their highest"),),
        quantity="sessions held",
        unit=COUNT,
        current=pl.col("closes_held"),
        is_bound_to_dwell=False,
    ),
    Exit(
        "down_a_tenth",
        (ADVANCE,),
        IN_DRAWDOWN,
        "below",
        _share("high_251", rules.DRAWDOWN.value),
    ),
    Exit(
        "new_low",
        HAVE_LOW,
        IN_DRAWDOWN,
        "below",
        pl.col("low_close"),
        (
            pl.when(pl.col("state") == IN_DRAWDOWN)
            .then(pl.lit("the state stays, the low moves and the day count begins anew"))
            .otherwise(NOTHING),
        ),
        is_bound_to_dwell=False,
        includes_level=False,
    ),
    Exit("rebound", (IN_DRAWDOWN,), REBOUND, "above", _rebound_level(), (_first_day(),)),
    Exit(
        "near_high",
        (IN_DRAWDOWN, REBOUND, EARLY, FAILED),
        ADVANCE,
        "above",
        _share("high_251", rules.NEAR_HIGH.value),
        includes_level=False,
    ),
    Exit(
        "near_high_settled",
        (CONFIRMED,),
        ADVANCE,
        "above",
        _share("high_251", rules.NEAR_HIGH.value),
        (_settled(),),
        is_bound_to_dwell=False,
        includes_level=False,
    ),
    Exit(
        "support_break",
        RECOVERIES,
        FAILED,
        "below",
        pl.col("support_break"),
        (_again(int(rules.SUPPORT_CLOSES.value), "a second"),),
        includes_level=False,
    ),
    Exit(
        "follow_through_break",
        RECOVERIES,
        FAILED,
        "below",
        _follow_through_stop(),
        includes_level=False,
    ),
    Exit(
        "early_legs",
        (REBOUND,),
        EARLY,
        "above",
        pl.lit(float(FULL.early_needed)),
        _tested(FULL, "early"),
        quantity="legs of an early recovery",
        unit=COUNT,
        current=pl.col("early_held"),
        rules=FULL.name,
    ),
    Exit(
        "above_averages",
        (REBOUND,),
        EARLY,
        "above",
        _ABOVE_MEANS,
        (_LEG,),
        rules=FULL.name,
        includes_level=False,
    ),
    Exit(
        "above_averages",
        (REBOUND,),
        EARLY,
        "above",
        _ABOVE_MEANS,
        rules=INDEX.name,
        includes_level=False,
    ),
    Exit(
        "confirmed_legs",
        (EARLY,),
        CONFIRMED,
        "above",
        pl.lit(float(FULL.confirmed_needed)),
        (*_tested(FULL, "confirmed"), _trend("above", "above_of_7")),
        quantity="legs of confirmation",
        unit=COUNT,
        current=pl.col("confirmed_held"),
        rules=FULL.name,
    ),
    Exit(
        "confirmed_legs",
        (EARLY,),
        CONFIRMED,
        "above",
        pl.lit(float(INDEX.confirmed_needed)),
        (*_tested(INDEX, "confirmed"), _trend("above", "above_of_7")),
        quantity="legs of confirmation",
        unit=COUNT,
        current=pl.col("confirmed_held"),
        rules=INDEX.name,
    ),
    Exit(
        "above_sma_200_of_7",
        (EARLY,),
        CONFIRMED,
        "above",
        pl.lit(float(_TREND)),
        (pl.lit("the legs of confirmation"),),
        quantity=f"of {_WINDOW} closes, those above the {_LONG}-session mean",
        unit=COUNT,
        current=pl.col("above_of_7"),
    ),
    Exit(
        "above_sma_200",
        (EARLY,),
        CONFIRMED,
        "above",
        pl.col("mean_199"),
        (_trend("above", "above_of_7"), pl.lit("the legs of confirmation")),
        includes_level=False,
    ),
    Exit(
        "breakout",
        (EARLY,),
        CONFIRMED,
        "above",
        pl.col("resistance_upper") + rules.BREAKOUT_ATR.value * pl.col("atr_14"),
        (
            pl.lit(
                f"{rules.BREAKOUT_CLOSES.value:g} closes past it, and "
                f"{rules.HOLD_CLOSES.value:g} in a row above the resistance"
            ),
            _LEG,
        ),
        includes_level=False,
    ),
    Exit(
        "risen",
        (EARLY,),
        CONFIRMED,
        "above",
        _share("low_close", rules.RISEN.value),
        (_LEG,),
    ),
    Exit(
        "early_legs_lost",
        (EARLY,),
        REBOUND,
        "below",
        pl.lit(rules.EARLY_LOST.value),
        _tested(FULL, "early"),
        quantity="legs of an early recovery",
        unit=COUNT,
        current=pl.col("early_held"),
        rules=FULL.name,
    ),
    Exit(
        "below_averages",
        (EARLY,),
        REBOUND,
        "below",
        _BELOW_MEANS,
        rules=INDEX.name,
        includes_level=False,
    ),
    Exit(
        "long_mean_lost",
        (CONFIRMED,),
        FAILED,
        "below",
        pl.col("mean_199"),
        (_trend("below", "below_of_7"), _settled()),
        is_bound_to_dwell=False,
        includes_level=False,
    ),
    Exit(
        "own_fall",
        (FAILED,),
        IN_DRAWDOWN,
        "below",
        pl.when(
            (100 * (pl.col("top_close") / pl.col("low_close") - 1)).round(9) >= rules.RISEN.value
        ).then(_share("top_close", rules.FALLEN.value)),
    ),
    Exit(
        "regained",
        (FAILED,),
        REBOUND,
        "above",
        pl.when(pl.col("failed_by") == LONG_MEAN)
        .then(pl.col("mean_199"))
        .otherwise(pl.col("failed_level")),
        (
            pl.when(pl.col("failed_by") == LONG_MEAN)
            .then(_trend("above", "above_of_7"))
            .otherwise(_again(int(rules.HOLD_CLOSES.value), "a third")),
            pl.format("a rise of {}% off the low", pl.col("rebound_threshold_pct").round(1)),
        ),
        includes_level=False,
    ),
)
