"""The state of one index in words: its name and day, where the close is, what is lacking, odds."""

from __future__ import annotations

import re
from datetime import date

from bi.brief.numbers import NOT_GIVEN, counted, grouped, listed, odds, percent, short_date
from bi.brief.standing_facts import Regime
from transforms.signals.regime_rules import (
    CONFIRMED_NEEDED,
    EARLY_NEEDED,
    EARLY_TESTED,
    LONG_MEAN,
    TREND_CLOSES,
    YEAR,
)

UNKNOWN = "UNKNOWN"
ODDS_TELL = ("REBOUND", "EARLY_RECOVERY")
"""States in which it is open whether a recovery is confirmed before a new low."""
_STATES = {
    UNKNOWN: "Not known",
    "ADVANCE": "Advance",
    "DRAWDOWN": "Drawdown",
    "REBOUND": "Rebound",
    "EARLY_RECOVERY": "Early recovery",
    "CONFIRMED": "Confirmed recovery",
    "FAILED": "Failed recovery",
}
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_NAME = re.compile(rf"\b(?:{'|'.join(_STATES)})\b")
_TERMS = {
    "(rules: full)": "(by the full rules)",
    "(rules: index)": "(by closes alone)",
    "INSUFFICIENT": "insufficient",
    "nse_index_close": "NSE's file of index closes",
    "nse_equity_full": "NSE's file of shares",
    "nse_fii_dii": "NSE's file of institutions",
    "nsdl_fpi": "the depository's file",
}
"""What the figures are called in the warehouse, and by people."""

RECOVERED = "confirmed, or back near the old high,"
"""What became of a rebound whose low held."""


def state_name(state: str) -> str:
    """A state as a heading says it."""
    return _STATES[state]


def named(text: str) -> str:
    """A reason with states, sources and dates as people read them."""
    for term, words in _TERMS.items():
        text = text.replace(term, words)
    text = _NAME.sub(lambda found: _state_within(text, found), text)
    return _DATE.sub(lambda found: short_date(date.fromisoformat(found[0])), text)


def _state_within(text: str, found: re.Match[str]) -> str:
    """The state, with its capital only where a sentence begins."""
    name = state_name(found[0])
    return name if found.start() == 0 or text[: found.start()].endswith(". ") else name.lower()


def state_and_day(regime: Regime) -> str:
    """State and day of one index; a drawdown below a recovery's low says so."""
    if regime.state == UNKNOWN:
        return f"State not known, {counted(regime.days_in_state, 'session')}"
    after = " after a bear-market rally" if is_after_rally(regime) else ""
    return f"{state_name(regime.state)}{after}, day {grouped(regime.days_in_state)}"


def in_text(regime: Regime) -> str:
    """State and day within a sentence."""
    told = state_and_day(regime)
    return told[:1].lower() + told[1:]


def is_after_rally(regime: Regime) -> bool:
    """Whether a recovery has ended below the low it rose from, and none has begun since."""
    return regime.state == "DRAWDOWN" and regime.is_bear_rally


def position(regime: Regime) -> str:
    """Where the close is, from the low or from the high as the state asks; no full stop."""
    name = f"the {regime.title}"
    if regime.state == UNKNOWN:
        return why_unknown(regime)
    if regime.close is None:
        return f"the close of {name} is missing, so its state stands as it was"
    high, low = from_high(regime), from_low(regime)
    parts = [high] if regime.state == "ADVANCE" else [low]
    if regime.state == "DRAWDOWN":
        parts = [high, low]
    found = [part for part in parts if part]
    return f"{name} is {listed(found)}" if found else f"{name} closed at {closed(regime)}"


def why_unknown(regime: Regime) -> str:
    """Why there is no state; no full stop."""
    name = f"the {regime.title}"
    if regime.close is not None:
        return f"a state takes {YEAR.value:.0f} sessions with closes of {name}, not yet held"
    if regime.last_close_on is None:
        return f"no close of {name} is held in the last {YEAR.value:.0f} sessions"
    return f"no close of {name} since {short_date(regime.last_close_on)}"


def closed(regime: Regime) -> str:
    """The close."""
    return NOT_GIVEN if regime.close is None else grouped(regime.close, 2)


