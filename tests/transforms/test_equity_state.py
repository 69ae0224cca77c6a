"""A night that reads a bounded lookback and the state stores what a rebuild stores, to the bit."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.metrics.equity_momentum import momentum_values
from transforms.metrics.equity_recursions import RECURSIONS
from transforms.metrics.equity_runs import LOOKBACK, LOOKBACK_STATES, numbered, short_histories

SESSIONS = 660
SINCE = 640
KEY = ["instrument_id", "session_date"]
NO_HIGH = [400, 637]


def calendar(length: int = SESSIONS) -> pl.DataFrame:
    monday = dt.date(2019, 1, 7)
    dates = [monday + dt.timedelta(days=7 * (n // 5) + n % 5) for n in range(length)]
    return pl.DataFrame({"session_date": dates, "has_bars": [True] * length})


DAYS = calendar()["session_date"].to_list()


def benchmark() -> pl.DataFrame:
    walk = np.random.default_rng(99).normal(0, 0.01, SESSIONS).cumsum()
    return pl.DataFrame({"session_date": DAYS, "nifty_500_close": 9_000 * np.exp(walk)})


def share(name: str, seed: int, rows: slice = slice(None)) -> pl.DataFrame:
    """A random walk, as rows of mart.equity_series."""
    rng = np.random.default_rng(seed)
    close = np.round(300 * np.exp(rng.normal(0, 0.02, SESSIONS).cumsum()), 2)
    volume = rng.integers(1_000, 100_000, SESSIONS)
    frame = pl.DataFrame(
        {
            "instrument_id": [name] * SESSIONS,
            "session_date": DAYS,
            "series": ["EQ"] * SESSIONS,
            "high": np.round(close * np.exp(np.abs(rng.normal(0, 0.01, SESSIONS))), 2),
            "low": np.round(close * np.exp(-np.abs(rng.normal(0, 0.01, SESSIONS))), 2),
            "close": close,
            "volume_shares": volume,
            "turnover_inr": volume * close,
            "trades": rng.integers(10, 1_000, SESSIONS),
            "delivery_shares": (volume * rng.random(SESSIONS)).astype(np.int64),
            "market_cap_inr": close * 1e7,
            "price_factor": np.where(np.arange(SESSIONS) < 500, 1.0, 3.0),
            "chain": [0] * SESSIONS,
        }
    )
    return frame[rows]


def without(frame: pl.DataFrame, *gone: int) -> pl.DataFrame:
    days = [DAYS[n] for n in gone]
    return frame.filter(~pl.col("session_date").is_in(days))


@pytest.fixture(scope="module")
def market() -> pl.DataFrame:
    rng = np.random.default_rng(3)
    jumping = share("JUMPING", 5).with_columns(chain=(pl.int_range(pl.len()) >= 600).cast(pl.Int64))
    jumps_now = share("JUMPS NOW", 6).with_columns(
        chain=(pl.int_range(pl.len()) >= SINCE + 1).cast(pl.Int64)
    )
    doubted = share("DOUBTED", 7).with_columns(
        high=pl.when(~pl.int_range(pl.len()).is_in(NO_HIGH)).then("high")
    )
    doubted_now = share("DOUBTED NOW", 8).with_columns(
        high=pl.when(~pl.int_range(pl.len()).is_in([SINCE - 1, SINCE + 3])).then("high")
    )
    doubted_early = share("DOUBTED EARLY", 18).with_columns(
        high=pl.when(pl.int_range(pl.len()) != 345).then("high")
    )
    return pl.concat(
        [
            share("WHOLE", 1),
            share("FEW GAPS", 2).filter(pl.Series(rng.random(SESSIONS) > 0.02)),
            share("SPARSE", 4).filter(pl.Series(rng.random(SESSIONS) > 0.4)),
            jumping,
            jumps_now,
            doubted,
            doubted_now,
            doubted_early,
            without(share("SUSPENDED", 9), *range(500, 560)),
            without(share("BACK NOW", 10), *range(600, SINCE + 2)),
            without(share("PAUSED", 11), *range(SINCE - 20, SINCE)),
            without(share("PAUSED TOO LONG", 12), *range(SINCE - 21, SINCE)),
            share("GONE", 13, slice(0, SINCE - 3)),
            share("LISTED", 14, slice(SINCE + 1, None)),
            share("YOUNG", 15, slice(SINCE - 30, None)),
            share("FEW BARS", 16, slice(SINCE - 12, None)),
            share("A YEAR OLD", 17, slice(SINCE - LOOKBACK, None)),
            share("A YEAR AND A DAY", 19, slice(SINCE - LOOKBACK - 1, None)),
        ]
    )


@pytest.fixture(scope="module")
def full(market: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    return momentum_values(market, benchmark(), calendar())


def night(
    market: pl.DataFrame, held: pl.DataFrame, since: int, last: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What a night stores that has the sessions from `since` to `last` to add."""
    sessions = calendar(last + 1)
    known = market.filter(pl.col("session_date") <= DAYS[last])
    lookback = known.filter(pl.col("session_date") >= DAYS[since - LOOKBACK])
    short = pl.col("instrument_id").is_in(
        short_histories(lookback, held, sessions, DAYS[since]), nulls_equal=False
    )
    parts = [
        momentum_values(
            lookback.filter(~short), benchmark(), sessions, held=held, since=DAYS[since]
        ),
        momentum_values(known.filter(short), benchmark(), sessions, since=DAYS[since]),
    ]
    rows, state = (pl.concat(both).sort(KEY) for both in zip(*parts, strict=True))
    return rows, state


