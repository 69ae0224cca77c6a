"""Where the index stands, in words: its state and day, its odds, what would change it."""

from __future__ import annotations

from collections.abc import Sequence

from bi.brief.numbers import (
    NOT_GIVEN,
    count,
    counted,
    figure,
    grouped,
    listed,
    percent,
    percentile,
    short_date,
    signed,
)
from bi.brief.numbers import odds as share_of
from bi.brief.regime_words import (
    ODDS_TELL,
    RECOVERED,
    UNKNOWN,
    closed,
    from_high,
    from_low,
    in_text,
    interval,
    named,
    state_and_day,
    state_name,
    were,
    why_unknown,
)
from bi.brief.standing_facts import (
    YEAR_SESSIONS,
    Regime,
    RegimeLeg,
    Standing,
    Transition,
    Trigger,
    Zone,
    title,
)
from transforms.signals.regime_rules import RISEN
from transforms.signals.regime_table import CONFIRMED_LEGS, EARLY_LEGS
from transforms.signals.size_indices import HEADLINE

COUNT = "count"
NO_CLOSE = "no close"
NEW_LOW = "new_low"
_BOUNDS = {"above": ": at least", "below": ": at most"}
NO_STATE = f"No close of the {title(HEADLINE)} is held up to this session, so it has no state."
NO_TRIGGERS = "No condition that would change the state is known."
NO_TRANSITIONS = f"No change of state in the last {YEAR_SESSIONS} sessions."
NO_ZONES = (
    "No zone of support or resistance can be drawn: it takes two known turning points near one "
    "another in the last 252 sessions, and a close."
)
ZONE_TERMS = (
    "A zone is where known turning points of the last 252 sessions cluster. Touches and bounces "
    "count since it was known. Strength is the percentile of its bounce rate among 10,000 "
    "artificial levels over the same sessions: 50 is chance. “First by luck”: odds that a walk "
    "without drift reaches it before the nearest zone of the other kind."
)
ODDS_TERMS = (
    "Past odds count from the first day of a rebound, those of the walk from tonight's close."
)
TRIGGERS_TITLE = "What it would take to change the state"


def headline(standing: Standing) -> str:
    """State and day, `Early recovery, day 6`; empty where no state is held."""
    regime = standing.regime
    return "" if regime is None else state_and_day(regime)


def where(standing: Standing) -> str:
    """A sentence: the close beside low and high, and how the closes alone would judge."""
    regime = standing.regime
    if regime is None:
        return NO_STATE
    if regime.state == UNKNOWN and regime.close is None:
        why = why_unknown(regime)
        sentence = f"{why[:1].upper()}{why[1:]}."
    elif regime.close is None:
        sentence = f"The close of the {regime.title} is missing, so its state stands as it was."
    else:
        sentence = f"The {regime.title} closed at {closed(regime)}"
        parts = [part for part in (from_low(regime), from_high(regime)) if part]
        sentence += f", {listed(parts)}." if parts else "."
        if regime.state == UNKNOWN:
            why = why_unknown(regime)
            sentence += f" {why[:1].upper()}{why[1:]}."
    since = f" In this state since {short_date(regime.entered_on)}."
    other = standing.by_closes
    if other is None or other.state == regime.state:
        return sentence + since
    return (
        f"{sentence}{since} By closes alone, without breadth, flows and results, it is "
        f"{_in_text(other.state)}, day {grouped(other.days_in_state)}."
    )


def _in_text(state: str) -> str:
    """A state within a sentence: an early recovery."""
    name = state_name(state).lower()
    if state == UNKNOWN:
        return name
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def odds(standing: Standing) -> str:
    """A sentence or two: past rebounds, and a walk without drift from here; empty where neither."""
    regime = standing.regime
    if regime is None or regime.state not in ODDS_TELL:
        return ""
    told = []
    if regime.past_rebounds:
        ended = (
            f"Of {counted(regime.past_rebounds, 'rebound')} of the {regime.title} that "
            f"{'is' if regime.past_rebounds == 1 else 'are'} decided, "
            f"{were(regime.past_confirmed)} {RECOVERED} before a new low"
        )
        luck = regime.past_null_probability
        by_luck = "" if luck is None else f"; luck alone gives {share_of(luck)}"
        told.append(f"{ended}{interval(regime)}{by_luck}.")
    else:
        told.append(
            f"No earlier rebound of the {regime.title} is decided, so there are no past odds."
        )
    from_here = regime.recovery_null_probability
    if from_here is not None:
        told.append(
            "From tonight's close a walk without drift is "
            f"{percent(RISEN.value, 0)} above the low, or near the old high, before it is below "
            f"the low in {share_of(from_here)} of cases."
        )
    return " ".join(told)


