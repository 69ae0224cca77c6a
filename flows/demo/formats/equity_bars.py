"""Writers of the exchange's daily files of share prices, all generations of them.

Compared with genuine files: `sec_bhavdata_full`, byte for byte, and excerpts of the two others.
*Unverified*, after what public readers of it quote: the file of deliveries (`MTO_*.DAT`).

All take bars of any number of sessions: session_date, symbol, series, isin, security_name, prices
in rupees with at most two decimals, volume_shares, turnover_inr, trades, delivery_shares. The order
of the rows is kept. A null is what the publisher has not; each file shows it in its own way.
"""

from __future__ import annotations

from datetime import date

import polars as pl

FULL_HEADER = (
    "SYMBOL, SERIES, DATE1, PREV_CLOSE, OPEN_PRICE, HIGH_PRICE, LOW_PRICE, LAST_PRICE, "
    "CLOSE_PRICE, AVG_PRICE, TTL_TRD_QNTY, TURNOVER_LACS, NO_OF_TRADES, DELIV_QTY, DELIV_PER"
)
LEGACY_HEADER = (
    "SYMBOL,SERIES,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,TOTTRDQTY,TOTTRDVAL,TIMESTAMP,"
    "TOTALTRADES,ISIN,"
)
UDIFF_HEADER = (
    "TradDt,BizDt,Sgmt,Src,FinInstrmTp,FinInstrmId,ISIN,TckrSymb,SctySrs,XpryDt,"
    "FininstrmActlXpryDt,StrkPric,OptnTp,FinInstrmNm,OpnPric,HghPric,LwPric,ClsPric,LastPric,"
    "PrvsClsgPric,UndrlygPric,SttlmPric,OpnIntrst,ChngInOpnIntrst,TtlTradgVol,TtlTrfVal,"
    "TtlNbOfTxsExctd,SsnId,NewBrdLotQty,Rmks,Rsvd1,Rsvd2,Rsvd3,Rsvd4"
)
DELIVERY_TITLE = "Security Wise Delivery Position - Compulsory Rolling Settlement"
DELIVERY_HEADER = (
    "Record Type,Sr No,Name of Security,Quantity Traded,"
    "Deliverable Quantity(gross across client level),% of Deliverable Quantity to Traded Quantity"
)
PAISE_OF_A_LAKH = 10_000_000


def full_files(bars: pl.DataFrame) -> dict[date, bytes]:
    """One `sec_bhavdata_full` a session: prices, turnover in lakhs, deliveries (`-` for null).

    Args:
        bars: as above, without need of isin and security_name, with average_price.
    """
    lines = pl.concat_str(
        "symbol",
        "series",
        day_text("session_date", "%d-%b-%Y"),
        *(two_decimals(name) for name in ("previous_close", "open", "high", "low", "last")),
        two_decimals("close"),
        two_decimals("average_price"),
        whole("volume_shares"),
        _hundredths(_ratio_half_up(_paise("turnover_inr") * 100, PAISE_OF_A_LAKH)),
        whole("trades"),
        whole("delivery_shares", null="-"),
        _delivery_pct().fill_null("-"),
        separator=", ",
    )
    return files_by_session(bars, FULL_HEADER, lines)


def legacy_files(bars: pl.DataFrame) -> dict[date, bytes]:
    """One `cmDDMONYYYYbhav.csv` a session: numbers without trailing zeros, a column of nothing."""
    lines = pl.concat_str(
        "symbol",
        "series",
        *(_shortest(name) for name in ("open", "high", "low", "close")),
        _shortest("last", null="0.0"),
        _shortest("previous_close"),
        whole("volume_shares"),
        _shortest("turnover_inr"),
        day_text("session_date", "%d-%b-%Y").str.to_uppercase(),
        whole("trades"),
        pl.col("isin").fill_null(""),
        pl.lit(""),
        separator=",",
    )
    return files_by_session(bars, LEGACY_HEADER, lines)


