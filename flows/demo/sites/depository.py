"""The depository's site as simulated: the latest date, the archive's form, fortnights, years."""

from __future__ import annotations

import calendar
import hashlib
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import count
from urllib.parse import parse_qs

import numpy as np

from flows.calendar import IST
from flows.demo.formats import depository as formats
from flows.demo.formats.depository import Line, Report
from flows.demo.sites.answers import HTML, Answer, Request, Visitors, page
from flows.demo.world import sectors
from flows.demo.world.depository import (
    DEBT,
    LEAVES,
    Depository,
    block_names,
    draw_depository,
    leaves_of,
)
from flows.demo.world.latent import stream
from flows.demo.world.macro import level_on
from flows.demo.world.market import Market
from flows.demo.world.story import LAST_SESSION

HOST = "/www.fpi.nsdl.co.in/web"
LATEST = f"{HOST}/Reports/Latest.aspx"
ARCHIVE = f"{HOST}/Reports/Archive.aspx"
YEARS = f"{HOST}/Reports/Yearwise.aspx"
SECTORS = re.compile(
    f"{HOST}/StaticReports/Fortnightly_Sector_wise_FII_Investment_Data/"
    r"FIIInvestSector_([A-Z][a-z]{2}\d{2}\d{4})\.html"
)
SHOWN = time(18, 0)
SUBMIT = "btnSubmit1"


