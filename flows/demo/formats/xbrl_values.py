"""The values that stand in a result document, by the key of their place in its template."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from xml.sax.saxutils import escape

from flows.demo.formats.xbrl_forms import SEGMENTS
from flows.demo.world.results import Column, Statement

QUARTERS = {6: "First quarter", 9: "Second quarter", 12: "Third quarter", 3: "Yearly"}
CONTEXTS = {"quarter": "One", "half_year": "One", "year_to_date": "Four"}


def values_of(statement: Statement) -> Mapping[str, object]:
    """Every value of a document, by the key of its place."""
    filing, company = statement.filing, statement.filing.company
    is_new = filing.feed == "integrated"
    knows_code = is_new or filing.form == "banking"
    year_first, year_last = statement.financial_year
    scheme = "http://www.nseindia.com/NSESymbol"
    if knows_code:
        scheme = "http://www.bseindia.com/bse-fin/ScripCode"
    if is_new:
        scheme = "http://www.sebi.gov.in/in-capmkt/ScripCode"
    symbol = escape(filing.symbol)
    values: dict[str, object] = {
        "scheme": scheme,
        "entity": company.scrip_code if knows_code else symbol,
        "last": filing.quarter,
        "scrip_code": company.scrip_code,
        "symbol": symbol,
        "msei_symbol": "NOTLISTED",
        "isin": filing.isin,
        "name": escape(company.name),
        "class": "Equity",
        "year_first": year_first,
        "year_last": year_last,
        "board_meeting": filing.board_meeting,
        "currency": "INR",
        "rounding": "Crores" if company.tier == "large" else "Lakhs",
        "reporting_quarter": QUARTERS[filing.quarter.month],
        "meeting_started": "11:30:00",
        "meeting_ended": "13:15:00",
        "segments": "Multi segment",
        "audited": "Audited" if filing.is_audited else "Unaudited",
        "nature": filing.basis.capitalize(),
        "notes": notes(company.number, filing.quarter),
        **{f"segment_{at}": f"Business {at}" for at in range(1, SEGMENTS + 1)},
    }
    carries_quarter = filing.flaw in {"ytd_dates", "header_only"}
    for column in statement.columns:
        name = CONTEXTS[column.period]
        shown = statement.columns[0].first if carries_quarter else column.first
        values[f"{name}_first"], values[f"{name}_told"] = shown, column.first
        for key, value in _lines(column, statement).items():
            values[f"{name}_{key}"] = value
    if statement.instants is not None:
        _positions(values, statement.instants, statement.paid_up)
    if statement.operating_cash_flow is not None:
        cash = statement.operating_cash_flow
        values |= {
            "c_operating": cash,
            "c_investing": -cash // 2,
            "c_financing": -cash // 4,
            "c_change": cash - cash // 2 - cash // 4,
            "c_nought": 0,
        }
    return values


def _lines(column: Column, statement: Statement) -> dict[str, object]:
    """Lines of a column with those that follow from them."""
    lines = column.lines
    revenue, spent = lines["revenue"], lines["other_expenses"]
    eps = f"{lines['basic_eps_hundredths'] / 100:.2f}"
    income = revenue + lines["other_income"]
    profit, discontinued = lines["profit"], lines["profit_discontinued"]
    before = lines["profit_before_tax"]
    shares = statement.paid_up // statement.face_value
    derived: dict[str, object] = {
        **lines,
        "income": income,
        "expenses": income - before,
        "before_provisions": before + lines["depreciation"],
        "spent_before_provisions": income - before - lines["depreciation"],
        "operating": lines["employee"] + spent,
        "minorities": profit - lines["profit_to_owners"],
        "paid_up": statement.paid_up,
        "face_value": statement.face_value,
        "eps": eps,
        "eps_continuing": f"{(lines['profit_to_owners'] - discontinued) / shares:.2f}",
        "eps_discontinued": f"{discontinued / shares:.2f}",
        "nought": 0,
        "ratio": f"{abs(before) % 977 / 100:.2f}",
    }
    for at in range(1, SEGMENTS + 1):
        derived[f"segment_{at}"] = revenue * at // (SEGMENTS * 2)
        derived[f"expense_{at}"] = spent * at // (SEGMENTS * 3)
    return derived


def _positions(values: dict[str, object], instants: Mapping[str, int], paid_up: int) -> None:
    """The balance sheet: what the four given sums leave is spread over the other lines."""
    assets, equity = instants["assets"], instants["equity"]
    current, noncurrent = instants["borrowings_current"], instants["borrowings_noncurrent"]
    other = assets - equity - current - noncurrent
    values |= {
        "i_assets": assets,
        "i_equity": equity,
        "i_paid_up": paid_up,
        "i_reserves": equity - paid_up,
        "i_borrowings_current": current,
        "i_borrowings_noncurrent": noncurrent,
        "i_borrowings": current + noncurrent,
        "i_other": other,
        "i_half": assets // 2,
        "i_rest": assets - assets // 2,
        "i_tenth": assets // 10,
        "i_nought": 0,
    }


@cache
def notes(company: int, quarter: date) -> str:
    """Notes on the results, some kilobytes, marked up as the publisher's editor leaves them."""
    count = 6 + (7 * company + quarter.month) % 13
    paragraphs = [
        f"{at}. {SENTENCES[(company + at) % len(SENTENCES)]} {SENTENCES[(3 * at) % len(SENTENCES)]}"
        for at in range(1, count + 1)
    ]
    return "".join(
        f"&lt;p style=&quot;text-align: justify;&quot;&gt;{text}&lt;/p&gt;" for text in paragraphs
    )


SENTENCES = (
    (
        "The results of this invented company were reviewed by its audit committee, approved by "
        "its board of directors at the meeting stated above, and are part of a simulation."
    ),
    (
        "Figures of the previous period were regrouped wherever considered necessary to make them "
        "comparable with those of the current period; nothing of this took place."
    ),
    (
        "The statutory auditors carried out a limited review and expressed an unmodified "
        "conclusion, as the auditors of a simulated exchange are bound to do."
    ),
    (
        "The company is organised into segments according to the nature of its products and "
        "services; the segments named here exist in a random number generator alone."
    ),
    "Provision for current and deferred tax is made at the rate expected for the full year.",
    (
        "The figures of the last quarter are the balancing figures between the audited figures of "
        "the full year and the published figures up to the third quarter, &amp;c."
    ),
)
