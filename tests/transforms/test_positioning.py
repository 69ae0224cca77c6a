"""Open futures by participant, by hand and against the constructed vector."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.stats import percentileofscore  # type: ignore[import-untyped]

from transforms.metrics.positioning import POSITION, participant_position
from warehouse.tables.flows import ParticipantContracts
from warehouse.tables.table import schema

ARCHIVE = Path(os.environ.get("RISKON_ARCHIVE", Path(__file__).parents[3] / "shared" / "archive"))
VECTORS = ARCHIVE.parent / "vectors" / "constructed" / "flows.json"
START = date(2023, 1, 2)


def day(n: int) -> date:
    return START + timedelta(days=n)


def days(count: int) -> pl.DataFrame:
    return pl.DataFrame({"session_date": [day(n) for n in range(count)]})


def held(
    n: int,
    long: int,
    short: int,
    participant: str = "FII",
    stock: tuple[int, int] = (1, 1),
    **others: Any,
) -> dict[str, Any]:
    return {
        "session_date": day(n),
        "participant": participant,
        "measure": "open_interest",
        "source_id": "nse_participant_open_interest",
        "future_index_long_contracts": long,
        "future_index_short_contracts": short,
        "future_stock_long_contracts": stock[0],
        "future_stock_short_contracts": stock[1],
        "published_at": datetime(2023, 1, 2, 14, tzinfo=UTC) + timedelta(days=n),
        **others,
    }


def contracts(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    columns = schema(ParticipantContracts)
    return pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], schema=columns)


def positions(rows: Sequence[dict[str, Any]], count: int = 8) -> list[dict[str, Any]]:
    return participant_position(contracts(rows), days(count)).to_dicts()


def test_the_published_position_of_foreign_investors() -> None:
    if not VECTORS.exists():
        pytest.skip(f"no vectors at {VECTORS}")
    vector = json.loads(VECTORS.read_text())["fii_index_fut"]
    (row,) = positions([held(0, vector["long"], vector["short"])])
    assert row["index_future_long_share"] == pytest.approx(vector["long_share"], abs=1e-12)
    ratio = row["index_future_long_short_ratio"]
    assert ratio == pytest.approx(vector["long_short_ratio"], abs=1e-12)
    assert row["index_future_net_contracts"] == vector["net"]


def test_shares_ratio_and_net() -> None:
    (row,) = positions([held(0, 30, 10, stock=(1, 4))])
    assert row["index_future_long_share"] == 0.75
    assert row["index_future_long_short_ratio"] == 3
    assert row["index_future_net_contracts"] == 20
    assert row["stock_future_long_share"] == 0.2


def test_all_four_participants_and_no_total_and_no_volume() -> None:
    rows = [held(0, 2, 1, who) for who in ("Pro", "Client", "DII", "FII", "TOTAL")]
    rows += [held(1, 9, 1, measure="volume")]
    assert [row["participant"] for row in positions(rows)] == ["Client", "DII", "FII", "Pro"]


def test_nothing_open_has_no_share_and_nothing_short_no_ratio() -> None:
    none, long = positions([held(0, 0, 0), held(1, 5, 0)])
    assert none["index_future_long_share"] is None
    assert none["index_future_long_short_ratio"] is None
    assert none["index_future_net_contracts"] == 0
    assert (long["index_future_long_share"], long["index_future_long_short_ratio"]) == (1, None)


def test_changes_are_over_five_sessions_and_null_over_a_hole() -> None:
    rows = positions([held(n, 10 + n * n, 10) for n in range(8)])
    assert [row["index_future_net_change_5_contracts"] for row in rows] == [None] * 5 + [25, 35, 45]
    assert rows[5]["index_future_long_share_change_5"] == pytest.approx(35 / 45 - 1 / 2)
    holed = positions([held(n, 10 + n * n, 10) for n in range(8) if n != 1])
    assert [row["index_future_net_change_5_contracts"] for row in holed] == [None] * 6 + [45]
    blank = positions([held(n, *((0, 0) if n == 1 else (10, 10))) for n in range(8)])
    assert [row["index_future_long_share_change_5"] for row in blank] == [None] * 7 + [0]
    assert blank[6]["index_future_net_change_5_contracts"] == 0  # nought contracts are a count


def test_the_first_source_by_id_stands_and_no_session_no_row() -> None:
    rows = [held(0, 3, 1), held(0, 1, 3, source_id="another"), held(20, 3, 1)]
    (row,) = positions(rows)
    assert row["index_future_net_contracts"] == -2
    assert row["published_at"] == datetime(2023, 1, 2, 14, tzinfo=UTC)


def test_percentile_is_the_expanding_mid_rank_and_nothing_looks_ahead() -> None:
    count = 762
    rng = np.random.default_rng(4)
    rows = contracts(
        [
            held(
                n,
                int(rng.integers(10, 60)),
                50,
                who,
                stock=(int(rng.integers(10, 60)), 50),
            )
            for n in range(count)
            for who in ("FII", "Pro")
        ]
    )
    whole = participant_position(rows, days(count))
    mine = whole.filter(participant="FII")
    for name in ("index_future_long_share", "stock_future_long_share"):
        values = mine[name].to_list()
        ranks = mine[f"{name}_percentile"].to_list()
        assert ranks[:755] == [None] * 755
        for n in (755, 761):
            expected = percentileofscore(values[: n + 1], values[n], kind="mean")
            assert ranks[n] == pytest.approx(expected)
    for item in POSITION:
        values = mine[item.id].to_list()
        assert values[: item.warmup] == [None] * item.warmup
        assert values[item.warmup] is not None
        assert whole.schema[item.id] == item.stored_type
    known = pl.col("session_date") <= day(757)
    assert_frame_equal(participant_position(rows.filter(known), days(758)), whole.filter(known))
    mixed = rows.sample(fraction=1, shuffle=True, seed=1)
    assert_frame_equal(participant_position(mixed, days(count).reverse()), whole)


def test_no_rows_make_no_rows() -> None:
    assert positions([]) == []
