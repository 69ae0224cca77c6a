"""Writers of the depository's pages.

Compared with a genuine page: the table of the latest reporting date, byte for byte.
*Unverified*, after what public readers of these pages expect: the page around that table, the
archive's month with its summaries, the table of derivative trades, the fortnight by sector, the
calendar year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

SIMULATED = "<!-- SIMULATED: no figure on this page is a publisher's -->"
_PREAMBLE = (
    "Stock exchanges compile the provisional FII/FPI trade data on the basis of information "
    "provided by trading members during trading activities on T day. The data in respect of "
    "confirmed FII/FPI trades is compiled on the basis of reports submitted to depositories by "
    "Custodians constitutes trades conducted by FIIs/FPIs on and up to the previous trading "
    "day(s)."
)
_DAILY_HEADER = (
    "<tr><th align='center' width='100px'>Reporting <br/>Date</th>"
    "<th>Debt/Debt-VRR/Equity/Hybrid</th><th nowrap>Investment Route</th>"
    "<th>Gross Purchases(Rs. Crore)</th><th>Gross Sales (Rs. Crore)</th>"
    "<th>Net Investment (Rs. Crore)</th><th>Net Investment US($) million</th>"
    "<th>Conversion <br/>(1 USD TO INR)*</th></tr>"
)
_TABLE = "<table cellspacing='0' cellpadding='0' width='100%' class='tbls01'>"
_NOTE = (
    "<tr><td align='center' colspan='8'><br/><tr><td align='center' colspan='8'>"
    "<a onclick='fiiNote()' style='cursor:pointer;'>"
    "<i style=font-weight:bold;font-size:10pt;>Note</i></a></td></tr>"
)
_TITLE = "<tr><th style='text-align:center;font-size:10pt;color:blue;' colspan='9'>{}</th></tr>"


@dataclass(frozen=True)
class Line:
    """Purchases, sales and net of one route, hundredths of a crore; net in hundredths of USD mn."""

    route: str
    purchases: int
    sales: int
    net: int
    net_usd: int

    def cells(self) -> tuple[str, str, str, str]:
        """The four figures as printed."""
        return (
            hundredths(self.purchases),
            hundredths(self.sales),
            hundredths(self.net),
            hundredths(self.net_usd),
        )


@dataclass(frozen=True)
class Report:
    """One reporting date, or a sum of them: blocks of lines, the last of each its sub-total."""

    label: str
    blocks: Mapping[str, Sequence[Line]]
    total: Line
    rate: str = ""


def hundredths(value: int) -> str:
    """A figure with two decimals; brackets where it is negative."""
    text = f"{abs(value) // 100}.{abs(value) % 100:02d}"
    return f"({text})" if value < 0 else text


def latest_table(report: Report) -> str:
    """The table of the newest reporting date."""
    title = _TITLE.format(f"Daily Trends in FPI Investments on {report.label}")
    return (
        f'<div id="rpt" class="mT10">{_TABLE}'
        "<tr><th  style='font-size:9pt;background-color:white;text-align:center;' colspan='9'>"
        f"<br/>{_PREAMBLE}<br/><br/></th></tr>"
        f"{title}{_DAILY_HEADER}{_report_rows(report)}{_NOTE}</table></div>"
    )


def archive_table(reports: Sequence[Report], up_to: date) -> str:
    """A month's reporting dates up to one of them, and sums of the month and the year after."""
    title = _TITLE.format(f"Daily Trends in FPI Investments up to {up_to:%d-%b-%Y}")
    rows = "".join(_report_rows(report) for report in reports)
    footer = (
        "<tr><td colspan='8'>The data presented above is compiled on the basis of reports submitted"
        " to depositories by DDPs/Custodians</td></tr>"
    )
    return f"<div id='dvArchiveData'>{_TABLE}{title}{_DAILY_HEADER}{rows}{footer}</table></div>"


