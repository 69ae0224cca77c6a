"""Writer of result documents: XBRL instances as companies file them.

Element names, contexts, entity schemes and habits are those which public readers of genuine
documents report: facts carry absolute rupees whatever the level of rounding says; `OneD` is the
quarter, `FourD` the year to date, `OneI` the end of the period; each context repeats in facts
which dates it is of, and in the old taxonomy these facts alone are right for `FourD`; segments and
details of expenses stand in contexts of their own, with a dimension in the scenario. No genuine
document was at hand, so the order of the elements and the white space are *unverified*.

A document is one template filled in: templates are few, documents many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from flows.demo.formats.xbrl_forms import FORMS, NOTES, SEGMENTS, Fact, Form
from flows.demo.formats.xbrl_values import CONTEXTS, values_of
from flows.demo.world.filings import Filing, Flaw
from flows.demo.world.results import Statement

OLD = "http://www.bseindia.com/xbrl/fin/{version}/in-bse-fin"
NEW = "http://www.sebi.gov.in/xbrl/{version}/in-capmkt"
OLD_VERSIONS = ((date(2019, 12, 31), "2018-03-31"), (date(2024, 12, 31), "2020-03-31"))
"""Last quarter, version."""
NEW_VERSIONS = (
    (date(2025, 5, 1), "2024-12-31"),
    (date(2025, 7, 1), "2025-01-31"),
    (date(2026, 1, 31), "2025-05-31"),
    (date.max, "2026-01-31"),
)
"""Day from which on the next version is used, version."""


@dataclass(frozen=True)
class Shape:
    """What decides which elements a document has; documents alike in it share a template."""

    form: str
    namespace: str
    columns: tuple[str, ...]
    has_positions: bool
    has_cash_flow: bool
    is_group: bool
    flaw: Flaw
    is_blank: bool

    @property
    def prefix(self) -> str:
        """Of the taxonomy's elements."""
        return self.namespace.rsplit("/", 1)[1]


def document(statement: Statement) -> bytes:
    """The XBRL instance of a statement, in UTF-8."""
    filing = statement.filing
    shape = Shape(
        form=filing.form,
        namespace=taxonomy(filing),
        columns=tuple(CONTEXTS[column.period] for column in statement.columns),
        has_positions=statement.instants is not None,
        has_cash_flow=statement.operating_cash_flow is not None,
        is_group=filing.basis == "consolidated",
        flaw=filing.flaw,
        is_blank=statement.is_blank,
    )
    return (_template(shape) % values_of(statement)).encode()


def taxonomy(filing: Filing) -> str:
    """Namespace of the taxonomy: by quarter in the old feed, by day of filing in the new."""
    if filing.feed == "legacy":
        version = next(name for last, name in OLD_VERSIONS if filing.quarter <= last)
        return OLD.format(version=version)
    day = filing.broadcast_at.date()
    return NEW.format(version=next(name for until, name in NEW_VERSIONS if day < until))


@cache
def _template(shape: Shape) -> str:
    """The document with a place for each value."""
    prefix, form = shape.prefix, FORMS[shape.form]
    lines = [*_opening(shape), *_contexts(shape), *UNITS]
    lines += [_text(prefix, name, "OneD", f"%({key})s") for name, key in _header(form, prefix)]
    for column in shape.columns:
        lines += _column(shape, column, form)
    for at in range(SEGMENTS):
        for column in shape.columns:
            lines += _segment(prefix, column, at + 1)
    if shape.has_positions:
        lines += [_number(prefix, fact, "OneI", f"i_{fact.key}") for fact in form.positions]
    if shape.has_cash_flow:
        lines += [_number(prefix, fact, "FourD", f"c_{fact.key}") for fact in form.cash_flow]
    lines.append(_text(prefix, NOTES, "OneD", "%(notes)s"))
    return "\n".join([*lines, "</xbrli:xbrl>", ""])


PER_SHARE = (
    "<xbrli:divide><xbrli:unitNumerator><xbrli:measure>iso4217:INR</xbrli:measure>"
    "</xbrli:unitNumerator><xbrli:unitDenominator><xbrli:measure>xbrli:shares</xbrli:measure>"
    "</xbrli:unitDenominator></xbrli:divide>"
)
UNITS = (
    '<xbrli:unit id="INR"><xbrli:measure>iso4217:INR</xbrli:measure></xbrli:unit>',
    '<xbrli:unit id="pure"><xbrli:measure>xbrli:pure</xbrli:measure></xbrli:unit>',
    f'<xbrli:unit id="INRPerShare">{PER_SHARE}</xbrli:unit>',
)


def _opening(shape: Shape) -> Iterator[str]:
    namespace, prefix = shape.namespace, shape.prefix
    version = namespace.split("/")[-2]
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield "<!-- SIMULATED: an invented company, invented figures -->"
    yield (
        f'<xbrli:xbrl xmlns:{prefix}="{namespace}" xmlns:link="http://www.xbrl.org/2003/linkbase"'
        ' xmlns:xlink="http://www.w3.org/1999/xlink"'
        ' xmlns:iso4217="http://www.xbrl.org/2003/iso4217"'
        ' xmlns:xbrldi="http://xbrl.org/2006/xbrldi"'
        ' xmlns:xbrli="http://www.xbrl.org/2003/instance">'
    )
    entry = "in-capmkt-ent" if prefix == "in-capmkt" else "in-bse-fin"
    yield f'<link:schemaRef xlink:href="{entry}-{version}.xsd" xlink:type="simple"/>'


