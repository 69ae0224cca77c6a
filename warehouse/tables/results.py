"""What listed companies filed: the exchange's lists of results, and the documents themselves."""

from __future__ import annotations

import dataframely as dy

from warehouse.tables import columns
from warehouse.tables.table import Table

BASES = ("consolidated", "standalone")
FORMATS = ("ind_as", "banking", "nbfc", "insurance")


class Filing(Table):
    """One result that a company filed, as the exchange lists it."""

    table = "core.filing"
    write = "merge"

    source_id = columns.text("The list the row was read from", unit="id", key=True)
    filing_id = columns.text("The exchange's number of the filing", unit="id", key=True)
    symbol = columns.text("Symbol on the day the list was fetched", unit="id")
    company_name = columns.text("Company name on that day", unit="name")
    isin = columns.text("ISIN, where the list has it", unit="id", nullable=True)
    period_end = columns.described(dy.Date, "Last date of the quarter", "date", nullable=False)
    basis = columns.word("Whether subsidiaries are included", *BASES)
    is_audited = columns.flag("Whether the figures are audited", nullable=True)
    is_revision = columns.flag("Whether it replaces an earlier filing, as the list says")
    broadcast_at = columns.instant("When the exchange told the world")
    document = columns.text("File name of the XBRL document", unit="id", nullable=True)
    document_url = columns.text(
        "Address of the XBRL document; null where the list has a dash", unit="url", nullable=True
    )
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()


class QuarterlyResult(Table):
    """Figures of one XBRL document, in rupees, for the quarter and for the year to date.

    Figures at the end of the period (assets, equity, borrowings) stand on both rows. A fact that
    the document does not hold is null, never nought.
    """

    table = "core.quarterly_result"
    write = "merge"

    document = columns.text("File name of the XBRL document", unit="id", key=True)
    period = columns.word("What the figures cover", "quarter", "year_to_date", key=True)
    symbol = columns.text("Symbol, by the document or else by the list", unit="id", nullable=True)
    isin = columns.text("ISIN, by the document or else by the list", unit="id", nullable=True)
    scrip_code = columns.text("BSE scrip code of the document's entity", unit="id", nullable=True)
    format = columns.word("Which form the company fills in", *FORMATS)
    taxonomy = columns.text("Namespace of the taxonomy", unit="url")
    basis = columns.word("Whether subsidiaries are included", *BASES)
    is_audited = columns.flag("Whether the figures are audited", nullable=True)
    period_start = columns.described(dy.Date, "First date covered", "date", nullable=False)
    period_end = columns.described(dy.Date, "Last date covered", "date", nullable=False)
    revenue_inr = columns.decimal(
        "Revenue from operations; of a bank interest earned, of an insurer premium where told",
        "rupees",
        precision=24,
        scale=2,
    )
    other_income_inr = columns.decimal("Other income", "rupees", precision=24, scale=2)
    finance_costs_inr = columns.decimal(
        "Finance costs; of a bank interest expended", "rupees", precision=24, scale=2
    )
    profit_before_tax_inr = columns.decimal("Profit before tax", "rupees", precision=24, scale=2)
    profit_continuing_inr = columns.decimal(
        "Profit from continuing operations, after tax", "rupees", precision=24, scale=2
    )
    profit_inr = columns.decimal("Profit for the period", "rupees", precision=24, scale=2)
    profit_to_owners_inr = columns.decimal(
        "Profit attributable to owners of the parent", "rupees", precision=24, scale=2
    )
    basic_eps_inr = columns.decimal("Basic earnings a share, as published", "rupees")
    paid_up_capital_inr = columns.decimal(
        "Paid-up equity share capital", "rupees", precision=24, scale=2
    )
    face_value_inr = columns.decimal("Face value of a share", "rupees")
    assets_inr = columns.decimal("Total assets", "rupees", precision=24, scale=2)
    equity_inr = columns.decimal("Total equity", "rupees", precision=24, scale=2)
    borrowings_inr = columns.decimal(
        "Borrowings, current and not current", "rupees", precision=24, scale=2
    )
    operating_cash_flow_inr = columns.decimal(
        "Cash flow from operating activities", "rupees", precision=24, scale=2
    )
    published_at = columns.published_at()
    published_basis = columns.published_basis()
    recorded_at = columns.recorded_at()
    file_id = columns.file_id()
