"""XBRL documents of results: columns, forms, dates, and documents that are wrong or hostile."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import Screened
from transforms.parse.xbrl import LAYOUT
from transforms.parse.xbrl_stated import stamp_of
from transforms.parse.xml_safety import MOST_BYTES

Parse = Callable[..., Screened]
OLD = "http://www.bseindia.com/xbrl/fin/2020-03-31/in-bse-fin"
NEW = "http://www.sebi.gov.in/xbrl/2025-05-31/in-capmkt"
NAME = "https://nsearchives.nseindia.com/corporate/xbrl/INDAS_1_2_20012026180000.xml"
STATED = {
    "broadcast_at": "2026-01-20T12:30:00+00:00",
    "symbol": "ALPHA",
    "isin": "INE000A01018",
    "basis": "consolidated",
    "period_end": "2025-12-31",
}
Q3 = ("2025-10-01", "2025-12-31")
NINE_MONTHS = ("2025-04-01", "2025-12-31")
SELF = {
    "Symbol": "ALPHA",
    "ISIN": "INE000A01018",
    "ScripCode": "599999",
    "NatureOfReportStandaloneConsolidated": "Consolidated",
    "WhetherResultsAreAuditedOrUnaudited": "Unaudited",
    "LevelOfRoundingUsedInFinancialStatements": "Crores",
}
Facts = Mapping[str, str | list[str]]


def context(name: str, dates: tuple[str, ...], inside: str = "") -> str:
    period = (
        f"<x:instant>{dates[0]}</x:instant>"
        if len(dates) == 1
        else f"<x:startDate>{dates[0]}</x:startDate><x:endDate>{dates[1]}</x:endDate>"
    )
    return (
        f'<x:context id="{name}"><x:entity><x:identifier scheme="s">599999</x:identifier>'
        f"</x:entity><x:period>{period}</x:period>{inside}</x:context>"
    )


CONTEXTS = (context("OneD", Q3), context("FourD", NINE_MONTHS), context("OneI", ("2025-12-31",)))


def document(
    quarter: Facts | None = None,
    year: Facts | None = None,
    end: Facts | None = None,
    *,
    contexts: tuple[str, ...] = CONTEXTS,
    namespace: str = NEW,
    itself: Facts = SELF,
    more: str = "",
) -> bytes:
    """A document; the facts about itself stand in OneD."""
    lines = []
    for name, facts in (
        ("OneD", {**itself, **(quarter or {})}),
        ("FourD", year or {}),
        ("OneI", end or {}),
    ):
        for fact, values in facts.items():
            lines += [
                f'<f:{fact} contextRef="{name}" decimals="-5">{value}</f:{fact}>'
                for value in ([values] if isinstance(values, str) else values)
            ]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<x:xbrl xmlns:f="{namespace}"'
        ' xmlns:x="http://www.xbrl.org/2003/instance"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{''.join(contexts)}{''.join(lines)}{more}</x:xbrl>"
    ).encode()


PLAIN = {"RevenueFromOperations": "1000.00", "ProfitLossForPeriod": "90"}
PLAIN_YEAR = {"RevenueFromOperations": "2900", "ProfitLossForPeriod": "250"}


def rows(
    parse: Parse, body: bytes, stated: Mapping[str, str] = STATED, name: str = NAME
) -> dict[str, dict[str, Any]]:
    screened = parse(LAYOUT, body, name=name, stated=stated)
    assert screened.rejected.is_empty(), screened.rejected["reason"].to_list()
    return {row["period"]: row for row in screened.good.to_dicts()}


def quarter(parse: Parse, body: bytes, **how: Any) -> dict[str, Any]:
    return rows(parse, body, **how)["quarter"]


def refusal(body: bytes, stated: Mapping[str, str] = STATED, name: str = NAME) -> str:
    with pytest.raises(NotThisLayout) as refused:
        LAYOUT.read(Payload(body, name, stated))
    return refused.value.got


@pytest.mark.parametrize("namespace", [OLD, NEW, "http://www.sebi.gov.in/xbrl/2031-01-31/in-x"])
def test_quarter_and_year_to_date_in_rupees(parse: Parse, namespace: str) -> None:
    body = document(
        {
            "RevenueFromOperations": "87210000000.00",
            "OtherIncome": "12,34,567.50",
            "FinanceCosts": "1.5E+6",
            "ProfitBeforeTax": "-5",
            "ProfitLossForPeriodFromContinuingOperations": "80",
            "ProfitLossForPeriod": "90",
            "ProfitOrLossAttributableToOwnersOfParent": "85.125",
            "BasicEarningsLossPerShareFromContinuingAndDiscontinuedOperations": "6.4425",
            "PaidUpValueOfEquityShareCapital": "500000",
            "FaceValueOfEquityShareCapital": "10.00",
        },
        {
            "RevenueFromOperations": "250000000000",
            "CashFlowsFromUsedInOperatingActivities": "-77",
            "WhetherResultsAreAuditedOrUnaudited": "Audited",
        },
        {
            "Assets": "700",
            "Equity": "300",
            "BorrowingsCurrent": "40",
            "BorrowingsNoncurrent": "60.50",
        },
        namespace=namespace,
    )
    found = rows(parse, body)
    q3, nine = found["quarter"], found["year_to_date"]
    assert (q3["period_start"], q3["period_end"]) == (date(2025, 10, 1), date(2025, 12, 31))
    assert (nine["period_start"], nine["period_end"]) == (date(2025, 4, 1), date(2025, 12, 31))
    assert q3["revenue_inr"] == Decimal("87210000000.00"), "crores are how a page prints it"
    assert nine["revenue_inr"] == Decimal(250_000_000_000)
    assert q3["other_income_inr"] == Decimal("1234567.50")
    assert q3["finance_costs_inr"] == Decimal(1_500_000)
    assert q3["profit_before_tax_inr"] == -5
    assert (q3["profit_continuing_inr"], q3["profit_inr"]) == (80, 90)
    assert q3["basic_eps_inr"] == Decimal("6.4425")
    assert nine["basic_eps_inr"] is None, "a fact that is not there is null"
    assert (q3["operating_cash_flow_inr"], nine["operating_cash_flow_inr"]) == (None, -77)
    for row in (q3, nine):
        assert (row["assets_inr"], row["equity_inr"]) == (700, 300)
        assert row["borrowings_inr"] == Decimal("100.50")
        assert (row["paid_up_capital_inr"], row["face_value_inr"]) == (500_000, 10)
        assert (row["symbol"], row["isin"], row["scrip_code"]) == (
            "ALPHA",
            "INE000A01018",
            "599999",
        )
        assert (row["format"], row["taxonomy"]) == ("ind_as", namespace)
        assert row["basis"] == "consolidated"
        assert row["document"] == "INDAS_1_2_20012026180000.xml"
        assert row["published_at"] == datetime(2026, 1, 20, 12, 30, tzinfo=UTC)
        assert row["published_basis"] == "broadcast"
    assert (q3["is_audited"], nine["is_audited"]) == (False, True)


def test_a_document_of_one_column_is_one_row(parse: Parse) -> None:
    assert set(rows(parse, document(PLAIN))) == {"quarter"}


def test_nil_and_blank_are_null_and_nought_is_nought(parse: Parse) -> None:
    body = document(
        {**PLAIN, "OtherIncome": "0.00", "FinanceCosts": " "},
        more='<f:ProfitBeforeTax contextRef="OneD" xsi:nil="true"/>',
    )
    row = quarter(parse, body)
    assert (row["other_income_inr"], row["finance_costs_inr"]) == (0, None)
    assert row["profit_before_tax_inr"] is None


def test_a_fact_that_is_no_number_rejects_the_row_and_is_shown(parse: Parse) -> None:
    for text in ("NaN", "Infinity", "(90)", "9" * 25, "1E+999999999"):
        body = document({**PLAIN, "OtherIncome": text})
        screened = parse(LAYOUT, body, name=NAME, stated=STATED)
        assert screened.good.is_empty()
        assert f"other_income_inr is not readable: {text}" in screened.rejected["reason"][0]


def test_borrowings_of_which_one_part_is_blank(parse: Parse) -> None:
    assert quarter(parse, document(PLAIN, end={"BorrowingsCurrent": "7"}))["borrowings_inr"] == 7
    assert quarter(parse, document(PLAIN))["borrowings_inr"] is None


class TestDates:
    def test_the_year_to_date_column_may_carry_the_quarters_dates(self, parse: Parse) -> None:
        contexts = (context("OneD", Q3), context("FourD", Q3))
        found = rows(parse, document(PLAIN, PLAIN_YEAR, contexts=contexts))
        assert found["quarter"]["revenue_inr"] == 1000
        assert found["year_to_date"]["revenue_inr"] == 2900
        assert found["year_to_date"]["period_start"] == date(2025, 4, 1)

    def test_a_financial_year_of_another_start_is_taken_at_its_word(self, parse: Parse) -> None:
        contexts = (context("OneD", Q3), context("FourD", Q3))
        itself = {**SELF, "DateOfStartOfFinancialYear": "2025-01-01"}
        found = rows(parse, document(PLAIN, PLAIN_YEAR, contexts=contexts, itself=itself))
        assert found["year_to_date"]["period_start"] == date(2025, 1, 1)

    def test_in_the_first_quarter_both_columns_cover_it(self, parse: Parse) -> None:
        q1 = ("2025-04-01", "2025-06-30")
        contexts = (context("OneD", q1), context("FourD", q1))
        stated = STATED | {"period_end": "2025-06-30"}
        found = rows(parse, document(PLAIN, PLAIN, contexts=contexts), stated=stated)
        assert found["year_to_date"]["period_start"] == date(2025, 4, 1)

    @pytest.mark.parametrize(
        "contexts", [(), (context("OneD", ("2025-07-04", "2025-12-31")),)], ids=["none", "181 days"]
    )
    def test_what_a_column_says_of_itself_stands_for_its_context(
        self, parse: Parse, contexts: tuple[str, ...]
    ) -> None:
        dates = dict(
            zip(("DateOfStartOfReportingPeriod", "DateOfEndOfReportingPeriod"), Q3, strict=True)
        )
        row = quarter(parse, document({**PLAIN, **dates}, contexts=contexts))
        assert (row["period_start"], row["period_end"]) == (date(2025, 10, 1), date(2025, 12, 31))

    def test_dates_of_the_parts_of_an_undeclared_column(self, parse: Parse) -> None:
        contexts = (context("OneOtherExpenses01D", Q3), context("OneOtherExpenses02D", Q3))
        assert quarter(parse, document(PLAIN, contexts=contexts))["period_start"] == date(
            2025, 10, 1
        )
        apart = (*contexts, context("OneOtherExpenses03D", NINE_MONTHS))
        assert "no dates" in refusal(document(PLAIN, contexts=apart))

    def test_a_quarterly_document_that_tells_its_end_alone(self, parse: Parse) -> None:
        told = {**PLAIN, "DateOfEndOfReportingPeriod": "2025-12-31"}
        named = {**told, "ReportingQuarter": "Third quarter"}
        row = quarter(parse, document(named, contexts=()))
        assert (row["period_start"], row["period_end"]) == (date(2025, 10, 1), date(2025, 12, 31))
        assert refusal(document(told, contexts=())) == "no dates"

    def test_half_a_year_is_no_quarter(self, parse: Parse) -> None:
        half = (context("OneD", ("2025-07-04", "2025-12-31")), CONTEXTS[1])
        assert set(rows(parse, document(PLAIN, PLAIN_YEAR, contexts=half))) == {"year_to_date"}
        assert "181 days" in refusal(document(PLAIN, contexts=half))

    @pytest.mark.parametrize(
        ("start", "is_one"),
        [
            ("2025-08-23", False),  # 131 days
            ("2025-08-24", True),
            ("2025-11-02", True),  # 60 days
            ("2025-11-03", False),
        ],
    )
    def test_a_quarter_has_60_to_130_days(self, parse: Parse, start: str, is_one: bool) -> None:
        contexts = (context("OneD", (start, "2025-12-31")), CONTEXTS[1])
        assert ("quarter" in rows(parse, document(PLAIN, PLAIN_YEAR, contexts=contexts))) is is_one

    def test_noughts_in_the_quarter_of_an_annual_document_are_no_figures(
        self, parse: Parse
    ) -> None:
        noughts = dict.fromkeys(PLAIN, "0")
        assert set(rows(parse, document(noughts, PLAIN_YEAR))) == {"year_to_date"}
        assert set(rows(parse, document(noughts, noughts))) == {"quarter", "year_to_date"}

    def test_last_years_balance_sheet_is_not_this_quarters(self, parse: Parse) -> None:
        contexts = (*CONTEXTS[:2], context("OneI", ("2025-03-31",)))
        row = quarter(parse, document(PLAIN, end={"Assets": "700"}, contexts=contexts))
        assert row["assets_inr"] is None


class TestColumns:
    def test_parts_of_a_column_are_not_the_whole(self, parse: Parse) -> None:
        member = '<x:scenario><d:explicitMember xmlns:d="d" dimension="f:A">f:M</d:explicitMember>'
        part = context("OneSegment01D", Q3, f"{member}</x:scenario>")
        body = document(
            {"ProfitLossForPeriod": "90"},
            contexts=(*CONTEXTS, part),
            more='<f:RevenueFromOperations contextRef="OneSegment01D">5</f:RevenueFromOperations>'
            '<f:RevenueFromOperations contextRef="ThreeD">6</f:RevenueFromOperations>',
        )
        assert quarter(parse, body)["revenue_inr"] is None

    def test_a_column_declared_for_a_part_is_none(self) -> None:
        member = '<x:scenario><d:explicitMember xmlns:d="d" dimension="f:A">f:M</d:explicitMember>'
        contexts = (context("OneD", Q3, f"{member}</x:scenario>"),)
        assert "facts in others" in refusal(document(PLAIN, contexts=contexts))

    def test_contexts_of_other_names_are_a_changed_layout(self) -> None:
        body = document(PLAIN).replace(b'"OneD"', b'"Current"')
        with pytest.raises(NotThisLayout) as refused:
            LAYOUT.read(Payload(body, NAME, STATED))
        assert refused.value.changed

    def test_a_fact_told_twice_alike_is_one(self, parse: Parse) -> None:
        twice: Facts = {**PLAIN, "OtherIncome": ["500", "5E2", "500.00"]}
        assert quarter(parse, document(twice))["other_income_inr"] == 500

    def test_a_fact_told_twice_otherwise_refuses_the_document(self) -> None:
        twice: Facts = {**PLAIN, "OtherIncome": ["500", "501"]}
        with pytest.raises(NotThisLayout, match="one value of OtherIncome in context OneD"):
            LAYOUT.read(Payload(document(twice), NAME, STATED))


class TestForms:
    def test_a_bank(self, parse: Parse) -> None:
        body = document(
            {
                "InterestEarned": "800",
                "InterestExpended": "500",
                "OtherIncome": "90",
                "ProfitLossFromOrdinaryActivitiesBeforeTax": "60",
                "ProfitLossFromOrdinaryActivitiesAfterTax": "45",
                "ProfitLossForThePeriod": "44",
                "ProfitLossAfterTaxesMinorityInterestAndShareOfProfitLossOfAssociates": "43",
                "BasicEarningsPerShareAfterExtraordinaryItems": "1.25",
            },
            end={"Capital": "10", "ReservesAndSurplus": "90", "Borrowings": "70", "Assets": "999"},
        )
        row = quarter(parse, body)
        assert row["format"] == "banking"
        assert (row["revenue_inr"], row["finance_costs_inr"]) == (800, 500)
        assert (row["profit_before_tax_inr"], row["profit_continuing_inr"]) == (60, 45)
        assert (row["profit_inr"], row["profit_to_owners_inr"]) == (44, 43)
        assert row["basic_eps_inr"] == Decimal("1.25")
        assert (row["equity_inr"], row["borrowings_inr"], row["assets_inr"]) == (100, 70, 999)

    def test_half_of_a_banks_equity_is_none(self, parse: Parse) -> None:
        row = quarter(parse, document({"InterestEarned": "800"}, end={"Capital": "10"}))
        assert row["equity_inr"] is None

    def test_a_lender(self, parse: Parse) -> None:
        """An NBFC's interest is a part of its revenue; its bonds stand beside its loans."""
        body = document(
            {"InterestEarned": "800", "RevenueFromOperations": "1000", "FinanceCosts": "350"},
            end={"Borrowings": "60", "DebtSecurities": "30", "SubordinatedLiabilities": "10"},
        )
        row = quarter(parse, body)
        assert (row["format"], row["revenue_inr"]) == ("nbfc", 1000)
        assert row["borrowings_inr"] == 100

    def test_a_life_insurer(self, parse: Parse) -> None:
        combined = (
            "BasicAndDilutedEPSAfterExtraordinaryItemsNetOfTaxExpenseForThePeriodNotToBeAnnualized"
        )
        body = document(
            {
                "GrossPremiumIncome": "171",
                "NetPremiumIncome": "165",
                "ProfitLossBeforeTax": "6.2",
                "ProfitLossAfterTaxAndExtraordinaryItems": "6",
                combined: "2.79",
            }
        )
        row = quarter(parse, body)
        assert (row["format"], row["revenue_inr"], row["profit_inr"]) == ("insurance", 165, 6)
        assert row["basic_eps_inr"] == Decimal("2.79")

    @pytest.mark.parametrize(
        ("name", "form"),
        [
            ("INTEGRATED_FILING_LI_1652667_20012026060000_WEB.xml", "insurance"),
            ("GI_1_2_20012026180000.xml", "insurance"),
            ("INTEGRATED_FILING_NBFC_INDAS_1_20012026060000_WEB.xml", "nbfc"),
            ("BANKING_1_2_20012026180000.xml", "banking"),
            ("INTEGRATED_FILING_INDAS_1_20012026060000_WEB.xml", "ind_as"),
        ],
    )
    def test_a_document_of_blanks_goes_by_its_name(
        self, parse: Parse, name: str, form: str
    ) -> None:
        row = quarter(parse, document(), name=name)
        assert row["format"] == form
        assert {value for key, value in row.items() if key.endswith("_inr")} == {None}


