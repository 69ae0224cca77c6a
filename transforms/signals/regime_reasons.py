"""Why a state changed, in a sentence with the values that decided."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan

from transforms.signals import regime_rules as rules
from transforms.signals.regime_course import LONG_MEAN, Course, high_row, rise_pct
from transforms.signals.regime_table import FAILED, RECOVERIES

NO_CLOSE, RESTATED = "no_close", "restated"
"""Causes beside those of the table of transitions: what data does not tell."""

_YEAR, _TREND = int(rules.YEAR.value), int(rules.TREND_WINDOW.value)
_LONG = int(rules.LONG_MEAN.value)


def reason(course: Course, row: int, condition: str) -> str:
    """The sentence of a change that the session `row` brings, asked for before it is made."""
    return _REASONS[condition](course, row)


def points(value: float) -> str:
    """Points with two decimals, in Indian grouping: 1,23,456.78."""
    whole, cents = f"{abs(value):.2f}".split(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return f"{','.join([*pairs, tail])}.{cents}"


def _closed(course: Course, row: int) -> str:
    return f"closed at {points(course.tape.close[row])}"


def _day(course: Course, row: int) -> str:
    return course.tape.dates[row].isoformat()


def _new_low(course: Course, row: int) -> str:
    low = f"{points(course.low_close)}, the low of {_day(course, course.low_attempt().low_row)}"
    said = f"{_closed(course, row)}, below {low}"
    if course.state in RECOVERIES or course.state == FAILED:
        said += ": the recovery was a bear-market rally"
    return said


def _from_high(course: Course, row: int) -> str:
    tape = course.tape
    at = high_row(tape, row)
    fall = -tape.drawdown[row]
    if fall == 0:
        return f"{_closed(course, row)}, the highest close of {_YEAR} sessions"
    return (
        f"{_closed(course, row)}, {fall:.2f}% below the highest close of {_YEAR} sessions, "
        f"{points(tape.close[at])} of {_day(course, at)}"
    )


def _warm(course: Course, row: int) -> str:
    return f"{_YEAR} sessions are held: {_from_high(course, row)}"


def _down_a_tenth(course: Course, row: int) -> str:
    return _from_high(course, row)


def _near_high(course: Course, row: int) -> str:
    said = _from_high(course, row)
    close, peak = course.tape.close[row], course.peak_close
    if not isnan(peak) and 100 * (close / peak - 1) <= rules.NEAR_HIGH.value:
        said += (
            f"; {points(peak)} of {_day(course, course.peak_row)}, the high before the drawdown, "
            f"is not among them any more"
        )
    return said


def _near_high_settled(course: Course, row: int) -> str:
    return f"confirmed for {row - course.entered} sessions; {_near_high(course, row)}"


def _rise(course: Course, row: int) -> str:
    low_row = course.low_attempt().low_row
    return (
        f"{rise_pct(course, row):.1f}% above the low of {_day(course, low_row)} "
        f"(threshold {course.tape.threshold[row]:.1f}%)"
    )


def _rebound(course: Course, row: int) -> str:
    day = course.low_attempt().day(row)
    return f"{_closed(course, row)}, {_rise(course, row)}, day {day}"


def _support_break(course: Course, row: int) -> str:
    return (
        f"{_closed(course, row)}, the second close in a row below "
        f"{points(course.support_break)}: support from {points(course.support_lower)} less "
        f"{rules.SUPPORT_ATR.value:g} ATR"
    )


def _follow_through_break(course: Course, row: int) -> str:
    attempt = course.low_attempt()
    return (
        f"{_closed(course, row)}, more than {rules.FOLLOW_THROUGH_ATR.value:g} ATR of "
        f"{points(course.tape.atr[row])} below {points(attempt.followed_low)}, the low of the "
        f"follow-through day {_day(course, attempt.followed_row)}"
    )


def _early(course: Course) -> str:
    rule_set = course.rule_set
    return (
        f"{course.early_held} of {len(rule_set.early)} legs of an early recovery "
        f"{'holds' if course.early_held == 1 else 'hold'}, {course.early_tested} tested"
    )


def _early_legs(course: Course, row: int) -> str:
    if course.rule_set.is_index:
        return f"{_closed(course, row)}, above its 20- and its 50-session mean"
    return f"{_closed(course, row)}; {_early(course)}"


def _early_legs_lost(course: Course, row: int) -> str:
    if course.rule_set.is_index:
        return f"{_closed(course, row)}, below its 20- and its 50-session mean"
    return f"{_closed(course, row)}; {_early(course)}"


def _confirmed_legs(course: Course, row: int) -> str:
    legs = (
        f"{course.confirmed_held} of {len(course.rule_set.confirmed)} legs of confirmation hold, "
        f"{course.confirmed_tested} tested"
    )
    if course.rule_set.is_index:
        legs = f"a breakout held, and {rise_pct(course, row):.1f}% above the low"
    return (
        f"{_closed(course, row)}; {course.tape.above[row]} of the last {_TREND} closes above "
        f"their {_LONG}-session mean, now {points(course.tape.mean_200[row])}; {legs}"
    )


def _long_mean_lost(course: Course, row: int) -> str:
    return (
        f"{_closed(course, row)}; {course.tape.below[row]} of the last {_TREND} closes below "
        f"their {_LONG}-session mean, now {points(course.tape.mean_200[row])}, after "
        f"{row - course.entered} sessions"
    )


def _own_fall(course: Course, row: int) -> str:
    fall = 100 * (1 - course.tape.close[row] / course.top_close)
    risen = 100 * (course.top_close / course.low_close - 1)
    return (
        f"{_closed(course, row)}, {fall:.1f}% below {points(course.top_close)} of "
        f"{_day(course, course.top_row)}, the highest close since the low, which stood "
        f"{risen:.1f}% above it: a fall of its own"
    )


def _regained(course: Course, row: int) -> str:
    if course.failed_by == LONG_MEAN:
        how = (
            f"{course.tape.above[row]} of the last {_TREND} closes above their {_LONG}-session mean"
        )
    else:
        how = (
            f"{rules.HOLD_CLOSES.value:g} closes in a row above {points(course.failed_level)}, "
            f"the {course.failed_by} that had failed"
        )
    return f"{_closed(course, row)}; {how}; {_rise(course, row)}"


def _no_close(course: Course, row: int) -> str:
    held = [at for at in range(row) if not isnan(course.tape.close[at])]
    return (
        f"more than {rules.MOST_GAP.value:g} sessions in a row without a close; the last is of "
        f"{_day(course, held[-1])}"
    )


def _restated(course: Course, row: int) -> str:
    return f"{_closed(course, row)}: from this session on the index is stated on another scale"


_REASONS: dict[str, Callable[[Course, int], str]] = {
    "new_low": _new_low,
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
    NO_CLOSE: _no_close,
    RESTATED: _restated,
}
