"""The depository's daily table of what foreign investors bought and sold, confirmed by custodians.

`Latest.aspx` shows one reporting date, `Archive.aspx` each of a month. Asset classes came one
after another: equity and debt alone before 2017, then hybrid, the voluntary retention route, the
fully accessible route, mutual funds and alternative funds; what is unknown here stops the file.
Until November 2009 a class was one row without routes: it is read as the class's sub-total.
Sums of months, of years and of all time stand under the dates and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import blank_as_null
from transforms.parse.web_table import Row, Table, bracketed, is_remark, plain, read_tables
from warehouse.tables import DepositoryFlow

EXPECTED = "the depository's daily table of foreign investment"
CLASSES = {
    "equity": "equity",
    "debt": "debt_general",
    "debtgenerallimit": "debt_general",
    "debtvrr": "debt_vrr",
    "debtfar": "debt_far",
    "hybrid": "hybrid",
    "mutualfund": "mutual_fund",
    "mutualfunds": "mutual_fund",
    "aif": "aif",
    "aifs": "aif",
    "alternativeinvestmentfundsaifs": "aif",
}
ROUTES = {
    "stockexchange": "stock_exchange",
    "primarymarketothers": "primary_market",
    "primarymarketandothers": "primary_market",
    "equityschemes": "equity_schemes",
    "debtschemes": "debt_schemes",
    "hybridschemes": "hybrid_schemes",
    "solutionorientedschemes": "solution_oriented_schemes",
    "otherschemes": "other_schemes",
    "subtotal": "sub_total",
}
TOTAL = "total"
FIGURES = ("purchases_crore", "sales_crore", "net_crore", "net_usd_million", "inr_per_usd")
NEEDED = {"reporting_date", "asset_class", "purchases_crore", "sales_crore", "net_crore"}
HEADING = re.compile(rb"<t[dh][^>]{0,200}>\s*Gross\s+Purchases", re.IGNORECASE)
DAY = re.compile(r"\d{1,2}-[A-Za-z]{3}-\d{4}")


def _recognise(payload: Payload) -> bool:
    return b"Reporting" in payload.body and HEADING.search(payload.body) is not None


def _read(payload: Payload) -> pl.DataFrame:
    for table in read_tables(payload, EXPECTED):
        header = next((row for row in table if _is_header(row)), None)
        if header is not None:
            break
    else:
        raise NotThisLayout(
            EXPECTED, "a web page whose tables have no column of reporting dates and purchases"
        )
    columns = _columns(header)
    rows = _rows(table, header, columns)
    if not rows:
        raise NotThisLayout(f"{EXPECTED} with rows", "a header and no reporting date")
    if "route" in columns:
        _ends(rows)
    return pl.DataFrame(
        {
            "row_number": pl.Series(range(1, len(rows) + 1), dtype=pl.Int64),
            **{
                name: pl.Series([row.get(name, "") for row in rows], dtype=pl.String)
                for name in ("reporting_date", "asset_class", "route", *FIGURES)
            },
        }
    )


def _is_header(row: Row) -> bool:
    words = {plain(cell.text)[:14] for cell in row}
    return "reportingdate" in words and "grosspurchases" in words


def _columns(header: Row) -> dict[str, int]:
    """Where each of our columns stands."""
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = _named(cell.text)
        if name is None or name in found:
            raise NotThisLayout(f"the columns of {EXPECTED}", repr(cell.text), changed=True)
        found[name] = place
    if missing := NEEDED - set(found):
        got = f"none for {sorted(missing)} in {[cell.text for cell in header]}"
        raise NotThisLayout(f"the columns of {EXPECTED}", got, changed=True)
    return found


def _named(text: str) -> str | None:
    word = plain(text)
    # The depository counts rupees in crore: another unit would be another table.
    is_crore = "crore" in word
    names = {
        "reporting_date": word == "reportingdate",
        "asset_class": word.startswith("debt") and "equity" in word,
        "route": word == "investmentroute",
        "purchases_crore": word.startswith("grosspurchases") and is_crore,
        "sales_crore": word.startswith("grosssales") and is_crore,
        "net_crore": word.startswith("netinvestment") and is_crore,
        "net_usd_million": word.startswith("netinvestment") and "us" in word and "million" in word,
        "inr_per_usd": word.startswith("conversion") and "usd" in word and "inr" in word,
    }
    return next((name for name, is_it in names.items() if is_it), None)


def _rows(table: Table, header: Row, columns: Mapping[str, int]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    labels = [cell.text for cell in header]
    day = ""
    for row in table[table.index(header) + 1 :]:
        if is_remark(row) or [cell.text for cell in row] == labels:
            continue
        cells = {
            name: row[place].text if place < len(row) else "" for name, place in columns.items()
        }
        dated = cells["reporting_date"]
        if DAY.fullmatch(dated):
            day = dated
        elif plain(dated) != TOTAL:
            if plain(dated).startswith((TOTAL, "grandtotal")):
                continue
            raise NotThisLayout(
                f"a date such as 26-May-2026 to begin each block of {EXPECTED}",
                f"{[cell.text for cell in row]}",
                changed=True,
            )
        elif not day:
            raise NotThisLayout(
                f"a reporting date above the first total of {EXPECTED}",
                f"{[cell.text for cell in row]}",
                changed=True,
            )
        asset_class, route = _traded(cells, has_routes="route" in columns)
        rows.append(cells | {"reporting_date": day, "asset_class": asset_class, "route": route})
    return rows


def _traded(cells: Mapping[str, str], *, has_routes: bool) -> tuple[str, str]:
    """Asset class and route of a row, in our words."""
    asset, route = plain(cells["asset_class"]), plain(cells.get("route", ""))
    # The grand total stands beside the last class, whose cell spans it as well.
    if route == TOTAL or (asset == TOTAL and not has_routes):
        return TOTAL, TOTAL
    if asset not in CLASSES:
        raise NotThisLayout(
            f"one of the asset classes {sorted(CLASSES)}",
            f"{cells['asset_class']!r} on {cells['reporting_date']}",
            changed=True,
        )
    if not has_routes:
        return CLASSES[asset], ROUTES["subtotal"]
    if route not in ROUTES:
        raise NotThisLayout(
            f"one of the routes {sorted(ROUTES)}",
            f"{cells['route']!r} of {cells['asset_class']!r} on {cells['reporting_date']}",
            changed=True,
        )
    return CLASSES[asset], ROUTES[route]


def _ends(rows: list[dict[str, str]]) -> None:
    """Hold each date to its total: a page that was cut off has no other sign."""
    dates = {row["reporting_date"] for row in rows}
    whole = {row["reporting_date"] for row in rows if row["asset_class"] == TOTAL}
    if cut := sorted(dates - whole):
        raise NotThisLayout(f"a total under each date of {EXPECTED}", f"none under {cut}")


LAYOUT = Layout(
    id="depository_daily",
    table=DepositoryFlow,
    recognise=_recognise,
    read=_read,
    typed={
        "reporting_date": blank_as_null("reporting_date").str.to_date("%d-%b-%Y", strict=False),
        "asset_class": pl.col("asset_class"),
        "route": pl.col("route"),
        "source_id": pl.lit("nsdl_fpi"),
        **{
            name: bracketed(name).cast(pl.Decimal(18, 2), strict=False)
            for name in ("purchases_crore", "sales_crore", "net_crore", "net_usd_million")
        },
        "inr_per_usd": blank_as_null("inr_per_usd")
        .str.replace(r"^Rs\.?\s*", "")
        .str.replace_all(",", "")
        .cast(pl.Decimal(18, 4), strict=False),
    },
    is_verified=True,
    date_column="reporting_date",
    holds_many_dates=True,
)
"""One reporting date was read from a genuine page; a month's, with its sums, was not."""
