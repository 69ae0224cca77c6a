"""What risk appetite is read from: declared figures, three to five a pillar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from transforms.metrics.flow_rows import BOTH
from transforms.metrics.percentile import LEAST_HISTORY
from transforms.signals.size_indices import HEADLINE
from transforms.signals.threshold import Threshold
from transforms.universes import MARKET

Pillar = Literal["trend", "breadth", "flows", "leadership", "stress"]
Source = Literal["momentum", "breadth", "leadership", "flow", "close", "macro"]

FRESH_SESSIONS = Threshold(
    id="risk_fresh_sessions",
    value=3,
    unit="sessions",
    meaning="An input older than this is left out of risk appetite",
    source="Riskon convention",
)
RANK_HISTORY = Threshold(
    id="risk_rank_history",
    value=LEAST_HISTORY,
    unit="values",
    meaning="Values up to and with today's that a rank of risk appetite takes",
    source="Riskon convention: three years of sessions",
)
THRESHOLDS = (FRESH_SESSIONS, RANK_HISTORY)

NIFTY_500, INDIA_VIX = "nifty-500", "india-vix"
CYCLICAL = ("nifty-auto", "nifty-metal", "nifty-realty", "nifty-psu-bank")
DEFENSIVE = ("nifty-fmcg", "nifty-pharma", "nifty-it")
BOTH_NET_10 = "both_net_10"


@dataclass(frozen=True)
class RiskInput:
    """One figure of one pillar.

    `column` is read of the frame that `source` names, for `subject` (index, universe, participant
    or series). Of momentum, several subjects are averaged; with `less`, their mean is taken away.
    """

    id: str
    pillar: Pillar
    title: str
    unit: str
    source: Source
    subject: tuple[str, ...]
    column: str
    less: tuple[str, ...] = ()
    is_inverted: bool = False

    @property
    def is_ranked_at_source(self) -> bool:
        """Whether mart.flow ranks it: there each series has a rank among its own figures alone."""
        return self.source == "flow"


ANCHOR = RiskInput(
    "smallcap_over_nifty_50",
    "leadership",
    "Smallcap 100 against Nifty 50, 63 sessions",
    "percent",
    "momentum",
    (HEADLINE,),
    "relative_return_63_nifty_50_pct",
)
"""The input that says which way the first principal component points."""

INPUTS: tuple[RiskInput, ...] = (
    RiskInput(
        "smallcap_return_63",
        "trend",
        "Smallcap 100, return of 63 sessions",
        "percent",
        "momentum",
        (HEADLINE,),
        "return_63_pct",
    ),
    RiskInput(
        "smallcap_over_sma_200",
        "trend",
        "Smallcap 100 from its 200-session mean",
        "percent",
        "momentum",
        (HEADLINE,),
        "distance_sma_200_pct",
    ),
    RiskInput(
        "smallcap_drawdown_252",
        "trend",
        "Smallcap 100 from its high of 252 sessions",
        "percent",
        "momentum",
        (HEADLINE,),
        "drawdown_252_pct",
    ),
    RiskInput(
        "nifty_500_return_63",
        "trend",
        "Nifty 500, return of 63 sessions",
        "percent",
        "momentum",
        (NIFTY_500,),
        "return_63_pct",
    ),
    RiskInput(
        "nifty_500_over_sma_200",
        "trend",
        "Nifty 500 from its 200-session mean",
        "percent",
        "momentum",
        (NIFTY_500,),
        "distance_sma_200_pct",
    ),
    RiskInput(
        "above_sma_50",
        "breadth",
        "Shares above their 50-session mean",
        "percent",
        "breadth",
        (MARKET,),
        "above_sma_50_pct",
    ),
    RiskInput(
        "above_sma_200",
        "breadth",
        "Shares above their 200-session mean",
        "percent",
        "breadth",
        (MARKET,),
        "above_sma_200_pct",
    ),
    RiskInput(
        "summation",
        "breadth",
        "McClellan summation index",
        "points",
        "breadth",
        (MARKET,),
        "mcclellan_summation",
    ),
    RiskInput(
        "net_new_highs_10",
        "breadth",
        "New highs less new lows, mean of 10 sessions",
        "percent",
        "breadth",
        (MARKET,),
        "net_new_highs_10_pct",
    ),
    RiskInput(
        "up_volume",
        "breadth",
        "Traded value in rising shares",
        "percent",
        "breadth",
        (MARKET,),
        "up_volume_pct",
    ),
    RiskInput(
        "fii_net_10",
        "flows",
        "FII net buying over 10 sessions",
        "Rs crore",
        "flow",
        ("FII",),
        "net_sum_10_crore",
    ),
    RiskInput(
        "fii_net_20",
        "flows",
        "FII net buying over 20 sessions",
        "Rs crore",
        "flow",
        ("FII",),
        "net_sum_20_crore",
    ),
    RiskInput(
        BOTH_NET_10,
        "flows",
        "FII and DII net buying over 10 sessions",
        "Rs crore",
        "flow",
        (BOTH,),
        "net_sum_10_crore",
    ),
    ANCHOR,
    RiskInput(
        "beta_spread_21",
        "leadership",
        "Highest less lowest fifth by beta, 21 sessions",
        "points",
        "leadership",
        (MARKET,),
        "beta_spread_21_points",
    ),
    RiskInput(
        "cyclical_less_defensive_63",
        "leadership",
        "Auto, Metal, Realty and PSU Bank less FMCG, Pharma and IT, 63 sessions",
        "points",
        "momentum",
        CYCLICAL,
        "return_63_pct",
        less=DEFENSIVE,
    ),
    RiskInput(
        "high_beta_less_low_volatility_63",
        "leadership",
        "High Beta 50 less Low Volatility 50, 63 sessions",
        "points",
        "momentum",
        ("nifty-high-beta-50",),
        "return_63_pct",
        less=("nifty-low-volatility-50",),
    ),
    RiskInput(
        "india_vix",
        "stress",
        "India VIX",
        "points",
        "close",
        (INDIA_VIX,),
        "close",
        is_inverted=True,
    ),
    RiskInput(
        "realised_volatility_20",
        "stress",
        "Nifty 500, realised volatility of 20 sessions",
        "percent",
        "momentum",
        (NIFTY_500,),
        "volatility_close_20_pct",
        is_inverted=True,
    ),
    RiskInput(
        "usdinr_change_20",
        "stress",
        "Dollar in rupees, change over 20 sessions",
        "percent",
        "macro",
        ("DEXINUS",),
        "change_20_pct",
        is_inverted=True,
    ),
    RiskInput(
        "hy_oas",
        "stress",
        "US high-yield spread",
        "percent",
        "macro",
        ("BAMLH0A0HYM2",),
        "value",
        is_inverted=True,
    ),
    RiskInput(
        "us_vix", "stress", "US VIX", "points", "macro", ("VIXCLS",), "value", is_inverted=True
    ),
)

_OF_SOURCE = {
    source: [one for one in INPUTS if one.source == source]
    for source in ("momentum", "breadth", "leadership", "flow", "close", "macro")
}
INDICES = tuple(
    sorted({index_id for one in _OF_SOURCE["momentum"] for index_id in one.subject + one.less})
)
"""Indices whose mart.index_momentum is read."""
SERIES = tuple(sorted({index_id for one in _OF_SOURCE["close"] for index_id in one.subject}))
"""Indices whose closes are read."""
UNIVERSES = tuple(
    sorted(
        {one for kind in ("breadth", "leadership") for i in _OF_SOURCE[kind] for one in i.subject}
    )
)
"""Universes whose breadth and leadership are read."""
