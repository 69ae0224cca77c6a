"""What kind of security an instrument is, and what says so.

The ISIN is believed first, then the series, the exchange's lists, and last the symbol and name: a
product without ISINs leaves nothing else to tell a fund in series EQ from a share.
"""

from __future__ import annotations

import polars as pl

from transforms.isins import ISIN_PATTERN

MAIN_SERIES = ("EQ", "BE", "BZ")
"""Shares and funds of the main board."""
ORDINARY_SERIES = ("EQ", "BE")
SME_SERIES = ("SM", "ST", "SZ", "IT")
TWIN_SERIES = ("T0", "BL", "BO", "BT", "IL", "IQ", "AE")
"""Other windows on the same security (same-day settlement, blocks, buy-back, physical shares)."""
OWN_SYMBOL_SERIES = ("MF", "ME", "IV", "ID", "RR", "RT", "GB", "GS", "SG", "TB", "GC", "DR")
"""Series of securities that share their symbol with nothing else."""

# The exchange's "Legend of series" (nseindia.com/market-data/legend-of-series); what is held in
# trade-for-trade has a letter of its own. The first pattern that fits decides.
_KIND_OF_SERIES = (
    (rf"^({'|'.join(MAIN_SERIES + TWIN_SERIES)})$", None),
    (rf"^({'|'.join(SME_SERIES)})$", "sme share"),
    (r"^M[FE]$", "fund"),
    (r"^I[VD]$", "invit"),
    (r"^R[RT]$", "reit"),
    (r"^(GB|GS|SG|TB|GC)$", "debt"),
    (r"^DR$", "unknown"),  # depositary receipts
    (r"^[EX][1-9A-Z]$", "partly paid share"),
    (r"^[POQF][1-9A-Z]$", "preference share"),
    (r"^[WK][1-9A-Z]$", "warrant"),
    (r"^[NYZABUMDS][0-9A-Z]$", "debt"),
    (r"^[1-9][0-9]$", "debt"),
    (r".*", "unknown"),
)
# The same security under rolling and under trade-for-trade settlement: one letter for both.
_ROLLING_LETTER = {"X": "E", "O": "P", "F": "Q", "K": "W"}

# Characters 8 and 9 of an Indian company's ISIN, as the depository numbers securities: what is not
# named here is debt of some form (05 to 12 bonds, 14 commercial paper, 15 pass-through ...).
_KIND_OF_TYPE = {
    "01": "share",
    "03": "preference share",
    "04": "preference share",
    "13": "warrant",
    "20": "rights entitlement",
    "21": "unknown",  # depositary receipts
    "23": "invit",
    "25": "reit",
}

