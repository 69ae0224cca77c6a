"""The indices of the simulated market: true names, invented behaviour.

Names are those the exchange publishes in its daily file. Loadings, levels and dates of the
renames are scripted: nothing here is a published figure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Kind = Literal["equity", "debt", "volatility", "leveraged"]

SECTORS = (
    "auto",
    "bank",
    "commodity",
    "consumer",
    "defensive",
    "health",
    "industrial",
    "infra",
    "it",
    "media",
    "metal",
    "public",
    "realty",
    "momentum",
    "value",
    "quality",
    "rates",
)


@dataclass(frozen=True)
class Index:
    """One index: what it loads on, and when it is published.

    `market`, `mid` and `small` multiply the factor returns; `sectors` the sector factors.
    `idiosyncratic` is its own daily volatility as a ratio of the market's; `carry` a constant daily
    return.
    """

    name: str
    kind: Kind = "equity"
    market: float = 1.0
    mid: float = 0.0
    small: float = 0.0
    sectors: dict[str, float] = field(default_factory=dict)
    idiosyncratic: float = 0.12
    level: float | None = None
    carry: float = 0.0
    first_session: date | None = None
    last_session: date | None = None
    total_return: bool = False


def _equity(
    name: str,
    market: float = 1.0,
    mid: float = 0.0,
    small: float = 0.0,
    *,
    own: float = 0.12,
    level: float | None = None,
    since: date | None = None,
    tri: bool = False,
    **sectors: float,
) -> Index:
    return Index(
        name,
        "equity",
        market,
        mid,
        small,
        sectors,
        own,
        level=level,
        first_session=since,
        total_return=tri,
    )


def _debt(name: str, duration: float, *, until: date | None = None) -> Index:
    return Index(
        name, "debt", 0.0, sectors={"rates": duration}, idiosyncratic=0.0, last_session=until
    )


# The three whose paths the story scripts come first; they have no noise of their own.
NIFTY_50 = _equity("Nifty 50", own=0.0, tri=True)
MIDCAP_100 = _equity("NIFTY Midcap 100", mid=1.0, own=0.0, tri=True)
SMALLCAP_100 = _equity("NIFTY Smallcap 100", 1.05, small=1.0, own=0.0, tri=True)
VIX = Index("India VIX", "volatility", level=14.0)

_BROAD = (
    NIFTY_50,
    MIDCAP_100,
    SMALLCAP_100,
    _equity("Nifty Next 50", 1.06, 0.35, own=0.2, level=28100, tri=True, public=0.2),
    _equity("Nifty 100", 1.01, 0.04, own=0.02, level=11850, tri=True),
    _equity("Nifty 200", 1.01, 0.12, own=0.02, level=6120, tri=True),
    _equity("Nifty 500", 1.01, 0.16, 0.06, own=0.02, level=9640, tri=True),
    _equity("NIFTY Midcap 150", 1.0, 0.97, 0.02, own=0.04, level=6700, tri=True),
    _equity("Nifty Midcap 50", 1.04, 0.98, own=0.08, level=5060, tri=True),
    _equity("NIFTY MID SELECT", 1.05, 0.95, own=0.1, level=4700, tri=True),
    _equity("NIFTY Smallcap 50", 1.07, 0.0, 1.02, own=0.08, level=3040, tri=True),
    _equity("NIFTY Smallcap 250", 1.03, 0.05, 0.95, own=0.04, level=4950, tri=True),
    _equity("Nifty Smallcap 500", 1.02, 0.05, 0.97, own=0.05, since=date(2024, 8, 19)),
    _equity("NIFTY Microcap 250", 0.98, 0.0, 1.04, own=0.18, level=5250, tri=True),
    _equity("NIFTY LargeMidcap 250", 1.0, 0.5, own=0.03, tri=True),
    _equity("NIFTY MidSmallcap 400", 1.01, 0.66, 0.34, own=0.03, tri=True),
    _equity("NIFTY500 MULTICAP", 1.01, 0.3, 0.27, own=0.03, tri=True),
    _equity("NIFTY Total Market", 1.01, 0.16, 0.09, own=0.02, tri=True),
    _equity("NIFTY SME EMERGE", 0.7, 0.0, 1.1, own=0.6, tri=True),
    _equity("Nifty India FPI 150", 1.02, 0.12, own=0.05),
    _equity("Nifty IPO", 1.0, 0.3, 0.5, own=0.3),
    _equity("Nifty500 EW", 1.02, 0.35, 0.5, own=0.05),
    _equity("Nifty500 LMS Eql", 1.02, 0.35, 0.33, own=0.04),
    _equity("Nifty Top 10 EW", 0.97, own=0.12, since=date(2024, 11, 11)),
    _equity("Nifty Top 15 EW", 0.98, own=0.1),
    _equity("Nifty Top 20 EW", 0.98, own=0.09),
    _equity("NIFTY50 Equal Weight", 1.03, 0.05, own=0.1),
    _equity("NIFTY100 Equal Weight", 1.04, 0.18, own=0.08),
    _equity("Nifty100 Liq 15", 1.08, 0.1, own=0.2),
    _equity("Nifty Mid Liq 15", 1.1, 1.0, own=0.2),
)

_SECTORAL = (
    _equity("Nifty Auto", 1.05, 0.15, own=0.15, tri=True, auto=1.0),
    _equity("Nifty Bank", 1.15, 0.0, own=0.12, level=31200, tri=True, bank=0.8),
    _equity("Nifty Private Bank", 1.16, 0.0, own=0.15, bank=0.85),
    _equity("Nifty PSU Bank", 1.2, 0.5, own=0.4, tri=True, bank=0.7, public=1.1),
    _equity("Nifty Financial Services", 1.12, 0.0, own=0.1, tri=True, bank=0.75),
    _equity("Nifty FinSrv25 50", 1.12, 0.05, own=0.12, bank=0.72),
    _equity("Nifty FinSerExBnk", 1.12, 0.2, own=0.25, bank=0.5),
    _equity("Nifty MS Fin Serv", 1.08, 0.6, 0.3, own=0.2, bank=0.4),
    _equity("Nifty Capital Mkt", 1.15, 0.5, 0.5, own=0.5, bank=0.2),
    _equity("Nifty FMCG", 0.65, own=0.15, tri=True, defensive=0.9),
    _equity("Nifty India Consumption", 0.8, 0.1, own=0.08, tri=True, consumer=0.6),
    _equity("NIFTY CONSUMER DURABLES", 0.85, 0.35, own=0.3, consumer=0.8),
    _equity("Nifty New Consump", 0.92, 0.3, 0.1, own=0.15, consumer=0.6),
    _equity("Nifty NonCyc Cons", 0.75, 0.15, own=0.12, consumer=0.6, defensive=0.2),
    _equity("Nifty MS Ind Cons", 0.9, 0.6, 0.3, own=0.15, consumer=0.5),
    _equity("Nifty IT", 0.85, 0.0, own=0.15, tri=True, it=1.1),
    _equity("Nifty MS IT Telcm", 0.9, 0.6, 0.3, own=0.25, it=0.8),
    _equity("NIFTY IND DIGITAL", 0.95, 0.4, 0.1, own=0.3, it=0.4),
    _equity("Nifty India Internet", 1.0, 0.5, 0.3, own=0.5),
    _equity("Nifty Pharma", 0.65, 0.1, own=0.15, tri=True, health=1.0),
    _equity("NIFTY Healthcare Index", 0.68, 0.15, own=0.1, tri=True, health=0.95),
    _equity("Nifty MidSml Hlth", 0.7, 0.5, 0.25, own=0.15, health=0.85),
    _equity("Nifty500 Healthcare", 0.7, 0.3, 0.1, own=0.08, health=0.9),
    _equity("Nifty Metal", 1.25, 0.2, own=0.2, tri=True, metal=1.1),
    _equity("Nifty Commodities", 1.08, 0.15, own=0.1, commodity=0.6, metal=0.3),
    _equity("Nifty Chemicals", 0.9, 0.4, 0.2, own=0.25, tri=True, commodity=0.4),
    _equity("Nifty Energy", 0.95, 0.1, own=0.18, tri=True, commodity=0.8),
    _equity("NIFTY OIL & GAS", 0.95, 0.1, own=0.2, tri=True, commodity=0.9),
    _equity("Nifty Realty", 1.3, 0.6, 0.2, own=0.35, tri=True, realty=1.2),
    _equity("Nifty Housing", 1.05, 0.2, own=0.1, realty=0.3, bank=0.3),
    _equity("Nifty CoreHousing", 0.95, 0.35, 0.15, own=0.2, realty=0.5),
    _equity("Nifty Media", 1.1, 0.4, 0.5, own=0.5, tri=True, media=1.2),
    _equity("Nifty Infrastructure", 0.98, 0.1, own=0.1, tri=True, infra=0.6),
    _equity("Nifty Multi Infra", 1.0, 0.4, 0.2, own=0.12, infra=0.6),
    _equity("Nifty India Infrastructure & Logistics", 1.0, 0.3, 0.1, own=0.1, infra=0.7),
    _equity("Nifty Transportation & Logistics", 1.02, 0.3, 0.1, own=0.2, infra=0.5, auto=0.4),
    _equity("Nifty India Railways PSU", 1.2, 0.4, 0.4, own=0.6, infra=0.5, public=0.8),
    _equity("Nifty India Manufacturing", 1.0, 0.3, 0.1, own=0.08, industrial=0.5, auto=0.3),
    _equity("Nifty Multi Mfg", 1.0, 0.35, 0.2, own=0.08, industrial=0.6),
    _equity("Nifty India Defence", 1.15, 0.4, 0.5, own=0.6, industrial=0.7, public=0.6),
    _equity("Nifty EV", 1.05, 0.3, own=0.2, auto=0.8),
    _equity("Nifty Mobility", 0.98, 0.15, own=0.1, auto=0.7),
    _equity("Nifty Ind Tourism", 0.95, 0.3, 0.4, own=0.4, consumer=0.4),
    _equity("Nifty Rural", 0.95, 0.15, own=0.1, consumer=0.3, auto=0.2),
    _equity("Nifty Services Sector", 1.05, 0.0, own=0.06, bank=0.45, it=0.3),
    _equity("Nifty REITs & InvITs", 0.25, own=0.2, since=date(2023, 4, 3), rates=0.8),
)

_THEMATIC = (
    _equity("Nifty CPSE", 1.0, 0.1, own=0.2, public=0.9),
    _equity("Nifty PSE", 1.05, 0.15, own=0.15, public=0.9),
    _equity("Nifty MNC", 0.82, 0.3, own=0.12, consumer=0.3, industrial=0.3),
    _equity("Nifty GrowSect 15", 0.9, 0.1, own=0.2, momentum=0.3),
    _equity("Nifty Corp MAATR", 1.05, 0.1, own=0.2),
    _equity("Nifty Tata 25 Cap", 1.02, 0.2, own=0.2, it=0.2),
    _equity("Nifty Conglomerate 50", 1.02, 0.15, own=0.12),
    _equity("Nifty India Corporate Group Index - Aditya Birla Group", 1.05, 0.2, own=0.3),
    _equity("Nifty India Corporate Group Index - Mahindra Group", 1.05, 0.1, own=0.35, auto=0.4),
    _equity("Nifty India Corporate Group Index - Tata Group", 0.98, 0.05, own=0.2, it=0.4),
    _equity("Nifty Waves", 1.0, 0.3, 0.3, own=0.4, media=0.6),
    _equity("Nifty Shariah 25", 0.8, 0.05, own=0.15, it=0.3, health=0.3),
    _equity("Nifty50 Shariah", 0.8, own=0.15, it=0.5),
    _equity("Nifty500 Shariah", 0.85, 0.25, 0.1, own=0.1, it=0.3, health=0.2),
    _equity("NIFTY100 ESG", 1.0, 0.02, own=0.06, quality=0.1),
    _equity("Nifty100 Enh ESG", 1.0, 0.03, own=0.06, quality=0.12),
    _equity("Nifty100ESGSecLdr", 1.0, 0.02, own=0.08, quality=0.1),
)

_FACTOR = (
    _equity("NIFTY Alpha 50", 1.1, 0.5, 0.4, own=0.3, momentum=1.0),
    _equity("NIFTY AlphaLowVol", 0.82, 0.15, own=0.12, momentum=0.4, quality=0.3),
    _equity("Nifty100 Alpha 30", 1.05, 0.15, own=0.2, momentum=0.9),
    _equity("Nifty200 Alpha 30", 1.1, 0.35, own=0.25, momentum=0.9),
    _equity("Nifty200Momentm30", 1.06, 0.35, own=0.2, momentum=0.9),
    _equity("NiftyM150Momntm50", 1.05, 1.0, own=0.15, momentum=0.8),
    _equity("Nifty500Momentm50", 1.07, 0.5, 0.3, own=0.2, momentum=0.9),
    _equity("NiftyMS400 MQ 100", 1.0, 0.6, 0.35, own=0.1, momentum=0.5, quality=0.4),
    _equity("NiftySml250MQ 100", 1.0, 0.05, 0.95, own=0.12, momentum=0.5, quality=0.4),
    _equity("Nifty Multi MQ 50", 1.0, 0.35, 0.25, own=0.12, momentum=0.5, quality=0.4),
    _equity("Nifty Total Market Momentum Quality 50", 1.0, 0.35, 0.2, own=0.15, momentum=0.5),
    _equity("Nifty500 MQVLv50", 0.95, 0.35, 0.2, own=0.12, momentum=0.3, quality=0.3, value=0.3),
    _equity("Nifty500 Flexicap Quality 30", 0.9, 0.35, 0.1, own=0.15, quality=0.7),
    _equity("Nifty500 Qlty50", 0.9, 0.3, 0.05, own=0.1, quality=0.8),
    _equity("Nifty500 LowVol50", 0.76, 0.15, own=0.08, quality=0.4),
    _equity("Nifty500 Value 50", 1.15, 0.35, 0.2, own=0.2, value=0.9),
    _equity("Nifty Smallcap250 Quality 50", 0.97, 0.05, 0.9, own=0.15, quality=0.6),
    _equity("NIFTY M150 QLTY50", 0.92, 0.9, own=0.12, quality=0.7),
    _equity("NIFTY100 Qualty30", 0.9, own=0.1, quality=0.7),
    _equity("NIFTY200 QUALTY30", 0.88, 0.05, own=0.1, quality=0.75),
    _equity("Nifty AQL 30", 0.88, 0.1, own=0.12, quality=0.5, momentum=0.3),
    _equity("Nifty AQLV 30", 0.86, 0.1, own=0.12, quality=0.4, momentum=0.2, value=0.2),
    _equity("Nifty Qlty LV 30", 0.76, 0.05, own=0.08, quality=0.5),
    _equity("NIFTY100 LowVol30", 0.76, 0.02, own=0.08, quality=0.3),
    _equity("Nifty Low Volatility 50", 0.77, 0.1, own=0.07, quality=0.3),
    _equity("Nifty High Beta 50", 1.45, 0.4, 0.1, own=0.25, value=0.4),
    _equity("Nifty200 Value 30", 1.1, 0.15, own=0.15, value=0.9),
    _equity("Nifty50 Value 20", 0.9, own=0.1, value=0.5),
    _equity("Nifty Div Opps 50", 0.85, 0.1, own=0.08, value=0.4),
)

_LEVERAGED = (
    Index("Nifty50 PR 1x Inv", "leveraged", -1.0, idiosyncratic=0.0, carry=0.00022),
    Index("Nifty50 PR 2x Lev", "leveraged", 2.0, idiosyncratic=0.0, carry=-0.00020),
    Index("Nifty50 TR 1x Inv", "leveraged", -1.0, idiosyncratic=0.0, carry=0.00017),
    Index("Nifty50 TR 2x Lev", "leveraged", 2.0, idiosyncratic=0.0, carry=-0.00010),
)

_DEBT = (
    _debt("BHARATBOND-APR25", 0.35, until=date(2025, 4, 15)),
    _debt("BHARATBOND-APR30", 0.8),
    _debt("BHARATBOND-APR31", 0.9),
    _debt("BHARATBOND-APR32", 1.0),
    _debt("BHARATBOND-APR33", 1.1),
    _debt("Nifty GS 10Yr", 1.3),
    _debt("Nifty GS 10Yr Cln", 1.35),
    _debt("Nifty GS 11 15Yr", 1.6),
    _debt("Nifty GS 15YrPlus", 2.1),
    _debt("Nifty GS 4 8Yr", 0.8),
    _debt("Nifty GS 8 13Yr", 1.25),
    _debt("Nifty GS Compsite", 1.3),
)

INDICES: tuple[Index, ...] = (
    *_BROAD,
    *_SECTORAL,
    *_THEMATIC,
    *_FACTOR,
    *_LEVERAGED,
    *_DEBT,
    VIX,
)


@dataclass(frozen=True)
class Rename:
    """An index published as `old_name` before `first_session`, as `new_name` from it on."""

    old_name: str
    new_name: str
    first_session: date


# Old names are forms under which these indices have really appeared; the dates are scripted.
RENAMES = (
    Rename("NIFTY MICROCAP250", "NIFTY Microcap 250", date(2022, 1, 10)),
    Rename("Nifty Consumption", "Nifty India Consumption", date(2021, 4, 1)),
    Rename("Nifty Infra", "Nifty Infrastructure", date(2023, 10, 3)),
)
