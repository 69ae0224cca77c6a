"""Result documents read by hand, and by the parser: the figures are the same.

The instances are invented; who wrote them and this table knew the publisher's habits, not the
parser.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.sources.nse_result_document import SOURCE
from tests.parse.conftest import Parse

INSTANCES = Path(__file__).parent / "instances"
QUARTER, YEAR_TO_DATE = "quarter", "year_to_date"

# document, period, column, value in rupees as it stands in the file; a dash for what is not known
BY_HAND = """
old_third_quarter_consolidated  quarter       revenue_inr              1200000000.00
old_third_quarter_consolidated  quarter       other_income_inr           30000000.00
old_third_quarter_consolidated  quarter       finance_costs_inr          25000000.00
old_third_quarter_consolidated  quarter       profit_before_tax_inr     150000000.00
old_third_quarter_consolidated  quarter       profit_continuing_inr     112000000.00
old_third_quarter_consolidated  quarter       profit_inr                112000000.00
old_third_quarter_consolidated  quarter       profit_to_owners_inr      108000000.00
old_third_quarter_consolidated  quarter       basic_eps_inr                     4.32
old_third_quarter_consolidated  quarter       paid_up_capital_inr        50000000.00
old_third_quarter_consolidated  quarter       face_value_inr                    2
old_third_quarter_consolidated  quarter       assets_inr                        -
old_third_quarter_consolidated  quarter       operating_cash_flow_inr           -
old_third_quarter_consolidated  year_to_date  revenue_inr              3450000000.00
old_third_quarter_consolidated  year_to_date  profit_before_tax_inr     421000000.00
old_third_quarter_consolidated  year_to_date  profit_inr                315000000.00
old_third_quarter_consolidated  year_to_date  profit_to_owners_inr      304000000.00
old_third_quarter_consolidated  year_to_date  basic_eps_inr                    12.16

old_header_only                 quarter       revenue_inr               305000000.00
old_header_only                 quarter       profit_before_tax_inr      -7000000.00
old_header_only                 quarter       profit_inr                 -5200000.00
old_header_only                 quarter       basic_eps_inr                    -1.04
old_header_only                 quarter       profit_to_owners_inr              -
old_header_only                 year_to_date  revenue_inr               912000000.00
old_header_only                 year_to_date  profit_inr                 43000000.00
old_header_only                 year_to_date  basic_eps_inr                     8.60

old_bank_standalone             quarter       revenue_inr              9500000000.00
old_bank_standalone             quarter       other_income_inr         1100000000.00
old_bank_standalone             quarter       finance_costs_inr        5200000000.00
old_bank_standalone             quarter       profit_before_tax_inr    2100000000.00
old_bank_standalone             quarter       profit_continuing_inr    1570000000.00
old_bank_standalone             quarter       profit_inr               1570000000.00
old_bank_standalone             quarter       basic_eps_inr                     7.85
old_bank_standalone             quarter       paid_up_capital_inr      2000000000.00
old_bank_standalone             quarter       face_value_inr                   10
old_bank_standalone             quarter       equity_inr                        -
old_bank_standalone             year_to_date  revenue_inr             27900000000.00
old_bank_standalone             year_to_date  finance_costs_inr       15100000000.00
old_bank_standalone             year_to_date  profit_inr               4480000000.00
old_bank_standalone             year_to_date  basic_eps_inr                    22.40

old_nbfc_half_year              quarter       revenue_inr               640000000.00
old_nbfc_half_year              quarter       finance_costs_inr         270000000.00
old_nbfc_half_year              quarter       profit_before_tax_inr     130000000.00
old_nbfc_half_year              quarter       profit_inr                 97000000.00
old_nbfc_half_year              quarter       assets_inr              14000000000.00
old_nbfc_half_year              quarter       equity_inr               3600000000.00
old_nbfc_half_year              quarter       borrowings_inr           9800000000.00
old_nbfc_half_year              year_to_date  revenue_inr              1250000000.00
old_nbfc_half_year              year_to_date  profit_inr                190000000.00
old_nbfc_half_year              year_to_date  assets_inr              14000000000.00
old_nbfc_half_year              year_to_date  operating_cash_flow_inr           -

old_year_audited                quarter       revenue_inr               410000000.00
old_year_audited                quarter       profit_before_tax_inr      36000000.00
old_year_audited                quarter       profit_inr                 27000000.00
old_year_audited                quarter       assets_inr               1290000000.00
old_year_audited                year_to_date  revenue_inr              1510000000.00
old_year_audited                year_to_date  finance_costs_inr          38000000.00
old_year_audited                year_to_date  profit_inr                106000000.00
old_year_audited                year_to_date  basic_eps_inr                    21.20
old_year_audited                year_to_date  assets_inr               1290000000.00
old_year_audited                year_to_date  equity_inr                640000000.00
old_year_audited                year_to_date  borrowings_inr            365000000.00
old_year_audited                year_to_date  operating_cash_flow_inr   133000000.00

