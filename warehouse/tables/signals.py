"""What the verdict stands on: zones, regimes, risk appetite, events and their study, monitors."""

from __future__ import annotations

import dataframely as dy

from warehouse.tables import columns
from warehouse.tables.table import Table

STATES = (
    "UNKNOWN",
    "ADVANCE",
    "DRAWDOWN",
    "REBOUND",
    "EARLY_RECOVERY",
    "CONFIRMED",
    "FAILED",
)
RULE_SETS = ("full", "index")
ZONE_KINDS = ("support", "resistance")
PILLARS = ("trend", "breadth", "flows", "leadership", "stress")
COLOURS = ("green", "amber", "red", "unknown")
STUDY_GRADES = (
    "SUPPORTED",
    "PARTLY",
    "NOT SUPPORTED",
    "CONTRADICTED",
    "INSUFFICIENT",
)
_RULES = (
    "The set of rules: full takes breadth, flows, results and mid caps, index the closes alone, so "
    "that all history can be compared"
)


class Zone(Table):
    """A zone of support or resistance of one index, as it could be drawn at one session's close."""

    table = "mart.zone"

    session_date = columns.session_date()
    index_id = columns.text("The index", unit="id", key=True)
    kind = columns.word("Below or above the close", *ZONE_KINDS, key=True)
    zone_rank = columns.described(
        dy.Int64, "1 is the nearest of its kind", "rank", primary_key=True
    )
    lower = columns.number("Lower edge", "points", nullable=False)
    upper = columns.number("Upper edge", "points", nullable=False)
    centre = columns.number("Mean of its pivots, weighed by score", "points", nullable=False)
    pivots = columns.count("Turning points in it", nullable=False)
    score = columns.number(
        "Sum over pivots of reversal in ATR, halved every 63 sessions of age", "ATR", nullable=False
    )
    first_pivot_on = columns.described(dy.Date, "Session of its first pivot", "date")
    last_pivot_on = columns.described(dy.Date, "Session of its last pivot", "date")
    known_from = columns.described(
        dy.Date, "First session on which two of its pivots near each other were known", "date"
    )
    touches = columns.count(
        "Times the price came to the level of its first two pivots since it was known",
        nullable=False,
    )
    bounces = columns.count("Touches without 1 ATR of penetration in 5 sessions", nullable=False)
    breakouts = columns.count("Times two closes passed it upward by 0.25 ATR", nullable=False)
    failures = columns.count("Times two closes passed it downward by 0.25 ATR", nullable=False)
    bounce_rate_pct = columns.number("Bounces of the touches that are decided", "percent")
    artificial_bounce_rate_pct = columns.number(
        "The same of 10,000 artificial levels over the same sessions", "percent"
    )
    strength_percentile = columns.number(
        "Mid-rank of the zone's bounce rate among those artificial levels", "percent"
    )
    volume_pct = columns.number("Share of 252 sessions' turnover spent in it", "percent")
    is_volume_peak = columns.flag(
        "Whether it overlaps the tenth of price bins with most turnover", nullable=True
    )
    distance_pct = columns.number("From the close to the near edge, 0 inside", "percent")
    distance_atr = columns.number("The same in average true ranges", "ATR")
    distance_sessions = columns.number(
        "Sessions after which a random walk has typically moved as far", "sessions"
    )
    reach_first_probability = columns.number(
        "Odds that a driftless walk reaches it before the nearest zone of the other kind",
        "probability 0-1",
    )
    atr_14 = columns.number("Average true range of 14 sessions at the close", "points")


