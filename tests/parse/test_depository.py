"""The depository's daily table: spans, brackets, blocks that came and went, pages that harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import pytest

from transforms.parse.depository import LAYOUT
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened
from transforms.parse.web_table import MAX_BYTES, read_tables

Parse = Callable[..., Screened]
HEADER = (
    "<tr><th>Reporting <br/>Date</th><th>Debt/Debt-VRR/Equity/Hybrid</th><th>Investment Route</th>"
    "<th>Gross Purchases(Rs. Crore)</th><th>Gross Sales (Rs. Crore)</th>"
    "<th>Net Investment (Rs. Crore)</th><th>Net Investment US($) million</th>"
    "<th>Conversion <br/>(1 USD TO INR)*</th></tr>"
)
Figures = tuple[str, str, str, str, str]
EQUITY: list[Figures] = [
    ("Stock Exchange", "1,12,345.50", "100.00", "1,12,245.50", "1200.10"),
    ("Primary market & others", "10.00", "20.25", "(10.25)", "(0.11)"),
    ("Sub-total", "1,12,355.50", "120.25", "1,12,235.25", "1199.99"),
]
DEBT: list[Figures] = [("Stock Exchange", "1.00", "3.00", "(2.00)", "(.02)")]
TOTAL = ("1,12,356.50", "123.25", "1,12,233.25", "1199.97")


def block(
    day: str = "11-Feb-2026",
    classes: Mapping[str, Sequence[Figures]] | None = None,
    total: Sequence[str] = TOTAL,
    rate: str = " Rs.91.2047",
) -> str:
    """One date: its cell and that of the rate span every row, a class's cell its own rows.

    As the depository writes it, the last class spans the total too.
    """
    blocks = {"Equity": EQUITY, "Debt-General Limit": DEBT} if classes is None else classes
    height = sum(len(rows) for rows in blocks.values()) + 1
    out = []
    for place, (name, rows) in enumerate(blocks.items()):
        span = len(rows) + (place == len(blocks) - 1)
        for number, cells in enumerate(rows):
            row = "".join(f"<td align='right'>{cell}</td>" for cell in cells)
            if number == 0:
                row = f"<td rowspan='{span}'>{name}</td>{row}"
            if not out:
                row = f"<td rowspan='{height}'>{day}</td>{row}<td rowspan='{height}'>{rate}</td>"
            out.append(f"<tr>{row}</tr>")
    cells = "".join(f"<td>{cell}</td>" for cell in ("Total", *total))
    return "".join(out) + f"<tr class='total'>{cells}</tr>"


def page(*blocks: str, header: str = HEADER, end: str = "</table></div></body></html>") -> bytes:
    title = "<tr><th colspan='9'>Daily Trends in FPI Investments on 11-Feb-2026</th></tr>"
    note = "<tr><td align='center' colspan='8'><br/><tr><td colspan='8'><a>Note</a></td></tr>"
    return (
        f"<html><body><table><tr><td>menu</td></tr></table><div id='rpt'><table>{title}{header}"
        f"{''.join(blocks)}{note}{end}"
    ).encode()


def reasons(screened: Screened) -> list[tuple[int, str]]:
    return list(screened.rejected.select("row_number", "reason").sort("row_number").iter_rows())


def test_every_row_stands_under_its_own_date_class_and_route(parse: Parse) -> None:
    screened = parse(LAYOUT, page(block()))
    assert screened.rejected.is_empty()
    rows = screened.good.select(
        "asset_class", "route", "purchases_crore", "sales_crore", "net_crore", "net_usd_million"
    ).rows()
    assert rows == [
        (*key, *map(Decimal, values))
        for key, values in [
            (("equity", "stock_exchange"), ("112345.50", "100", "112245.50", "1200.10")),
            (("equity", "primary_market"), ("10", "20.25", "-10.25", "-0.11")),
            (("equity", "sub_total"), ("112355.50", "120.25", "112235.25", "1199.99")),
            (("debt_general", "stock_exchange"), ("1", "3", "-2", "-.02")),
            (("total", "total"), ("112356.50", "123.25", "112233.25", "1199.97")),
        ]
    ]
    assert set(screened.good["reporting_date"]) == {date(2026, 2, 11)}
    assert set(screened.good["inr_per_usd"]) == {Decimal("91.2047")}
    assert set(screened.good["source_id"]) == {"nsdl_fpi"}


def test_a_month_holds_each_of_its_dates_and_its_sums_are_left_out(parse: Parse) -> None:
    later = block("12-Feb-2026", rate="Rs.90.5")
    month = block("Total for February", rate="")
    year, ever = block("Total for 2026", rate=""), block("Grand Total", rate="")
    good = parse(LAYOUT, page(block(), HEADER, later, month, year, ever)).good
    assert good.group_by("reporting_date").len().sort("reporting_date").rows() == [
        (date(2026, 2, 11), 5),
        (date(2026, 2, 12), 5),
    ]
    assert LAYOUT.holds_many_dates
    rates = dict(good.select("reporting_date", "inr_per_usd").unique().rows())
    assert rates == {date(2026, 2, 11): Decimal("91.2047"), date(2026, 2, 12): Decimal("90.5")}


def test_blocks_that_came_later_and_names_that_went(parse: Parse) -> None:
    funds = [(name, "1", "0", "1", "0") for name in ("Equity schemes", "Debt schemes")]
    funds += [(name, "2", "0", "2", "0") for name in ("Hybrid schemes", "Other schemes")]
    funds += [("Solution oriented schemes", "3", "0", "3", "0"), ("Sub-total", "9", "0", "9", "0")]
    one: list[Figures] = [("Sub-total", "1", "0", "1", "0")]
    named = dict.fromkeys(["Equity", "Debt", "Debt-VRR", "Debt-FAR", "Hybrid", "AIFs"], one)
    found = parse(LAYOUT, page(block(classes={**named, "Mutual Funds": funds}))).good
    assert set(found["asset_class"]) == {
        *("equity", "debt_general", "debt_vrr", "debt_far", "hybrid", "aif"),
        *("mutual_fund", "total"),
    }
    of_funds = found.filter(asset_class="mutual_fund").select("route", "net_crore").rows()
    assert ("solution_oriented_schemes", Decimal(3)) in of_funds
    assert ("sub_total", Decimal(9)) in of_funds


def test_before_routes_a_class_was_one_row(parse: Parse) -> None:
    header = HEADER.replace("<th>Investment Route</th>", "").replace("Debt-VRR/", "")
    flat = (
        "<tr><td rowspan='2'>02-Jan-2004</td><td>Equity</td><td>5.0</td><td>2.0</td><td>3.0</td>"
        "<td>.6</td><td rowspan='2'>Rs.45.6</td></tr>"
        "<tr><td>Debt</td><td>0.0</td><td>1.0</td><td>(1.0)</td><td>(.2)</td></tr>"
    )
    found = parse(LAYOUT, page(flat, header=header.replace("/Hybrid", ""))).good
    assert found.select("asset_class", "route", "net_crore").rows() == [
        ("equity", "sub_total", Decimal(3)),
        ("debt_general", "sub_total", Decimal(-1)),
    ]


@pytest.mark.parametrize(
    ("bytes_", "got", "changed"),
    [
        (b"", "an empty file of 0 bytes", False),
        (b"%PDF-1.7 ...", "a PDF document", False),
        (b"PK\x03\x04", "a zip archive", False),
        (b"no page at all", "no web page", False),
        (b"<html><title>Login</title><p>Sign in", "without a table: 'LoginSign in'", False),
        (b"<p>Request Rejected. The requested URL", "Request Rejected", False),
        (b"<table><tr><td>No data</td></tr></table>", "no column of reporting dates", False),
        (page(), "a header and no reporting date", False),
        (page(block()).replace(b"Debt-Gen", b"D\xe9bt"), "not UTF-8", False),
        (page(block()) + b"\x00", "binary data", False),
        (page(block())[:-520], "none under ['11-Feb-2026']", False),
        (page(block()).replace(b"Debt-General Limit", b"Debt-New"), "'Debt-New'", True),
        (page(block()).replace(b">Primary market & others", b">Block deals"), "Block deals", True),
        (page(block()).replace(b"Gross Sales", b"Sales"), "Sales", True),
        (page(block()).replace(b"Net Investment (Rs. Crore)", b"Flow"), "'Flow'", True),
        (
            page(block()).replace(b"Purchases(Rs. Crore)", b"Purchases(Rs. Lakh)"),
            "Gross Purchases(Rs. Lakh)",
            True,
        ),
        (
            page(block()).replace(b"Conversion", b"<b>Custodian</b></th><th>Conversion"),
            "Custodian",
            True,
        ),
        (page(block("11/02/2026")), "11/02/2026", True),
    ],
)
def test_what_is_no_such_page_is_refused_saying_what_came(
    bytes_: bytes, got: str, changed: bool
) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(bytes_))
    assert got in refusal.value.got
    assert refusal.value.changed is changed


@pytest.mark.parametrize(
    ("bytes_", "got"),
    [
        (b"<table><tr><td>" * 5000, "nested too deeply"),
        (b"<div>" * 100_000, "nested too deeply"),
        (b"<table><tr>" + b"<td colspan=999 rowspan=99999999>x" * 5000, "cells"),
        (b"<table><tr><td>x" + b" " * MAX_BYTES, "more than the"),
    ],
    ids=["tables in tables", "elements", "spans", "size"],
)
def test_a_page_made_to_harm_is_refused_with_a_reason(bytes_: bytes, got: str) -> None:
    with pytest.raises(NotThisLayout, match=got):
        read_tables(Payload(bytes_), "a table")


def test_entities_and_addresses_in_a_page_are_left_alone() -> None:
    body = (
        b'<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/hostname"><!ENTITY b "bbbb">]>'
        b"<table><tr><td>x&a;&b;&amp;y<script>s</script><sup>1</sup></td></tr></table>"
    )
    (((cell,),),) = read_tables(Payload(body), "a table")
    assert cell.text == "x&a;&b;&y"


def test_spans_reach_as_far_as_a_browser_shows_them() -> None:
    body = (
        b"<table><tr><td rowspan=3>a<td colspan='2'>b<td rowspan='x'>c"
        b"<tr><td>d<td rowspan=2>e<td>f<tr><td>g<td>h</table>"
    )
    (table,) = read_tables(Payload(body), "a table")
    assert ["".join(cell.text for cell in row) for row in table] == ["abbc", "adef", "ageh"]


def test_a_row_without_a_cell_is_none(parse: Parse) -> None:
    body = page(block()).replace(b"<tr><th>", b"<tr></tr><tr><th>")
    assert parse(LAYOUT, body).good.equals(parse(LAYOUT, page(block())).good)
    assert read_tables(Payload(b"<table><tr></tr></table>"), "a table") == [[]]


def test_a_date_shown_twice_stands_once_and_a_contradiction_not_at_all(parse: Parse) -> None:
    again = parse(LAYOUT, page(block(), block()))
    assert again.good.height == 5
    assert {why for _, why in reasons(again)} == {"repeats another row, or says less than it"}
    other = [*EQUITY[:2], ("Sub-total", "9", "1", "8", "1")]
    odd = parse(LAYOUT, page(block(), block(classes={"Equity": other, "Debt": DEBT})))
    assert ("equity", "sub_total") not in odd.good.select("asset_class", "route").rows()
    assert [why for _, why in reasons(odd) if "contradicts" in why]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("1,12,345.50", "(1,12,345.50)"), "purchases_crore is out of bounds"),
        (("1,12,245.50", "n/a"), "net_crore is not readable: n/a"),
        (("1,12,245.50", ""), "net_crore is missing"),
        (("1,12,245.50", "(-5)"), "net_crore is not readable"),
        (("1,12,245.50", "9" * 30), "net_crore is not readable"),
        (("1200.10", "NaN"), "net_usd_million is not readable"),
    ],
)
def test_a_figure_that_cannot_be_true_is_kept_aside(
    parse: Parse, change: tuple[str, str], reason: str
) -> None:
    screened = parse(LAYOUT, page(block().replace(*change)))
    assert screened.good.height == 4
    ((row, told),) = reasons(screened)
    assert row == 1
    assert reason in told


def test_a_date_that_is_none_is_kept_aside(parse: Parse) -> None:
    screened = parse(LAYOUT, page(block("31-Feb-2026")))
    assert screened.good.is_empty()
    assert all("reporting_date is not readable: 31-Feb-2026" in why for _, why in reasons(screened))


def test_the_page_is_recognised_and_its_relatives_are_not() -> None:
    assert LAYOUT.recognise(Payload(page(block())))
    sectors = b"<table><tr><td>AUC as on May 15, 2026</td><td>Sectors</td></tr></table>"
    for other in (b"", b"Reporting Gross Purchases", sectors, b"<th>Gross Purchases</th>"):
        assert not LAYOUT.recognise(Payload(other))