new_first_quarter               quarter       revenue_inr               875400000.00
new_first_quarter               quarter       finance_costs_inr                 0.00
new_first_quarter               quarter       profit_before_tax_inr     201000000.00
new_first_quarter               quarter       profit_inr                150500000.00
new_first_quarter               quarter       basic_eps_inr                     6.02

new_demerger                    quarter       revenue_inr             16000000000.00
new_demerger                    quarter       profit_before_tax_inr    3400000000.00
new_demerger                    quarter       profit_continuing_inr    2500000000.00
new_demerger                    quarter       profit_inr               6900000000.00
new_demerger                    quarter       profit_to_owners_inr     6880000000.00
new_demerger                    quarter       basic_eps_inr                    29.36
new_demerger                    year_to_date  profit_continuing_inr    7400000000.00
new_demerger                    year_to_date  profit_inr              12050000000.00

new_bank_year_consolidated      quarter       revenue_inr              7100000000.00
new_bank_year_consolidated      quarter       profit_inr                900000000.00
new_bank_year_consolidated      quarter       profit_to_owners_inr      880000000.00
new_bank_year_consolidated      quarter       basic_eps_inr                     4.40
new_bank_year_consolidated      year_to_date  profit_inr               3650000000.00
new_bank_year_consolidated      year_to_date  profit_to_owners_inr     3580000000.00
new_bank_year_consolidated      year_to_date  assets_inr             330000000000.00
new_bank_year_consolidated      year_to_date  equity_inr              26000000000.00
new_bank_year_consolidated      year_to_date  borrowings_inr          31000000000.00
new_bank_year_consolidated      year_to_date  operating_cash_flow_inr -2750000000.00

new_life_insurer                quarter       revenue_inr              3300000000.00
new_life_insurer                quarter       profit_before_tax_inr     190000000.00
new_life_insurer                quarter       profit_inr                176000000.00
new_life_insurer                quarter       other_income_inr                  -
new_life_insurer                quarter       finance_costs_inr                 -
new_life_insurer                quarter       paid_up_capital_inr               -

old_undeclared_quarter          quarter       revenue_inr               220000000.00
old_undeclared_quarter          quarter       profit_inr                 10500000.00
old_undeclared_quarter          year_to_date  revenue_inr               655000000.00
old_undeclared_quarter          year_to_date  profit_inr                 31000000.00

new_six_months                  year_to_date  revenue_inr               960000000.00
new_six_months                  year_to_date  profit_inr                 73500000.00