class Regime(Table):
    """The state of one index at the close of one session, by one set of rules."""

    table = "mart.regime"

    session_date = columns.session_date()
    index_id = columns.text("The index", unit="id", key=True)
    rules = columns.word(_RULES, *RULE_SETS, key=True)
    state = columns.word("The state", *STATES)
    days_in_state = columns.count("Sessions in it, its first is 1", "sessions", nullable=False)
    entered_on = columns.described(dy.Date, "First session of the state", "date", nullable=False)
    is_bear_rally = columns.flag("A recovery ended below the low it rose from")
    held_by_data = columns.text("What missing data keeps from being decided, empty where nothing")
    close = columns.number("Close, price return", "points")
    drawdown_252_pct = columns.number("Close from the highest of 252 sessions", "percent")
    low_close = columns.number("Lowest close of the drawdown, P0", "points")
    low_date = columns.described(dy.Date, "Its session", "date", nullable=True)
    rise_from_low_pct = columns.number("Close from that low", "percent")
    rebound_threshold_pct = columns.number("Rise a rebound takes now", "percent")
    day_count = columns.count("Sessions since the first up close after the low, it is 1")
    day_count_intraday = columns.count("The same, restarted by a low under the first day's low")
    follow_through_on = columns.described(
        dy.Date, "First follow-through day since the low", "date", nullable=True
    )
    follow_through_low = columns.number("Low of that day", "points")
    support_lower = columns.number(
        "Lower edge of the support held, drawn when a recovery began or stepped up", "points"
    )
    support_break = columns.number("Two closes under it are a failure", "points")
    resistance_upper = columns.number("Upper edge of the nearest resistance", "points")
    sma_20 = columns.number("Mean close of 20 sessions", "points")
    sma_50 = columns.number("Mean close of 50 sessions", "points")
    sma_200 = columns.number("Mean close of 200 sessions", "points")
    atr_14 = columns.number("Average true range of 14 sessions", "points")
    above_sma_200_of_7 = columns.count("Of the last 7 closes, those above their 200-session mean")
    leg_above_averages = columns.flag("Close above its 20- and 50-session means", nullable=True)
    leg_thrust = columns.flag("Follow-through day or thrust in 20 sessions", nullable=True)
    leg_breadth_turns = columns.flag(
        "Summation rises and oscillator is positive, or half are above 50-session means",
        nullable=True,
    )
    leg_flows = columns.flag("FII and DII over 10 sessions at percentile 60", nullable=True)
    leg_companion = columns.flag("Mid caps, or the companion, at least rebound", nullable=True)
    leg_summation = columns.flag("Summation above 500", nullable=True)
    leg_above_sma_200 = columns.flag("Half of members above 200-session means", nullable=True)
    leg_breakout = columns.flag("Three closes above a resistance that broke", nullable=True)
    leg_risen_20 = columns.flag("A fifth above the low", nullable=True)
    leg_companion_recovers = columns.flag("The companion at least recovers", nullable=True)
    leg_results = columns.flag("More results surprise well than badly", nullable=True)
    early_held = columns.count("Of five legs of an early recovery, those that hold")
    early_tested = columns.count("Of five, those that could be tested")
    confirmed_held = columns.count("Of six legs of confirmation, those that hold")
    confirmed_tested = columns.count("Of six, those that could be tested")
    past_rebounds = columns.count("Rebounds that began before and are decided", nullable=False)
    past_confirmed = columns.count(
        "Of them confirmed, or back within 5% of the high before the drawdown, before a new low",
        nullable=False,
    )
    confirmed_probability = columns.number("Their share", "probability 0-1")
    confirmed_probability_low = columns.number("Wilson interval, 95%", "probability 0-1")
    confirmed_probability_high = columns.number("Wilson interval, 95%", "probability 0-1")
    null_probability = columns.number(
        "Odds that a driftless walk is a fifth above the low before it is below it, from here",
        "probability 0-1",
    )
    past_null_probability = columns.number(
        "Mean of recovery_null_probability when those past rebounds began: what luck alone gives",
        "probability 0-1",
    )
    recovery_null_probability = columns.number(
        "Odds that a driftless walk is a fifth above the low, or within 5% of its 252-session "
        "high, before it is below the low: the null of confirmed_probability, from here",
        "probability 0-1",
    )


class RegimeTransition(Table):
    """One change of state: when, why, and with which values."""

    table = "mart.regime_transition"

    session_date = columns.session_date()
    index_id = columns.text("The index", unit="id", key=True)
    rules = columns.word(_RULES, *RULE_SETS, key=True)
    from_state = columns.word("State before", *STATES)
    to_state = columns.word("State after", *STATES)
    days_in_state = columns.count("Sessions the state before lasted", "sessions", nullable=False)
    reason = columns.text("Why, with the values that decided")
    legs_held = columns.text("Legs that held, comma between")
    legs_missing = columns.text("Legs that could not be tested, comma between")
    close = columns.number("Close", "points")
    low_close = columns.number("Lowest close of the drawdown", "points")
    rise_from_low_pct = columns.number("Close from that low", "percent")
    drawdown_252_pct = columns.number("Close from the highest of 252 sessions", "percent")
    is_bear_rally = columns.flag("A recovery ended below the low it rose from")


