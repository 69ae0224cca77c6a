"""Small-cap Index Jumps 6% in 9 Sessions (February 2026)."""

from __future__ import annotations

from datetime import date

from transforms.signals.case import Case
from transforms.signals.claims.rises import MIDCAP_100, MIDCAP_150, MIDCAP_SELECT, SMALLCAP_100
from transforms.signals.figures import ForeignNet, Rise, SameWindowRise
from transforms.signals.level_figure import Zone, rise_from, rise_to

# "In just nine trading sessions": nine changes, or nine closes and so eight changes.
_SMALLCAP = Rise(
    claim_id="smallcap_rise_9_sessions", index_id=SMALLCAP_100, at_least_pct=6.0, sessions=(8, 9)
)
_SUPPORT_LOWER = 16_350.0

CASE = Case(
    id="smallcap-rebound-2026",
    title=(
        "Small-cap Index Jumps 6% in 9 Sessions: "
        "Is Smart Money Rotating Back Into High-Risk Trades?"
    ),
    url="https://www.niftytrader.in/markets/?p=21259",
    published_on=date(2026, 2, 11),  # the page prints no date; results and levels say mid-February
    figures=(
        _SMALLCAP,
        SameWindowRise(
            claim_id="midcap_rise_same_window",
            index_id=MIDCAP_100,
            pct=5.3,
            same_as=_SMALLCAP,
            others=(MIDCAP_150, MIDCAP_SELECT),
        ),
        ForeignNet(claim_id="foreign_buying_renewed", crore=2250.0),  # Rs 22.5 billion
        Zone(
            claim_id="support_holds",
            index_id=SMALLCAP_100,
            kind="support",
            lower=_SUPPORT_LOWER,
            upper=16_500.0,
            # No level is printed for the index itself: a round one between the two zones.
            course=rise_to(17_000.0, _SMALLCAP.at_least_pct),
        ),
        Zone(
            claim_id="resistance_stands",
            index_id=SMALLCAP_100,
            kind="resistance",
            lower=17_100.0,
            upper=17_250.0,
            course=rise_from(_SUPPORT_LOWER, _SMALLCAP.at_least_pct),
        ),
    ),
    claims=(
        "smallcap_rise_9_sessions",
        "midcap_rise_same_window",
        "rebound_is_fast",
        "year_was_bruising",
        "foreign_buying_renewed",
        "foreign_flows_stabilise",
        "earnings_strong",
        "earnings_momentum_improves",
        "breadth_has_improved",  # "market breadth has improved"
        "rise_is_broad",  # "broad-based accumulation"
        "quality_leads",  # "high-quality smallcaps", not "speculative microcaps"
        "institutions_buy",  # "institutional participation rather than retail FOMO"
        "named_sectors_lead",  # "key sectors driving rally", and those of "rotation into"
        "trade_deals_triggered_rally",
        "small_caps_react_first",  # "the first segment to react"
        "strength_precedes_bull_phases",
        "weak_participation_is_defensive",
        "support_holds",  # "support zone: 16,350-16,500"
        "resistance_stands",  # "immediate resistance: 17,100-17,250"
        "recovery_is_early",  # "an early-stage recovery, not yet a confirmed trend reversal"
        "watch_list_is_green",
        "failure_is_a_bear_rally",
        "next_weeks_decide",  # "the next 2-3 weeks critical for trend validation"
        "valuations_are_a_concern",
        "high_beta_rotates",  # "rotating back into high-risk trades"
        "rate_cut_expectations_alive",
        "pessimism_was_extreme",  # "already priced in peak pessimism"
        "risk_on_is_more_probable",  # "the probability of broader risk-on ... has increased"
    ),
)
