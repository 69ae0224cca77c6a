"""Declared titles of the exchange's indices, with the other names each was published under.

A name here is compared in its spelling key, so case, blanks and hyphens need no
second entry. Two titles are two series, whatever their levels do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

REBRANDED = (
    "IISL press release of September 2015: its indices renamed from CNX to Nifty, "
    "effective 2015-11-09"
)
LICENCE_ENDED = "S&P left the index names when its licence with IISL ended in early 2013"
FREE_FLOAT = (
    "NSE Indices methodology, Midcap 100 and Smallcap 100: 'Free Float' in the name from "
    "2016-04-01 to 2018-04-01"
)
SHORT = "Short name in the exchange's market watch and price files"
QUALITY_RENAMED = "Nifty Quality 30 renamed to Nifty100 Quality 30 in July 2018"


@dataclass(frozen=True)
class Title:
    """One series: the name to show, and other published names by the citation that joins them."""

    title: str
    names: tuple[tuple[str, str], ...] = ()


def _series(
    title: str,
    *,
    cnx: str = "",
    snp: str = "",
    short: str = "",
    free_float: str = "",
    quality: str = "",
) -> Title:
    """A title with its other names by kind of citation, `|` between several of one kind."""
    kinds = (
        (snp, LICENCE_ENDED),
        (cnx, REBRANDED),
        (free_float, FREE_FLOAT),
        (quality, QUALITY_RENAMED),
        (short, SHORT),
    )
    return Title(
        title, tuple((name, why) for names, why in kinds for name in names.split("|") if name)
    )


BROAD = (
    _series("Nifty 50", cnx="CNX Nifty", snp="S&P CNX Nifty"),
    _series("Nifty Next 50", cnx="CNX Nifty Junior|Nifty Junior", short="Nifty Nxt 50"),
    _series("Nifty 100", cnx="CNX 100"),
    _series("Nifty 200", cnx="CNX 200"),
    _series("Nifty 500", cnx="CNX 500", snp="S&P CNX 500"),
    _series("Nifty Total Market", short="Nifty Total Mkt"),
    _series("Nifty Midcap 50", cnx="CNX Midcap 50"),
    _series("Nifty Midcap 100", cnx="CNX Midcap", free_float="Nifty Free Float Midcap 100"),
    _series("Nifty Midcap 150"),
    _series("Nifty Midcap Select", short="Midcap Select|Nifty Mid Select"),
    _series(
        "Nifty Smallcap 100",
        cnx="CNX Smallcap",
        free_float="Nifty Free Float Smallcap 100",
        short="Nifty Smlcap 100",
    ),
    _series("Nifty Smallcap 50", short="Nifty Smlcap 50"),
    _series("Nifty Smallcap 250", short="Nifty Smlcap 250"),
    _series("Nifty Microcap 250"),
    # Full market capitalisation, not free float: they ran beside the hundreds and are not them.
    _series("Nifty Full Midcap 100"),
    _series("Nifty Full Smallcap 100"),
    _series("Nifty MidSmallcap 400", short="Nifty MidSml 400"),
    _series("Nifty LargeMidcap 250", short="Nifty LargeMid250"),
    _series("Nifty500 Multicap 50:25:25", short="Nifty500 Multicap"),
    _series("Nifty500 LargeMidSmall Equal-Cap Weighted", short="Nifty500 LMS Eql"),
    _series("India VIX"),
)

SECTORS = (
    _series("Nifty Auto", cnx="CNX Auto"),
    _series("Nifty Bank", cnx="CNX Bank|Bank Nifty"),
    _series("Nifty Commodities", cnx="CNX Commodities"),
    _series("Nifty Consumer Durables", short="Nifty Consr Durbl"),
    _series("Nifty Energy", cnx="CNX Energy"),
    _series("Nifty Financial Services", cnx="CNX Finance", short="Nifty Fin Service"),
    _series("Nifty Financial Services 25/50", short="Nifty FinSrv25 50"),
    _series("Nifty Financial Services Ex-Bank", short="Nifty FinSerExBnk"),
    _series("Nifty FMCG", cnx="CNX FMCG"),
    _series("Nifty Healthcare", short="Nifty Healthcare Index"),
    _series("Nifty IT", cnx="CNX IT"),
    _series("Nifty Media", cnx="CNX Media"),
    _series("Nifty Metal", cnx="CNX Metal"),
    _series("Nifty Oil & Gas"),
    _series("Nifty Pharma", cnx="CNX Pharma"),
    _series("Nifty Private Bank", short="Nifty Pvt Bank"),
    _series("Nifty PSU Bank", cnx="CNX PSU Bank"),
    _series("Nifty Realty", cnx="CNX Realty"),
    _series("Nifty Services Sector", cnx="CNX Service|CNX Services", short="Nifty Serv Sector"),
    _series("Nifty MidSmall Financial Services", short="Nifty MS Fin Serv"),
    _series("Nifty MidSmall Healthcare", short="Nifty MidSml Hlth"),
    _series("Nifty MidSmall IT & Telecom", short="Nifty MS IT Telcm"),
)

THEMES = (
    _series("Nifty Capital Markets", short="Nifty Capital Mkt"),
    _series("Nifty Core Housing"),
    _series("Nifty CPSE", cnx="CPSE Index"),
    _series("Nifty EV & New Age Automotive", short="Nifty EV"),
    _series("Nifty India Consumption", cnx="CNX Consumption", short="Nifty Consumption"),
    _series("Nifty India Defence", short="Nifty Ind Defence"),
    _series("Nifty India Digital", short="Nifty Ind Digital"),
    _series("Nifty India Manufacturing", short="Nifty India Mfg"),
    _series("Nifty India New Age Consumption", short="Nifty New Consump"),
    _series("Nifty India Tourism", short="Nifty Ind Tourism"),
    _series("Nifty India Select 5 Corporate Groups (MAATR)", short="Nifty Corp MAATR"),
    _series("Nifty India Corporate Group Index - Tata Group 25% Cap", short="Nifty Tata 25 Cap"),
    _series("Nifty Infrastructure", cnx="CNX Infra|CNX Infrastructure", short="Nifty Infra"),
    _series("Nifty MidSmall India Consumption", short="Nifty MS Ind Cons"),
    _series("Nifty MNC", cnx="CNX MNC"),
    _series("Nifty Non-Cyclical Consumer", short="Nifty NonCyc Cons"),
    _series("Nifty PSE", cnx="CNX PSE"),
    _series("Nifty Transportation & Logistics", short="Nifty Trans Logis"),
    _series("Nifty50 Shariah", cnx="CNX Nifty Shariah", snp="S&P CNX Nifty Shariah"),
    _series("Nifty500 Shariah", cnx="CNX 500 Shariah", snp="S&P CNX 500 Shariah"),
    _series("Nifty Shariah 25", cnx="CNX Shariah 25"),
    _series("Nifty100 Enhanced ESG", short="Nifty100 Enh ESG"),
    _series("Nifty100 ESG Sector Leaders", short="Nifty100ESGSecLdr"),
    _series("Nifty500 Multicap India Manufacturing 50:30:20", short="Nifty Multi Mfg"),
    _series("Nifty500 Multicap Infrastructure 50:30:20", short="Nifty Multi Infra"),
)

STRATEGIES = (
    _series("Nifty Alpha 50", cnx="CNX Alpha"),
    _series("Nifty Alpha Low-Volatility 30", short="Nifty AlphaLowVol"),
    _series("Nifty Alpha Quality Low-Volatility 30", short="Nifty AQL 30"),
    _series("Nifty Alpha Quality Value Low-Volatility 30", short="Nifty AQLV 30"),
    _series(
        "Nifty Dividend Opportunities 50",
        cnx="CNX Dividend Opportunities|CNX Dividend Oppt",
        short="Nifty Div Opps 50",
    ),
    _series("Nifty Growth Sectors 15", cnx="NI15", short="Nifty GrowSect 15"),
    _series("Nifty High Beta 50", cnx="CNX High Beta"),
    _series("Nifty Low Volatility 50", cnx="CNX Low Volatility", short="Nifty Low Vol 50"),
    _series("Nifty Quality Low-Volatility 30", short="Nifty Qlty LV 30"),
    _series("Nifty Midcap Liquid 15", cnx="LIX 15 Midcap", short="Nifty Mid Liq 15"),
    _series("Nifty Midcap150 Momentum 50", short="NiftyM150Momntm50"),
    _series("Nifty Midcap150 Quality 50", short="Nifty M150 Qlty50"),
    _series("Nifty MidSmallcap400 Momentum Quality 100", short="NiftyMS400 MQ 100"),
    _series("Nifty Smallcap250 Momentum Quality 100", short="NiftySml250MQ 100"),
    _series("Nifty Smallcap250 Quality 50", short="Nifty Sml250 Q50"),
    _series("Nifty Top 10 Equal Weight", short="Nifty Top 10 EW"),
    _series("Nifty Top 15 Equal Weight", short="Nifty Top 15 EW"),
    _series("Nifty Top 20 Equal Weight", short="Nifty Top 20 EW"),
    _series("Nifty50 Equal Weight", short="Nifty50 EQL Wgt"),
    _series("Nifty50 Value 20", cnx="NV20"),
    _series("Nifty50 Dividend Points", short="Nifty50 Div Point"),
    _series("Nifty50 PR 1x Inverse", short="Nifty50 PR 1x Inv"),
    _series("Nifty50 PR 2x Leverage", short="Nifty50 PR 2x Lev"),
    _series("Nifty50 TR 1x Inverse", short="Nifty50 TR 1x Inv"),
    _series("Nifty50 TR 2x Leverage", short="Nifty50 TR 2x Lev"),
    _series("Nifty100 Equal Weight", cnx="CNX 100 Equal Weight", short="Nifty100 EQL Wgt"),
    _series("Nifty100 Liquid 15", cnx="LIX 15", short="Nifty100 Liq 15"),
    _series("Nifty100 Low Volatility 30", short="Nifty100 LowVol30"),
    _series("Nifty100 Quality 30", quality="Nifty Quality 30", short="Nifty100 Qualty30"),
    _series("Nifty200 Momentum 30", short="Nifty200Momentm30"),
    _series("Nifty200 Quality 30", short="Nifty200 Qualty30"),
    _series("Nifty500 Equal Weight", short="Nifty500 EW"),
    _series("Nifty500 Low Volatility 50", short="Nifty500 LowVol50"),
    _series("Nifty500 Momentum 50", short="Nifty500Momentm50"),
    _series("Nifty500 Multicap Momentum Quality 50", short="Nifty Multi MQ 50"),
    _series("Nifty500 Multifactor MQVLv 50", short="Nifty500 MQVLv50"),
    _series("Nifty500 Quality 50", short="Nifty500 Qlty50"),
)

FIXED_INCOME = (
    _series("Nifty 10 yr Benchmark G-Sec", short="Nifty GS 10Yr"),
    _series("Nifty 10 yr Benchmark G-Sec (Clean Price)", short="Nifty GS 10Yr Cln"),
    _series("Nifty 4-8 yr G-Sec Index", short="Nifty GS 4 8Yr"),
    _series("Nifty 8-13 yr G-Sec", short="Nifty GS 8 13Yr"),
    _series("Nifty 11-15 yr G-Sec Index", short="Nifty GS 11 15Yr"),
    _series("Nifty 15 yr and above G-Sec Index", short="Nifty GS 15YrPlus"),
    _series("Nifty Composite G-Sec Index", short="Nifty GS Compsite"),
    *(
        _series(f"Nifty BHARAT Bond Index - April {year}", short=f"BHARATBOND-APR{year % 100}")
        for year in (2023, 2025, 2030, 2031, 2032, 2033)
    ),
)

TITLES: tuple[Title, ...] = (*BROAD, *SECTORS, *THEMES, *STRATEGIES, *FIXED_INCOME)


def spelling_key(column: str) -> pl.Expr:
    """Letters and digits of a name in lower case, `&` as "and": equal for one name's spellings."""
    return (
        pl.col(column)
        .str.to_lowercase()
        .str.replace_all("&", "and", literal=True)
        .str.replace_all(r"[^a-z0-9]", "")
    )


def index_id(title: str) -> str:
    """The id of a title: "Nifty Smallcap 100" is nifty-smallcap-100, "Nifty100 ESG" nifty-100-esg.

    Two titles of different spelling keys never share an id: without its hyphens an id is the key.
    """
    words = re.sub(r"[^a-z0-9]+", "-", title.lower().replace("&", " and ")).strip("-")
    return re.sub(r"(?<=[a-z])(?=[0-9])", "-", words)


@lru_cache(maxsize=1)
def declared_names() -> pl.DataFrame:
    """Spelling key, title and citation of every declared name.

    Raises:
        ValueError: one name is declared for two titles.
    """
    rows = [(one.title, one.title, "") for one in TITLES]
    rows += [(name, one.title, citation) for one in TITLES for name, citation in one.names]
    frame = (
        pl.DataFrame(rows, schema=["declared_name", "declared_title", "citation"], orient="row")
        .with_columns(key=spelling_key("declared_name"))
        .unique(["key", "declared_title"], keep="first", maintain_order=True)
    )
    twice = frame.filter(pl.col("key").is_duplicated())
    if not twice.is_empty():
        raise ValueError(f"Declared for two titles: {sorted(twice['declared_name'].to_list())}")
    return frame.select("key", "declared_title", "citation")
