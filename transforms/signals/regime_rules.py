"""What decides a regime: the numbers, the two sets of rules, and the table of transitions."""

from __future__ import annotations

from transforms.signals.threshold import Threshold

_CONVENTION = "Riskon convention"
_METHODOLOGY = "Riskon convention (state machine of small-cap recoveries)"
_TURNING_POINTS = (
    "Lunde and Timmermann, Duration Dependence in Stock Prices, JBES 22 (2004): bull and bear "
    "phases by a rise or fall of a fifth"
)
_FOLLOW_THROUGH = (
    "O'Neil, How to Make Money in Stocks, and Investor's Business Daily: 1.0% early, 2% (3rd "
    "edition), 1.7% (2000s), 1.25% now"
)
_MCCLELLAN = "McClellan, 17 January 2019: a summation above +500 tells a new uptrend"
_MAJORITY = "Majority line of market practice"

LEAST_HELD = Threshold(
    "regime_least_held_pct",
    95.0,
    "percent",
    "Of a window's sessions, those that need a close for the window to be known",
    _CONVENTION,
)
MOST_GAP = Threshold(
    "regime_most_gap_sessions",
    21.0,
    "sessions",
    "Sessions in a row without a close, after more of which the state is unknown",
    _CONVENTION,
)
YEAR = Threshold(
    "regime_high_sessions",
    252.0,
    "sessions",
    "Window of the high that a drawdown is measured from, and of warm-up",
    _CONVENTION,
)
DRAWDOWN = Threshold(
    "regime_drawdown_pct",
    -10.0,
    "percent",
    "Close from the 252-session high at which an advance ends",
    "Market practice: a fall of a tenth is a correction",
)
NEAR_HIGH = Threshold(
    "regime_near_high_pct",
    -5.0,
    "percent",
    "Close from the 252-session high above which a drawdown or a recovery is over",
    _METHODOLOGY,
)
FIRST_DAY = Threshold(
    "regime_first_day",
    4.0,
    "sessions",
    "Day of the attempt from which a rebound or a follow-through day counts",
    _FOLLOW_THROUGH,
)
LEAST_RISE = Threshold(
    "regime_least_rise_pct",
    5.0,
    "percent",
    "Least rise off the low that is a rebound",
    _METHODOLOGY,
)
LEAST_REBOUNDS = Threshold(
    "regime_least_rebounds",
    10.0,
    "rebounds",
    "Past rebounds of nine sessions whose median rise is asked for, if it is more",
    _CONVENTION,
)
SHORT_MEAN = Threshold(
    "regime_short_mean_sessions", 20.0, "sessions", "Short mean of closes", _CONVENTION
)
MIDDLE_MEAN = Threshold(
    "regime_middle_mean_sessions", 50.0, "sessions", "Middle mean of closes", _CONVENTION
)
LONG_MEAN = Threshold(
    "regime_long_mean_sessions", 200.0, "sessions", "Long mean of closes", _CONVENTION
)
TREND_WINDOW = Threshold(
    "regime_trend_window_sessions",
    7.0,
    "sessions",
    "Last closes that are compared with their long mean",
    _METHODOLOGY,
)
TREND_CLOSES = Threshold(
    "regime_trend_closes", 5.0, "closes", "Of them, those on one side that decide", _METHODOLOGY
)
THRUST_SESSIONS = Threshold(
    "regime_thrust_sessions",
    20.0,
    "sessions",
    "Sessions for which a follow-through day or a thrust of breadth counts",
    _METHODOLOGY,
)
FOLLOW_THROUGH_GAIN = Threshold(
    "regime_follow_through_gain_pct",
    1.25,
    "percent",
    "Least gain of a follow-through day",
    _FOLLOW_THROUGH,
)
FOLLOW_THROUGH_SIGMAS = Threshold(
    "regime_follow_through_sigmas",
    1.0,
    "standard deviations",
    "Least gain of a follow-through day in deviations of 60 daily log returns",
    _METHODOLOGY,
)
SIGMA_SESSIONS = Threshold(
    "regime_sigma_sessions", 60.0, "sessions", "Returns of that deviation", _CONVENTION
)
ATR_SESSIONS = Threshold(
    "regime_atr_sessions",
    14.0,
    "sessions",
    "Sessions of Wilder's average true range",
    "Wilder, New Concepts in Technical Trading Systems (1978)",
)
HALF_ABOVE = Threshold(
    "regime_half_above_pct",
    50.0,
    "percent",
    "Share of members above a mean that is a majority",
    _MAJORITY,
)
HALF_ABOVE_EXIT = Threshold(
    "regime_half_above_exit_pct",
    40.0,
    "percent",
    "Share of members above the 200-session mean below which the majority is lost",
    _METHODOLOGY,
)
OSCILLATOR = Threshold(
    "regime_oscillator", 0.0, "points", "McClellan oscillator that is positive", _MCCLELLAN
)
SUMMATION = Threshold(
    "regime_summation", 500.0, "points", "McClellan summation that confirms", _MCCLELLAN
)
FLOWS = Threshold(
    "regime_flows_percentile",
    60.0,
    "percent",
    "Percentile of the FII and DII net of 10 sessions that supports",
    _METHODOLOGY,
)
DIFFUSION = Threshold(
    "regime_surprise_diffusion_pct",
    0.0,
    "percent",
    "Good surprises less bad ones that support",
    _METHODOLOGY,
)
RISEN = Threshold(
    "regime_risen_pct", 20.0, "percent", "Rise off the low of a new bull phase", _TURNING_POINTS
)
FALLEN = Threshold(
    "regime_own_fall_pct",
    -10.0,
    "percent",
    "Close from the highest close since the low at which a failed recovery is a fall of its own",
    _TURNING_POINTS,
)
BREAKOUT_ATR = Threshold(
    "regime_breakout_atr",
    0.25,
    "ATR",
    "How far two closes pass a resistance to break it",
    _METHODOLOGY,
)
BREAKOUT_CLOSES = Threshold(
    "regime_breakout_closes", 2.0, "closes", "Closes that break a resistance", _METHODOLOGY
)
HOLD_CLOSES = Threshold(
    "regime_hold_closes",
    3.0,
    "closes",
    "Closes in a row above a level that hold it",
    _METHODOLOGY,
)
SUPPORT_ATR = Threshold(
    "regime_support_atr", 0.5, "ATR", "How far below support a close fails it", _METHODOLOGY
)
SUPPORT_CLEAR_ATR = Threshold(
    "regime_support_clear_atr",
    1.0,
    "ATR",
    "How far below the close a support must lie to be held: one right under it fails at a breath",
    _CONVENTION,
)
SUPPORT_CLOSES = Threshold(
    "regime_support_closes", 2.0, "closes", "Closes in a row that fail support", _METHODOLOGY
)
FOLLOW_THROUGH_ATR = Threshold(
    "regime_follow_through_atr",
    1.0,
    "ATR",
    "How far below the low of the follow-through day one close fails it",
    _METHODOLOGY,
)
DWELL = Threshold(
    "regime_dwell_sessions",
    3.0,
    "sessions",
    "Least sessions in a state, but for a new low and for missing data",
    _METHODOLOGY,
)
SETTLED = Threshold(
    "regime_settled_sessions",
    60.0,
    "sessions",
    "Sessions of a confirmed recovery after which the long mean, or the old high, ends it",
    _METHODOLOGY,
)
EARLY_NEEDED = Threshold(
    "regime_early_legs", 3.0, "legs", "Of five, those an early recovery takes", _METHODOLOGY
)
EARLY_TESTED = Threshold(
    "regime_early_tested", 4.0, "legs", "Of five, those that must be tested", _METHODOLOGY
)
EARLY_LOST = Threshold(
    "regime_early_lost_legs", 1.0, "legs", "Of five, so few end an early recovery", _METHODOLOGY
)
CONFIRMED_NEEDED = Threshold(
    "regime_confirmed_legs", 3.0, "legs", "Of six, those a confirmation takes", _METHODOLOGY
)
CONFIRMED_TESTED = Threshold(
    "regime_confirmed_tested", 4.0, "legs", "Of six, those that must be tested", _METHODOLOGY
)
INDEX_EARLY = Threshold(
    "regime_index_early_legs",
    1.0,
    "legs",
    "Legs an early recovery takes by closes alone: above both means",
    _CONVENTION,
)
INDEX_CONFIRMED = Threshold(
    "regime_index_confirmed_legs",
    2.0,
    "legs",
    "Legs a confirmation takes by closes alone: a breakout held, and a fifth above the low",
    _CONVENTION,
)
CONFIDENCE = Threshold(
    "regime_confidence_z",
    1.959963984540054,
    "standard deviations",
    "Normal quantile of the 95% interval of P(confirmed before a new low)",
    "Wilson, Probable Inference, JASA 22 (1927)",
)

