"""Riskon's own layouts read the simulated documents and lists: figures and instants come back."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from flows.calendar import IST
from flows.demo.formats.xbrl_writer import document
from flows.demo.world.market import SEED
from flows.demo.world.results import FIGURES, Results, draw_results
from flows.sources.nse_result_document import SOURCE
from transforms.parse.layout import Payload
from transforms.parse.screen import screen

FETCHED_ON = date(2026, 12, 31)


@pytest.fixture(scope="module")
def results() -> Results:
    return draw_results(SEED)


def test_documents(results: Results) -> None:
    """One of each kind: every figure of every row, and no row more or less."""
    kinds = {
        (filing.form, filing.feed, filing.flaw, filing.basis, filing.quarter.month): filing
        for filing in results.records
        if filing.document
    }
    filings = list(kinds.values())
    assert len(filings) > 60
    layout = SOURCE.layouts[0]
    texts = [
        layout.read(
            Payload(document(results.statement(filing)), str(filing.document))
        ).with_columns(file_id=pl.lit(number, pl.Int64), fetched_on=pl.lit(FETCHED_ON))
        for number, filing in enumerate(filings, start=1)
    ]
    recorded = pl.lit(datetime(2026, 12, 31, 12, tzinfo=IST)).dt.convert_time_zone("UTC")
    known = pl.DataFrame({"file_id": range(1, len(filings) + 1)}).with_columns(
        recorded_at=recorded.cast(pl.Datetime("us", "UTC")), is_imported=pl.lit(False)
    )
    published = {"published_at": pl.col("recorded_at"), "published_basis": pl.lit("observed")}
    read = screen(pl.concat(texts), layout, known, published)
    assert read.rejected.is_empty(), read.rejected.to_dicts()[:3]
    columns = ["document", "period", "period_start", "period_end", "format", "basis", *FIGURES]
    wanted = results.figures.filter(
        pl.col("document").is_in([filing.document for filing in filings]),
        pl.col("period") != "half_year",
    )
    order = ["document", "period"]
    got = read.good.select(columns).sort(order)
    want = wanted.select(columns).sort(order)
    assert got.select(order).equals(want.select(order))
    for column in columns:
        told, true = got[column], want[column]
        if column.endswith("_inr"):
            told, true = told.cast(pl.Float64), true.cast(pl.Float64)
        assert told.eq_missing(true).all(), column
