"""A declared rebase ends the run, and must be seen where it is declared."""

from datetime import date, timedelta

import polars as pl
import pytest

from transforms.corrections import REBASES, with_basis
from transforms.metrics.momentum import index_momentum

IT = REBASES[0]


def _series(before: float, after: float, index_id: str = IT.index_id) -> pl.DataFrame:
    days = [IT.session_date + timedelta(days=n) for n in range(-30, 31)]
    closes = [before if day < IT.session_date else after for day in days]
    return pl.DataFrame(
        {"index_id": [index_id] * len(days), "session_date": days, "close": closes},
        schema_overrides={"close": pl.Float64},
    )


def test_basis_changes_on_the_session_of_the_rebase() -> None:
    basis = with_basis(_series(15000, 1500))
    assert basis.filter(pl.col("session_date") < IT.session_date)["basis"].unique().to_list() == [0]
    assert basis.filter(pl.col("session_date") >= IT.session_date)["basis"].to_list() == [1] * 31


def test_other_indices_keep_their_basis() -> None:
    assert with_basis(_series(15000, 15100, "nifty-50"))["basis"].unique().to_list() == [0]


def test_a_rebase_that_is_not_seen_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"expected levels divided by 10 on 2004-05-28; got 0\.9"):
        with_basis(_series(1490, 1500))


def test_history_on_one_side_says_nothing() -> None:
    one_side = _series(15000, 1500).filter(pl.col("session_date") < IT.session_date)
    assert with_basis(one_side)["basis"].unique().to_list() == [0]


def test_no_window_reaches_across_a_rebase() -> None:
    series = _series(15000, 1500).with_columns(
        open=pl.col("close"), high=pl.col("close"), low=pl.col("close")
    )
    rows = index_momentum(series, series.select("session_date"))
    after = rows.filter(pl.col("session_date") >= IT.session_date)
    assert after["return_1_pct"].to_list() == [None] + [0.0] * 30
    assert after["return_9_pct"].null_count() == 9
    assert after["run_started_on"].unique().to_list() == [date(2004, 5, 28)]
