"""Writers of the exchange's evening set of shares (`PRDDMMYY.zip`), member by member.

Compared with a genuine set: market capitalisation, corporate actions, new highs and lows, funds,
byte for byte; the headers and first lines of the others. *Unverified*: the names of members before
October 2025 (capitals, short years), of which single ones are known.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

import polars as pl

from flows.demo.formats.equity_bars import day_text, files_by_session, two_decimals, whole

CAPS_HEADER = (
    "Trade Date,Symbol,Series,Security Name,Category,Last Trade Date,Face Value(Rs.),Issue Size,"
    "Close Price/Paid up value(Rs.),Market Cap(Rs.)"
)
CAPS_WIDTH = 151
"""Every line is as wide, its header too."""
ACTIONS_HEADER = (
    "SERIES,SYMBOL,SECURITY,RECORD_DT,BC_STRT_DT,BC_END_DT,EX_DT,ND_STRT_DT,ND_END_DT,PURPOSE"
)
EXTREMES_HEADER = "SECURITY,NEW,PREVIOUS,NEW_STATUS"
FUNDS_HEADER = (
    "MARKET,SERIES,SYMBOL,SECURITY,PREVIOUS CLOSE PRICE,OPEN PRICE,HIGH PRICE,LOW PRICE,"
    "CLOSE PRICE,NET TRADED VALUE,NET TRADED QTY,TRADES,52 WEEK HIGH,52 WEEK LOW,UNDERLYING"
)
NAME_WIDTH, PADDED_NAME, PRICE_WIDTH = 25, 30, 13
ZIPPED_AT = time(18, 20)

LONG_NAMES_FROM = date(2025, 10, 1)
"""From here on members have the year in full and small letters; the day is invented, the month not
known better than this."""
README = (
    "SIMULATED\r\n\r\nInformation related to files in PRddmmyy.zip\r\n\r\n"
    "bcddmmyyyy.csv file contains the corporate action details for securities.\r\n\r\n"
    "Note : 52 week high / 52 week low prices are not adjusted for corporate actions.\r\n"
)
STUBS: Mapping[str, str] = {
    "an": "COMPANY NAME    SYMBOL    : ANNOUNCEMENTS\n",
    "bh": "SYMBOL,SERIES,SECURITY,HIGH/LOW\n",
    "bm": "COMPANY NAME    SYMBOL     : BM DATE    : BM PURPOSE\n",
    "corpbond": (
        "MARKET,SERIES,SYMBOL,SECURITY,PREV_CL_PR,OPEN_PRICE,HIGH_PRICE,LOW_PRICE,CLOSE_PRICE,"
        "NET_TRDVAL,NET_TRDQTY,CORP_IND,TRADES,HI_52_WK,LO_52_WK\n"
    ),
    "gl": "GAIN_LOSS,SECURITY,CLOSE_PRIC,PREV_CL_PR,PERCENT_CG\n ,Nifty 50 Sec., , , \n , , , , \n",
    "pd": (
        "MKT,SERIES,SYMBOL,SECURITY,PREV_CL_PR,OPEN_PRICE,HIGH_PRICE,LOW_PRICE,CLOSE_PRICE,"
        "NET_TRDVAL,NET_TRDQTY,IND_SEC,CORP_IND,TRADES,HI_52_WK,LO_52_WK\n"
    ),
    "pr": (
        "MKT,SECURITY,PREV_CL_PR,OPEN_PRICE,HIGH_PRICE,LOW_PRICE,CLOSE_PRICE,NET_TRDVAL,"
        "NET_TRDQTY,IND_SEC,CORP_IND,TRADES,HI_52_WK,LO_52_WK\n"
    ),
    "sme": (
        "MARKET,SERIES,SYMBOL,SECURITY,PREV_CL_PR,OPEN_PRICE,HIGH_PRICE,LOW_PRICE,CLOSE_PRICE,"
        "NET_TRDVAL,NET_TRDQTY,CORP_IND,HI_52_WK,LO_52_WK\n"
    ),
    "tt": "SECURITY,PREV_CL_PR,CLOSE_PRIC,NET_TRDQTY,NET_TRDVAL\n",
}
"""Members of which the simulated set has the heading alone: nobody here reads them."""
TEXTS = frozenset({"an", "bm"})
FORMER_NAMES = {"bc": "Bc", "hl": "HL", "gl": "Gl", "pd": "Pd", "pr": "Pr", "mcap": "MCAP"}


def market_cap_files(caps: pl.DataFrame) -> dict[date, bytes]:
    """`mcap`: what each security is worth, and sums of those listed and permitted.

    Args:
        caps: session_date, symbol, series, security_name, category (Listed, Permitted),
            last_trade_date (null: never traded), face_value_inr, issued_shares, close,
            market_cap_inr as a Decimal: sums of floats lose paise.
    """
    sums = pl.concat([_sum(caps, name) for name in ("Listed", "Permitted", "Total")])
    rows = pl.concat(
        [
            caps.select(_CAPS).with_columns(pl.col("category").str.pad_end(10)),
            sums.select(_CAPS),
        ]
    ).sort("session_date", maintain_order=True)
    traded = pl.col("last_trade_date").dt.strftime("%d %b %Y").str.to_uppercase()
    is_sum = pl.col("category") == " " * 10
    line = pl.concat_str(
        day_text("session_date", "%d %b %Y").str.to_uppercase(),
        "symbol",
        "series",
        _name("security_name", NAME_WIDTH),
        "category",
        pl.when(is_sum).then(pl.lit(" " * 11)).otherwise(traded.fill_null("Not Traded ")),
        two_decimals("face_value_inr", width=19),
        whole("issued_shares").str.pad_start(18),
        two_decimals("close", width=18),
        two_decimals("market_cap_inr", width=18),
        separator=",",
    )
    return files_by_session(rows, CAPS_HEADER.ljust(CAPS_WIDTH), line.str.pad_end(CAPS_WIDTH))


_CAPS = (
    *("session_date", "symbol", "series", "security_name", "category", "last_trade_date"),
    *("face_value_inr", "issued_shares", "close", "market_cap_inr"),
)


def _sum(caps: pl.DataFrame, name: str) -> pl.DataFrame:
    """The sum of one category a session, as a row of its own."""
    is_in = pl.lit(name == "Total") | (pl.col("category") == name)
    return caps.group_by("session_date", maintain_order=True).agg(
        pl.lit(name.ljust(10)).alias("symbol"),
        pl.lit("  ").alias("series"),
        pl.lit("").alias("security_name"),
        pl.lit(" " * 10).alias("category"),
        pl.lit(None, pl.Date).alias("last_trade_date"),
        pl.lit(0).cast(caps.schema["face_value_inr"]).alias("face_value_inr"),
        pl.lit(0).cast(caps.schema["issued_shares"]).alias("issued_shares"),
        pl.lit(0).cast(caps.schema["close"]).alias("close"),
        pl.col("market_cap_inr").filter(is_in).sum().cast(caps.schema["market_cap_inr"]),
    )


def action_files(actions: pl.DataFrame) -> dict[date, bytes]:
    """`bc`: corporate actions to come, one row a series, in the order given.

    Args:
        actions: session_date, series, symbol, security_name, record_date, ex_date, purpose; dates
            may be null.
    """
    line = pl.concat_str(
        *("series", "symbol"),
        pl.col("security_name").str.slice(0, NAME_WIDTH).str.strip_chars_end(),
        *(day_text("record_date", "%Y-%m-%d"), pl.lit(""), pl.lit("")),
        *(day_text("ex_date", "%Y-%m-%d"), pl.lit(""), pl.lit("")),
        "purpose",
        separator=",",
    )
    return files_by_session(actions, ACTIONS_HEADER, line)


def extreme_files(extremes: pl.DataFrame) -> dict[date, bytes]:
    """`hl`: new highs, then new lows.

    Args:
        extremes: session_date, security_name, new_price, previous_price, extreme (high, low).
    """
    line = pl.concat_str(
        _name("security_name", PADDED_NAME),
        two_decimals("new_price"),
        two_decimals("previous_price"),
        pl.col("extreme").str.head(1).str.to_uppercase(),
        separator=",",
    )
    return files_by_session(extremes, EXTREMES_HEADER, line)


def fund_files(funds: pl.DataFrame) -> dict[date, bytes]:
    """`etf`: the exchange-traded funds and what they follow.

    Args:
        funds: session_date, symbol, series, security_name, prices, turnover_inr, volume_shares,
            trades, high_52_week, low_52_week, underlying.
    """
    line = pl.concat_str(
        pl.lit("N"),
        *("series", "symbol", "security_name"),
        *_prices(),
        *(whole("volume_shares"), whole("trades")),
        *_year_range(),
        "underlying",
        separator=",",
    )
    return files_by_session(funds, FUNDS_HEADER, line)


def empty_member(header: str) -> bytes:
    """A member of an evening on which nothing was to be told."""
    return f"{header}\n".encode()


def member_name(kind: str, day: date) -> str:
    """How a member is called in the set of a session."""
    end = "txt" if kind in TEXTS else "csv"
    if day >= LONG_NAMES_FROM:
        return f"{kind}{day:%d%m%Y}.{end}"
    if kind == "mcap":
        return f"{FORMER_NAMES[kind]}{day:%d%m%Y}.{end}"
    return f"{FORMER_NAMES.get(kind, kind)}{day:%d%m%y}.{end}"


def evening_set(day: date, members: Mapping[str, bytes]) -> bytes:
    """The set as it is sent: these members by kind, the stubs, a readme."""
    every = {kind: text.encode() for kind, text in STUBS.items()} | dict(members)
    named = [(member_name(kind, day), body) for kind, body in sorted(every.items())]
    return zipped(day, [*named, ("readme.txt", README.encode())])


def zipped(day: date, members: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of these files; the same members on the same day are the same bytes."""
    packed = io.BytesIO()
    at = datetime.combine(day, ZIPPED_AT).timetuple()[:6]
    with zipfile.ZipFile(packed, "w") as archive:
        for name, body in members:
            entry = zipfile.ZipInfo(name, at)
            archive.writestr(entry, body, zipfile.ZIP_DEFLATED, compresslevel=1)
    return packed.getvalue()


def _name(column: str, width: int) -> pl.Expr:
    """A name cut as the exchange cuts it, and padded."""
    return pl.col(column).str.slice(0, NAME_WIDTH).str.pad_end(width)


def _prices() -> list[pl.Expr]:
    """Five prices and the value traded, as the members with a column MARKET pad them."""
    names = ("previous_close", "open", "high", "low", "close")
    prices = [two_decimals(name, width=PRICE_WIDTH) for name in names]
    return [*prices, two_decimals("turnover_inr", width=28)]


def _year_range() -> list[pl.Expr]:
    return [two_decimals(name, width=PRICE_WIDTH) for name in ("high_52_week", "low_52_week")]
