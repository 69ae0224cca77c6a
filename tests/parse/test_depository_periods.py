"""Totals by month and year: periods that are over, classes that came and went, units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import pytest

from transforms.parse.depository_periods import LAYOUT
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December"]  # fmt: skip
Row = tuple[str, ...]
NOTE = "** Data up to 09 Feb 2026. Figures are provisional."


def page(
    rows: Sequence[Row],
    *,
    title: str = "Monthly FPI/FII Net Investments (Calendar Year - 2026)",
    corner: str = "Calendar Year",
    unit: str = "INR crores",
    classes: Sequence[str] = ("Equity", "Debt", "Hybrid", "Total"),
    note: str = NOTE,
) -> bytes:
    width = len(classes)
    lines = [
        f"<th colspan='{width + 1}'>{title}</th>",
        f"<th rowspan='2'>{corner}</th><th colspan='{width}'>{unit}</th>",
        "".join(f"<th>{name}</th>" for name in classes),
        *("".join(f"<td>{cell}</td>" for cell in row) for row in rows),
        f"<td colspan='{width + 1}'>{note}</td>",
    ]
    return f"<html><table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>".encode()


JANUARY = ("January", "-1,234", "500", "(6)", "-740")
UNDER_WAY = ("February **", "100", "1", "0", "101")


def test_a_month_that_is_over_is_read_and_one_under_way_is_not(parse: Parse) -> None:
    running = ("Total - 2026 **", "-1134", "501", "-6", "-639")
    screened = parse(LAYOUT, page([JANUARY, UNDER_WAY, running]))
    assert screened.rejected.is_empty()
    good = screened.good
    assert good.select("asset_class", "net_crore").rows() == [
        ("equity", Decimal(-1234)),
        ("debt_general", Decimal(500)),
        ("hybrid", Decimal(-6)),
        ("total", Decimal(-740)),
    ]
    assert set(good.select("period", "period_start", "period_end").rows()) == {
        ("month", date(2026, 1, 1), date(2026, 1, 31))
    }


def test_a_marked_month_counted_up_to_its_end_is_over(parse: Parse) -> None:
    found = parse(LAYOUT, page([UNDER_WAY], note="** up to 28 February 2026")).good
    assert set(found["period_end"]) == {date(2026, 2, 28)}
    found = parse(LAYOUT, page([JANUARY, UNDER_WAY], note="** up to 31-Feb-2026")).good
    assert set(found["period_end"]) == {date(2026, 1, 31)}


def test_the_total_of_a_year_stands_once_its_twelve_months_are_over(parse: Parse) -> None:
    whole = [(month, "1", "2", "0", "3") for month in MONTHS]
    total = ("Total - 2026", "12", "24", "0", "36")
    good = parse(LAYOUT, page([*whole, total])).good
    year = good.filter(period="year")
    assert set(year.select("period_start", "period_end").rows()) == {
        (date(2026, 1, 1), date(2026, 12, 31))
    }
    assert dict(year.select("asset_class", "net_crore").rows())["total"] == Decimal(36)
    assert set(good.filter(period="month")["period_end"]) >= {date(2026, 2, 28), date(2026, 4, 30)}
    assert good.filter(period="month").height == 48
    for less in ([*whole[:11], total], [*whole[:11], ("December **", *whole[0][1:]), total]):
        assert parse(LAYOUT, page(less)).good.filter(period="year").is_empty()


def test_kinds_of_funds_are_one_class(parse: Parse) -> None:
    classes = "".join(
        f"<th>{name}</th>"
        for name in ("Debt-General Limit", "Debt-VRR", "Debt-FAR", "Equity", "Debt", "Other")
    )
    body = (
        "<table><tr><th colspan=10>Calendar Year - 2026, INR crores</th></tr>"
        "<tr><th rowspan=2>Month</th><th rowspan=2>Equity</th><th colspan=3>Debt</th>"
        "<th rowspan=2>Hybrid</th><th colspan=3>Mutual Funds</th><th rowspan=2>AIFs</th>"
        f"<th rowspan=2>Total</th></tr><tr>{classes}</tr>"
        "<tr><td>March</td><td>1</td><td>2</td><td>3</td><td>4</td><td>5</td>"
        "<td>1,006</td><td>(7)</td><td>-</td><td>9</td><td>10</td></tr></table>"
    )
    good = parse(LAYOUT, body.encode()).good
    assert dict(good.select("asset_class", "net_crore").rows()) == {
        name: Decimal(value)
        for name, value in [
            *(("equity", 1), ("debt_general", 2), ("debt_vrr", 3), ("debt_far", 4)),
            *(("hybrid", 5), ("mutual_fund", 999), ("aif", 9), ("total", 10)),
        ]
    }


def test_financial_years_run_from_april_and_sums_since_the_beginning_are_left_out(
    parse: Parse,
) -> None:
    rows = [
        ("1999-00", "10", "-1", "9", "9"),
        ("2000-01", "20", "0", "20", "29"),
        ("2026-27 **", "1", "0", "1", "30"),
        ("Total", "31", "-1", "30", "30"),
    ]
    body = page(
        rows,
        title="FPI Investments - Financial Year",
        corner="Financial Year",
        classes=("Equity", "Debt", "Total for the period", "Cumulative total"),
    )
    assert LAYOUT.recognise(Payload(body))
    good = parse(LAYOUT, body).good
    assert good.select("period_start", "period_end", "asset_class", "net_crore").rows()[2:4] == [
        (date(1999, 4, 1), date(2000, 3, 31), "total", Decimal(9)),
        (date(2000, 4, 1), date(2001, 3, 31), "equity", Decimal(20)),
    ]
    assert set(good["period"]) == {"year"}
    assert good.height == 6


def test_calendar_years_that_stand_by_themselves(parse: Parse) -> None:
    years = page(
        [
            ("2024", "1", "2", "0", "3"),
            ("2025", "4", "0", "0", "4"),
            ("2026**", "1", "0", "0", "1"),
        ],
        title="Net Investments by Calendar Year",
    )
    good = parse(LAYOUT, page([JANUARY]) + years).good.filter(period="year")
    assert set(good.select("period_start", "period_end").rows()) == {
        (date(2024, 1, 1), date(2024, 12, 31)),
        (date(2025, 1, 1), date(2025, 12, 31)),
    }


@pytest.mark.parametrize(
    ("bytes_", "got", "changed"),
    [
        (b"", "an empty file", False),
        (b"<html><p>Server Error in '/web' Application.", "Server Error", False),
        (b"<table><tr><td>No data found</td></tr></table>", "none was found", False),
        (page([]), "none was found", False),
        (page([UNDER_WAY]), "none was found", False),
        (page([JANUARY]).replace(b"January", b"J\xe4nner"), "not UTF-8", False),
        (page([JANUARY, JANUARY[:3]]), "3 of 5 columns beside 'January' (cut off)", False),
        (page([JANUARY], unit="USD million"), "another unit", False),
        (page([JANUARY], classes=("Equity", "Debt", "Gold", "Total")), "Gold", True),
        (page([JANUARY], classes=("Equity", "Debt", "Equity", "Total")), "Equity", True),
        (page([JANUARY], classes=("Debt", "Debt-VRR", "Hybrid", "Total")), "equity", True),
        (page([JANUARY, ("Q1", "1", "2", "3", "4")]), "'Q1'", True),
        (page([JANUARY, ("2025-27", "1", "2", "3", "4")]), "'2025-27'", True),
    ],
)
def test_what_is_no_such_page_is_refused_saying_what_came(
    bytes_: bytes, got: str, changed: bool
) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(bytes_))
    assert got in str(refusal.value)
    assert refusal.value.changed is changed


def test_a_figure_that_is_none_and_a_month_told_twice_are_kept_aside(parse: Parse) -> None:
    odd = ("February", "x", "1", "0", "1")
    again = ("January", "1", "500", "(6)", "-740")
    screened = parse(LAYOUT, page([JANUARY, again, odd]))
    told = screened.rejected["reason"].to_list()
    assert sum("net_crore is not readable: x" in why for why in told) == 1
    assert sum("contradicts" in why for why in told) == 2, "equity of January, twice"
    assert screened.good.filter(asset_class="equity").is_empty()


def test_other_pages_are_not_recognised() -> None:
    assert LAYOUT.recognise(Payload(page([JANUARY])))
    assert not LAYOUT.recognise(Payload(b""))
    assert not LAYOUT.recognise(Payload(b"<th>Gross Purchases</th> FPI Reporting Date"))
    assert not LAYOUT.is_verified