_TEST_SYMBOL = r"NSETEST|^DUMMY|^TEST[0-9]*$|[0-9]TEST$"
_ENTITLEMENT_SYMBOL = r"-RE[0-9]*$"
_DIFFERENTIAL_SYMBOL = r"DVR$"
_FUND_TITLE = r"(?i)\b(ETF|EXCHANGE TRADED|MUTUAL FUND)\b|BEES\b|AMC *-"
# Fund houses name their funds after themselves and an index, a metal or a style. No company's
# symbol in the exchange's lists of 2024 and 2025 fits one of these.
_FUND_SYMBOLS = (
    r"ETF([0-9]*|ADD)$|^([NSR]|LICN|SBI)ETF|NIFTY|SENSEX|BEES$|CNX[0-9]",
    r"^(ALPHA|BFSI|ESG|LOWVOL|MIDCAP|SMALLCAP|MIDSMALL|MOMENTUM|MNC|PSUBANK|BANKPSU)[0-9]*$",
    r"^(MSCIINDIA|MULTICAP|QUALITY[0-9]*)$",
    r"^LIQUID|^LIQ[A-Z]*BEES$",
    r"[A-Z0-9]+(IETF|CASE|[A-Z05]ADD)$",
    r"^(GOLD|SILVER)([0-9]+|SHARE|AG|CASE|ADD)?$|^[EQ](GOLD|SILVER)(HALF)?$",
    r"^(GSEC|GILT)[0-9]+|^(LTGILT|SDL[0-9]{2})",
    r"^(ABSL|BSL)(BANK|LIQUID|NN|PSE|GOLD|SEN|GSEC|IT|HEALTH|MOM)",
    r"^ABGSEC$|^AONE(GOLD|SILV|LIQ|TOTAL|N)|^AX?(IS)?(SENS|ILVER)",
    r"^AXIS(GOLD|SILVER|VALUE|CONS|TECH|HEALTH|BPS)",
    r"^BBNP|^EBANK?ETF",
    r"^GROWW[A-Z0-9]|^GROWEV$|CPSE",
    r"^HDFC(GOLD|SILVER|SEN|NIF|BSE|MF|GROWTH|LIQUID|LOWVOL|MID|MOM|NEXT|PSU|PVT|QUAL|SML|VALUE)",
    r"^ICICI(NIF|GOLD|SILV|SEN|B22|[0-9]|ALPL|AUTO|BANK[NP]$|CONSU|FIN|FMCG|INF|LIQ|LOVOL|M1|MCAP)",
    r"^ICICI(MIDS|MOM|NF[0-9]|NV20|NXT|PHARM|QTY|QUAL|TECH|VALUE)",
    r"^(IDBI|IVZIN|LICMF|QGOLD|REL|SBI|SETF|TATA|UNION|UTI)(GOLD|HALF)",
    r"^(LICNF|LICNMID|LICNETF)|^IVZIN|^TAT(A)?SILV",
    r"^KOTAK(ALPHA|BKETF|CONS|GOLD|IT$|LOVOL|MID|MNC|NIF|NV20|PSU|QUAL|SILV)",
    r"^MO(ALPHA|CAPITAL|DEFENCE|ENERGY|GOLD|GSEC|HEALTH|INFRA$|LOWVOL|M[0-9]+|MGF|MIDMTM|MOMENTUM)",
    r"^MO(N[0-9]+|NEXT|NQ|PSE|QUALITY|REALTY|SILVER|SMALL|TOUR$|VALUE)",
    r"^(MA(FANG|HKTECH|SPTOP|NXT)|[MN](50|100)$|G5$|EQ30$|NV20$|MID150|MON100)",
    r"^REL(CONS|DIVOPP|NV20|BANK)",
    r"^SBI(BPB|EQWETF|LIQ|NEQW|SILVER)|^UTI(NEXT|SXN|BANK|NIF)",
    r"^(ALPL|LOWVOL|QUAL|MOM|TOP|SML|VAL|SNXT|NEXT|EQUAL)[0-9]+(CASE|BEES|EW|IETF|ADD)?$",
    r"^NIF(100|MID|IT|5G|10G)|^NPBET$",
)
FUND_SYMBOL = "|".join(f"(?:{pattern})" for pattern in _FUND_SYMBOLS)


def series_kind(series: str = "series") -> pl.Expr:
    """The kind that a series admits alone; null where the series holds shares and funds alike."""
    chain: pl.Expr = pl.lit(None, dtype=pl.String)
    for pattern, kind in reversed(_KIND_OF_SERIES):
        chain = (
            pl.when(pl.col(series).str.contains(pattern))
            .then(pl.lit(kind, dtype=pl.String))
            .otherwise(chain)
        )
    return chain


def series_family(series: str = "series") -> pl.Expr:
    """What separates securities that share a symbol: "" for the share, else the series.

    What has its symbol alone is "" too; trade-for-trade goes under its rolling series.
    """
    shared = [*MAIN_SERIES, *SME_SERIES, *TWIN_SERIES, *OWN_SYMBOL_SERIES]
    letter = pl.col(series).str.head(1).replace(_ROLLING_LETTER)
    return (
        pl.when(pl.col(series).is_in(shared))
        .then(pl.lit(""))
        .when(pl.col(series).str.contains(r"^[EXPOQFWK][1-9A-Z]$"))
        .then(pl.concat_str(letter, pl.col(series).str.slice(1)))
        .otherwise(pl.col(series))
    )


