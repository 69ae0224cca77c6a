"""The lists of results as the exchange wrote them, against the same records read by hand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.sources import nse_integrated_filing, nse_results
from flows.sources.source import Source
from transforms.parse.layout import Payload
from transforms.parse.screen import Screened, screen

pytestmark = pytest.mark.real
INDIA = timezone(timedelta(hours=5, minutes=30))
FETCHED = datetime(2026, 11, 1, tzinfo=UTC)
SAMPLES = [
    ("corporates-financial-results__excerpt.json", nse_results.SOURCE),
    ("nse_api_financial_results.json", nse_results.SOURCE),
    ("integrated-filing-results__26-May-2026.json", nse_integrated_filing.SOURCE),
]


def loaded(source: Source, body: bytes) -> Screened:
    (layout,) = source.layouts
    payload = Payload(body)
    assert layout.recognise(payload)
    text = layout.read(payload).with_columns(
        file_id=pl.lit(1, pl.Int64), fetched_on=pl.lit(FETCHED.date())
    )
    known = pl.DataFrame(
        {"file_id": [1], "recorded_at": [FETCHED]},
        schema_overrides={"recorded_at": pl.Datetime("us", "UTC")},
    )
    return screen(text, layout, known, {})


def by_hand(record: dict[str, Any]) -> dict[str, Any]:
    """The few fields that matter, by plain Python."""
    told = record.get("broadCastDate") or record["broadcast_Date"]
    end = record.get("toDate") or record["qe_Date"]
    name = record["xbrl"].split("/")[-1]
    return {
        "symbol": record["symbol"],
        "period_end": datetime.strptime(end.title(), "%d-%b-%Y").date(),
        "basis": "consolidated" if record["consolidated"] == "Consolidated" else "standalone",
        "is_audited": record["audited"] == "Audited",
        "published_at": datetime.strptime(told, "%d-%b-%Y %H:%M:%S").replace(tzinfo=INDIA),
        "document": None if name == "-" else name,
        "document_url": None if name == "-" else record["xbrl"],
        "is_revision": False,
    }


@pytest.mark.parametrize(("name", "source"), SAMPLES, ids=[name for name, _ in SAMPLES])
def test_every_record_is_loaded_as_it_stands(archive: Path, name: str, source: Source) -> None:
    path = archive / "samples" / name
    if not path.is_file():
        pytest.skip(f"the archive holds no {name}")
    document = json.loads(path.read_bytes())
    records = document["data"] if isinstance(document, dict) else document
    screened = loaded(source, path.read_bytes())
    assert screened.rejected.is_empty()
    hand = [by_hand(record) for record in records]
    assert screened.good.select(list(hand[0])).to_dicts() == hand
    assert set(screened.good["published_basis"]) == {"broadcast"}


def test_the_addresses_are_the_exchanges_own() -> None:
    address = nse_results.SOURCE.address(date(2024, 2, 10))
    assert address.endswith("&from_date=01-02-2024&to_date=29-02-2024")
    address = nse_integrated_filing.SOURCE.address(date(2026, 5, 26))
    assert "type=Integrated%20Filing-%20Financials&from_date=01-05-2026" in address
    assert address.endswith("&to_date=31-05-2026&page=1&size=1000")
