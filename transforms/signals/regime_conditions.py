"""The conditions of the table of transitions; one with a missing input is not met."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan

from transforms.signals import regime_rules as rules
from transforms.signals.follow_through import NO_ROW, YES
from transforms.signals.regime_course import LONG_MEAN, Course, rise_pct
from transforms.signals.regime_table import NEW_LOW

_DRAWDOWN, _NEAR = rules.DRAWDOWN.value, rules.NEAR_HIGH.value
_SETTLED, _TREND = int(rules.SETTLED.value), int(rules.TREND_CLOSES.value)
_RISEN, _FALLEN = rules.RISEN.value, rules.FALLEN.value
_FOLLOW = rules.FOLLOW_THROUGH_ATR.value
_SUPPORT_CLOSES, _HOLD = int(rules.SUPPORT_CLOSES.value), int(rules.HOLD_CLOSES.value)
_FIRST_DAY, _LOST = int(rules.FIRST_DAY.value), int(rules.EARLY_LOST.value)


def _new_low(course: Course, row: int) -> bool:
    return course.tape.close[row] < course.low_close


def _warm(course: Course, row: int) -> bool:
    return not isnan(course.tape.drawdown[row])


def _down_a_tenth(course: Course, row: int) -> bool:
    return course.tape.drawdown[row] <= _DRAWDOWN


def _near_high(course: Course, row: int) -> bool:
    return course.tape.drawdown[row] > _NEAR


def _rebound(course: Course, row: int) -> bool:
    day = course.low_attempt().day(row)
    return day >= _FIRST_DAY and rise_pct(course, row) >= course.tape.threshold[row]


def _support_break(course: Course, _row: int) -> bool:
    return course.streak >= _SUPPORT_CLOSES


def _follow_through_break(course: Course, row: int) -> bool:
    attempt = course.low_attempt()
    if attempt.followed_row == NO_ROW:
        return False
    tape = course.tape
    return tape.close[row] < attempt.followed_low - _FOLLOW * tape.atr[row]


def _early_legs(course: Course, _row: int) -> bool:
    rule_set = course.rule_set
    return (
        course.early_held >= rule_set.early_needed and course.early_tested >= rule_set.early_tested
    )


def _early_legs_lost(course: Course, row: int) -> bool:
    rule_set = course.rule_set
    if rule_set.is_index:
        # Looser than the entry: back below one mean is not yet the end.
        return course.tape.below_averages[row] == YES
    return course.early_held <= _LOST and course.early_tested >= rule_set.early_tested


def _confirmed_legs(course: Course, row: int) -> bool:
    rule_set, tape = course.rule_set, course.tape
    return (
        tape.above[row] >= _TREND
        # Five of seven closes may leave out the last: nothing is confirmed below the mean.
        and tape.close[row] > tape.mean_200[row]
        and course.confirmed_held >= rule_set.confirmed_needed
        and course.confirmed_tested >= rule_set.confirmed_tested
    )


def _long_mean_lost(course: Course, row: int) -> bool:
    return row - course.entered >= _SETTLED and course.tape.below[row] >= _TREND


def _near_high_settled(course: Course, row: int) -> bool:
    return row - course.entered >= _SETTLED and _near_high(course, row)


def _own_fall(course: Course, row: int) -> bool:
    has_risen = round(100 * (course.top_close / course.low_close - 1), 9) >= _RISEN
    return has_risen and round(100 * (course.tape.close[row] / course.top_close - 1), 9) <= _FALLEN


def _regained(course: Course, row: int) -> bool:
    tape = course.tape
    is_above = (
        tape.above[row] >= _TREND if course.failed_by == LONG_MEAN else course.streak >= _HOLD
    )
    return is_above and rise_pct(course, row) >= tape.threshold[row]


CONDITIONS: dict[str, Callable[[Course, int], bool]] = {
    NEW_LOW: _new_low,
    "warm": _warm,
    "down_a_tenth": _down_a_tenth,
    "near_high": _near_high,
    "near_high_settled": _near_high_settled,
    "rebound": _rebound,
    "support_break": _support_break,
    "follow_through_break": _follow_through_break,
    "early_legs": _early_legs,
    "early_legs_lost": _early_legs_lost,
    "confirmed_legs": _confirmed_legs,
    "long_mean_lost": _long_mean_lost,
    "own_fall": _own_fall,
    "regained": _regained,
}
