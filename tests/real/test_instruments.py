"""Genuine bars, which have no ISIN: what each security is, and that shares stay themselves.

The bars are those of the archive's equity files. No list of funds and no ISIN is given where the
rules alone are looked at.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.transforms.traded import changes, known, members
from transforms.instrument_kinds import is_ordinary
from transforms.instruments import Instruments, with_instrument

pytestmark = pytest.mark.real

# What each symbol stood for, decided by hand; daily moves in the archive follow a fund of its kind.
FUNDS_BY_RULE = {
    "ICICINIFTY": "ICICI Prudential Nifty 50 ETF",
    "ICICIGOLD": "ICICI Prudential Gold ETF",
    "ICICIALPLV": "ICICI Prudential Nifty Alpha Low-Volatility 30 ETF",
    "ICICILIQ": "ICICI Prudential Liquid ETF",
    "ICICITECH": "ICICI Prudential Nifty IT ETF",
    "ICICIBANKN": "ICICI Prudential Nifty Bank ETF",
    "ICICI500": "ICICI Prudential S&P BSE 500 ETF",
    "KOTAKGOLD": "Kotak Gold ETF",
    "KOTAKNIFTY": "Kotak Nifty 50 ETF",
    "KOTAKBKETF": "Kotak Nifty Bank ETF",
    "KOTAKPSUBK": "Kotak Nifty PSU Bank ETF",
    "KOTAKNV20": "Kotak Nifty 50 Value 20 ETF",
    "M50": "Motilal Oswal Nifty 50 ETF",
    "M100": "Motilal Oswal Nifty Midcap 100 ETF",
    "N100": "Motilal Oswal Nasdaq 100 ETF",
    "G5": "Motilal Oswal 5 Year G-Sec ETF",
    "MAN50ETF": "Mirae Asset Nifty 50 ETF",
    "NETFIT": "Nippon India ETF Nifty IT",
    "NETFMID150": "Nippon India ETF Nifty Midcap 150",
    "ICICINF100": "ICICI Prudential Nifty 100 ETF",
    "GROWEV": "Groww Nifty EV & New Age Automotive ETF",
    "NCPSESDL24": "Nippon India ETF of CPSE bonds and state loans 2024",
    "RELCNX100": "R*Shares CNX 100 (Reliance)",
    "HDFCMFGETF": "HDFC Gold ETF",
    "IDBIGOLD": "IDBI Gold ETF",
    "EBBETF0423": "BHARAT Bond ETF April 2023",
    "NIFTYEES": "Edelweiss ETF Nifty 50",
    "EQ30": "Edelweiss ETF Nifty Quality 30",
    "SDL24BEES": "Nippon India ETF Nifty SDL 2024",
}
OTHER_KINDS = {
    ("EMBASSY", "RR"): "reit",
    ("MINDSPACE", "RR"): "reit",
    ("INDIGRID", "IV"): "invit",
    ("ANZEN", "IV"): "invit",
    ("AIRTELPP", "E1"): "partly paid share",
    ("AURUMPP1", "X1"): "partly paid share",
    ("JSWSTEEL", "P2"): "preference share",
    ("SHAREINDIA", "W1"): "warrant",
    ("UPL-RE", "BE"): "rights entitlement",
    ("ABIN-RE", "ST"): "rights entitlement",
    ("SGBAUG28V", "GB"): "debt",
    ("IRFC", "N2"): "debt",
    ("SRTRANSFIN", "YV"): "debt",
    ("FELDVR", "EQ"): "differential share",
    ("AGUL", "SM"): "sme share",
    ("ABSLFTQVDG", "MF"): "fund",
}
# Shares whose symbols begin or sound like a fund's, and ones that moved between EQ, BE and BZ.
SHARES = [
    "HDFCBANK", "ICICIBANK", "ICICIGI", "KOTAKBANK", "AXISBANK", "UTIAMC", "SBICARD", "TATATECH",
    "TATACONSUM", "GOLDIAM", "RELIANCE", "RELINFRA", "MOTHERSON", "MOIL", "JETFREIGHT",
    "METALFORGE", "ALMONDZ", "3IINFOLTD", "RELIGARE", "ICICIPRULI", "ABFRL", "MAHLOG",
    "NIITLTD", "SILVERTUC",
]  # fmt: skip
WHERE_FUNDS = "pr_2025-10-29"
BARS = "sec_bhavdata_full_*"


@pytest.fixture(scope="module")
def traded(unpacked: dict[str, Path]) -> pl.DataFrame:
    """Symbol, series and session of every bar of the archive; copies of a day stand twice."""
    parts = []
    for path in (one for folder in unpacked.values() for one in folder.rglob(BARS)):
        told = pl.read_csv(path, infer_schema=False, columns=[0, 1, 2])
        parts.append(told.rename({name: name.strip() for name in told.columns}))
    if not parts:
        pytest.skip("the archive holds no *.tar.xz with equity files")
    return (
        pl.concat(parts)
        .select(pl.all().str.strip_chars())
        .select(
            symbol="SYMBOL",
            series="SERIES",
            isin=pl.lit(None, dtype=pl.String),
            session_date=pl.col("DATE1").str.to_date("%d-%b-%Y"),
            security_name=pl.lit(None, dtype=pl.String),
        )
    )


@pytest.fixture(scope="module")
def by_rules(traded: pl.DataFrame) -> Instruments:
    return known(traded)


def kinds_of(found: Instruments) -> pl.DataFrame:
    return found.names.join(
        found.instruments.select("instrument_id", "kind", "kind_basis"), on="instrument_id"
    ).unique(["symbol", "series", "kind", "kind_basis"])


def listed_funds(archive: Path) -> list[str]:
    (path,) = (archive / WHERE_FUNDS).glob("etf*.csv")
    with path.open(encoding="utf-8") as file:
        return [row["SYMBOL"].strip() for row in csv.DictReader(file) if row.get("SYMBOL")]


def test_funds_that_the_rules_alone_decide(by_rules: Instruments) -> None:
    told = kinds_of(by_rules).filter(series="EQ").select("symbol", "kind", "kind_basis")
    found = {symbol: (kind, basis) for symbol, kind, basis in told.iter_rows()}
    assert {symbol: found[symbol] for symbol in FUNDS_BY_RULE} == dict.fromkeys(
        FUNDS_BY_RULE, ("fund", "symbol")
    )


def test_other_securities_and_shares(by_rules: Instruments) -> None:
    told = kinds_of(by_rules).select("symbol", "series", "kind")
    found = {(symbol, series): kind for symbol, series, kind in told.iter_rows()}
    assert {one: found[one] for one in OTHER_KINDS} == OTHER_KINDS
    traded_as = {
        one: {
            kind
            for (symbol, series), kind in found.items()
            if symbol == one and series in ("EQ", "BE", "BZ")
        }
        for one in SHARES
    }
    assert traded_as == {one: {"share"} for one in SHARES}


def test_with_the_list_every_listed_fund_is_one_and_no_member_of_an_index(
    archive: Path, traded: pl.DataFrame
) -> None:
    if not list((archive / WHERE_FUNDS).glob("etf*.csv")):
        pytest.skip(f"the archive holds no list of funds under {WHERE_FUNDS}")
    funds = listed_funds(archive)
    found = known(traded, fund_symbols=funds)
    told = kinds_of(found).filter(pl.col("series").is_in(["EQ", "BE", "BZ"]))
    listed = told.filter(pl.col("symbol").is_in(funds))
    assert listed["symbol"].n_unique() > 250
    assert set(listed["kind"]) == {"fund"}
    beyond = told.filter(kind="fund").filter(~pl.col("symbol").is_in(funds))
    assert 70 <= beyond["symbol"].n_unique() <= 90
    in_indices = {
        row["Symbol"].strip().removesuffix(".NS")
        for path in sorted((archive / "constituents").rglob("*.csv"))
        for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    }
    assert told.filter(pl.col("symbol").is_in(in_indices), pl.col("kind") == "fund").is_empty()


def test_the_universe_of_breadth_is_as_large_as_the_market(
    archive: Path, traded: pl.DataFrame
) -> None:
    found = known(traded, fund_symbols=listed_funds(archive))
    day = traded.filter(pl.col("session_date") == date(2025, 6, 2)).unique()
    told = with_instrument(day, found.names).join(
        found.instruments.select("instrument_id", "kind"), on="instrument_id", how="left"
    )
    assert told["kind"].null_count() == 0
    ordinary = told.filter(is_ordinary())
    assert ordinary["instrument_id"].is_unique().all()
    # The exchange's market capitalisation file of 2025-10-29 lists 2,008 EQ and 147 BE shares.
    assert 2000 < ordinary.height < 2200


def test_a_genuine_rename_and_a_move_between_series(traded: pl.DataFrame) -> None:
    some = traded.filter(
        pl.col("symbol").is_in(["ZOMATO", "ETERNAL", "ALMONDZ", "IRFC"])
        | (pl.col("series") == "BE")
    )
    found = known(
        some,
        changed=changes(("ZOMATO", "ETERNAL", date(2025, 4, 9))),
        in_lists=members(("nifty-50", date(2025, 9, 30), "ETERNAL", "INE758T01015", "")),
    )
    held = found.names.filter(pl.col("symbol").is_in(["ZOMATO", "ETERNAL"]))
    assert set(held["instrument_id"]) == {"INE758T"}
    before, after = (held.filter(symbol=one).row(0, named=True) for one in ("ZOMATO", "ETERNAL"))
    assert before["last_session"] < date(2025, 4, 9) == after["first_session"]
    moved = found.names.filter(symbol="ALMONDZ")
    assert set(moved["series"]) == {"EQ", "BE"}
    assert set(moved["instrument_id"]) == {"ALMONDZ"}
    bonds = found.names.filter(pl.col("symbol") == "IRFC", pl.col("series") != "EQ")
    assert bonds["instrument_id"].is_in(["IRFC"]).sum() == 0
