"""The simulated documents, read here by hand of lxml: contexts by id, elements by local name."""

from __future__ import annotations

import re
from datetime import date

import pytest
from lxml import etree

from flows.demo.formats.xbrl_writer import document
from flows.demo.world.filings import Filing
from flows.demo.world.market import SEED
from flows.demo.world.results import Results, draw_results, figures_of

ELEMENTS = {
    "ind_as": {
        "revenue_inr": "RevenueFromOperations",
        "other_income_inr": "OtherIncome",
        "finance_costs_inr": "FinanceCosts",
        "profit_before_tax_inr": "ProfitBeforeTax",
        "profit_continuing_inr": "ProfitLossForPeriodFromContinuingOperations",
        "profit_inr": "ProfitLossForPeriod",
        "profit_to_owners_inr": "ProfitOrLossAttributableToOwnersOfParent",
        "basic_eps_inr": "BasicEarningsLossPerShareFromContinuingAndDiscontinuedOperations",
    },
    "banking": {
        "revenue_inr": "InterestEarned",
        "finance_costs_inr": "InterestExpended",
        "profit_before_tax_inr": "ProfitLossFromOrdinaryActivitiesBeforeTax",
        "profit_inr": "ProfitLossForThePeriod",
        "profit_to_owners_inr": (
            "ProfitLossAfterTaxesMinorityInterestAndShareOfProfitLossOfAssociates"
        ),
        "basic_eps_inr": "BasicEarningsPerShareAfterExtraordinaryItems",
    },
    "insurance": {
        "revenue_inr": "NetPremiumIncome",
        "profit_before_tax_inr": "ProfitLossBeforeTax",
        "profit_inr": "ProfitLossAfterTaxAndExtraordinaryItems",
        "other_income_inr": "OtherIncome",
    },
}
ELEMENTS["nbfc"] = ELEMENTS["ind_as"]
COLUMNS = {"quarter": "OneD", "half_year": "OneD", "year_to_date": "FourD"}


class Read:
    """Facts by context and local name, and the dates of each context."""

    def __init__(self, body: bytes) -> None:
        self.root = etree.fromstring(body)
        self.facts: dict[tuple[str, str], str | None] = {}
        self.dates: dict[str, tuple[str, ...]] = {}
        for element in self.root:
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name == "context":
                texts = [str(node.text) for node in element.iter("{*}startDate", "{*}endDate")]
                self.dates[str(element.attrib["id"])] = tuple(texts)
            elif name and "contextRef" in element.attrib:
                at = str(element.attrib["contextRef"]), name
                assert at not in self.facts, f"{at} is told twice"
                self.facts[at] = element.text


@pytest.fixture(scope="module")
def results() -> Results:
    return draw_results(SEED)


def some(results: Results, **wanted: object) -> Filing:
    """The last filing with a document that is so."""
    return next(
        filing
        for filing in reversed(results.records)
        if filing.document and all(getattr(filing, name) == value for name, value in wanted.items())
    )


def test_documents_hold_the_figures(results: Results) -> None:
    """One in forty, of every form, basis and flaw."""
    seen = set()
    for filing in [filing for filing in results.records if filing.document][::40]:
        statement = results.statement(filing)
        read = Read(document(statement))
        seen |= {filing.form, filing.basis, filing.flaw}
        for row in figures_of(statement):
            context = COLUMNS[str(row["period"])]
            for column, element in ELEMENTS[filing.form].items():
                told, expected = read.facts.get((context, element)), row[column]
                if expected is None:
                    assert told is None, (filing.document, column)
                else:
                    assert told is not None, (filing.document, column)
                    assert float(told) == expected, (filing.document, column)
    assert seen >= {"ind_as", "banking", "nbfc", "insurance", "consolidated", "standalone"}
    assert seen >= {"none", "header_only", "ytd_dates", "undeclared", "half_year"}