class DepositorySite:
    """What the depository shows, and from when on."""

    pages: tuple[str, ...] = ()

    def __init__(self, market: Market, visitors: Visitors) -> None:
        self.market = market
        self.visitors = visitors  # It is open to all.
        self._visits = count(1)

    @cached_property
    def figures(self) -> Depository:
        """The daily figures, drawn when first asked for."""
        return draw_depository(self.market)

    @cached_property
    def split(self) -> sectors.Sectors:
        """The split by sector."""
        return sectors.sectors_of(self.market, self.figures)

    def answer(self, request: Request, now: datetime) -> Answer | None:
        """Pages of the depository; None for other hosts."""
        if not request.path.startswith(HOST):
            return None
        shown = self._shown(now)
        if request.path == LATEST:
            return self._latest(shown)
        if request.path == ARCHIVE:
            return self._archive(request, now, shift=timedelta())
        if request.path == YEARS:
            return self._years(request, shown)
        if found := SECTORS.fullmatch(request.path):
            end = _file_date(found[1])
            return self._sectors(end, now) if end else _absent()
        return None

    def another_day(self, request: Request, now: datetime) -> Answer | None:
        """The date before, the month before, the fortnight before, the table of a month ago."""
        if not request.path.startswith(HOST):
            return None
        shown = self._shown(now)
        if request.path == LATEST:
            return self._latest(shown[:-1])
        if request.path == ARCHIVE:
            return self._archive(request, now, shift=timedelta(days=31))
        if request.path == YEARS:
            return self._years(request, self._shown(now - timedelta(days=31)))
        if found := SECTORS.fullmatch(request.path):
            end = _file_date(found[1])
            before = end and sectors.fortnight_start(end) - timedelta(days=1)
            return self._sectors(before, now) if before else _absent()
        return None

    def _shown(self, now: datetime) -> range:
        """Positions of the reporting dates that are out."""
        local = now.astimezone(IST)
        last = local.date() if local.time() >= SHOWN else local.date() - timedelta(days=1)
        return range(bisect_right(self.figures.days, last))

    def _latest(self, shown: range) -> Answer:
        if not shown:
            return _html(formats.plain_page("No Records Found", title="Latest"))
        newest = shown[-1]
        report = self._report(newest)
        tables = formats.latest_table(report) + self._derivatives(report.label, newest)
        return _html(formats.plain_page(tables, title="Latest"))

    def _archive(self, request: Request, now: datetime, *, shift: timedelta) -> Answer:
        """The form, and to who sends it back filled in, a month up to a date."""
        hidden = self._hidden_fields()
        if request.method != "POST":
            return _html(formats.form_page(hidden))
        sent = {
            name: values[-1]
            for name, values in parse_qs(request.body.decode(), keep_blank_values=True).items()
        }
        if not _is_of_a_form(sent) or not (SUBMIT in sent or sent.get("__EVENTTARGET") == SUBMIT):
            return _html(formats.form_page(hidden, "Please select a date"))
        try:
            asked = _form_date(sent.get("hdnDate") or sent.get("txtDate", ""))
        except ValueError:
            return _html(formats.plain_page("Login", title="Login"))
        if asked > now.astimezone(IST).date():
            return _html(formats.form_page(hidden, "No Records Found"))
        asked -= shift
        rows = _both(self.figures.rows(asked.replace(day=1), asked), self._shown(now))
        if not rows:
            return _html(formats.form_page(hidden, "No Records Found"))
        reports = [self._report(row) for row in rows]
        month = self._sum(rows, f"Total for {asked:%B}")
        since = _both(self.figures.rows(date(asked.year, 1, 1), asked), self._shown(now))
        year = self._sum(since, f"Total for {asked:%Y}")
        tables = formats.archive_table([*reports, month, year], asked)
        newest = rows[-1]
        return _html(
            formats.form_page(hidden, tables + self._derivatives(reports[-1].label, newest))
        )

    def _hidden_fields(self) -> dict[str, str]:
        state = f"/wEPDw-simulated-{next(self._visits)}"
        return {
            "__EVENTTARGET": "",
            "__EVENTARGUMENT": "",
            "__VIEWSTATE": state,
            "__VIEWSTATEGENERATOR": GENERATOR,
            "__EVENTVALIDATION": _token("validation", state),
        }

    def _report(self, row: int) -> Report:
        """One reporting date."""
        summed = self._sum(range(row, row + 1), f"{self.figures.days[row]:%d-%b-%Y}")
        return replace(summed, rate=f" Rs.{self.figures.rates[row]:.4f}")

    def _sum(self, rows: range, label: str) -> Report:
        """Reporting dates added up, dollars as they were printed each day."""
        purchases = self.figures.purchases[rows.start : rows.stop]
        sales = self.figures.sales[rows.start : rows.stop]
        # A crore is ten million.
        dollars = np.rint(
            (purchases - sales) * 10 / self.figures.rates[rows.start : rows.stop, None]
        )

        def line(route: str, leaf: int) -> Line:
            bought, sold = int(purchases[:, leaf].sum()), int(sales[:, leaf].sum())
            return Line(route, bought, sold, bought - sold, int(dollars[:, leaf].sum()))

        return _with_sums(label, block_names(self.figures.days[rows[-1]]), line)

    def _derivatives(self, label: str, row: int) -> str:
        day = self.figures.days[row]
        rng = stream(self.market.seed, f"depository derivatives {day}")
        rows = []
        for typical in (20_000, 4_000_000, 400_000, 500_000):
            contracts = (typical * rng.uniform(0.6, 1.5, 3)).round().astype(int)
            figures = ((f"{number}.00", f"{number * 0.16:.2f}") for number in map(int, contracts))
            rows.append([cell for pair in figures for cell in pair])
        return formats.derivatives_table(label, rows)

    def _sectors(self, end: date, now: datetime) -> Answer:
        rows = self.figures.rows(sectors.fortnight_start(end), end)
        out = sectors.released_at(self.market.seed, end)
        if not rows or end > LAST_SESSION or now < out or end != sectors.fortnight_end(end):
            return _absent()
        prior_end = sectors.fortnight_start(end) - timedelta(days=1)
        columns = sectors.columns_of(end)

        def measure(label: str, cells: Mapping[str, sectors.Cells], on: date) -> formats.Measure:
            return formats.Measure(label, cells, level_on(self.market.seed, "DEXINUS", on))

        measures = [
            measure(
                f"AUC as on {_long(prior_end)}", self.split.assets(prior_end, columns), prior_end
            ),
            measure(_net_label(prior_end), self.split.net(prior_end, columns), prior_end),
            measure(_net_label(end), self.split.net(end, columns), end),
            measure(f"AUC as on {_long(end)}", self.split.assets(end, columns), end),
        ]
        return Answer(200, formats.sector_page(measures, columns), HTML, modified=out)

    def _years(self, request: Request, shown: range) -> Answer:
        if parse_qs(request.query).get("RptType") != ["6"] or not shown:
            return _absent()
        last = self.figures.days[shown[-1]]

        def net(first: date, until: date) -> list[int]:
            return _year_figures(
                self.figures.leaf_nets(_both(self.figures.rows(first, until), shown))
            )

        months = []
        for month in range(1, last.month + 1):
            end = date(last.year, month, calendar.monthrange(last.year, month)[1])
            mark = " **" if month == last.month else ""
            months.append((f"{end:%B}{mark}", net(end.replace(day=1), min(end, last))))
        years = [
            (str(year), net(date(year, 1, 1), date(year, 12, 31)))
            for year in range(self.figures.days[0].year, last.year)
        ]
        return _html(formats.year_page(last.year, months, years, last))


