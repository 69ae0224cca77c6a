"""What a security is, and what says so."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.instrument_kinds import (
    is_ordinary,
    is_test_symbol,
    isin_kind,
    kinds,
    series_family,
    series_kind,
)
from transforms.isins import lineage, security_key
from warehouse.tables.instruments import INSTRUMENT_KINDS

# ISINs of an invented issuer; characters 8 and 9 are the depository's type of security.
SHARE, ENTITLEMENT, BOND = "INE901X01017", "INE901X20017", "INE901X07014"
OTHER_RIGHTS, FUND = "IN9901X01015", "INF901X01011"


def kind_of(
    symbol: str,
    *series: str,
    isin: str | None = None,
    title: str | None = None,
    fund: bool = False,
    share: bool = False,
) -> tuple[str, str]:
    row = pl.DataFrame(
        {
            "symbols": [[symbol]],
            "series": [list(series)],
            "isin": [isin],
            "title": [title],
            "is_listed_fund": [fund],
            "is_listed_share": [share],
        },
        schema_overrides={"isin": pl.String, "title": pl.String, "series": pl.List(pl.String)},
    )
    ((kind, basis),) = kinds(row).select("kind", "kind_basis").rows()
    assert kind in INSTRUMENT_KINDS
    return kind, basis


@pytest.mark.parametrize(
    ("isin", "kind"),
    [
        (SHARE, "share"),
        ("INE901X01025", "share"),
        (OTHER_RIGHTS, "differential share"),
        ("IN9901X04019", "preference share"),
        ("INE901X03013", "preference share"),
        ("INE901X04011", "preference share"),
        (BOND, "debt"),
        ("INE901X08011", "debt"),
        ("INE901X13012", "warrant"),
        (ENTITLEMENT, "rights entitlement"),
        ("INE901X23011", "invit"),
        ("INE901X25016", "reit"),
        (FUND, "fund"),
        ("INF901XA1018", "fund"),
        ("IN0020990018", "debt"),  # the Union
        ("IN1020990018", "debt"),  # a state
        ("DUM879I01012", None),
        ("INE901X0101", None),
        ("-", None),
        (None, None),
    ],
)
def test_the_isin_tells_the_kind(isin: str | None, kind: str | None) -> None:
    frame = pl.DataFrame({"isin": [isin]}, schema={"isin": pl.String})
    assert frame.select(isin_kind()).item() == kind


@pytest.mark.parametrize(
    ("series", "kind", "family"),
    [
        ("EQ", None, ""),
        ("BE", None, ""),
        ("BZ", None, ""),
        ("T0", None, ""),
        ("BL", None, ""),
        ("SM", "sme share", ""),
        ("ST", "sme share", ""),
        ("SZ", "sme share", ""),
        ("E1", "partly paid share", "E1"),
        ("X1", "partly paid share", "E1"),
        ("E3", "partly paid share", "E3"),
        ("P1", "preference share", "P1"),
        ("O1", "preference share", "P1"),
        ("Q2", "preference share", "Q2"),
        ("W1", "warrant", "W1"),
        ("K1", "warrant", "W1"),
        ("MF", "fund", ""),
        ("IV", "invit", ""),
        ("RR", "reit", ""),
        ("GB", "debt", ""),
        ("GS", "debt", ""),
        ("SG", "debt", ""),
        ("TB", "debt", ""),
        ("N2", "debt", "N2"),
        ("NA", "debt", "NA"),
        ("Y9", "debt", "Y9"),
        ("Z1", "debt", "Z1"),
        ("AJ", "debt", "AJ"),
        ("BX", "debt", "BX"),
        ("D1", "debt", "D1"),
        ("S1", "debt", "S1"),
        ("71", "debt", "71"),
        ("DR", "unknown", ""),
        ("??", "unknown", "??"),
    ],
)
def test_the_series_tells_the_kind(series: str, kind: str | None, family: str) -> None:
    frame = pl.DataFrame({"series": [series]})
    assert frame.select(series_kind(), series_family().alias("family")).row(0) == (kind, family)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (kind_of("ALM", "EQ", isin=SHARE), ("share", "ISIN")),
        (kind_of("ALM", "BZ", isin=SHARE), ("share", "ISIN")),
        (kind_of("ALM", "BE", "EQ", "SM", isin=SHARE), ("share", "ISIN")),
        (kind_of("ALM", "SM", "ST", isin=SHARE), ("sme share", "ISIN and series")),
        (kind_of("ALMPP", "E1", "X1", isin=OTHER_RIGHTS), ("partly paid share", "ISIN and series")),
        (kind_of("ALMVOTE", "EQ", isin=OTHER_RIGHTS), ("differential share", "ISIN")),
        (kind_of("ALM-RE", "BE", isin=ENTITLEMENT), ("rights entitlement", "ISIN")),
        # A name like a fund's is nothing against the ISIN of a share, nor the other way round.
        (kind_of("ALMETF", "EQ", isin=SHARE), ("share", "ISIN")),
        (kind_of("ALPHABETIC", "EQ", isin=FUND), ("fund", "ISIN")),
        (kind_of("ALM", "GS", isin="IN0020990018"), ("debt", "ISIN")),
        (kind_of("ALM", "SM"), ("sme share", "series")),
        (kind_of("ALMPP", "E1"), ("partly paid share", "series")),
        (kind_of("ALM-RE1", "BE"), ("rights entitlement", "symbol")),
        (kind_of("ALM-RE", "ST"), ("rights entitlement", "symbol")),
        (kind_of("EQUAL", "EQ", fund=True), ("fund", "list of funds")),
        (kind_of("ALMETF", "EQ", share=True), ("share", "list of shares")),
        (kind_of("ALMETF", "EQ"), ("fund", "symbol")),
        (kind_of("ALMDVR", "EQ"), ("differential share", "symbol")),
        (kind_of("ALM", "EQ", title="ALMAMC - ALM"), ("fund", "name")),
        (kind_of("ALM", "EQ", title="Alm Gold ETF"), ("fund", "name")),
        (kind_of("ALM", "EQ", title="ALM LIMITED"), ("share", "series, nothing says otherwise")),
        (kind_of("011NSETEST", "EQ", isin=SHARE), ("test", "symbol")),
        (kind_of("DUMMYALM", "EQ"), ("test", "symbol")),
        (kind_of("ALM", "T0", isin=SHARE), ("share", "ISIN")),
        (kind_of("ALM", "T0"), ("unknown", "nothing")),
        (kind_of("ALM", "DR"), ("unknown", "series")),
    ],
)
def test_what_is_believed_first(told: tuple[str, str], expected: tuple[str, str]) -> None:
    assert told == expected


# Companies whose symbols look somewhat like funds', and endings of test symbols inside a name.
@pytest.mark.parametrize(
    "symbol",
    [
        "HDFCBANK", "HDFCAMC", "HDFCLIFE", "ICICIBANK", "ICICIGI", "ICICIPRULI", "KOTAKBANK",
        "AXISBANK", "AXISCADES", "UTIAMC", "SBIN", "SBICARD", "SBILIFE", "TATATECH", "TATACONSUM",
        "TATAMOTORS", "GOLDIAM", "GOLDTECH", "SKYGOLD", "SILVERTUC", "RELIANCE", "RELINFRA",
        "RELIGARE", "RELAXO", "MOIL", "MOLDTKPAC", "MOTHERSON", "MOTILALOFS", "MOREPENLAB",
        "JETFREIGHT", "GROWW", "ALPHAGEO", "METALFORGE", "CONSOFINVT", "TECHM", "MIDHANI", "M&M",
        "TESTRON", "LATTEST", "QUALITYQ", "NIFCO",
    ],
)  # fmt: skip
def test_symbols_of_companies_are_no_funds(symbol: str) -> None:
    assert kind_of(symbol, "EQ") == ("share", "series, nothing says otherwise")


def test_ordinary_are_shares_in_two_series() -> None:
    frame = pl.DataFrame(
        {
            "kind": ["share", "share", "share", "share", "sme share", "fund", "partly paid share"],
            "series": ["EQ", "BE", "BZ", "SM", "SM", "EQ", "EQ"],
        }
    )
    assert frame.select(is_ordinary()).to_series().to_list() == [True, True] + [False] * 5


def test_test_symbols() -> None:
    frame = pl.DataFrame({"symbol": ["021NSETEST", "DUMMYDBRLT", "TEST1", "ALM", "ATTEST"]})
    assert frame.select(is_test_symbol()).to_series().to_list() == [True, True, True, False, False]


def test_what_an_isin_names_for_good() -> None:
    codes = [SHARE, "INE901X01025", ENTITLEMENT, OTHER_RIGHTS, FUND, "INE901X25016", "-", None]
    frame = pl.DataFrame({"isin": codes}, schema={"isin": pl.String})
    assert frame.select(security_key()).to_series().to_list() == [
        "INE901X",
        "INE901X",
        ENTITLEMENT,
        OTHER_RIGHTS,
        FUND,
        "INE901X25016",
        None,
        None,
    ]
    assert frame.select(lineage()).to_series().to_list() == [
        "INE901X",
        "INE901X",
        ENTITLEMENT,
        "IN9901X01",
        "INF",
        "INE901X25",
        None,
        None,
    ]