class TestCompany:
    def test_a_rename_keeps_the_isin_and_a_split_the_symbol(self, parse: Parse) -> None:
        for change in ({"symbol": "ALPHANEW"}, {"isin": "INE000A01026"}):
            row = quarter(parse, document(PLAIN), stated=STATED | change)
            assert (row["symbol"], row["isin"]) == ("ALPHA", "INE000A01018")

    @pytest.mark.parametrize("symbols", ["ALPHA,ALPHANEW", "OLDER,alpha,ALPHANEW"])
    def test_a_document_under_a_former_symbol_is_the_companys(
        self, parse: Parse, symbols: str
    ) -> None:
        """The list tells today's symbol; a document without ISIN has that of its day alone."""
        itself = {name: value for name, value in SELF.items() if name != "ISIN"}
        renamed = STATED | {"symbol": "ALPHANEW", "symbols": symbols}
        row = quarter(parse, document(PLAIN, itself=itself), stated=renamed)
        assert (row["symbol"], row["isin"]) == ("ALPHA", "INE000A01018")
        # The older list has an ISIN, the newer one has none: the symbol alone can be compared.
        row = quarter(parse, document(PLAIN), stated=renamed | {"isin": ""})
        assert (row["symbol"], row["isin"]) == ("ALPHA", "INE000A01018")

    @pytest.mark.parametrize("symbols", ["BETA", "GAMMA,BETA", "ALPHABET,BETA", ",BETA,", ""])
    def test_a_symbol_that_the_company_never_had_is_anothers(self, symbols: str) -> None:
        itself = {name: value for name, value in SELF.items() if name != "ISIN"}
        stated = STATED | {"symbol": "BETA", "symbols": symbols}
        assert refusal(document(PLAIN, itself=itself), stated) == "another company's: ALPHA"

    @pytest.mark.parametrize(
        "change",
        [{"symbol": "BETA", "isin": "INE999Z01010"}, {"symbol": "BETA", "isin": ""}],
        ids=["both", "symbol alone"],
    )
    def test_another_companys_document_is_refused(self, change: dict[str, str]) -> None:
        assert "another company's: ALPHA" in refusal(document(PLAIN), STATED | change)

    def test_a_document_that_names_nobody_is_the_lists(self, parse: Parse) -> None:
        itself = {
            "NatureOfReportStandaloneConsolidated": "Consolidated",
            "Symbol": "NOTLISTED",
            "ISIN": "-",
        }
        row = quarter(parse, document(PLAIN, itself=itself))
        assert (row["symbol"], row["isin"]) == ("ALPHA", "INE000A01018")
        assert row["scrip_code"] == "599999", "the entity of the context"

    def test_another_basis_and_none(self, parse: Parse) -> None:
        body = document(PLAIN)
        assert refusal(body, STATED | {"basis": "standalone"}) == "a consolidated one"
        silent = document(PLAIN, itself={"Symbol": "ALPHA"})
        assert quarter(parse, silent)["basis"] == "consolidated"
        assert "neither" in refusal(silent, {**STATED, "basis": ""})
        odd = document(PLAIN, itself=SELF | {"NatureOfReportStandaloneConsolidated": "Combined"})
        assert refusal(odd) == "'Combined'"

    def test_another_period(self) -> None:
        stated = STATED | {"period_end": "2025-09-30"}
        assert refusal(document(PLAIN), stated) == "one to 2025-12-31"

    def test_a_period_that_had_not_ended(self) -> None:
        """20:00 UTC of the 30th is already the 31st in India."""
        early = STATED | {"broadcast_at": "2025-12-30T12:00:00+00:00"}
        assert refusal(document(PLAIN), early) == "the period to 2025-12-31"
        just = STATED | {"broadcast_at": "2025-12-30T20:00:00+00:00"}
        assert LAYOUT.read(Payload(document(PLAIN), NAME, just)).height == 1

    def test_dollars(self) -> None:
        itself = SELF | {"DescriptionOfPresentationCurrency": "USD"}
        assert refusal(document(PLAIN, itself=itself)) == "figures in 'USD'"