def _contexts(shape: Shape) -> Iterator[str]:
    prefix = shape.prefix
    for column in shape.columns:
        if not (column == "One" and shape.flaw == "undeclared"):
            yield _context(f"{column}D", _duration(column))
        for at in range(1, SEGMENTS + 1):
            for kind, axis in DIMENSIONS:
                member = f"{prefix}:{column}{kind}{at:02d}Member"
                inside = (
                    f'<xbrli:scenario><xbrldi:explicitMember dimension="{prefix}:{axis}">{member}'
                    "</xbrldi:explicitMember></xbrli:scenario>"
                )
                yield _context(f"{column}{kind}{at:02d}D", _duration(column), inside)
    if shape.has_positions:
        yield _context("OneI", "<xbrli:instant>%(last)s</xbrli:instant>")


DIMENSIONS = (
    ("ReportableSegmentRevenue", "ReportableSegmentsAxis"),
    ("ReportableSegmentResult", "ReportableSegmentsResultAxis"),
    ("OtherExpenses", "DetailsOfOtherExpensesAxis"),
)


def _duration(column: str) -> str:
    return (
        f"<xbrli:startDate>%({column}_first)s</xbrli:startDate>"
        "<xbrli:endDate>%(last)s</xbrli:endDate>"
    )


def _context(name: str, period: str, inside: str = "") -> str:
    return (
        f'<xbrli:context id="{name}"><xbrli:entity><xbrli:identifier scheme="%(scheme)s">%(entity)s'
        f"</xbrli:identifier></xbrli:entity><xbrli:period>{period}</xbrli:period>{inside}"
        "</xbrli:context>"
    )


def _header(form: Form, prefix: str) -> Iterator[tuple[str, str]]:
    """General information: element and value's key. The old Ind-AS form knows no ISIN."""
    yield "ScripCode", "scrip_code"
    yield "Symbol", "symbol"
    yield "MSEISymbol", "msei_symbol"
    if prefix == "in-capmkt" or form.tells_isin:
        yield "ISIN", "isin"
    yield form.name_element, "name"
    yield "ClassOfSecurity", "class"
    yield "DateOfStartOfFinancialYear", "year_first"
    yield "DateOfEndOfFinancialYear", "year_last"
    yield "DateOfBoardMeetingWhenFinancialResultsWereApproved", "board_meeting"
    yield "DescriptionOfPresentationCurrency", "currency"
    if prefix == "in-capmkt":
        yield "LevelOfRounding", "rounding"
    else:
        yield "LevelOfRoundingUsedInFinancialStatements", "rounding"
    yield "ReportingQuarter", "reporting_quarter"
    yield "StartTimeOfBoardMeeting", "meeting_started"
    yield "EndTimeOfBoardMeeting", "meeting_ended"
    yield "IsCompanyReportingMultisegmentOrSingleSegment", "segments"


def _column(shape: Shape, column: str, form: Form) -> Iterator[str]:
    prefix, context = shape.prefix, f"{column}D"
    if shape.flaw != "header_only":
        yield _text(prefix, "DateOfStartOfReportingPeriod", context, f"%({column}_told)s")
        yield _text(prefix, "DateOfEndOfReportingPeriod", context, "%(last)s")
    yield _text(prefix, "WhetherResultsAreAuditedOrUnaudited", context, "%(audited)s")
    yield _text(prefix, "NatureOfReportStandaloneConsolidated", context, "%(nature)s")
    for fact in form.flows:
        if fact.of_groups and not shape.is_group:
            continue
        if shape.is_blank or not fact.key:
            yield _blank(prefix, fact, context)
        else:
            yield _number(prefix, fact, context, f"{column}_{fact.key}")


def _segment(prefix: str, column: str, at: int) -> Iterator[str]:
    """A part of the business, and a kind of other expenses: facts of the same names as the whole's.

    Summed or taken for the company's, they would be wrong.
    """
    context = f"{column}ReportableSegmentRevenue{at:02d}D"
    key = f"{column}_segment_{at}"
    revenue = Fact("SegmentRevenue", "")
    yield _text(prefix, "DescriptionOfReportableSegment", context, f"%(segment_{at})s")
    yield _number(prefix, revenue, context, key)
    yield _number(prefix, Fact("RevenueFromOperations", ""), context, key)
    context = f"{column}ReportableSegmentResult{at:02d}D"
    yield _number(prefix, Fact("SegmentProfitLossBeforeTaxAndFinanceCosts", ""), context, key)
    yield _number(prefix, Fact("ProfitBeforeTax", ""), context, key)
    context = f"{column}OtherExpenses{at:02d}D"
    yield _text(prefix, "DescriptionOfOtherExpenses", context, f"Expense {at}")
    yield _number(prefix, Fact("OtherExpenses", ""), context, f"{column}_expense_{at}")


def _text(prefix: str, name: str, context: str, value: str) -> str:
    return f'<{prefix}:{name} contextRef="{context}">{value}</{prefix}:{name}>'


def _blank(prefix: str, fact: Fact, context: str) -> str:
    return f'<{prefix}:{fact.name} contextRef="{context}" unitRef="INR" decimals="-5"/>'


def _number(prefix: str, fact: Fact, context: str, key: str) -> str:
    # Rupees are whole; the forms print two decimals all the same.
    value, decimals = (f"%({key})d.00", "-5") if fact.unit == "INR" else (f"%({key})s", "INF")
    return (
        f'<{prefix}:{fact.name} contextRef="{context}" unitRef="{fact.unit}"'
        f' decimals="{decimals}">{value}</{prefix}:{fact.name}>'
    )
