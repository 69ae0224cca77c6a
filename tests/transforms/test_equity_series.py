"""Chains of invented securities, against hand calculation."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.adjust import ADJUSTMENT_SCHEMA
from transforms.equity_series import EquitySeries, equity_series
from transforms.share_bars import BAR_SCHEMA
from warehouse.tables.table import schema

DATES = [date(2025, 3, 3) + timedelta(days=n) for n in range(80)]
SESSIONS = pl.DataFrame(
    {"session_date": DATES, "session_number": range(1, len(DATES) + 1)},
    schema={"session_date": pl.Date(), "session_number": pl.Int64()},
)
NO_LAST = pl.DataFrame(schema=schema(EquitySeries))


def bar(place: int, close: float, **more: Any) -> dict[str, Any]:
    base: dict[str, Any] = dict.fromkeys(BAR_SCHEMA)
    base |= {"instrument_id": "A", "session_date": DATES[place], "kind": "share"}
    base |= {"symbol": "ALPHA", "series": "EQ", "open": close, "high": close, "low": close}
    return base | {"close": close, "volume_shares": 100} | more


def step(place: int, price: float | None, volume: float | None, **more: Any) -> dict[str, Any]:
    base: dict[str, Any] = dict.fromkeys(ADJUSTMENT_SCHEMA)
    base |= {"instrument_id": "A", "session_date": DATES[place], "kind": "split", "terms": "10:2"}
    base |= {"basis": "declared" if price else "quarantined", "evidence": "words"}
    return base | {"price_factor": price, "volume_factor": volume} | more


def series(
    bars: list[dict[str, Any]], steps: list[dict[str, Any]], last: pl.DataFrame = NO_LAST
) -> pl.DataFrame:
    found = equity_series(
        pl.DataFrame(bars, schema=BAR_SCHEMA),
        last,
        pl.DataFrame(steps, schema=ADJUSTMENT_SCHEMA),
        SESSIONS,
    )
    EquitySeries.validate(found)
    return found


def test_chained_prices_run_through_a_split_and_chained_volumes_with_them() -> None:
    found = series([bar(0, 100), bar(1, 20.5, volume_shares=500), bar(2, 21)], [step(1, 5.0, 5.0)])
    assert (found["close"] * found["price_factor"]).to_list() == [100.0, 102.5, 105.0]
    assert (found["volume_shares"] / found["volume_factor"]).to_list() == [100.0, 100.0, 20.0]
    assert found["close"].to_list() == [100.0, 20.5, 21.0], "published prices stay as they were"
    assert found["chain"].to_list() == [0, 0, 0]


def test_factors_of_several_actions_and_sessions_multiply() -> None:
    steps = [
        step(1, 5.0, 5.0, kind="bonus", terms="4:1"),
        step(1, 2.0, 2.0),
        step(3, 1.25, 1.0, kind="demerger", terms="demerger", basis="opening price"),
    ]
    found = series([bar(place, 10) for place in range(4)], steps)
    assert found["price_factor"].to_list() == [1.0, 10.0, 10.0, 12.5]
    assert found["volume_factor"].to_list() == [1.0, 10.0, 10.0, 10.0]


def test_a_jump_starts_a_new_chain_and_leaves_its_session_out() -> None:
    steps = [step(1, 2.0, 2.0), step(2, None, None, kind="jump", terms="unexplained")]
    found = series([bar(place, 10) for place in range(5)], steps)
    assert found["chain"].to_list() == [0, 0, 1, 1, 1]
    assert found["is_quarantined"].to_list() == [False, False, True, False, False]
    assert found["price_factor"].to_list() == [1.0, 2.0, 2.0, 2.0, 2.0]


def test_sessions_since_its_last_bar_count_trading_sessions() -> None:
    found = series([bar(0, 10), bar(1, 10), bar(5, 10)], [])
    assert found["sessions_since_bar"].to_list() == [None, 1, 4]


@pytest.mark.parametrize(
    ("kind", "name", "ordinary"),
    [
        ("share", "EQ", True),
        ("share", "BE", True),
        ("share", "BZ", False),
        ("fund", "EQ", False),
        ("sme share", "SM", False),
        ("partly paid share", "E1", False),
        ("unknown", "EQ", False),
    ],
)
def test_only_ordinary_shares_of_the_main_board_are_in_breadth(
    kind: str, name: str, ordinary: bool
) -> None:
    found = series([bar(0, 10, kind=kind, series=name)], [])
    assert found["is_ordinary"].to_list() == [ordinary]


def test_securities_are_kept_apart() -> None:
    bars = [bar(0, 10), bar(1, 10), bar(0, 10, instrument_id="B"), bar(1, 10, instrument_id="B")]
    found = series(bars[::-1], [step(1, 2.0, 2.0)])
    assert found.select("instrument_id", "price_factor").rows() == [
        ("A", 1.0),
        ("A", 2.0),
        ("B", 1.0),
        ("B", 1.0),
    ]


def test_a_series_goes_on_from_its_last_row() -> None:
    last = series([bar(0, 10), bar(1, 5)], [step(1, 2.0, 2.0)]).tail(1)
    found = series([bar(4, 2.5)], [step(4, 2.0, 2.0)], last)
    assert found.select("price_factor", "sessions_since_bar", "chain").rows() == [(4.0, 3, 0)]
    assert found["session_date"].to_list() == [DATES[4]]


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(0, 60), max_size=3))
def test_any_cut_of_the_history_gives_the_same_rows(seed: int, cuts: list[int]) -> None:
    draw = random.Random(seed)
    bars, steps = [], []
    for share in "ABCDE":
        for place in range(60):
            if draw.random() < 0.25:
                continue
            bars.append(bar(place, draw.uniform(1, 99), instrument_id=share))
            if draw.random() < 0.2:
                factor = draw.choice([None, 1 / 3, 1.1, 7.3])
                steps.append(step(place, factor, factor, instrument_id=share))
    whole = series(bars, steps)
    parts, last = [], NO_LAST
    for first, final in zip([0, *sorted(cuts)], [*sorted(cuts), 60], strict=True):
        days = set(DATES[first:final])
        part = series(
            [item for item in bars if item["session_date"] in days],
            [item for item in steps if item["session_date"] in days],
            last,
        )
        parts.append(part)
        last = (
            pl.concat([last, part])
            .sort("session_date")
            .unique("instrument_id", keep="last", maintain_order=True)
        )
    assert pl.concat(parts).sort("instrument_id", "session_date").equals(whole)


def test_no_bars_give_no_rows() -> None:
    assert series([], []).is_empty()
