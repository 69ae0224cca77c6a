"""The regime machine on paths made by hand: every state, every change, and its reason."""

from __future__ import annotations

import pytest

from tests.transforms.regime_paths import (
    CONFIRMED_PATH,
    CONFIRMED_ROW,
    EARLY_ROW,
    FALL,
    LOW_ROW,
    REBOUND_ROW,
    WARM,
    day,
    reason_at,
    state_at,
    steps,
    walked,
)
from warehouse.tables.signals import Regime, RegimeTransition, RegimeTrigger
from warehouse.tables.table import schema

TO_CONFIRMED = [
    (251, "UNKNOWN", "ADVANCE"),
    (254, "ADVANCE", "DRAWDOWN"),
    (REBOUND_ROW, "DRAWDOWN", "REBOUND"),
    (EARLY_ROW, "REBOUND", "EARLY_RECOVERY"),
    (CONFIRMED_ROW, "EARLY_RECOVERY", "CONFIRMED"),
]


def test_from_the_high_to_a_confirmed_recovery() -> None:
    found = walked(CONFIRMED_PATH)
    assert steps(found) == TO_CONFIRMED
    assert reason_at(found, 254) == (
        f"closed at 89.00, 11.00% below the highest close of 252 sessions, 100.00 of {day(251)}"
    )
    low = state_at(found, LOW_ROW)
    assert (low["state"], low["low_close"], low["low_date"]) == ("DRAWDOWN", 70.0, day(LOW_ROW))
    assert low["day_count"] is None
    # The first close of the base is up: day 1.
    assert state_at(found, LOW_ROW + 1)["day_count"] == 1
    assert reason_at(found, REBOUND_ROW) == (
        f"closed at 73.60, 5.1% above the low of {day(LOW_ROW)} (threshold 5.0%), day 153"
    )
    assert reason_at(found, EARLY_ROW) == "closed at 76.00, above its 20- and its 50-session mean"
    # 80 broke with 82 and 83, and 82, 83 and 84 stand above it; 84 is 20% above 70.
    confirmed = state_at(found, CONFIRMED_ROW)
    assert confirmed["rise_from_low_pct"] == 20.0
    assert (confirmed["leg_breakout"], confirmed["leg_risen_20"]) == (True, True)
    assert state_at(found, CONFIRMED_ROW - 1)["leg_breakout"] is False
    assert "a breakout held, and 20.0% above the low" in reason_at(found, CONFIRMED_ROW)
    # 200 closes: 25 of the warm-up, the fall, the base, the rise.
    expected = sum(CONFIRMED_PATH[-200:]) / 200
    assert confirmed["sma_200"] == pytest.approx(expected, rel=1e-11)
    assert state_at(found, 253)["days_in_state"] == 3


def test_frames_have_the_columns_and_types_of_the_tables() -> None:
    for closes in (CONFIRMED_PATH, []):
        found = walked(closes)
        pairs = (
            (found.states, Regime),
            (found.transitions, RegimeTransition),
            (found.triggers, RegimeTrigger),
        )
        for frame, table in pairs:
            assert dict(frame.schema) == schema(table)
            assert table.validate(frame).height == frame.height


def test_a_dwell_of_three_sessions_holds_back_all_but_a_new_low() -> None:
    # Down a tenth one session after the advance began: two sessions pass before it counts.
    early = walked([*WARM, 89.0, 88.0, 90.0])
    assert steps(early)[1:] == [(254, "ADVANCE", "DRAWDOWN")]
    # The low is the lowest close since the high, not the last.
    assert state_at(early, 254)["low_close"] == 88.0
    assert state_at(early, 254)["day_count"] == 1
    # A close under the low the session after a rebound began is a drawdown at once.
    low = walked([*CONFIRMED_PATH[: REBOUND_ROW + 1], 69.0])
    assert steps(low)[-1] == (REBOUND_ROW + 1, "REBOUND", "DRAWDOWN")
    last = state_at(low, REBOUND_ROW + 1)
    assert last["is_bear_rally"] is True
    assert last["low_close"] == 69.0
    assert reason_at(low, REBOUND_ROW + 1) == (
        f"closed at 69.00, below 70.00, the low of {day(LOW_ROW)}: "
        "the recovery was a bear-market rally"
    )


def test_a_bear_rally_is_told_until_the_next_rebound() -> None:
    up = [70.0, 71.0, 72.0, 73.0]  # day 4 of the low at 69, up 5.8%
    found = walked([*CONFIRMED_PATH[: REBOUND_ROW + 1], 69.0, *up, 74.0])
    told = [state_at(found, REBOUND_ROW + n)["is_bear_rally"] for n in range(7)]
    assert told == [False, True, True, True, True, False, False]
    assert steps(found)[-1] == (REBOUND_ROW + 5, "DRAWDOWN", "REBOUND")