def shortfall(regime: Regime) -> str:
    """What is lacking to the next state, to follow `position`; empty where it can't be told."""
    if regime.close is None:
        return ""
    if regime.state == "REBOUND" and regime.early_held is not None:
        lacking = int(EARLY_NEEDED.value) - regime.early_held
        if lacking > 0:
            return f" and {counted(lacking, 'leg')} short of an early recovery"
        if (regime.early_tested or 0) < EARLY_TESTED.value:
            return ", with the legs of an early recovery but too few that could be tested"
    if regime.state == "EARLY_RECOVERY":
        lacks = _unconfirmed(regime)
        return f", short of confirmation by {listed(lacks)}" if lacks else ""
    return ""


def _unconfirmed(regime: Regime) -> list[str]:
    """Legs that lack to a confirmation, and closes above the long mean that do."""
    lacks = []
    if regime.confirmed_held is not None:
        legs = int(CONFIRMED_NEEDED.value) - regime.confirmed_held
        lacks += [counted(legs, "leg")] if legs > 0 else []
    if regime.above_sma_200_of_7 is not None:
        closes = int(TREND_CLOSES.value) - regime.above_sma_200_of_7
        mean = f"above the {LONG_MEAN.value:.0f}-session mean"
        lacks += [f"{counted(closes, 'close')} {mean}"] if closes > 0 else []
    return lacks


def _shows(value: float) -> bool:
    """Whether a percentage is more than nothing as it is printed."""
    return bool(grouped(abs(value), 1).strip("0."))


def from_high(regime: Regime) -> str:
    """How far below the high of 252 sessions; empty where not known."""
    if regime.drawdown_252_pct is None:
        return ""
    if not _shows(regime.drawdown_252_pct):
        return "at its highest close of 252 sessions"
    return f"{percent(-regime.drawdown_252_pct)} below its highest close of 252 sessions"


def from_low(regime: Regime) -> str:
    """How far above the low, and its date; empty where there is none."""
    if regime.rise_from_low_pct is None or regime.low_date is None:
        return ""
    if not _shows(regime.rise_from_low_pct):
        return f"at its low of {short_date(regime.low_date)}"
    side = "above" if regime.rise_from_low_pct > 0 else "below"
    rise = percent(abs(regime.rise_from_low_pct))
    return f"{rise} {side} its low of {short_date(regime.low_date)}"


def were(number: int) -> str:
    """A count with its verb: 9 were, none were."""
    return f"{grouped(number) if number else 'none'} {'was' if number == 1 else 'were'}"


def interval(regime: Regime) -> str:
    """The share of past rebounds that were confirmed, with its interval."""
    share = regime.confirmed_probability
    low, high = regime.confirmed_probability_low, regime.confirmed_probability_high
    if share is None or low is None or high is None:
        return ""
    return f": {odds(share)}, 95% interval {span(low, high)}"


def span(low: float, high: float) -> str:
    """An interval of odds: 39-84%."""
    return f"{grouped(100 * low)}-{percent(100 * high, 0)}"


def odds_clause(regime: Regime) -> str:
    """The odds as the verdict has them; empty where the state leaves nothing open.

    To recover is to be confirmed, or back near the old high: `RECOVERED` says so on the page.
    """
    if regime.state not in ODDS_TELL:
        return ""
    number = regime.past_rebounds
    if not number:
        from_here = regime.recovery_null_probability
        walk = "" if from_here is None else f" (by luck {odds(from_here)} recover from here)"
        return f"no past rebound is decided{walk}"
    low, high = regime.confirmed_probability_low, regime.confirmed_probability_high
    within = [] if low is None or high is None else [f"95% interval {span(low, high)}"]
    luck = regime.past_null_probability
    beside = "; ".join([*within, *([] if luck is None else [f"by luck {odds(luck)}"])])
    past = f"{grouped(regime.past_confirmed)} of {counted(number, 'past rebound')} recovered"
    if number == 1:
        became = "recovered" if regime.past_confirmed else "did not recover"
        past = f"the one past rebound {became}"
    return f"{past} before a new low{f' ({beside})' if beside else ''}"