new_loss_and_nothing            quarter       revenue_inr                       0.00
new_loss_and_nothing            quarter       other_income_inr                  -
new_loss_and_nothing            quarter       finance_costs_inr           8123456.50
new_loss_and_nothing            quarter       profit_before_tax_inr     -31250000.00
new_loss_and_nothing            quarter       profit_inr                -31250000.00
new_loss_and_nothing            quarter       profit_to_owners_inr      -30000000.00
new_loss_and_nothing            quarter       basic_eps_inr                    -0.75
new_loss_and_nothing            quarter       assets_inr                        -
new_loss_and_nothing            year_to_date  revenue_inr                 2500000.00
new_loss_and_nothing            year_to_date  profit_inr                -88000000.00
"""
CELLS = [tuple(line.split()) for line in BY_HAND.splitlines() if line]

OLD_2018 = "http://www.bseindia.com/xbrl/fin/2018-03-31/in-bse-fin"
OLD_2020 = "http://www.bseindia.com/xbrl/fin/2020-03-31/in-bse-fin"
SEBI = "http://www.sebi.gov.in/xbrl/{}/in-capmkt"
FORMS = {"banking": "BANKING", "nbfc": "NBFC_INDAS", "insurance": "LI", "ind_as": "INDAS"}

# document: what it says of itself, the same in each of its rows
ABOUT: dict[str, dict[str, Any]] = {
    "old_third_quarter_consolidated": {
        "symbol": "ZZPUMPS",
        "format": "ind_as",
        "taxonomy": OLD_2020,
        "basis": "consolidated",
        "is_audited": False,
    },
    "old_header_only": {
        "symbol": "ZZSALT",
        "format": "ind_as",
        "taxonomy": OLD_2018,
        "basis": "standalone",
        "is_audited": False,
    },
    "old_bank_standalone": {
        "symbol": "ZZBANK",
        "scrip_code": "599003",
        "format": "banking",
        "taxonomy": OLD_2020,
        "basis": "standalone",
    },
    "old_nbfc_half_year": {"symbol": "ZZLEND", "format": "nbfc", "basis": "consolidated"},
    "old_year_audited": {"format": "ind_as", "basis": "standalone", "is_audited": True},
    "new_first_quarter": {
        "symbol": "ZZCODE",
        "isin": "INEX9YY01013",
        "scrip_code": "599006",
        "format": "ind_as",
        "taxonomy": SEBI.format("2025-05-31"),
    },
    "new_demerger": {
        "symbol": "ZZSOAP",
        "isin": "INEX9XX01017",
        "scrip_code": "599007",
        "taxonomy": SEBI.format("2026-01-31"),
        "basis": "consolidated",
    },
    "new_bank_year_consolidated": {
        "format": "banking",
        "taxonomy": SEBI.format("2024-12-31"),
        "basis": "consolidated",
        "is_audited": True,
    },
    "new_life_insurer": {"format": "insurance", "basis": "standalone", "isin": "INEX9VV01015"},
    "old_undeclared_quarter": {"symbol": "ZZGLUE", "basis": "standalone"},
    "new_loss_and_nothing": {"symbol": "ZZ&LOSS", "isin": "INEX9SS01017", "scrip_code": "599013"},
}

# document, period: first and last date covered
COVERED = {
    ("old_third_quarter_consolidated", QUARTER): (date(2023, 10, 1), date(2023, 12, 31)),
    ("old_third_quarter_consolidated", YEAR_TO_DATE): (date(2023, 4, 1), date(2023, 12, 31)),
    ("old_header_only", QUARTER): (date(2018, 10, 1), date(2018, 12, 31)),
    ("old_header_only", YEAR_TO_DATE): (date(2018, 4, 1), date(2018, 12, 31)),
    ("old_year_audited", QUARTER): (date(2022, 1, 1), date(2022, 3, 31)),
    ("old_year_audited", YEAR_TO_DATE): (date(2021, 4, 1), date(2022, 3, 31)),
    ("old_nbfc_half_year", YEAR_TO_DATE): (date(2023, 4, 1), date(2023, 9, 30)),
    ("old_undeclared_quarter", QUARTER): (date(2023, 10, 1), date(2023, 12, 31)),
    ("new_demerger", YEAR_TO_DATE): (date(2025, 4, 1), date(2025, 12, 31)),
    ("new_six_months", YEAR_TO_DATE): (date(2024, 4, 1), date(2025, 3, 31)),
}


@pytest.fixture(scope="module")
def read(parse: Parse) -> dict[str, pl.DataFrame]:
    """Rows of each instance; the file is named as the exchange names that form's documents."""
    forms = {name: about.get("format", "ind_as") for name, about in ABOUT.items()}
    rows = {}
    for file in sorted(INSTANCES.glob("*.xml")):
        form = forms.get(file.stem, "insurance" if "insurer" in file.stem else "ind_as")
        stem = FORMS[form] if file.stem.startswith("old") else f"INTEGRATED_FILING_{FORMS[form]}"
        parsed = parse(SOURCE.layouts[0], file.read_bytes(), name=f"{stem}_1_2.xml")
        assert parsed.rejected.is_empty(), parsed.rejected.to_dicts()
        rows[file.stem] = parsed.good
    return rows


def row(read: dict[str, pl.DataFrame], document: str, period: str) -> dict[str, Any]:
    [found] = read[document].filter(period=period).to_dicts()
    return found


@pytest.mark.parametrize(("document", "period", "column", "value"), CELLS)
def test_figure(
    read: dict[str, pl.DataFrame], document: str, period: str, column: str, value: str
) -> None:
    assert row(read, document, period)[column] == (None if value == "-" else Decimal(value))


def test_every_instance_is_read_by_hand() -> None:
    named = {document for document, *_ in CELLS} | {"new_insurer_blank"}
    assert named == {file.stem for file in INSTANCES.glob("*.xml")}


@pytest.mark.parametrize("document", ABOUT)
def test_what_it_says_of_itself(read: dict[str, pl.DataFrame], document: str) -> None:
    for found in read[document].to_dicts():
        assert {name: found[name] for name in ABOUT[document]} == ABOUT[document]


@pytest.mark.parametrize(("document", "period"), COVERED)
def test_dates_covered(read: dict[str, pl.DataFrame], document: str, period: str) -> None:
    found = row(read, document, period)
    assert (found["period_start"], found["period_end"]) == COVERED[document, period]


def test_a_symbol_is_no_scrip_code(read: dict[str, pl.DataFrame]) -> None:
    """The entity of old documents is a symbol; their scrip code is a fact."""
    for found in read["old_third_quarter_consolidated"].to_dicts():
        assert found["scrip_code"] in {None, "599001"}


def test_six_months_are_no_quarter(read: dict[str, pl.DataFrame]) -> None:
    assert QUARTER not in read["new_six_months"]["period"]
    assert Decimal("500000000.00") not in read["new_six_months"]["revenue_inr"]


def test_a_first_quarter_has_no_other_period(read: dict[str, pl.DataFrame]) -> None:
    assert read["new_first_quarter"]["period"].to_list() == [QUARTER]


def test_empty_cells_are_unknown(read: dict[str, pl.DataFrame]) -> None:
    """Neither nought nor refused: whoever counts what is missing must find the filing."""
    figures = [name for name in read["new_insurer_blank"].columns if name.endswith("_inr")]
    assert len(figures) == 14
    for found in read["new_insurer_blank"].to_dicts():
        assert not any(found[name] is not None for name in figures)