def isin_kind(isin: str = "isin") -> pl.Expr:
    """The kind that an ISIN states; null of what is no Indian ISIN.

    IN9 is a company's share with other rights than its ordinary one: partly paid in the series for
    those, else of differing votes; this says "differential share" of both.
    """
    code = pl.col(isin)
    type_kind = code.str.slice(7, 2).replace_strict(
        _KIND_OF_TYPE, default="debt", return_dtype=pl.String
    )
    return (
        pl.when(~code.str.contains(ISIN_PATTERN).fill_null(value=False))
        .then(pl.lit(None, dtype=pl.String))
        .when(code.str.starts_with("INE"))
        .then(type_kind)
        .when(code.str.starts_with("IN9"))
        .then(pl.when(type_kind == "share").then(pl.lit("differential share")).otherwise(type_kind))
        .when(code.str.starts_with("INF"))
        .then(pl.lit("fund"))
        .when(code.str.contains(r"^IN[0-8AB]"))
        .then(pl.lit("debt"))
        .otherwise(pl.lit("unknown"))
    )


def kinds(securities: pl.DataFrame) -> pl.DataFrame:
    """Securities with `kind` and `kind_basis`.

    A share that once traded on the main board is "share", its sessions in the SME series included:
    whoever wants ordinary shares asks for the series too (`is_ordinary`).

    Args:
        securities: one row a security: symbols and series (lists), isin and title (or null),
            is_listed_fund, is_listed_share (what the exchange's lists say of its symbol).
    """
    by_isin = isin_kind()
    by_series = pl.col("series").list.eval(series_kind("").drop_nulls()).list.sort().list.first()
    is_main = pl.col("series").list.eval(pl.element().is_in(MAIN_SERIES)).list.any()
    is_partly_paid = (by_series == "partly paid share") & ~is_main
    words: list[tuple[pl.Expr, pl.Expr | str, pl.Expr | str]] = [
        (_any_symbol(_TEST_SYMBOL), "test", "symbol"),
        ((by_isin == "share") & is_main, "share", "ISIN"),
        (
            by_isin.is_in(["share", "differential share"]) & is_partly_paid,
            "partly paid share",
            "ISIN and series",
        ),
        (
            (by_isin == "share") & (by_series == "sme share"),
            "sme share",
            "ISIN and series",
        ),
        (by_isin.is_not_null() & (by_isin != "unknown"), by_isin, "ISIN"),
        (_any_symbol(_ENTITLEMENT_SYMBOL), "rights entitlement", "symbol"),
        (by_series.is_not_null() & ~is_main, by_series, "series"),
        (pl.col("is_listed_fund"), "fund", "list of funds"),
        (pl.col("is_listed_share"), "share", "list of shares"),
        (_any_symbol(_DIFFERENTIAL_SYMBOL), "differential share", "symbol"),
        (_any_symbol(FUND_SYMBOL), "fund", "symbol"),
        (pl.col("title").str.contains(_FUND_TITLE), "fund", "name"),
        (is_main, "share", "series, nothing says otherwise"),
        (by_isin.is_not_null(), by_isin, "ISIN"),
    ]
    kind, basis = pl.lit("unknown"), pl.lit("nothing")
    for condition, what, why in reversed(words):
        holds = condition.fill_null(value=False)
        kind = pl.when(holds).then(_text(what)).otherwise(kind)
        basis = pl.when(holds).then(_text(why)).otherwise(basis)
    return securities.with_columns(kind=kind, kind_basis=basis)


def is_ordinary(kind: str = "kind", series: str = "series") -> pl.Expr:
    """An ordinary share of the main board on that session: the universe of breadth."""
    return (pl.col(kind) == "share") & pl.col(series).is_in(ORDINARY_SERIES)


def is_test_symbol(symbol: str = "symbol") -> pl.Expr:
    """A symbol that stands for nothing: the exchange's tests and placeholders in its lists."""
    return pl.col(symbol).str.contains(_TEST_SYMBOL)


def _any_symbol(pattern: str) -> pl.Expr:
    return pl.col("symbols").list.eval(pl.element().str.contains(pattern)).list.any()


def _text(what: pl.Expr | str) -> pl.Expr:
    return pl.lit(what) if isinstance(what, str) else what
