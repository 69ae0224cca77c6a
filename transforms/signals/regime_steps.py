"""One session after another: how an index moves from state to state."""

from __future__ import annotations

from math import isnan, nan

from transforms.signals import regime_rules as rules
from transforms.signals.follow_through import MISSING, NO, NO_ROW, YES, Attempt
from transforms.signals.regime_conditions import CONDITIONS
from transforms.signals.regime_course import (
    FOLLOW_THROUGH,
    LONG_MEAN,
    SUPPORT,
    Course,
    Move,
    high_row,
    lowest_row,
    rise_pct,
)
from transforms.signals.regime_odds import recovery_odds
from transforms.signals.regime_reasons import NO_CLOSE, RESTATED, reason
from transforms.signals.regime_table import (
    ADVANCE,
    CONFIRMED,
    EARLY,
    FAILED,
    IN_DRAWDOWN,
    NEW_LOW,
    RANKS,
    REBOUND,
    RECOVERIES,
    UNKNOWN,
    decide,
)

_GAP, _DWELL = int(rules.MOST_GAP.value), int(rules.DWELL.value)
_THRUST, _RISEN = int(rules.THRUST_SESSIONS.value), rules.RISEN.value
_BREAK, _SUPPORT = rules.BREAKOUT_ATR.value, rules.SUPPORT_ATR.value
_BREAK_CLOSES, _HOLD = int(rules.BREAKOUT_CLOSES.value), int(rules.HOLD_CLOSES.value)
_NEAR, _CLEAR = rules.NEAR_HIGH.value, rules.SUPPORT_CLEAR_ATR.value
_REBOUNDS, _RECOVERS = RANKS[REBOUND], RANKS[EARLY]


def tell(course: Course, row: int, companion: int) -> None:
    """Take in one session.

    Args:
        course: everything up to the session before; it is changed.
        row: number of the session, one more than the last.
        companion: rank of the companion's state of the session before, -1 where not known.
    """
    tape = course.tape
    close = tape.close[row]
    if isnan(close):
        course.gap += 1
        course.streak = 0
        course.passed.clear()
        if course.gap > _GAP and course.state != UNKNOWN:
            _enter(course, row, NO_CLOSE, UNKNOWN)
        return
    course.gap = 0
    if tape.run[row] != course.run:
        if course.state != UNKNOWN:
            _enter(course, row, RESTATED, UNKNOWN)
        course.run = tape.run[row]
    if course.undecided:
        _settle(course, close)
    if course.attempt is not None and close >= course.low_close:
        _follow(course, row)
    _streaks(course, close)
    _legs(course, row, companion)
    may_leave = row - course.entered >= _DWELL
    found = decide(
        course.state,
        lambda condition: (
            (may_leave or condition == NEW_LOW) and CONDITIONS[condition](course, row)
        ),
    )
    if found is None:
        return
    condition, to_state = found
    if to_state == course.state:
        _restart(course, row, row)
    else:
        _enter(course, row, condition, to_state)
    _legs(course, row, companion)


def _enter(course: Course, row: int, condition: str, to_state: str) -> None:
    tape, before = course.tape, course.state
    told = reason(course, row, condition)
    course.moves.append(Move(row, before, to_state, row - course.entered, condition, told))
    if condition == NEW_LOW:
        course.is_bear_rally = True
        _restart(course, row, row)
    elif to_state == IN_DRAWDOWN:
        course.is_bear_rally = False
        peak = course.top_row if condition == "own_fall" else high_row(tape, row)
        course.peak_row, course.peak_close = peak, tape.close[peak]
        # A low that an advance has left behind is not the low of the next drawdown.
        since = max(peak, course.entered) if before == ADVANCE else peak
        _restart(course, lowest_row(tape, since, row), row)
    elif to_state == FAILED:
        course.failed_by, course.failed_level = {
            "support_break": (SUPPORT, course.support_lower),
            "follow_through_break": (FOLLOW_THROUGH, course.low_attempt().followed_low),
            "long_mean_lost": (LONG_MEAN, nan),
        }[condition]
    elif to_state in RECOVERIES:
        course.is_bear_rally = False
        if before == IN_DRAWDOWN:
            odds = recovery_odds(rise_pct(course, row), tape.drawdown[row])
            course.undecided.append((course.low_close, odds))
        _latch(course, row, is_step_up=RANKS[to_state] > RANKS[before] > RANKS[FAILED])
    if to_state == CONFIRMED or (to_state == ADVANCE and _has_recovered(course, row)):
        _count(course, course.undecided)
        course.past_confirmed += len(course.undecided)
    if to_state in (CONFIRMED, ADVANCE, UNKNOWN):
        course.undecided = []
    if to_state in (UNKNOWN, ADVANCE):
        _forget(course)
    if to_state not in RECOVERIES and to_state != FAILED:
        course.support_lower = course.support_break = nan
    if to_state != FAILED:
        course.failed_by, course.failed_level = "", nan
    course.state, course.entered, course.streak = to_state, row, 0