def short_odds(standing: Standing) -> str:
    """The odds for a card: `9 of 14 past rebounds, by luck 45%`; empty where there are none."""
    regime = standing.regime
    if regime is None or regime.state not in ODDS_TELL or not regime.past_rebounds:
        return ""
    past = f"{grouped(regime.past_confirmed)} of {counted(regime.past_rebounds, 'past rebound')}"
    if regime.past_null_probability is None:
        return past
    return f"{past}, by luck {share_of(regime.past_null_probability)}"


def held(standing: Standing) -> str:
    """What missing data keeps from being decided, as a sentence; empty where nothing."""
    regime = standing.regime
    if regime is None or not regime.held_by_data or regime.state == UNKNOWN:
        return ""
    if regime.held_by_data == NO_CLOSE:
        return "Held by missing data: no close of this session."
    return f"Held by missing data: {named(regime.held_by_data)}{_stop(regime.held_by_data)}"


def _stop(text: str) -> str:
    return "" if text.endswith(".") else "."


def leg_sentences(regime: Regime) -> tuple[str, ...]:
    """Which legs hold, fail and are missing: of an early recovery, then of a confirmation."""
    if regime.state not in ("REBOUND", "EARLY_RECOVERY", "CONFIRMED"):
        return ()
    told = [("an early recovery", regime.early_legs)]
    if regime.state != "REBOUND":
        told.append(("confirmation", regime.confirmed_legs))
    return tuple(_legs(what, legs) for what, legs in told if legs)


def _legs(what: str, legs: Sequence[RegimeLeg]) -> str:
    parts = []
    for holds, verb in ((True, ("holds", "hold")), (False, ("fails", "fail"))):
        names = [leg.title for leg in legs if leg.holds is holds]
        if names:
            parts.append(f"{count(len(names))} {verb[len(names) > 1]} ({'; '.join(names)})")
    missing = [leg.title for leg in legs if leg.holds is None]
    if missing:
        parts.append(f"{count(len(missing))} could not be tested ({'; '.join(missing)})")
    return f"Of the {count(len(legs))} legs of {what} {listed(parts)}."


def condition(trigger: Trigger) -> str:
    """What has to be, `Close below 15,900.20`."""
    level = _level(trigger.level, trigger.unit)
    if trigger.trigger == NEW_LOW:
        return f"New low: {trigger.quantity} {trigger.comparison} {level}"
    # A count is reached at its level, a price beyond it.
    bounds = _BOUNDS if trigger.unit == COUNT else {}
    text = f"{trigger.quantity}{bounds.get(trigger.comparison, f' {trigger.comparison}')} {level}"
    return text[:1].upper() + text[1:]


def current(trigger: Trigger) -> str:
    """Where the quantity is."""
    return _level(trigger.current, trigger.unit)


def _level(value: float | None, unit: str) -> str:
    if value is None:
        return NOT_GIVEN
    if unit == "points":
        return grouped(value, 2)
    return grouped(value) if unit == COUNT else figure(value, unit)


def distance(trigger: Trigger) -> str:
    """How far it is, in percent with its sign, or that it holds already."""
    if trigger.is_met:
        return "holds already"
    if trigger.unit == COUNT and trigger.level is not None:
        return f"{current(trigger)} now, not met"
    if trigger.distance_pct is None:
        return NOT_GIVEN
    return f"{signed(trigger.distance_pct, 1)}%"


def needs(trigger: Trigger) -> str:
    """What else the change takes, in words; what holds already has to hold once more."""
    if trigger.is_met and not trigger.needs:
        return "the same at the next session"
    return named(trigger.needs)


def trigger_line(trigger: Trigger) -> str:
    """One condition as a sentence, for a terminal."""
    also = f"; {needs(trigger)}" if needs(trigger) else ""
    far = distance(trigger)
    apart = "" if far == NOT_GIVEN else f" ({far})"
    said = f"{condition(trigger)}{apart}{also}{_stop(also)}"
    if trigger.trigger == NEW_LOW:
        return said
    return f"To {state_name(trigger.to_state).lower()}: {said[:1].lower()}{said[1:]}"


def shown(standing: Standing) -> tuple[Trigger, ...]:
    """The conditions whose level is known."""
    return tuple(trigger for trigger in standing.triggers if trigger.level is not None)