class RegimeTrigger(Table):
    """One condition that would change the state at the next session, as a number."""

    table = "mart.regime_trigger"

    session_date = columns.session_date()
    index_id = columns.text("The index", unit="id", key=True)
    rules = columns.word(_RULES, *RULE_SETS, key=True)
    to_state = columns.word("State it leads to", *STATES, key=True)
    trigger = columns.text("The condition", unit="id", key=True)
    quantity = columns.text("What has to move", unit="name")
    comparison = columns.word("Which way", "above", "below")
    level = columns.number("How far it has to be", "see unit")
    unit = columns.text("Unit of level and current")
    current = columns.number("Where it is", "see unit")
    distance_pct = columns.number("From current to level", "percent")
    is_met = columns.flag("Whether this condition alone holds already", nullable=True)
    needs = columns.text("What else the change takes, in words, empty where nothing")


class RiskAppetite(Table):
    """The composite of five pillars at one session, 0 to 100."""

    table = "mart.risk_appetite"

    session_date = columns.session_date()
    composite = columns.number("Mean of the pillars; null unless four of five are at hand", "rank")
    pillars = columns.count("Pillars at hand", nullable=False)
    inputs = columns.count("Inputs declared", nullable=False)
    fresh_pct = columns.number("Share of inputs at most 3 sessions old, and ranked", "percent")
    lowest_without_one = columns.number("Lowest mean that leaves one pillar out", "rank")
    highest_without_one = columns.number("Highest mean that leaves one pillar out", "rank")
    missing = columns.text("Pillars left out, comma between")
    change_9 = columns.number("Change of the composite over 9 sessions", "points")
    change_9_percentile = columns.number("Rank of that change in its own history", "percent")
    first_component_percentile = columns.number(
        "Rank of the inputs' first principal component, refit yearly: a diagnostic", "percent"
    )
    is_first_component_apart = columns.flag(
        "It differs from the composite by more than 15", nullable=True
    )


class RiskPillar(Table):
    """One pillar of risk appetite at one session."""

    table = "mart.risk_pillar"

    session_date = columns.session_date()
    pillar = columns.word("The pillar", *PILLARS, key=True)
    value = columns.number("Mean of its inputs' ranks, high is appetite", "rank")
    inputs = columns.count("Inputs declared", nullable=False)
    fresh = columns.count("Inputs at hand and fresh", nullable=False)
    oldest_sessions = columns.count("Age of the oldest input used", "sessions")
    missing = columns.text("Inputs left out and why, comma between")


class RiskInput(Table):
    """One input of a pillar at one session."""

    table = "mart.risk_input"

    session_date = columns.session_date()
    input_id = columns.text("The input", unit="id", key=True)
    pillar = columns.word("Its pillar", *PILLARS)
    title = columns.text("What people call it", unit="name")
    value = columns.number("The figure", "see unit")
    unit = columns.text("Unit of the figure")
    percentile = columns.number("Rank in its own history, high is appetite", "percent")
    is_inverted = columns.flag("A high figure is stress")
    age_sessions = columns.count("Sessions since the figure was new", "sessions")
    is_fresh = columns.flag("Used today")


class Event(Table):
    """What one target did after one event of a frozen study."""

    table = "mart.event"

    event_id = columns.text("The event's definition", unit="id", key=True)
    session_date = columns.session_date()
    target = columns.text("Index whose return is watched", unit="id", key=True)
    horizon_sessions = columns.described(
        dy.Int64, "Sessions from entry to exit", "sessions", primary_key=True
    )
    role = columns.word("Test of the family, or control", "test", "control")
    entered_on = columns.described(dy.Date, "Close of the session after the event", "date")
    left_on = columns.described(
        dy.Date, "Close of the exit, null while open", "date", nullable=True
    )
    return_variant = columns.word("Return watched", "total_return", "price")
    return_pct = columns.number("Log return from entry to exit, times 100", "percent")
    matched_return_pct = columns.number(
        "Mean of sessions alike in drawdown and volatility, up to the event", "percent"
    )
    became_bull = columns.flag("Up 20% before down 10%, within 252 sessions", nullable=True)
    is_hypothetical = columns.flag("Before the index was launched")