def test_a_close_at_the_low_is_no_new_low() -> None:
    found = walked([*CONFIRMED_PATH[: REBOUND_ROW + 1], 70.0])
    assert state_at(found, REBOUND_ROW + 1)["state"] == "REBOUND"
    assert state_at(found, REBOUND_ROW + 1)["day_count"] == 154


def test_a_rebound_takes_the_fourth_day() -> None:
    # From 70: day 3 is 7% up, which waits for day 4.
    found = walked([*WARM, *FALL, 72.0, 74.0, 75.0, 75.5])
    assert steps(found)[-1] == (LOW_ROW + 4, "DRAWDOWN", "REBOUND")
    assert "day 4" in reason_at(found, LOW_ROW + 4)


AFTER = [84.5, 84.2, 84.6]


def test_two_closes_under_support_fail_and_three_above_it_recover() -> None:
    closes = [*CONFIRMED_PATH, *AFTER, 81.0, 80.5, 83.0, 83.5, 84.0, 84.0, 84.0, 84.0]
    # The support of the session of confirmation counts, not the one that stood higher before.
    found = walked(closes, supports={CONFIRMED_ROW: 82.0, CONFIRMED_ROW - 1: 83.9})
    first = CONFIRMED_ROW + 4
    one = state_at(found, first)
    assert (one["state"], one["support_lower"]) == ("CONFIRMED", 82.0)
    atr = state_at(found, CONFIRMED_ROW)["atr_14"]
    assert isinstance(atr, float)
    assert one["support_break"] == pytest.approx(82.0 - atr / 2)
    assert steps(found)[5:] == [
        (first + 1, "CONFIRMED", "FAILED"),
        (first + 4, "FAILED", "REBOUND"),
        (first + 7, "REBOUND", "EARLY_RECOVERY"),
    ]
    assert reason_at(found, first + 1) == (
        f"closed at 80.50, the second close in a row below {82 - atr / 2:.2f}: "
        "support from 82.00 less 0.5 ATR"
    )
    assert "3 closes in a row above 82.00, the support that had failed" in reason_at(
        found, first + 4
    )


def test_a_support_right_under_the_close_is_not_held() -> None:
    """A zone that the close has just left would end the confirmation at the next breath."""
    near = walked(CONFIRMED_PATH, supports={EARLY_ROW: 71.0, CONFIRMED_ROW: 83.5})
    assert state_at(near, CONFIRMED_ROW)["support_lower"] == 71.0
    alone = walked(CONFIRMED_PATH, supports={CONFIRMED_ROW: 83.5})
    assert state_at(alone, CONFIRMED_ROW)["support_lower"] is None
    clear = walked(CONFIRMED_PATH, supports={EARLY_ROW: 71.0, CONFIRMED_ROW: 80.0})
    assert state_at(clear, CONFIRMED_ROW)["support_lower"] == 80.0


def test_one_close_under_support_between_others_fails_nothing() -> None:
    closes = [*CONFIRMED_PATH, *AFTER, 81.0, 83.0, 81.0, None, 81.0, 83.0]
    found = walked(closes, supports={CONFIRMED_ROW: 82.0})
    assert steps(found)[5:] == []


def test_a_failed_recovery_that_falls_a_tenth_is_a_drawdown_of_its_own() -> None:
    # The highest close since the low is 84.6, 20.9% above it; 76.14 is a tenth below.
    closes = [*CONFIRMED_PATH, *AFTER, 81.0, 80.5, 79.0, 78.0, 76.2, 76.1, 77.0]
    found = walked(closes, supports={CONFIRMED_ROW: 82.0})
    row = CONFIRMED_ROW + 9
    assert steps(found)[5:] == [
        (CONFIRMED_ROW + 5, "CONFIRMED", "FAILED"),
        (row, "FAILED", "DRAWDOWN"),
    ]
    last = state_at(found, row)
    assert (last["low_close"], last["is_bear_rally"]) == (76.1, False)
    assert reason_at(found, row) == (
        f"closed at 76.10, 10.0% below 84.60 of {day(CONFIRMED_ROW + 3)}, the highest close "
        "since the low, which stood 20.9% above it: a fall of its own"
    )


def test_a_confirmed_recovery_ends_in_an_advance_when_the_old_high_rolls_off() -> None:
    # The high of 100 leaves the window at row 503, then 97, then 93: at row 506 the highest is
    # the 89 of row 254.
    found = walked([*CONFIRMED_PATH, *[85.0] * 100])
    assert steps(found)[5:] == [(506 - 1, "CONFIRMED", "ADVANCE")]
    assert reason_at(found, 505) == (
        f"confirmed for {505 - CONFIRMED_ROW} sessions; closed at 85.00, 4.49% below the highest "
        f"close of 252 sessions, 89.00 of {day(254)}; 100.00 of {day(251)}, the high before the "
        "drawdown, is not among them any more"
    )
    advance = state_at(found, 505)
    assert advance["low_close"] is None
    assert advance["null_probability"] is None


