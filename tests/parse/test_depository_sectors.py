"""The fortnightly report by sector: which of its two fortnights, which of its many columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import pytest

from transforms.parse.depository_sectors import LAYOUT
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
MONTH_END = (
    "AUC as on May 15, 2026",
    "Net Investment May 01-15, 2026",
    "Net Investment May 16-31, 2026",
    "AUC as on May 31, 2026",
)
MID_MONTH = (
    "AUC as on April 30, 2026",
    "Net Investment April 16-30, 2026",
    "Net Investment May 01-15, 2026",
    "AUC as on May 15, 2026",
)
OLD, NEW = ("Equity", "Debt", "Total"), (
    *("Equity", "Debt General Limit", "Debt VRR", "Debt-FAR", "Hybrid"),
    *("Equity", "Debt General Limit", "Hybrid", "Solution oriented", "Other", "AIF", "Total"),
)  # fmt: skip
GROUPS = (("Equity", 1), ("Debt", 3), ("Hybrid", 1), ("Mutual Funds", 5), ("AIFs", 1), ("", 1))
Sector = tuple[str, str, Sequence[Sequence[str]]]


def page(
    sectors: Sequence[Sector],
    headings: Sequence[str] = MONTH_END,
    leaves: Sequence[str] = OLD,
    *,
    padded: bool = True,
) -> bytes:
    """The table as printed; a sector has one tuple of figures for each heading.

    Dollars are the rupees' text behind a 9, so that a reader who takes them is found out.
    """
    pad = "<td colspan='2'></td>" if padded else ""
    width = len(leaves)
    over = "".join(f"<td colspan='{2 * width}'>{text}</td>" for text in headings)
    money = f"<td colspan='{width}'>IN INR Cr.</td><td colspan='{width}'>IN USD Mn</td>" * 4
    groups = "".join(f"<td colspan='{n}'>{name}</td>" for name, n in GROUPS) * 8
    names = "<td>Sr. No.</td><td>Sectors</td>" + "".join(f"<td>{x}</td>" for x in leaves) * 8
    rows = [f"{pad}{over}", f"{pad}{money}"]
    rows += [f"{pad}{groups}"] if len(leaves) == len(NEW) else []
    rows += [names]
    for number, name, figures in sectors:
        cells = "".join(
            "".join(f"<td>{cell}</td>" for cell in (*block, *(f"9{cell}" for cell in block)))
            for block in figures
        )
        rows.append(f"<td>{number}</td><td>{name}</td>{cells}")
    rows.append(f"<td colspan='{2 + 8 * width}'>1 Includes others. Data is provisional.</td>")
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    title = "<table><tr><td>Investment by sector</td></tr></table>"
    return f"<html>{title}<div id='dvFortnightly'><table>{body}</table></div>".encode()


SECTORS: list[Sector] = [
    ("1", "Metals &amp; Mining", [("1,00,000", "10", "1,00,010"), ("5", "0", "5"),
                                  ("(1,250)", "3", "(1,247)"), ("99,000", "13", "99,013")]),
    ("2", "Total Financial Services", [("20", "0", "20"), ("1", "0", "1"),
                                       ("40", "-", "40"), ("60", "0", "60")]),
    ("2a", "Banks", [("20", "0", "20"), ("1", "0", "1"), ("30", "0", "30"), ("45", "0", "45")]),
    ("2b", "Other Financial Services<sup>1</sup>", [("0", "0", "0"), ("0", "0", "0"),
                                                    ("10", "0", "10"), ("15", "0", "15")]),
    ("3", "Sovereign 2", [("0", "7", "7"), ("0", "0", "0"), ("0", "-2", "-2"), ("0", "5", "5")]),
    ("", "Grand Total", [("1,00,020", "17", "1,00,037"), ("6", "0", "6"),
                         ("-1,210", "1", "-1,209"), ("99,060", "18", "99,078")]),
]  # fmt: skip


def test_the_current_fortnight_is_read_and_not_the_one_before(parse: Parse) -> None:
    screened = parse(LAYOUT, page(SECTORS))
    assert screened.rejected.is_empty()
    rows = screened.good.select("sector", "asset_class", "net_crore", "assets_crore").rows()
    assert rows == [
        ("Metals & Mining", "equity", Decimal(-1250), Decimal(99000)),
        ("Metals & Mining", "debt", Decimal(3), Decimal(13)),
        ("Metals & Mining", "total", Decimal(-1247), Decimal(99013)),
        ("Total Financial Services", "equity", Decimal(40), Decimal(60)),
        ("Total Financial Services", "debt", None, Decimal(0)),
        ("Total Financial Services", "total", Decimal(40), Decimal(60)),
        ("Sovereign", "equity", Decimal(0), Decimal(0)),
        ("Sovereign", "debt", Decimal(-2), Decimal(5)),
        ("Sovereign", "total", Decimal(-2), Decimal(5)),
    ]
    assert set(screened.good["fortnight_end"]) == {date(2026, 5, 31)}


def test_the_dates_decide_and_not_the_order(parse: Parse) -> None:
    turned = [(n, name, figures[::-1]) for n, name, figures in SECTORS]
    found = parse(LAYOUT, page(turned, MONTH_END[::-1])).good
    assert found.equals(parse(LAYOUT, page(SECTORS)).good)


def test_a_report_of_the_middle_of_a_month_spans_two_months(parse: Parse) -> None:
    good = parse(LAYOUT, page(SECTORS, MID_MONTH)).good
    assert set(good["fortnight_end"]) == {date(2026, 5, 15)}
    assert good["net_crore"][0] == Decimal(-1250)


def test_headings_without_the_two_columns_before_the_figures(parse: Parse) -> None:
    found = parse(LAYOUT, page(SECTORS, padded=False)).good
    assert found.equals(parse(LAYOUT, page(SECTORS)).good)


def wide(*cells: str) -> tuple[str, ...]:
    """Equity, three kinds of debt, equity of funds, total; the debt of funds is 700."""
    equity, general, vrr, far, funds, total = cells
    return (equity, general, vrr, far, "0", funds, "700", "0", "0", "0", "0", total)


def test_routes_of_debt_are_added_up_and_funds_are_no_debt(parse: Parse) -> None:
    one = [wide("1", "0", "0", "0", "50", "751")] * 4
    figures = [*one[:2], wide("-8", "(3)", "1,002", "0", "50", "1741"), one[0]]
    sectors: list[Sector] = [("1", "Power", figures), ("", "Grand Total", figures)]
    rows = parse(LAYOUT, page(sectors, leaves=NEW)).good
    assert rows.select("asset_class", "net_crore").rows() == [
        ("equity", Decimal(-8)),
        ("debt", Decimal(999)),
        ("total", Decimal(1741)),
    ]


def test_a_debt_route_that_is_no_number_is_kept_aside(parse: Parse) -> None:
    figures = [wide("1", "0", "x", "0", "0", "1")] * 4
    screened = parse(
        LAYOUT, page([("1", "Power", figures), ("", "Grand Total", figures)], leaves=NEW)
    )
    assert screened.good["asset_class"].to_list() == ["equity", "total"]
    assert "net_crore is not readable: 0 + x + 0" in screened.rejected["reason"][0]


def replaced(row: int, block: int, cells: Sequence[str]) -> list[Sector]:
    number, name, figures = SECTORS[row]
    changed = [*figures[:block], tuple(cells), *figures[block + 1 :]]
    return [*SECTORS[:row], (number, name, changed), *SECTORS[row + 1 :]]


@pytest.mark.parametrize(
    ("bytes_", "got", "changed"),
    [
        (b"", "an empty file", False),
        (b"<html>Request Rejected. Your support ID is: 1", "Request Rejected", False),
        (b"<table><tr><td>No data</table>", "no heading `AUC as on`", False),
        (page([]), "no sector numbered 1", False),
        (page(SECTORS[:-1]), "looks cut off", False),
        (page(SECTORS).replace(b"Metals", b"M\xe9tals"), "not UTF-8", False),
        (page(replaced(0, 2, ("1,250", "3", "1,253"))), "net investment in equity", True),
        (page(replaced(1, 3, ("160", "0", "160"))), "assets in equity", True),
        (page(replaced(5, 2, ("-", "-", "-"))), "'-' in the grand total", True),
        (page(SECTORS, (*MONTH_END[:3], "AUC as on May 30, 2026")), "2026-05-30", True),
        (
            page(SECTORS, (*MONTH_END[:2], "Net Investment June 16-30, 2026", MONTH_END[3])),
            "2026-06-30",
            True,
        ),
        (page(SECTORS, (*MONTH_END[:3], "AUC as on Mai 31, 2026")), "Mai 31, 2026", True),
        (page(SECTORS, (*MONTH_END[:3], "AUC as on May 32, 2026")), "May 32, 2026", True),
        (page(SECTORS, MONTH_END[:2] * 2), "2 and 2 under", True),
        (page(SECTORS, leaves=("Equity", "Gold", "Total")), "'Gold'", True),
        (page(SECTORS, leaves=("Equity", "Debt", "Debt VRR")), "1 and 0 under", True),
        (page(SECTORS).replace(b"INR Cr.", b"INR Mn."), "IN INR Mn.", True),
        (page(SECTORS).replace(b"IN INR Cr.", b""), "over column 3", True),
    ],
)
def test_what_is_no_such_report_is_refused_saying_what_came(
    bytes_: bytes, got: str, changed: bool
) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(bytes_))
    assert got in refusal.value.got
    assert refusal.value.changed is changed


def test_a_sector_twice_with_other_figures_is_not_believed(parse: Parse) -> None:
    zeros = [("0", "0", "0")] * 4
    twice: list[Sector] = [*SECTORS[:-1], ("4", "Power", zeros), SECTORS[-1]]
    assert parse(LAYOUT, page(twice)).good.height == 12
    again: list[Sector] = [*SECTORS[:-1], ("4", "Metals &amp; Mining", zeros), SECTORS[-1]]
    screened = parse(LAYOUT, page(again))
    assert "Metals & Mining" not in set(screened.good["sector"])
    assert all("contradicts" in why for why in screened.rejected["reason"])


def test_the_report_is_recognised_and_its_relatives_are_not() -> None:
    assert LAYOUT.recognise(Payload(page(SECTORS)))
    for other in (b"", b"<table><tr><th>Reporting Date<th>Gross Purchases", b"AUC as on 1 May"):
        assert not LAYOUT.recognise(Payload(other))
    assert not LAYOUT.is_verified
