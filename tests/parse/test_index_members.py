"""Members of indices: which list, seen when, and what is no share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from flows.sources import nse_index_members
from transforms.index_titles import BROAD, SECTORS, index_id
from transforms.parse.index_members import LAYOUT, LISTS, SECTOR_LISTS
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
HEADER = b"Company Name,Industry,Symbol,Series,ISIN Code\n"
ROWS = (
    HEADER
    + b'"Alpha, Beta & Sons Ltd.",Capital Goods,A&B,EQ,INE000A01017\n'
    + b"Gamma Ltd.,Power,GAMMA,BE,INE000B01015\n"
)


def test_a_nightly_list_is_named_by_its_item_and_seen_on_the_day_it_came(parse: Parse) -> None:
    rows = parse(LAYOUT, ROWS, stated={"item": "ind_niftysmallcap100list"}).good.to_dicts()
    assert [row["symbol"] for row in rows] == ["A&B", "GAMMA"]
    assert rows[0]["company_name"] == "Alpha, Beta & Sons Ltd."
    assert {row["list_id"] for row in rows} == {"nifty-smallcap-100"}
    assert {row["seen_on"] for row in rows} == {date(2026, 2, 11)}
    assert {row["series"] for row in rows} == {"EQ", "BE"}
    # 18:00 in India: the evening of that session knows it.
    assert rows[0]["published_at"].astimezone(UTC) == datetime(2026, 2, 11, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "list_id", "seen_on"),
    [
        (
            "constituents/2024-08-13/ind_niftymicrocap250_list.csv",
            "nifty-microcap-250",
            date(2024, 8, 13),
        ),
        ("constituents/2025-09/ind_nifty50list.csv", "nifty-50", date(2025, 9, 1)),
        # Two vintages in one month's folder must not become one list.
        ("constituents/2024-05/N1_ind_nifty500list.csv", "nifty-500", date(2024, 5, 31)),
        ("constituents/2024-02/N1_ind_nifty500list.csv", "nifty-500", date(2024, 2, 29)),
        ("ind_nifty500list.csv", "nifty-500", date(2026, 2, 11)),
        ("lists\\ind_nifty_privatebanklist.csv", "nifty-private-bank", date(2026, 2, 11)),
    ],
)
def test_a_users_file_says_its_list_and_folder_its_date(
    parse: Parse, name: str, list_id: str, seen_on: date
) -> None:
    row = parse(LAYOUT, ROWS, name=name).good.row(0, named=True)
    assert (row["list_id"], row["seen_on"]) == (list_id, seen_on)


def test_a_stated_date_comes_first(parse: Parse) -> None:
    name = "2025-09/ind_nifty50list.csv"
    assert parse(LAYOUT, ROWS, name=name, stated={"seen_on": "2025-09-30"}).good["seen_on"][
        0
    ] == date(2025, 9, 30)
    wrong = parse(LAYOUT, ROWS, name=name, stated={"seen_on": "30/09/2025"})
    assert wrong.good.is_empty()
    assert "seen_on is not readable: 30/09/2025" in wrong.rejected["reason"][0]


def test_a_vendors_suffix_is_no_part_of_the_symbol(parse: Parse) -> None:
    body = HEADER + b"Gamma Ltd.,Power,GAMMA.NS,EQ,INE000B01015\nNSE,Power,X.NSE,EQ,INE000C01013\n"
    rows = parse(LAYOUT, body, name="ind_nifty50list.csv").good
    assert rows["symbol"].to_list() == ["GAMMA", "X.NSE"]


def test_a_placeholder_is_no_listed_share(parse: Parse) -> None:
    body = ROWS + b"Dummy Gamma Ltd.,Power,DUMMYGAMMA,BE,DUM000B01015\n"
    screened = parse(LAYOUT, body, name="ind_nifty50list.csv")
    assert screened.good.height == 2
    assert screened.rejected.height == 1
    assert "DUM000B01015" in screened.rejected["reason"][0]


def test_other_columns_and_unknown_lists_are_refused() -> None:
    assert LAYOUT.recognise(Payload(ROWS))
    with pytest.raises(NotThisLayout) as unknown:
        LAYOUT.read(Payload(ROWS, "ind_niftysomethinglist.csv"))
    assert "ind_niftysomethinglist" in unknown.value.got
    drifted = ROWS.replace(b"ISIN Code", b"ISIN")
    assert not LAYOUT.recognise(Payload(drifted))
    with pytest.raises(NotThisLayout) as changed:
        LAYOUT.read(Payload(drifted, "ind_nifty50list.csv"))
    assert changed.value.changed


def test_each_list_is_of_a_declared_index() -> None:
    declared = {index_id(one.title) for one in (*BROAD, *SECTORS)}
    assert {*LISTS.values(), *SECTOR_LISTS.values()} <= declared
    assert len({*LISTS.values(), *SECTOR_LISTS.values()}) == len(LISTS) + len(SECTOR_LISTS)


def test_the_lists_are_asked_by_their_own_names() -> None:
    source = nse_index_members.SOURCE
    assert source.address(date(2026, 2, 11), item="ind_niftymicrocap250_list") == (
        "https://nsearchives.nseindia.com/content/indices/ind_niftymicrocap250_list.csv"
    )
    assert set(source.items) == set(LISTS)