def test_a_settled_recovery_fails_under_its_long_mean_and_returns() -> None:
    held = [85.0] * 60
    closes = [*CONFIRMED_PATH, *held, *[73.0] * 7, *[86.0] * 8]
    found = walked(closes)
    row = CONFIRMED_ROW + 60
    assert steps(found)[5:] == [
        (row + 5, "CONFIRMED", "FAILED"),
        # Five of seven above: two closes below are left of the seven.
        (row + 12, "FAILED", "REBOUND"),
        (row + 15, "REBOUND", "EARLY_RECOVERY"),
    ]
    assert "5 of the last 7 closes below their 200-session mean" in reason_at(found, row + 5)
    assert "5 of the last 7 closes above their 200-session mean" in reason_at(found, row + 12)


def test_an_unsettled_recovery_does_not_fail_under_its_long_mean() -> None:
    found = walked([*CONFIRMED_PATH, *[85.0] * 40, *[73.0] * 7])
    assert state_at(found, CONFIRMED_ROW + 47)["above_sma_200_of_7"] == 0
    assert steps(found)[5:] == []


def test_an_early_recovery_is_lost_below_both_means_only() -> None:
    # Means of 20 and 50 closes are near 73 and 72: 72.4 is below one, 71 below both.
    closes = [*CONFIRMED_PATH[: EARLY_ROW + 1], 76.0, 76.0, 72.4, 71.0]
    found = walked(closes)
    between = state_at(found, EARLY_ROW + 3)
    assert between["leg_above_averages"] is False
    assert steps(found)[4:] == [(EARLY_ROW + 4, "EARLY_RECOVERY", "REBOUND")]
    assert reason_at(found, EARLY_ROW + 4) == (
        "closed at 71.00, below its 20- and its 50-session mean"
    )


def test_a_new_drawdown_has_no_low_from_before_the_advance() -> None:
    # Down to 89, back to 96 (an advance again), down a tenth to 90: its low is 90, not 89.
    up = [90.0, 92.0, 93.5, 93.6, 95.5, 96.0, 96.0, 96.0]
    found = walked([*WARM, 97.0, 93.0, 89.0, *up, 94.0, 90.0])
    assert [one[2] for one in steps(found)][-2:] == ["ADVANCE", "DRAWDOWN"]
    last = state_at(found, 252 + 3 + len(up) + 1)
    assert (last["low_close"], last["day_count"]) == (90.0, None)


def test_the_first_state_after_warm_up_may_be_a_drawdown() -> None:
    found = walked([*[100.0] * 200, *[80.0] * 52])
    assert steps(found) == [(251, "UNKNOWN", "DRAWDOWN")]
    assert state_at(found, 251)["low_date"] == day(200)


def test_a_hole_of_more_than_21_sessions_is_unknown_until_a_year_is_held_again() -> None:
    hole: list[float | None] = [None] * 22
    closes = [*CONFIRMED_PATH, *hole, *[85.0] * 252]
    found = walked(closes)
    gone = CONFIRMED_ROW + 22
    assert steps(found)[5:] == [
        (gone, "CONFIRMED", "UNKNOWN"),
        (gone + 252, "UNKNOWN", "ADVANCE"),
    ]
    assert reason_at(found, gone) == (
        f"more than 21 sessions in a row without a close; the last is of {day(CONFIRMED_ROW)}"
    )
    before = state_at(found, gone - 1)
    assert (before["state"], before["held_by_data"]) == ("CONFIRMED", "no close")
    assert (before["close"], before["low_close"]) == (None, 70.0)
    # One session fewer, and the state is kept.
    assert steps(walked([*CONFIRMED_PATH, *hole[1:], 85.0]))[5:] == []


def test_windows_take_a_few_missing_closes_and_no_more() -> None:
    few = [None if row in (100, 150, 200) else 100.0 for row in range(252)]
    assert steps(walked([*few, 97.0]))[0] == (251, "UNKNOWN", "ADVANCE")
    # 240 of 252 are 95.2%, 239 are 94.8%.
    most = [None if row % 20 == 5 and row < 240 else 100.0 for row in range(252)]
    assert most.count(None) == 12
    assert steps(walked(most)) == [(251, "UNKNOWN", "ADVANCE")]
    most[250] = None
    assert steps(walked(most)) == []


def test_a_session_without_a_close_keeps_the_state_and_the_count() -> None:
    found = walked([*WARM, *FALL, 71.0, None, 72.0, 73.6])
    held = state_at(found, LOW_ROW + 2)
    assert (held["state"], held["held_by_data"], held["day_count"]) == ("DRAWDOWN", "no close", 2)
    assert held["drawdown_252_pct"] is None
    assert steps(found)[-1] == (LOW_ROW + 4, "DRAWDOWN", "REBOUND")