def state_before(market: pl.DataFrame, since: int) -> pl.DataFrame:
    old = market.filter(pl.col("session_date") < DAYS[since])
    return momentum_values(old, benchmark(), calendar(since))[1]


@pytest.mark.parametrize("shift", [0, 5, 10])
def test_new_sessions_are_as_if_all_had_been_computed(
    market: pl.DataFrame, full: tuple[pl.DataFrame, pl.DataFrame], shift: int
) -> None:
    since = SINCE + shift
    rows, _ = night(market, state_before(market, since), since, SESSIONS - 1)
    is_new = pl.col("session_date") >= DAYS[since]
    assert rows.height > 100
    assert_frame_equal(rows, full[0].filter(is_new), check_exact=True)


def test_night_after_night_ends_where_one_computation_ends(
    market: pl.DataFrame, full: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    held, stored = state_before(market, SINCE), []
    for session in range(SINCE, SESSIONS):
        rows, state = night(market, held, session, session)
        stored.append(rows)
        held = pl.concat([held, state])
    is_new = pl.col("session_date") >= DAYS[SINCE]
    assert_frame_equal(pl.concat(stored).sort(KEY), full[0].filter(is_new), check_exact=True)
    kept = held.filter(pl.col("session_date") >= DAYS[SESSIONS - LOOKBACK_STATES]).sort(KEY)
    assert_frame_equal(kept, full[1], check_exact=True)


def test_a_session_computed_again_goes_on_from_the_state_before_it(
    market: pl.DataFrame, full: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    """A delivery came late: the session and those after it are computed again."""
    since = SESSIONS - LOOKBACK_STATES // 2
    rows, _ = night(market, full[1], since, SESSIONS - 1)
    assert_frame_equal(
        rows, full[0].filter(pl.col("session_date") >= DAYS[since]), check_exact=True
    )


def test_the_state_is_null_until_warm(full: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    listed = full[1].filter(pl.col("instrument_id") == "FEW BARS")
    for item in RECURSIONS:
        assert listed[item.id].null_count() == min(item.warmup, listed.height)


def test_shares_that_trade_too_seldom_are_named(market: pl.DataFrame) -> None:
    held = state_before(market, SINCE)
    lookback = market.filter(pl.col("session_date") >= DAYS[SINCE - LOOKBACK])
    assert short_histories(lookback, held, calendar(), DAYS[SINCE]) == ["SPARSE"]
    without_state = held.filter(pl.col("instrument_id") != "YOUNG")
    assert short_histories(lookback, without_state, calendar(), DAYS[SINCE]) == ["SPARSE", "YOUNG"]


def test_a_share_without_its_state_is_refused(market: pl.DataFrame) -> None:
    lookback = market.filter(
        (pl.col("session_date") >= DAYS[SINCE - LOOKBACK]) & (pl.col("instrument_id") == "WHOLE")
    )
    held = state_before(market, SINCE).filter(pl.col("instrument_id") != "WHOLE")
    with pytest.raises(ValueError, match=r"expected the state of 1 shares .* first WHOLE on"):
        momentum_values(lookback, benchmark(), calendar(), held=held, since=DAYS[SINCE])


def test_holes_are_counted_up_to_each_session() -> None:
    sessions = calendar(4).with_columns(has_bars=pl.Series([True, False, True, True]))
    assert numbered(sessions)["_holes"].to_list() == [0, 1, 1, 1]