def _with_sums(label: str, names: Mapping[str, str], line: Callable[[str, int], Line]) -> Report:
    """Blocks with their sub-totals, and the total of these."""
    blocks: dict[str, Sequence[Line]] = {}
    for block, name in names.items():
        lines = [line(route, leaf) for route, leaf in leaves_of(block)]
        blocks[name] = [*lines, _added("Sub-total", lines)]
    return Report(label, blocks, _added("Total", [lines[-1] for lines in blocks.values()]))


def _added(route: str, lines: Sequence[Line]) -> Line:
    return Line(
        route,
        sum(line.purchases for line in lines),
        sum(line.sales for line in lines),
        sum(line.net for line in lines),
        sum(line.net_usd for line in lines),
    )


def _year_figures(nets: Sequence[int]) -> list[int]:
    """Whole crore by the year table's columns, each rounded for itself but the total."""
    blocks: dict[str, list[int]] = {}
    for (block, _), net in zip(LEAVES, nets, strict=True):
        blocks.setdefault(block, []).append(net)
    parts = [
        *(sum(blocks[name]) for name in ("Equity", DEBT, "Debt-VRR", "Debt-FAR", "Hybrid")),
        *blocks["Mutual Funds"],
        sum(blocks["AIFs"]),
    ]
    crore = [round(part / 100) for part in parts]
    return [*crore, sum(crore)]


def _is_of_a_form(sent: Mapping[str, str]) -> bool:
    """Whether the hidden fields are those that one of our forms gave out."""
    state = sent.get("__VIEWSTATE", "")
    return (
        bool(state)
        and sent.get("__EVENTVALIDATION") == _token("validation", state)
        and sent.get("__VIEWSTATEGENERATOR") == GENERATOR
    )


def _token(kind: str, text: str) -> str:
    return hashlib.sha256(f"simulated {kind} {text}".encode()).hexdigest()


GENERATOR = _token("generator", "Archive.aspx")[:8].upper()


def _both(first: range, second: range) -> range:
    return range(max(first.start, second.start), max(first.start, min(first.stop, second.stop)))


def _file_date(text: str) -> date | None:
    """The date in a file's name; None where there is no such day, so no such file."""
    try:
        return datetime.strptime(text, "%b%d%Y").replace(tzinfo=IST).date()
    except ValueError:
        return None


def _form_date(text: str) -> date:
    return datetime.strptime(text, "%d-%b-%Y").replace(tzinfo=IST).date()


def _long(day: date) -> str:
    return f"{day:%B %d, %Y}"


def _net_label(end: date) -> str:
    first = sectors.fortnight_start(end)
    return f"Net Investment {end:%B} {first:%d}-{end:%d}, {end:%Y}"


def _html(body: bytes) -> Answer:
    return Answer(200, body, HTML)


def _absent() -> Answer:
    return page(404, "Not Found")