THRESHOLDS: tuple[Threshold, ...] = (
    LEAST_HELD,
    MOST_GAP,
    YEAR,
    DRAWDOWN,
    NEAR_HIGH,
    FIRST_DAY,
    LEAST_RISE,
    LEAST_REBOUNDS,
    SHORT_MEAN,
    MIDDLE_MEAN,
    LONG_MEAN,
    TREND_WINDOW,
    TREND_CLOSES,
    THRUST_SESSIONS,
    FOLLOW_THROUGH_GAIN,
    FOLLOW_THROUGH_SIGMAS,
    SIGMA_SESSIONS,
    ATR_SESSIONS,
    HALF_ABOVE,
    HALF_ABOVE_EXIT,
    OSCILLATOR,
    SUMMATION,
    FLOWS,
    DIFFUSION,
    RISEN,
    FALLEN,
    BREAKOUT_ATR,
    BREAKOUT_CLOSES,
    HOLD_CLOSES,
    SUPPORT_ATR,
    SUPPORT_CLEAR_ATR,
    SUPPORT_CLOSES,
    FOLLOW_THROUGH_ATR,
    DWELL,
    SETTLED,
    EARLY_NEEDED,
    EARLY_TESTED,
    EARLY_LOST,
    CONFIRMED_NEEDED,
    CONFIRMED_TESTED,
    INDEX_EARLY,
    INDEX_CONFIRMED,
    CONFIDENCE,
)