def _forget(course: Course) -> None:
    course.is_bear_rally = False
    course.attempt = None
    course.low_close = course.top_close = course.peak_close = nan
    course.top_row = course.peak_row = NO_ROW
    course.pending = course.broken = nan
    course.passed.clear()


def _settle(course: Course, close: float) -> None:
    """Decide the rebounds whose low gave way."""
    _count(course, [one for one in course.undecided if close < one[0]])
    course.undecided = [one for one in course.undecided if close >= one[0]]


def _count(course: Course, decided: list[tuple[float, float]]) -> None:
    course.past += len(decided)
    course.past_null += sum(odds for _, odds in decided)


def _has_recovered(course: Course, row: int) -> bool:
    """Whether an advance came near the high before the drawdown, which has not just rolled off."""
    return course.tape.close[row] > (1 + _NEAR / 100) * course.peak_close


def _latch(course: Course, row: int, *, is_step_up: bool) -> None:
    """Hold the support of this session; where it is too near, the one held, or none.

    A close that has just left a zone confirms; a stop right under it would end that at once.
    """
    tape = course.tape
    support, atr = tape.support[row], tape.atr[row]
    if support <= tape.close[row] - _CLEAR * atr:
        course.support_lower, course.support_break = support, support - _SUPPORT * atr
    elif not is_step_up:
        course.support_lower = course.support_break = nan


def _restart(course: Course, low_row: int, row: int) -> None:
    """Begin an attempt at a low, and tell it the sessions since."""
    tape = course.tape
    course.attempt = Attempt(low_row)
    course.low_close = course.top_close = tape.close[low_row]
    course.top_row = low_row
    course.pending, course.broken = tape.resistance[low_row], nan
    course.passed.clear()
    for after in range(low_row + 1, row + 1):
        if not isnan(tape.close[after]):
            _follow(course, after)


def _follow(course: Course, row: int) -> None:
    """Tell the attempt a session that holds the low, and what resistance it passed."""
    tape, close = course.tape, course.tape.close[row]
    course.low_attempt().tell(row, tape.is_up[row], tape.low[row], tape.follows[row])
    if close > course.top_close:
        course.top_close, course.top_row = close, row
    # Closes less what a break takes, newest last; of a session without ATR nothing is known.
    passed = course.passed
    passed.append(close - _BREAK * tape.atr[row])
    if len(passed) > _BREAK_CLOSES:
        del passed[0]
    if len(passed) == _BREAK_CLOSES and all(one > course.pending for one in passed):
        # The lowest resistance that broke is the easiest to stay above: others need no memory.
        if not course.broken <= course.pending:
            course.broken = course.pending
        course.pending = nan
    edge = tape.resistance[row]
    if not isnan(edge) and not course.pending <= edge and not course.broken <= edge:
        course.pending = edge


def _streaks(course: Course, close: float) -> None:
    if course.state == FAILED:
        course.streak = course.streak + 1 if close > course.failed_level else 0
    elif close < course.support_break:
        course.streak += 1
    else:
        course.streak = 0


def _legs(course: Course, row: int, companion: int) -> None:
    tape, rule_set, attempt = course.tape, course.rule_set, course.attempt
    early, tested = tape.early_held[row], tape.early_tested[row]
    held, known = tape.confirmed_held[row], tape.confirmed_tested[row]
    course.breakout = course.risen = MISSING
    thrust = tape.thrust[row]
    if attempt is not None:
        if attempt.latest_row != NO_ROW and row - attempt.latest_row < _THRUST:
            thrust = YES
        elif thrust == NO and attempt.untold_row != NO_ROW:
            thrust = MISSING if row - attempt.untold_row < _THRUST else NO
        course.risen = YES if rise_pct(course, row) >= _RISEN else NO
        course.breakout = _breakout(course, row)
        held += (course.risen == YES) + (course.breakout == YES)
        known += 1 + (course.breakout != MISSING)
    course.thrust = thrust
    if not rule_set.is_index:
        if companion < 0:
            course.companion = course.companion_recovers = MISSING
        else:
            course.companion = YES if companion >= _REBOUNDS else NO
            course.companion_recovers = YES if companion >= _RECOVERS else NO
            early += course.companion
            held += course.companion_recovers
            tested += 1
            known += 1
        early += thrust == YES
        tested += thrust != MISSING
    course.early_held, course.early_tested = early, tested
    course.confirmed_held, course.confirmed_tested = held, known


def _breakout(course: Course, row: int) -> int:
    """Whether the last closes stand above a resistance that broke since the low."""
    broken = course.broken
    if isnan(broken):
        return MISSING if isnan(course.pending) else NO
    closes = course.tape.close
    first = row - _HOLD + 1
    if first < 0:
        return NO
    return YES if all(closes[at] > broken for at in range(first, row + 1)) else NO
