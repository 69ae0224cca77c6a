"""One result as a company filed it: an XBRL document to a row each for quarter and year to date.

What the exchange's list said of it comes as `stated`: broadcast_at (an ISO instant), symbol, isin,
basis, period_end (an ISO date); an imported document has none of them. Figures are rupees as they
stand: the document's level of rounding is how a page prints them.
"""

from __future__ import annotations

import re
from datetime import date, time

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import blank_as_null, number
from transforms.parse.xbrl_facts import (
    AUDITED,
    FIGURES,
    FORM_MARKS,
    PERIOD_NAMES,
    Facts,
    as_decimal,
    figures,
    form,
    said,
)
from transforms.parse.xbrl_instance import (
    COLUMNS,
    END,
    EXPECTED,
    QUARTER,
    YEAR_TO_DATE,
    Instance,
    day,
    read_instance,
)
from transforms.parse.xbrl_periods import Period, candidates, quarter_of, year_to_date_of
from transforms.parse.xbrl_stated import (
    IST,
    basis_of,
    broadcast_of,
    check_currency,
    company_of,
    file_name,
    scrip_code,
)
from warehouse.tables import QuarterlyResult

AUDIT_WORDS = {"audited": "true", "unaudited": "false"}
PER_SHARE = frozenset({"basic_eps_inr", "face_value_inr"})
_ROOT = re.compile(rb"<(?:[\w.-]+:)?xbrl[\s>]")
_TEXTS = (
    *("document", "period", "symbol", "isin", "scrip_code", "format", "taxonomy", "basis"),
    *("is_audited", "period_start", "period_end"),
    *(figure.column for figure in FIGURES),
    *("broadcast_at", "published_basis"),
)
_SCHEMA = pl.Schema({"row_number": pl.Int64, **dict.fromkeys(_TEXTS, pl.String)})


def _read(payload: Payload) -> pl.DataFrame:
    stated = payload.stated
    instance = read_instance(payload)
    quarter, year = _periods(instance, day(stated.get("period_end", "")))
    last = quarter or year
    if last is None:
        raise NotThisLayout(
            f"{EXPECTED} with a quarter of 60 to 130 days or a year to date", _dates_told(instance)
        )
    end = last.end
    check_currency(instance)
    symbol, isin = company_of(instance, stated)
    basis = basis_of(instance, stated)
    if (stated_end := stated.get("period_end")) and end.isoformat() != stated_end:
        raise NotThisLayout(f"{EXPECTED} for the period to {stated_end}", f"one to {end}")
    document = file_name(payload.name)
    broadcast = broadcast_of(stated, document)
    if broadcast is not None and end > broadcast.astimezone(IST).date():
        raise NotThisLayout(
            f"{EXPECTED} for a period that had ended when it was told, at {broadcast.isoformat()}",
            f"the period to {end}",
        )
    marks = {name for column in COLUMNS for name in instance.of(column) if name in FORM_MARKS}
    shared = {
        "document": document,
        "symbol": symbol,
        "isin": isin,
        "scrip_code": scrip_code(instance),
        "format": form(marks, f"{document} {instance.told}".lower()),
        "taxonomy": instance.taxonomy,
        "basis": basis,
        "broadcast_at": "" if broadcast is None else broadcast.isoformat(timespec="seconds"),
        "published_basis": "broadcast"
        if stated.get("broadcast_at")
        else ("assumed" if broadcast else "observed"),
    }
    rows = [
        shared | _row(instance, name, column, period, end)
        for name, column, period in (
            ("quarter", QUARTER, quarter),
            ("year_to_date", YEAR_TO_DATE, year),
        )
        if period is not None
    ]
    # A frame a document: of all ways to build one, this costs least.
    return pl.from_dicts(
        [{"row_number": place, **row} for place, row in enumerate(rows, start=1)], schema=_SCHEMA
    )


def _periods(instance: Instance, stated_end: date | None) -> tuple[Period | None, Period | None]:
    """Dates of the two columns; null for one that is absent, or that says nothing."""
    own, cumulative = instance.of(QUARTER), instance.of(YEAR_TO_DATE)
    if not own and not cumulative:
        raise NotThisLayout(
            f"{EXPECTED} with facts in the contexts {QUARTER} or {YEAR_TO_DATE}",
            f"facts in others, or in {END} alone",
            changed=True,
        )
    quarter = quarter_of(instance, stated_end) if own else None
    has_year = bool(PERIOD_NAMES & cumulative.keys())
    year = year_to_date_of(instance, quarter, stated_end) if has_year else None
    # An annual document of the older form fills the quarter's column with noughts, or not at all.
    if year is not None and not _says_anything(own) and _says_anything(cumulative):
        quarter = None
    return quarter, year


def _says_anything(facts: Facts) -> bool:
    return any(as_decimal(facts[name]) != 0 for name in PERIOD_NAMES & facts.keys())


def _row(instance: Instance, name: str, column: str, period: Period, end: date) -> dict[str, str]:
    other = QUARTER if column == YEAR_TO_DATE else YEAR_TO_DATE
    own, beside = instance.of(column), instance.of(other)
    audited = said(own, AUDITED) or said(beside, AUDITED)
    context = instance.contexts.get(END)
    stands = context is None or context.end in {None, end}
    return {
        "period": name,
        # A year can be audited while its last quarter is not; a word we do not know says nothing.
        "is_audited": AUDIT_WORDS.get(audited.lower().replace("-", "").replace(" ", ""), ""),
        "period_start": period.start.isoformat(),
        "period_end": period.end.isoformat(),
        # Figures dated otherwise, such as last year's balance sheet, are not those of this period.
        **figures(own, beside, instance.of(END) if stands else {}),
    }


def _dates_told(instance: Instance) -> str:
    told = [
        f"{column} from {period.start} to {period.end}, {period.days} days"
        for column in (QUARTER, YEAR_TO_DATE)
        for period in candidates(instance, column)
    ]
    return "; ".join(told) or "no dates"


def _day(name: str) -> pl.Expr:
    return blank_as_null(name).str.to_date("%Y-%m-%d", strict=False)


_broadcast_at = blank_as_null("broadcast_at").str.to_datetime(
    "%Y-%m-%dT%H:%M:%S%:z", time_unit="us", time_zone="UTC", strict=False
)
_fetched = (
    pl.col("fetched_on")
    .dt.combine(time(23, 59, 59))
    .dt.cast_time_unit("us")
    .dt.replace_time_zone("Asia/Kolkata")
    .dt.convert_time_zone("UTC")
)

LAYOUT = Layout(
    id="result_document",
    table=QuarterlyResult,
    recognise=lambda payload: _ROOT.search(payload.body[:8000]) is not None,
    read=_read,
    typed={
        **{
            name: blank_as_null(name)
            for name in (
                *("document", "period", "symbol", "isin", "scrip_code"),
                *("format", "taxonomy", "basis", "published_basis"),
            )
        },
        "is_audited": blank_as_null("is_audited").replace_strict(
            {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
        ),
        "period_start": _day("period_start"),
        # A file that came with no word of its broadcast must at least speak of the past.
        "period_end": pl.when(_day("period_end") <= pl.col("fetched_on")).then(_day("period_end")),
        **{
            figure.column: number(figure.column)
            if figure.column in PER_SHARE
            else number(figure.column, precision=24, scale=2)
            for figure in FIGURES
        },
        "published_at": pl.coalesce(_broadcast_at, _fetched),
    },
    is_verified=False,
    date_column="period_end",
)
