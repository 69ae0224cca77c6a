"""Evidence grows by what is new: a verdict, or a figure that it stands on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from flows.derive import _grow
from flows.night import ALL_TABLES
from warehouse.store import Warehouse, open_writer
from warehouse.tables import Evidence, EvidenceLeg
from warehouse.tables.table import Table, schema

EARLY, LATE = (datetime(2026, 2, 9, hour, tzinfo=UTC) for hour in (13, 17))
ROW = {
    "session_date": date(2026, 2, 9),
    "claim_id": "invented",
    "definition_version": 1,
    "article_row": 6,
    "bearing": "rotation",
    "grade": "UNTESTABLE",
    "published_at": EARLY,
}


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with closing(open_writer(tmp_path / "warehouse.duckdb", ALL_TABLES)) as opened:
        yield opened


def rows(table: type[Table], *told: dict[str, object]) -> pl.DataFrame:
    """Rows with what is told, ROW, the same words in every other text and nulls besides."""
    types = pl.Schema({name: t for name, t in schema(table).items() if name != "recorded_at"})
    words = {name: "words" for name, dtype in types.items() if dtype == pl.String}
    filled = [
        {name: (words | ROW | row).get(name) for name in types}  # in the table's order
        for row in told
    ]
    return pl.DataFrame(filled, schema=types)


def verdict(grade: str = "UNTESTABLE") -> pl.DataFrame:
    return rows(Evidence, {"grade": grade})


def legs(*values: float) -> pl.DataFrame:
    named = ({"leg": f"leg {number}", "value": value} for number, value in enumerate(values))
    return rows(EvidenceLeg, *named)


def told(warehouse: Warehouse) -> list[list[float]]:
    """Figures of the legs by the instant of their verdict."""
    found = warehouse.read(
        "SELECT list(l.value ORDER BY leg) AS legs FROM mart.evidence e "
        "LEFT JOIN mart.evidence_leg l USING (recorded_at) GROUP BY recorded_at "
        "ORDER BY recorded_at"
    )
    return found["legs"].to_list()


def test_a_verdict_stands_on_the_last_figures_though_its_words_are_the_same(
    warehouse: Warehouse,
) -> None:
    """Coverage of a season grows through an evening; the claim is untestable all along."""
    _grow(warehouse, verdict(), legs(22.2, 5.0), EARLY)
    _grow(warehouse, verdict(), legs(44.4, 5.0), LATE)
    assert told(warehouse) == [[22.2, 5.0], [44.4, 5.0]]


def test_a_leg_that_fell_away_is_news_too(warehouse: Warehouse) -> None:
    _grow(warehouse, verdict(), legs(22.2, 5.0), EARLY)
    _grow(warehouse, verdict(), legs(22.2), LATE)
    assert told(warehouse) == [[22.2, 5.0], [22.2]]


def test_nothing_new_adds_no_row(warehouse: Warehouse) -> None:
    for now in (EARLY, LATE):
        _grow(warehouse, verdict(), legs(22.2, 5.0), now)
    assert told(warehouse) == [[22.2, 5.0]]
    _grow(warehouse, verdict("SUPPORTED"), legs(22.2, 5.0), LATE)
    assert told(warehouse) == [[22.2, 5.0], [22.2, 5.0]]


def test_a_run_of_the_same_instant_corrects_itself(warehouse: Warehouse) -> None:
    _grow(warehouse, verdict(), legs(22.2), LATE)
    _grow(warehouse, verdict(), legs(44.4), LATE)
    assert told(warehouse) == [[44.4]]