class TestImported:
    @pytest.mark.parametrize(
        ("name", "at"),
        [
            # 08:03:13 may be 20:03:13, which is 14:33:13 UTC.
            ("INTEGRATED_FILING_INDAS_1_26052026080313_WEB.xml", "2026-05-26T14:33:13"),
            ("INDAS_1_2_16012025152951.xml", "2025-01-16T09:59:51"),
            ("INDAS_1_2_16012025120000.xml", "2025-01-16T06:30:00"),
            ("INDAS_1_2_16012025000500.xml", "2025-01-16T06:35:00"),
        ],
    )
    def test_the_stamp_is_read_as_the_later_half_of_the_day(self, name: str, at: str) -> None:
        assert stamp_of(name) == datetime.fromisoformat(at).replace(tzinfo=UTC)

    @pytest.mark.parametrize("name", ["x.xml", "INDAS_1_99992026080313.xml", "INDAS_26052026.xml"])
    def test_a_name_without_a_stamp(self, name: str) -> None:
        assert stamp_of(name) is None

    def test_a_stamp_is_an_assumption(self, parse: Parse) -> None:
        row = quarter(parse, document(PLAIN), stated={}, name="inbox/INDAS_1_20012026080000.xml")
        assert row["published_at"] == datetime(2026, 1, 20, 14, 30, tzinfo=UTC)
        assert row["published_basis"] == "assumed"

    def test_without_one_it_was_known_when_it_came(self, parse: Parse) -> None:
        """It came on 11 February 2026, whose last second is 18:29:59 UTC."""
        row = quarter(parse, document(PLAIN), stated={}, name="results.xml")
        assert row["published_at"] == datetime(2026, 2, 11, 18, 29, 59, tzinfo=UTC)
        assert row["published_basis"] == "observed"

    def test_a_period_after_it_came_is_kept_aside(self, parse: Parse) -> None:
        contexts = (context("OneD", ("2026-01-01", "2026-03-31")),)
        screened = parse(LAYOUT, document(PLAIN, contexts=contexts), name="results.xml", stated={})
        assert "period_end is not readable: 2026-03-31" in screened.rejected["reason"][0]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">
]><x:xbrl xmlns:x="http://www.xbrl.org/2003/instance">&b;</x:xbrl>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<x:xbrl xmlns:x="http://www.xbrl.org/2003/instance">&a;</x:xbrl>"""


MANY_ATTRIBUTES = "<a " + " ".join(f"a{n}=''" for n in range(400_001)) + "/>"
HOSTILE = {
    "empty": (b"", "an empty file"),
    "blank": (b" \n", "an empty file"),
    "entity bomb": (BOMB, "DOCTYPE"),
    "external entity": (OUTSIDE, "DOCTYPE"),
    "bomb in UTF-16": (BOMB.decode().encode("utf-16"), "two bytes a character"),
    "bomb in UTF-7": (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "UTF-7"),
    "web page": (b"<!DOCTYPE html><html><body>Access Denied</body></html>", "a web page"),
    "inline XBRL": (b'<?xml version="1.0"?><html xmlns:ix="ix"><body/></html>', "inline XBRL"),
    "error in XML": (b"<Error><Code>NoSuchKey</Code></Error>", "another XML document"),
    "error in JSON": (b'{"error":"Forbidden"}', "no XML"),
    "archive": (b"PK\x03\x04zip", "a zip archive"),
    "cut off": (document(PLAIN)[:-200], "cut off"),
    "not UTF-8": (document(PLAIN).replace(b"ALPHA", b"ALPH\xc9"), "cut off"),
    "another instance": (
        document({"Assets2": "1"}, itself={"Symbol": "ALPHA"}),
        "an instance without one",
    ),
    "unclosed": (b"<x><y>" * 4, "cut off"),
    "deep": (b"<a>" * 300 + b"</a>" * 300, "Excessive depth"),
    "many elements": (document(PLAIN, more="<a/>" * 200_001), "tags"),
    "many attributes": (document(PLAIN, more=MANY_ATTRIBUTES), "equals signs"),
}


class TestHostile:
    @pytest.mark.parametrize(("body", "got"), HOSTILE.values(), ids=HOSTILE)
    def test_what_is_no_such_document_is_refused(self, body: bytes, got: str) -> None:
        assert got in refusal(body)

    def test_text_of_another_declared_encoding_is_read(self, parse: Parse) -> None:
        body = document({**PLAIN, "NameOfTheCompany": "Société"}).decode()
        latin = body.replace("UTF-8", "ISO-8859-1").encode("latin-1")
        assert quarter(parse, latin)["revenue_inr"] == 1000

    def test_entities_of_xml_itself_are_text(self, parse: Parse) -> None:
        body = document(PLAIN, itself=SELF | {"Symbol": "M&amp;M"})
        assert quarter(parse, body, stated=STATED | {"symbol": "M&M"})["symbol"] == "M&M"

    @pytest.mark.parametrize(
        "body",
        [b"<a>" * (MOST_BYTES // 3 + 1), b"<a>" * (MOST_BYTES // 3 - 1)],
        ids=["large", "deep"],
    )
    def test_a_sea_of_nesting_is_refused_before_memory_grows(self, body: bytes) -> None:
        tracemalloc.start()
        try:
            got = refusal(body)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert "bytes" in got or "tags" in got, "before a parser saw it"
        assert peak < 2**20

    def test_a_fact_of_a_megabyte_fills_no_log(self, parse: Parse) -> None:
        body = document({**PLAIN, "OtherIncome": "9" * 2**20})
        screened = parse(LAYOUT, body, name=NAME, stated=STATED)
        assert len(screened.rejected["reason"][0]) < 1000


def test_only_instances_are_recognised() -> None:
    assert LAYOUT.recognise(Payload(document(PLAIN)))
    assert LAYOUT.recognise(Payload(b"<xbrl >"))
    assert not LAYOUT.recognise(Payload(b"<html>xbrl</html>"))
    assert not LAYOUT.recognise(Payload(b"{}"))
