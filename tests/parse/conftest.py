"""How the parse suite takes bytes to screened rows, as loading does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

import polars as pl
import pytest

from transforms.parse.layout import Layout, Payload
from transforms.parse.screen import Screened, screen

RECORDED = datetime(2026, 2, 11, 15, 0, tzinfo=UTC)
FETCHED_ON = date(2026, 2, 11)
Parse = Callable[..., Screened]


@pytest.fixture(scope="session")
def parse() -> Parse:
    """Read, type and screen bodies as the files 1, 2, … of one layout."""

    def run(
        layout: Layout, *bodies: bytes, name: str = "", stated: Mapping[str, str] | None = None
    ) -> Screened:
        texts = [
            layout.read(Payload(body, name, stated or {})).with_columns(
                file_id=pl.lit(number, pl.Int64), fetched_on=pl.lit(FETCHED_ON)
            )
            for number, body in enumerate(bodies, start=1)
        ]
        known = pl.DataFrame(
            {"file_id": range(1, len(bodies) + 1)}, schema={"file_id": pl.Int64}
        ).with_columns(
            recorded_at=pl.lit(RECORDED).cast(pl.Datetime("us", "UTC")), is_imported=pl.lit(False)
        )
        published = {
            "published_at": pl.col("recorded_at"),
            "published_basis": pl.lit("observed"),
        }
        if "published_at" in layout.typed:
            published = {}
        return screen(pl.concat(texts), layout, known, published)

    return run