def _report_rows(report: Report) -> str:
    # The total stands inside the date's cell and inside that of the last block.
    height = sum(len(lines) for lines in report.blocks.values()) + 1
    last = list(report.blocks)[-1]
    rows = []
    for name, lines in report.blocks.items():
        tall = len(lines) + (name == last)
        for position, line in enumerate(lines):
            first = f"<td rowspan='{tall}'>{name}</td>" if position == 0 else ""
            figures = "".join(f"<td align='right'>{cell}</td>" for cell in line.cells())
            rows.append(f"{first}<td>{line.route}</td>{figures}")
    around = f"<td rowspan='{height}'>"
    rows[0] = f"{around}{report.label}</td>{rows[0]}{around}{report.rate}</td>"
    total = "".join(f"<td>{cell}</td>" for cell in report.total.cells())
    return "".join(f"<tr>{row}</tr>" for row in rows) + (
        f"<tr class='total' align='right'><td>{report.total.route}</td>{total}</tr>"
    )


DERIVATIVES = ("Index Futures", "Index Options", "Stock Futures", "Stock Options")


def derivatives_table(label: str, rows: Sequence[Sequence[str]]) -> str:
    """Derivative trades of one reporting date: six figures for each of `DERIVATIVES`."""
    head = (
        "<tr><th rowspan='2'>Reporting Date</th><th rowspan='2'>Derivative Products</th>"
        "<th colspan='2'>Buy</th><th colspan='2'>Sell</th>"
        "<th colspan='2'>Open Interest at the end of the date</th></tr><tr>"
        + "<th>No. of Contracts</th><th>Amount in Crore</th>" * 3
        + "</tr>"
    )
    lines = []
    for position, (product, figures) in enumerate(zip(DERIVATIVES, rows, strict=True)):
        first = f"<td rowspan='{len(DERIVATIVES)}'>{label}</td>" if position == 0 else ""
        cells = "".join(f"<td align='right'>{figure}</td>" for figure in figures)
        lines.append(f"<tr>{first}<td>{product}</td>{cells}</tr>")
    title = _TITLE.format(f"Daily Trends in FPI Derivative Trades on {label}")
    return f"<div class='mT10'>{_TABLE}{title}{head}{''.join(lines)}</table></div>"


def form_page(hidden: Mapping[str, str], body: str = "", *, title: str = "FPI Monitor") -> bytes:
    """A page of the depository's site: a form that posts to itself, and what it shows."""
    fields = "".join(
        f'<input type="hidden" name="{name}" id="{name}" value="{escape(value)}" />\n'
        for name, value in hidden.items()
    )
    return (
        f"<!DOCTYPE html>\n<html><head><title>NSDL : {title}</title></head><body>{SIMULATED}\n"
        '<form method="post" action="./Archive.aspx" id="form1">\n'
        f"{fields}"
        '<input name="txtDate" type="text" id="txtDate" />\n'
        '<input type="hidden" name="hdnDate" id="hdnDate" />\n'
        '<input type="hidden" name="HdnValexceldata" id="HdnValexceldata" />\n'
        '<input type="hidden" name="hdnFlag" id="hdnFlag" />\n'
        "<a id=\"btnSubmit1\" href=\"javascript:__doPostBack('btnSubmit1','')\">View Report</a>\n"
        f"{body}\n</form></body></html>\n"
    ).encode()


def plain_page(body: str, *, title: str) -> bytes:
    """A page of the depository's site that only shows."""
    return (
        f"<!DOCTYPE html>\n<html><head><title>NSDL : {title}</title></head>"
        f"<body>{SIMULATED}\n{body}\n</body></html>\n"
    ).encode()


def grouped(value: int) -> str:
    """A whole number with Indian commas: the last three digits, then pairs."""
    digits = str(abs(value))
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)][::-1]
    return ("-" if value < 0 else "") + ",".join([*pairs, tail])


@dataclass(frozen=True)
class Measure:
    """One of the four measures of a sector report: rupees and dollars, by sector and column."""

    label: str
    inr_crore: Mapping[str, Mapping[str, int]]
    inr_per_usd: float


