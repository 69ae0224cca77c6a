"""FII against DII, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.metrics.flow_balance import FLOW_BALANCE, flow_balance

START = date(2025, 9, 1)


def days(count: int) -> pl.DataFrame:
    return pl.DataFrame({"session_date": [START + timedelta(days=n) for n in range(count)]})


def flows(
    participant: str, nets: Sequence[float | None], scope: str = "NSE+BSE+MSEI"
) -> pl.DataFrame:
    """Rows of mart.flow as far as the balance reads them."""
    held = [(START + timedelta(days=n), net) for n, net in enumerate(nets) if net is not None]
    return pl.DataFrame(
        held, schema={"session_date": pl.Date, "net_crore": pl.Float64}, orient="row"
    ).with_columns(
        participant=pl.lit(participant), scope=pl.lit(scope), stage=pl.lit("provisional")
    )


def balance(
    foreign: Sequence[float | None], domestic: Sequence[float | None], n: int = 5
) -> list[float | None]:
    rows = pl.concat([flows("FII", foreign), flows("DII", domestic)])
    return flow_balance(rows, days(len(foreign)))[f"absorption_{n}_pct"].to_list()


@pytest.mark.parametrize(
    ("foreign", "domestic", "pct"),
    [
        (-100, 80, 80),  # they buy four fifths of what is sold
        (-100, 130, 130),  # and more than all of it
        (50, -20, 40),  # they sell two fifths of what is bought
        (-100, -30, -30),  # both sell
        (100, 100, -100),
    ],
)
def test_absorption_is_the_share_the_others_took(
    foreign: float, domestic: float, pct: float
) -> None:
    assert balance([foreign] * 5, [domestic] * 5) == [None] * 4 + [pytest.approx(pct)]
    assert balance([foreign] * 20, [domestic] * 20, 20)[19] == pytest.approx(pct)


def test_it_is_a_share_of_sums_not_a_mean_of_shares() -> None:
    result = balance([-10, -20, -30, -40, -100], [100, 0, 0, 0, 50])
    assert result[-1] == pytest.approx(75)


def test_flows_that_cancel_have_no_absorption() -> None:
    domestic = [10.0] * 5
    # 20 of 400 moved is the twentieth that still counts, 19.99 is below it.
    assert balance([100, -90, 100, -90, -0.0], domestic)[-1] == pytest.approx(-250)  # 20 of 380
    assert balance([110, -95, 100, -95, 0], domestic)[-1] == pytest.approx(-250)  # 20 of 400
    assert balance([110, -95.01, 100, -95, 0], domestic)[-1] is None
    assert balance([100, -100, 0, 0, 0], domestic)[-1] is None
    assert balance([0, 0, 0, 0, 0], domestic)[-1] is None


def test_a_session_that_one_of_them_lacks_makes_its_windows_null() -> None:
    foreign = [-100.0, None, *[-100.0] * 6]
    domestic = [50.0] * 8
    result = flow_balance(pl.concat([flows("FII", foreign), flows("DII", domestic)]), days(8))
    assert START + timedelta(days=1) not in result["session_date"].to_list()
    assert result["absorption_5_pct"].to_list() == [None] * 5 + [50.0, 50.0]


def test_scopes_are_never_mixed_and_other_participants_not_read() -> None:
    rows = pl.concat(
        [
            flows("FII", [-100.0] * 5),
            flows("DII", [50.0] * 5, "NSE"),
            flows("FII", [-10.0] * 5, "NSE"),
            flows("FII+DII", [999.0] * 5),
        ]
    )
    result = flow_balance(rows, days(5))
    assert set(result["scope"]) == {"NSE"}
    assert result["absorption_5_pct"][-1] == pytest.approx(500)


def test_nothing_looks_ahead_and_the_order_of_rows_is_irrelevant() -> None:
    rng = np.random.default_rng(5)
    foreign, domestic = rng.normal(0, 900, 60).round(2), rng.normal(0, 700, 60).round(2)
    rows = pl.concat([flows("FII", list(foreign)), flows("DII", list(domestic))])
    whole = flow_balance(rows, days(60))
    mixed = rows.sample(fraction=1, shuffle=True, seed=1)
    assert_frame_equal(flow_balance(mixed, days(60).reverse()), whole)
    known = pl.col("session_date") <= START + timedelta(days=33)
    assert_frame_equal(flow_balance(rows.filter(known), days(34)), whole.filter(known))
    for item in FLOW_BALANCE:
        assert whole[item.id].to_list()[: item.warmup] == [None] * item.warmup
        assert whole[item.id].drop_nulls().is_finite().all()


def test_no_rows_make_no_rows() -> None:
    assert flow_balance(flows("FII", [1.0]), days(3)).is_empty()