def reason(transition: Transition) -> str:
    """Why a state changed, as a sentence, with the legs that were missing then."""
    text = named(transition.reason)
    text = f"{text[:1].upper()}{text[1:]}{_stop(text)}"
    if transition.legs_missing:
        legs = [one.strip() for one in transition.legs_missing.split(",")]
        missing = [(EARLY_LEGS | CONFIRMED_LEGS).get(leg, leg) for leg in legs]
        text += f" Not tested: {listed(missing)}."
    return text


def zone_range(zone: Zone) -> str:
    """The edges of a zone."""
    return f"{grouped(zone.lower)}-{grouped(zone.upper)}"


def zone_distance(zone: Zone) -> str:
    """How far the near edge is, in percent, ATR and sessions of a typical walk."""
    if zone.distance_pct is None:
        return NOT_GIVEN
    if not zone.distance_pct:
        return "inside it"
    side = "below" if zone.kind == "support" else "above"
    told = [f"{percent(abs(zone.distance_pct))} {side}"]
    if zone.distance_atr is not None:
        told.append(f"{grouped(abs(zone.distance_atr), 1)} ATR")
    if zone.distance_sessions is not None:
        sessions = max(round(zone.distance_sessions), 1)
        told.append(f"about {counted(sessions, 'session')}")
    return ", ".join(told)


def zone_history(zone: Zone) -> str:
    """Touches and bounces since it was known, with what artificial levels did."""
    if not zone.touches:
        return "not touched since"
    text = f"{counted(zone.touches, 'touch', 'touches')}, {counted(zone.bounces, 'bounce')}"
    if zone.strength_percentile is None:
        return text
    return f"{text}, strength {percentile(zone.strength_percentile)}"


def zone_odds(zone: Zone) -> str:
    """Odds of reaching it first, by luck."""
    odds = zone.reach_first_probability
    return NOT_GIVEN if odds is None else share_of(odds)


def zone_title(zone: Zone) -> str:
    """Its kind, and its place among its kind."""
    return f"{zone.kind.capitalize()} {zone.zone_rank}"


def nearest_zones(standing: Standing) -> str:
    """The nearest support and resistance in a sentence."""
    first = [zone for zone in standing.zones if zone.zone_rank == 1]
    if not first:
        return NO_ZONES
    parts = [f"{zone.kind} {zone_range(zone)} ({zone_distance(zone)})" for zone in first]
    none = {"support", "resistance"} - {zone.kind for zone in first}
    lacking = f" No {none.pop()} is known." if none else ""
    return f"Nearest {listed(parts)}.{lacking}"


def size_cells(regime: Regime) -> tuple[str, str, str]:
    """State and day, rise from the low and distance below the high of another index."""
    rise, fall = regime.rise_from_low_pct, regime.drawdown_252_pct
    return (
        state_and_day(regime),
        NOT_GIVEN if rise is None else f"{signed(rise, 1)}%",
        NOT_GIVEN if fall is None else f"{signed(fall, 1)}%",
    )


def sizes_line(standing: Standing) -> str:
    """The other indices by size in one sentence, grouped by state; empty where none is held."""
    by_state: dict[str, list[str]] = {}
    for regime in standing.sizes:
        by_state.setdefault(regime.state, []).append(regime.title)
    if not by_state:
        return ""
    parts = [f"{state_name(state).lower()}: {listed(names)}" for state, names in by_state.items()]
    return f"The other indices by size: {'; '.join(parts)}."


def lines(standing: Standing) -> tuple[str, ...]:
    """The section as plain sentences, for a terminal or Markdown."""
    regime = standing.regime
    if regime is None:
        other = standing.nearest_size
        told = (NO_STATE, "" if other is None else f"{other.title}: {in_text(other)}.")
        return tuple(line for line in (*told, nearest_zones(standing)) if line)
    known = [
        f"{headline(standing)}. {where(standing)}",
        odds(standing),
        held(standing),
        *leg_sentences(regime),
        nearest_zones(standing),
        *(trigger_line(trigger) for trigger in shown(standing)),
        sizes_line(standing),
    ]
    return tuple(line for line in known if line)


def arrow(transition: Transition) -> str:
    """From one state to another."""
    after = " after a bear-market rally" if transition.is_bear_rally else ""
    return (
        f"{state_name(transition.from_state)} \N{RIGHTWARDS ARROW} "
        f"{state_name(transition.to_state).lower()}{after}"
    )