class EventStudy(Table):
    """One test of the event study, with what was known at the end of one quarter."""

    table = "mart.event_study"

    through_date = columns.described(
        dy.Date, "Last session of the completed quarter", "date", primary_key=True
    )
    event_id = columns.text("The event's definition", unit="id", key=True)
    target = columns.text("Index whose return is watched", unit="id", key=True)
    horizon_sessions = columns.described(
        dy.Int64, "Sessions from entry to exit", "sessions", primary_key=True
    )
    role = columns.word("Test of the family, or control", "test", "control")
    statement = columns.text("What is tested")
    events = columns.count("Events whose horizon has ended", nullable=False)
    hypothetical_events = columns.count("Of them before the index was launched", nullable=False)
    mean_return_pct = columns.number("Mean log return after them, times 100", "percent")
    base_return_pct = columns.number("The same after every session", "percent")
    matched_return_pct = columns.number(
        "The same after sessions alike in drawdown and volatility", "percent"
    )
    excess_pct = columns.number("Mean less matched", "percent")
    hits = columns.count("Events followed by a rise", nullable=False)
    hit_rate = columns.number("Their share", "probability 0-1")
    hit_rate_low = columns.number("Wilson interval, 95%", "probability 0-1")
    hit_rate_high = columns.number("Wilson interval, 95%", "probability 0-1")
    base_hit_rate = columns.number("Share of all sessions followed by a rise", "probability 0-1")
    bull_phases = columns.count("Events followed by 20% up before 10% down", nullable=False)
    p_value = columns.number("Two-sided, by circular shifts", "probability 0-1")
    q_value = columns.number("After Benjamini and Hochberg over the family", "probability 0-1")
    tests = columns.count("Tests of the family that could be made", nullable=False)
    minimum_detectable_pct = columns.number("Excess found with 80% power at 5%", "percent")
    grade = columns.word("The grade", *STUDY_GRADES)
    reasons = columns.text("Why this grade, in words")


class Association(Table):
    """One measured relation between series, with what was known at the end of one quarter."""

    table = "mart.association"

    through_date = columns.described(
        dy.Date, "Last session of the completed quarter", "date", primary_key=True
    )
    association_id = columns.text("The relation", unit="id", key=True)
    statement = columns.text("What is measured")
    value = columns.number("The estimate", "see unit")
    unit = columns.text("Unit of value and interval")
    low = columns.number("Interval, 95%", "see unit")
    high = columns.number("Interval, 95%", "see unit")
    p_value = columns.number("Two-sided", "probability 0-1")
    sample_size = columns.count("Observations", nullable=False)
    method = columns.text("How it is estimated")
    missing = columns.text("What it lacks, empty where nothing")


class Monitor(Table):
    """One thing to watch, as a colour, at one session."""

    table = "mart.monitor"

    session_date = columns.session_date()
    monitor_id = columns.text("The monitor", unit="id", key=True)
    title = columns.text("What people call it", unit="name")
    colour = columns.word("Green, amber, red, or unknown where data is missing", *COLOURS)
    value = columns.number("The figure", "see unit")
    unit = columns.text("Unit of the figure")
    percentile = columns.number(
        "Rank in its own history, or mean of such ranks; high is good for risk", "percent"
    )
    changed_on = columns.described(dy.Date, "Since when it has this colour", "date", nullable=False)
    previous_colour = columns.word("The colour before", *COLOURS, nullable=True)
    reasons = columns.text("Why this colour, in words")


SIGNAL_TABLES: tuple[type[Table], ...] = (
    Zone,
    Regime,
    RegimeTransition,
    RegimeTrigger,
    RiskAppetite,
    RiskPillar,
    RiskInput,
    Event,
    EventStudy,
    Association,
    Monitor,
)