@pytest.mark.parametrize(
    ("flaw", "one", "four", "told"),
    [
        ("none", ("2023-10-01", "2023-12-31"), ("2023-04-01", "2023-12-31"), "2023-04-01"),
        ("ytd_dates", ("2023-10-01", "2023-12-31"), ("2023-10-01", "2023-12-31"), "2023-04-01"),
        ("undeclared", None, ("2023-04-01", "2023-12-31"), "2023-04-01"),
    ],
)
def test_contexts(results: Results, flaw: str, one: object, four: object, told: str) -> None:
    filing = some(results, flaw=flaw, quarter=date(2023, 12, 31))
    read = Read(document(results.statement(filing)))
    assert read.dates.get("OneD") == one
    assert read.dates["FourD"] == four
    assert read.facts["FourD", "DateOfStartOfReportingPeriod"] == told
    assert read.facts["OneD", "DateOfStartOfReportingPeriod"] == "2023-10-01"


def test_contexts_of_six_months_and_of_the_header_alone(results: Results) -> None:
    half = some(results, flaw="half_year")
    read = Read(document(results.statement(half)))
    first, last = (date.fromisoformat(text) for text in read.dates["OneD"])
    assert 180 <= (last - first).days <= 182
    assert read.facts["OneD", "DateOfStartOfReportingPeriod"] == first.isoformat()
    bare = some(results, flaw="header_only", quarter=date(2019, 12, 31))
    read = Read(document(results.statement(bare)))
    assert read.dates["OneD"] == read.dates["FourD"] == ("2019-10-01", "2019-12-31")
    assert not any(name == "DateOfStartOfReportingPeriod" for _, name in read.facts)
    assert read.facts["OneD", "DateOfStartOfFinancialYear"] == "2019-04-01"
    assert read.facts["OneD", "ReportingQuarter"] == "Third quarter"


def test_taxonomies_and_entities(results: Results) -> None:
    namespaces = set()
    for quarter in {filing.quarter for filing in results.records}:
        filing = some(results, quarter=quarter, form="ind_as")
        read = Read(document(results.statement(filing)))
        [namespace] = [uri for name, uri in read.root.nsmap.items() if name and name[:3] == "in-"]
        namespaces.add(namespace)
        [identifier] = {(node.get("scheme"), node.text) for node in read.root.iter("{*}identifier")}
        assert read.facts["OneD", "Symbol"] == filing.symbol
        if filing.feed == "legacy":
            assert identifier == ("http://www.nseindia.com/NSESymbol", filing.symbol)
            assert ("OneD", "ISIN") not in read.facts
        else:
            assert identifier[1] == filing.company.scrip_code
            assert read.facts["OneD", "ISIN"] == filing.isin
    assert {uri.split("/")[-1] for uri in namespaces} == {"in-bse-fin", "in-capmkt"}
    assert len(namespaces) >= 4


def test_segments_stand_apart(results: Results) -> None:
    """Facts of the whole's own names stand in contexts with a dimension."""
    read = Read(document(results.statement(some(results, form="ind_as"))))
    dimensional = {
        node.get("id")
        for node in read.root.iter("{*}context")
        if node.find(".//{*}scenario") is not None
    }
    revenue = {context for context, name in read.facts if name == "RevenueFromOperations"}
    assert len(revenue & dimensional) == 8
    assert revenue - dimensional == {"OneD", "FourD"}


def test_size_and_names(results: Results) -> None:
    filings = [filing for filing in results.records if filing.document][::40]
    for filing in filings:
        body = document(results.statement(filing))
        assert 6_000 < len(body) < 100_000
        assert b"SIMULATED" in body
        assert body == document(results.statement(filing))
        assert filing.document is not None
        number = re.fullmatch(
            r"(?:(?:INDAS|NBFC_INDAS|BANKING)_\d+|INTEGRATED_FILING_(?:INDAS|NBFC_INDAS|BANKING|LI))"
            r"_(\d+)_\d{14}(?:_WEB)?\.xml",
            filing.document,
        )
        assert number is not None
        assert number[1] != filing.filing_id


def test_clocks_in_names(results: Results) -> None:
    """24 hours in the old names, 12 in the new, as in the genuine lists."""
    new = next(
        filing
        for filing in results.records
        if filing.feed == "integrated" and filing.disseminated_at.hour == 20 and filing.document
    )
    assert f"_{new.disseminated_at:%d%m%Y}08{new.disseminated_at:%M%S}_WEB" in str(new.document)
    old = next(
        filing
        for filing in results.records
        if filing.feed == "legacy" and filing.broadcast_at.hour == 20 and filing.document
    )
    assert f"_{old.broadcast_at:%d%m%Y}20" in str(old.document)
