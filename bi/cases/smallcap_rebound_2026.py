"""Small-cap Index Jumps 6% in 9 Sessions (February 2026)."""

from __future__ import annotations

from datetime import date

from transforms.signals.case import Case
from transforms.signals.claims.rises import MIDCAP_100, MIDCAP_150, MIDCAP_SELECT, SMALLCAP_100
from transforms.signals.figures import ForeignNet, Rise, SameWindowRise

# "In just nine trading sessions": nine changes, or nine closes and so eight changes.
_SMALLCAP = Rise(
    claim_id="smallcap_rise_9_sessions", index_id=SMALLCAP_100, at_least_pct=6.0, sessions=(8, 9)
)

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
    ),
    claims=(
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
        "valuations_are_a_concern",
        "rate_cut_expectations_alive",
        "pessimism_was_extreme",  # "already priced in peak pessimism"
    ),
)
