"""Members of an index: the publisher shows the current list, and its file's name says of which.

Lists are not exactly as long as their name says. A `DUMMY` row stands for a share that a demerger
left behind: it is no listed share and is rejected. Copies that others re-saved carry the symbols of
a price vendor, `ABC.NS`.
"""

from __future__ import annotations

import re

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import blank_as_null, csv_frame, header_of
from warehouse.tables import IndexMember

HEADER = ("Company Name", "Industry", "Symbol", "Series", "ISIN Code")
NAMES = ("company_name", "industry", "symbol", "series", "isin")

# A rule that guesses the name of a list is wrong more often than right: each is written out.
LISTS: dict[str, str] = {
    "ind_nifty50list": "nifty-50",
    "ind_niftynext50list": "nifty-next-50",
    "ind_nifty100list": "nifty-100",
    "ind_nifty200list": "nifty-200",
    "ind_nifty500list": "nifty-500",
    "ind_niftymidcap50list": "nifty-midcap-50",
    "ind_niftymidcap100list": "nifty-midcap-100",
    "ind_niftymidcap150list": "nifty-midcap-150",
    "ind_niftymidcapselect_list": "nifty-midcap-select",
    "ind_niftysmallcap50list": "nifty-smallcap-50",
    "ind_niftysmallcap100list": "nifty-smallcap-100",
    "ind_niftysmallcap250list": "nifty-smallcap-250",
    "ind_niftymicrocap250_list": "nifty-microcap-250",
    "ind_niftytotalmarket_list": "nifty-total-market",
    "ind_niftylargemidcap250list": "nifty-largemidcap-250",
    "ind_niftymidsmallcap400list": "nifty-midsmallcap-400",
}
"""File name without its ending, to the id of the index; these are asked every night."""
SECTOR_LISTS: dict[str, str] = {
    "ind_niftyautolist": "nifty-auto",
    "ind_niftybanklist": "nifty-bank",
    "ind_niftyfinancelist": "nifty-financial-services",
    "ind_niftyfmcglist": "nifty-fmcg",
    "ind_niftyitlist": "nifty-it",
    "ind_niftymedialist": "nifty-media",
    "ind_niftymetallist": "nifty-metal",
    "ind_niftypharmalist": "nifty-pharma",
    "ind_niftypsubanklist": "nifty-psu-bank",
    "ind_nifty_privatebanklist": "nifty-private-bank",
    "ind_niftyrealtylist": "nifty-realty",
}
"""Lists of another host, read where a user has them."""

RESAVED = "N1_"
VENDOR = r"\.NS$"
_DAY = re.compile(r"(?<!\d)(20\d\d-[01]\d-[0-3]\d)(?!\d)")
_MONTH = re.compile(r"(?<!\d)(20\d\d-[01]\d)(?![\d-])")


def _list_id(payload: Payload) -> str | None:
    named = payload.stated.get("item") or re.split(r"[/\\]", payload.name)[-1]
    stem = re.sub(r"\.csv$", "", named, flags=re.IGNORECASE).removeprefix(RESAVED)
    return LISTS.get(stem) or SECTOR_LISTS.get(stem)


def _seen_on(payload: Payload) -> str:
    """The date a user's folder or word gives; empty where the file came from the publisher.

    A list known by its month alone counts from the month's first. A re-saved copy counts from the
    month's last: one month's folder may hold two vintages of a list, which must not become one.
    """
    if stated := payload.stated.get("seen_on"):
        return stated
    if day := _DAY.search(payload.name):
        return day[1]
    if month := _MONTH.search(payload.name):
        is_resaved = re.split(r"[/\\]", payload.name)[-1].startswith(RESAVED)
        return f"{month[1]}-{'end' if is_resaved else '01'}"
    return ""


def _read(payload: Payload) -> pl.DataFrame:
    frame = csv_frame(payload, "a list of index members", HEADER, NAMES)
    list_id = _list_id(payload)
    if list_id is None:
        raise NotThisLayout(
            "a file named as the publisher names a list, or that name stated as `item`",
            repr(payload.stated.get("item") or payload.name),
        )
    return frame.with_columns(list_id=pl.lit(list_id), seen_on=pl.lit(_seen_on(payload)))


def _day() -> pl.Expr:
    written = blank_as_null("seen_on")
    month_end = (
        written.str.strip_suffix("-end").add("-01").str.to_date("%Y-%m-%d", strict=False)
    ).dt.month_end()
    return (
        pl.when(written.is_null())
        .then("fetched_on")
        .when(written.str.ends_with("-end"))
        .then(month_end)
        .otherwise(written.str.to_date("%Y-%m-%d", strict=False))
    )


def _evening(day: pl.Expr) -> pl.Expr:
    local = day.cast(pl.Datetime("us")).dt.offset_by("18h").dt.replace_time_zone("Asia/Kolkata")
    return local.dt.convert_time_zone("UTC")


LAYOUT = Layout(
    id="index_members",
    table=IndexMember,
    recognise=lambda payload: header_of(payload) == list(HEADER),
    read=_read,
    typed={
        "list_id": blank_as_null("list_id"),
        "seen_on": _day(),
        # Shares listed in India have Indian ISINs; the publisher's placeholders begin with DUM.
        "isin": pl.when(pl.col("isin").str.contains(r"^IN[A-Z0-9]{9}[0-9]$")).then("isin"),
        "symbol": blank_as_null("symbol").str.replace(VENDOR, ""),
        "company_name": blank_as_null("company_name"),
        "industry": blank_as_null("industry"),
        "series": blank_as_null("series"),
        "published_at": _evening(_day()),
        "published_basis": pl.lit("assumed"),
    },
    is_verified=True,
    date_column="seen_on",
)
