"""Rows of the last sessions alone equal the same rows of a whole evaluation."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.metrics.evaluate import FEW_SESSIONS
from transforms.metrics.momentum import index_momentum

SESSIONS = 900


@pytest.fixture(scope="module")
def bars() -> pl.DataFrame:
    """Three indices: one whole, one with a hole, one that starts too late to be ranked."""
    rng = np.random.default_rng(3)
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(SESSIONS)]
    frames = []
    for index_id, first in (("nifty-50", 0), ("nifty-500", 0), ("late", 300)):
        close = np.round(1000 * np.exp(np.cumsum(rng.normal(0, 0.01, SESSIONS))), 1)
        frame = pl.DataFrame({"index_id": index_id, "session_date": days, "close": close})
        frames.append(frame[first:])
    frames[1] = frames[1].filter(pl.col("session_date") != days[400])
    return pl.concat(frames).with_columns(
        open=pl.col("close"), high=pl.col("close") * 1.01, low=pl.col("close") * 0.99
    )


@pytest.mark.parametrize("last", [1, 2, FEW_SESSIONS, FEW_SESSIONS + 1, SESSIONS])
def test_since_equals_the_end_of_the_whole(bars: pl.DataFrame, last: int) -> None:
    sessions = bars.select("session_date").unique().sort("session_date")
    since = sessions["session_date"][-last]
    whole = index_momentum(bars, sessions)
    assert whole["return_9_pct_percentile"].drop_nulls().len() > 0
    expected = whole.filter(pl.col("session_date") >= since)
    assert_frame_equal(index_momentum(bars, sessions, since), expected, check_exact=True)


def test_a_subject_without_a_bar_on_the_new_session_is_left_out(bars: pl.DataFrame) -> None:
    sessions = bars.select("session_date").unique().sort("session_date")
    last = sessions["session_date"][-1]
    without = bars.filter((pl.col("index_id") != "late") | (pl.col("session_date") != last))
    assert index_momentum(without, sessions, last)["index_id"].to_list() == [
        "nifty-50",
        "nifty-500",
    ]