def sector_page(measures: Sequence[Measure], columns: Sequence[str]) -> bytes:
    """The fortnight by sector.

    The measures, in the publisher's order: assets at the end of the fortnight before last, net
    investment of the fortnight before and of this one, assets at this one's end.
    """
    wide = len(columns)
    has_groups = any(column.startswith("MF ") for column in columns)
    heads = [
        "".join(f"<td colspan='{2 * wide}'>{measure.label}</td>" for measure in measures),
        f"<td colspan='{wide}'>IN INR Cr.</td><td colspan='{wide}'>IN USD Mn</td>" * len(measures),
    ]
    if has_groups:
        group = (
            "<td>Equity</td><td colspan='3'>Debt</td><td>Hybrid</td><td colspan='5'>Mutual Funds"
            "</td><td>Alternative Investment Funds (AIFs)</td><td></td>"
        )
        heads.append(group * (2 * len(measures)))
    names = "".join(f"<td>{column.removeprefix('MF ')}</td>" for column in columns)
    rows = [f"<tr><td></td><td></td>{head}</tr>" for head in heads]
    rows.append(f"<tr><td>Sr. No.</td><td>Sectors</td>{names * (2 * len(measures))}</tr>")
    sectors = list(measures[0].inr_crore)
    sums = [
        {column: sum(row[column] for row in measure.inr_crore.values()) for column in columns}
        for measure in measures
    ]
    for number, sector in enumerate(sectors, start=1):
        cells = [measure.inr_crore[sector] for measure in measures]
        rows.append(_sector_row(str(number), escape(sector), cells, measures, columns))
    rows.append(_sector_row("", "Grand Total", sums, measures, columns))
    rates = "".join(
        f"<tr><td>{measure.label}</td><td>{measure.inr_per_usd:.4f}</td></tr>"
        for measure in measures
    )
    return plain_page(
        f'<div id="dvFortnightly"><table border="1">{"".join(rows)}</table>'
        f"<table><tr><td>Conversion rate</td><td>1 USD to INR</td></tr>{rates}</table></div>",
        title="Fortnightly Sector-wise FII Investment data",
    )


def _sector_row(
    number: str,
    sector: str,
    cells: Sequence[Mapping[str, int]],
    measures: Sequence[Measure],
    columns: Sequence[str],
) -> str:
    figures = []
    for row, measure in zip(cells, measures, strict=True):
        figures += [grouped(row[column]) for column in columns]
        figures += [grouped(round(row[column] * 10 / measure.inr_per_usd)) for column in columns]
    shown = "".join(f"<td>{figure}</td>" for figure in figures)
    return f"<tr><td>{number}</td><td>{sector}</td>{shown}</tr>"


YEAR_COLUMNS = (
    "Equity",
    "Debt-General Limit",
    "Debt-VRR",
    "Debt-FAR",
    "Hybrid",
    "Mutual Funds - Equity",
    "Mutual Funds - Debt",
    "Mutual Funds - Hybrid",
    "Mutual Funds - Solution Oriented",
    "Mutual Funds - Other",
    "AIF",
    "Total",
)


def year_page(
    year: int,
    months: Sequence[tuple[str, Sequence[int]]],
    years: Sequence[tuple[str, Sequence[int]]],
    up_to: date,
) -> bytes:
    """Net investment by month of a calendar year, and by year; whole crore, without commas.

    The last month is not over, and says so with two asterisks.
    """

    def row(label: str, figures: Sequence[int]) -> str:
        cells = "".join(f"<td align='right'>{figure}</td>" for figure in figures)
        return f"<tr><td>{label}</td>{cells}</tr>"

    def head(title: str, first: str) -> str:
        names = "".join(f"<th>{column}</th>" for column in YEAR_COLUMNS)
        wide = len(YEAR_COLUMNS)
        return (
            f"<tr><th colspan='{wide + 1}'>{title}</th></tr>"
            f"<tr><th rowspan='2'>{first}</th><th colspan='{wide}'>INR crores</th></tr>"
            f"<tr>{names}</tr>"
        )

    total = [sum(figures[k] for _, figures in months) for k in range(len(YEAR_COLUMNS))]
    monthly = "".join(row(label, figures) for label, figures in months)
    yearly = "".join(row(label, figures) for label, figures in years)
    note = f"<tr><td colspan='{len(YEAR_COLUMNS) + 1}'>** up to {up_to:%d %b %Y}</td></tr>"
    return plain_page(
        f"{_TABLE}{head(f'Monthly FPI Net Investments (Calendar Year - {year})', 'Calendar Year')}"
        f"{monthly}{row(f'Total - {year}', total)}{note}</table>"
        f"{_TABLE}{head('FPI Net Investments - Calendar Year', 'Calendar Year')}{yearly}</table>",
        title="FPI Net Investment Details (Calendar Year)",
    )