def udiff_files(bars: pl.DataFrame) -> dict[date, bytes]:
    """One `BhavCopy_NSE_CM` file a session, in the layout that all Indian exchanges share.

    Args:
        bars: as above, with token (the exchange's number of the security), settlement_price and
            lot_shares.
    """
    empty = pl.lit("")
    day = pl.col("session_date").cast(pl.String)
    lines = pl.concat_str(
        *(day, day, pl.lit("CM"), pl.lit("NSE"), pl.lit("STK")),
        *(whole("token"), pl.col("isin").fill_null(""), "symbol", "series"),
        *(empty, empty, empty, empty, "security_name"),
        *(two_decimals(name) for name in ("open", "high", "low", "close", "last")),
        *(two_decimals("previous_close"), empty, two_decimals("settlement_price"), empty, empty),
        *(whole("volume_shares"), two_decimals("turnover_inr"), whole("trades")),
        *(pl.lit("F1"), whole("lot_shares"), empty, empty, empty, empty, empty),
        separator=",",
    )
    return files_by_session(bars, UDIFF_HEADER, lines)


def delivery_files(bars: pl.DataFrame) -> dict[date, bytes]:
    """One `MTO_DDMMYYYY.DAT` a session: what was delivered; rows without deliveries are left out.

    The second row counts the shares traded and the rows.
    """
    delivered = bars.filter(pl.col("delivery_shares").is_not_null())
    number = pl.int_range(1, pl.len() + 1).over("session_date")
    lines = pl.concat_str(
        pl.lit("20"),
        number.cast(pl.String),
        "symbol",
        "series",
        whole("volume_shares"),
        whole("delivery_shares"),
        _delivery_pct(),
        separator=",",
    )
    files = {}
    for day, traded, count, body in (
        delivered.select("session_date", "volume_shares", lines.alias("line"))
        .group_by("session_date", maintain_order=True)
        .agg(pl.col("volume_shares").sum(), pl.len(), pl.col("line").str.join("\n"))
        .iter_rows()
    ):
        head = (
            f"{DELIVERY_TITLE}\n10,MTO,{day:%d%m%Y},{traded},{count:07d}\n"
            f"Trade Date <{f'{day:%d-%b-%Y}'.upper()}>,Settlement Type <N>\n{DELIVERY_HEADER}\n"
        )
        files[day] = f"{head}{body}\n".encode()
    return files


def files_by_session(rows: pl.DataFrame, header: str, line: pl.Expr) -> dict[date, bytes]:
    """Lines below a header, one file a session of `rows`."""
    files = (
        rows.select("session_date", line.alias("line"))
        .group_by("session_date", maintain_order=True)
        .agg(pl.col("line").str.join("\n"))
    )
    return {day: f"{header}\n{body}\n".encode() for day, body in files.iter_rows()}


def two_decimals(column: str, *, null: str = "", width: int = 0) -> pl.Expr:
    """A number with both decimals, right-justified in `width`."""
    text = pl.col(column).cast(pl.Decimal(24, 2)).cast(pl.String).fill_null(null)
    return text.str.pad_start(width) if width else text


def whole(column: str, *, null: str = "") -> pl.Expr:
    """A count as printed."""
    return pl.col(column).cast(pl.Int64).cast(pl.String).fill_null(null)


def day_text(column: str, pattern: str) -> pl.Expr:
    """A date as printed; nothing for null."""
    return pl.col(column).dt.strftime(pattern).fill_null("")


def _shortest(column: str, *, null: str = "") -> pl.Expr:
    # The shortest text of a float has no trailing zeros, but for the one of a whole number.
    return pl.col(column).cast(pl.Float64).cast(pl.String).str.strip_suffix(".0").fill_null(null)


def _paise(column: str) -> pl.Expr:
    return (pl.col(column) * 100).round().cast(pl.Int64)


def _ratio_half_up(dividend: pl.Expr, divisor: pl.Expr | int) -> pl.Expr:
    """A whole number nearest to the ratio of two that are not negative; halves go up."""
    return (2 * dividend + divisor) // (2 * divisor)


def _hundredths(count: pl.Expr) -> pl.Expr:
    """Hundredths as a number with two decimals."""
    rest = (count % 100).cast(pl.String).str.zfill(2)
    return pl.concat_str((count // 100).cast(pl.String), rest, separator=".")


def _delivery_pct() -> pl.Expr:
    """Percent of the volume that was delivered; null where that is not known."""
    delivered, traded = pl.col("delivery_shares"), pl.col("volume_shares")
    return _hundredths(_ratio_half_up(delivered * 10_000, traded))
