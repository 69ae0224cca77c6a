"""Rows 1 and 2: rises over nine sessions."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from transforms.signals.claim import Inputs
from transforms.signals.claims.rises import midcap_rise_same_window, smallcap_rise_9_sessions
from transforms.signals.random_walk import survival_fixed, survival_from_low

ARCHIVE = Path(os.environ.get("RISKON_ARCHIVE", Path(__file__).parents[3] / "shared" / "archive"))
VECTORS = ARCHIVE.parent / "vectors" / "constructed" / "nsession.json"
START = date(2024, 1, 1)
SMALL = "nifty-smallcap-100"


def inputs(percentiles: Sequence[float | None] = (), **series: Sequence[float | None]) -> Inputs:
    """Closes by index, keyed with underscores; ranks of the last sessions as if measured."""
    count = max(len(closes) for closes in series.values())
    days = [START + timedelta(days=n) for n in range(count)]
    bars, ranks = [], []
    for name, closes in series.items():
        index_id = name.replace("_", "-")
        held = pl.DataFrame(
            {"session_date": days[: len(closes)], "close": closes},
            schema={"session_date": pl.Date, "close": pl.Float64},
        ).with_columns(index_id=pl.lit(index_id))
        bars.append(held.drop_nulls())
        value = 100 * (pl.col("close") / pl.col("close").shift(9) - 1)
        rank = pl.Series([None] * (len(closes) - len(percentiles)) + list(percentiles))
        ranks.append(
            held.select(
                "index_id",
                "session_date",
                value.alias("return_9_pct"),
                rank.cast(pl.Float64).alias("return_9_pct_percentile"),
            )
        )
    return Inputs(
        sessions=pl.DataFrame({"session_date": days}),
        series=pl.concat(bars),
        momentum=pl.concat(ranks),
        flow=pl.DataFrame(),
        published=pl.DataFrame(),
    )


def last(frame: pl.DataFrame, **where: str) -> dict[str, Any]:
    day = frame["session_date"].max()
    return frame.filter(pl.col("session_date") == day, **where).row(0, named=True)


def test_windows_of_eight_and_nine_of_the_constructed_closes() -> None:
    if not VECTORS.exists():
        pytest.skip(f"no vectors at {VECTORS}")
    vector = json.loads(VECTORS.read_text())
    graded = smallcap_rise_9_sessions(inputs(nifty_smallcap_100=vector["close"]))
    assert last(graded.verdict)["value"] == pytest.approx(100 * vector["simple"], abs=1e-10)
    inclusive = last(graded.legs, leg="return_8")
    assert inclusive["value"] == pytest.approx(100 * vector["n8_inclusive_variant"], abs=1e-10)
    assert last(graded.legs, leg="return_10")["value"] is None


@pytest.mark.parametrize(
    ("percentile", "grade"),
    [
        (80.0, "SUPPORTED"),
        (79.9, "PARTLY"),
        (60.0, "PARTLY"),
        (59.9, "NOT SUPPORTED"),
        (40.0, "NOT SUPPORTED"),
        (39.9, "CONTRADICTED"),
        (None, "UNTESTABLE"),
    ],
)
def test_the_rank_grades(percentile: float | None, grade: str) -> None:
    closes = [100.0 + n for n in range(12)]
    graded = smallcap_rise_9_sessions(inputs([percentile], nifty_smallcap_100=closes))
    row = last(graded.verdict)
    assert row["grade"] == grade
    assert row["percentile"] == percentile
    assert row["sample_size"] == 3
    holds = last(graded.legs, leg="return_9")["holds"]
    assert holds is (None if percentile is None else percentile >= 80)
    if percentile is None:
        assert "nse_index_close holds 3 such returns, 756 are needed" in row["reasons"]


def zigzag(count: int) -> list[float]:
    return [1000.0 * (1.01 if n % 2 else 1.0) for n in range(count)]


def test_odds_are_of_a_fixed_window_unless_it_starts_at_a_low() -> None:
    before = zigzag(70)
    sigma = float(np.std(np.diff(np.log([*before, 990.0]))[-60:], ddof=1))
    climb = [990.0 * 1.006**n for n in range(10)]
    rise = np.array([9 * np.log(1.006)])
    row = last(smallcap_rise_9_sessions(inputs([90.0], nifty_smallcap_100=before + climb)).verdict)
    from_low = survival_from_low(rise, np.array([sigma]), 9)[0]
    assert row["null_probability"] == pytest.approx(from_low, abs=1e-9)
    assert "starts at a local low" in row["reasons"]

    # The same climb, but 60 sessions earlier the index stood a little lower.
    lower = [*before[:10], 989.0, *before[11:]]
    sigma = float(np.std(np.diff(np.log([*lower, 990.0]))[-60:], ddof=1))
    row = last(smallcap_rise_9_sessions(inputs([90.0], nifty_smallcap_100=lower + climb)).verdict)
    fixed = survival_fixed(rise, np.array([sigma]), 9)[0]
    assert row["null_probability"] == pytest.approx(fixed, abs=1e-9)
    assert "fixed windows" in row["reasons"]

    # 61 sessions earlier it no longer matters.
    lower = [*before[:9], 989.0, *before[10:]]
    row = last(smallcap_rise_9_sessions(inputs([90.0], nifty_smallcap_100=lower + climb)).verdict)
    assert "starts at a local low" in row["reasons"]


def test_a_window_whose_start_is_undercut_later_starts_at_no_low() -> None:
    closes = [*zigzag(70), 990.0, 991.0, 990.0, 992.0, 993.0, 994.0, 995.0, 996.0, 997.0, 998.0]
    row = last(smallcap_rise_9_sessions(inputs([90.0], nifty_smallcap_100=closes)).verdict)
    assert "fixed windows" in row["reasons"]


def test_a_missing_session_is_untestable_and_named() -> None:
    closes: list[float | None] = [100.0 + n for n in range(30)]
    closes[25] = None
    closes[29] = None
    graded = smallcap_rise_9_sessions(inputs([50.0] * 5, nifty_smallcap_100=closes))
    legs = graded.legs.filter(pl.col("leg") == "return_8")["value"].to_list()
    assert legs[24] is not None
    assert legs[25:] == [None] * 5
    row = last(smallcap_rise_9_sessions(inputs(nifty_smallcap_100=closes)).verdict)
    assert row["grade"] == "UNTESTABLE"
    assert "nse_index_close has no close" in row["reasons"]


def test_flat_closes_before_the_window_give_no_odds() -> None:
    row = last(smallcap_rise_9_sessions(inputs([50.0], nifty_smallcap_100=[100.0] * 90)).verdict)
    assert row["null_probability"] is None
    assert "no odds" in row["reasons"]


def test_mid_caps_are_graded_by_their_100_with_the_other_meanings_beside() -> None:
    graded = midcap_rise_same_window(
        inputs(
            [85.0],
            nifty_midcap_100=[100.0 + n for n in range(12)],
            nifty_midcap_150=[200.0 - n for n in range(12)],
        )
    )
    row = last(graded.verdict)
    assert row["grade"] == "SUPPORTED"
    assert row["value"] == pytest.approx(100 * (111 / 102 - 1))
    assert last(graded.legs, leg="midcap_150")["value"] == pytest.approx(100 * (189 / 198 - 1))
    absent = last(graded.legs, leg="midcap_select")
    assert (absent["holds"], absent["missing"]) == (None, "nse_index_close")
