"""A claim reads the indices and universes it declares, and no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.transforms.told_shares import random_breadth, random_leadership
from transforms.metrics.flows_of_funds import flow
from transforms.metrics.momentum import index_momentum
from transforms.signals.claim import Claim, Inputs
from transforms.signals.claims import CLAIMS
from warehouse.tables import InstitutionalFlow

INDICES = (
    "nifty-50",
    "nifty-midcap-100",
    "nifty-midcap-150",
    "nifty-midcap-select",
    "nifty-smallcap-100",
    "nifty-smallcap-250",
)
UNIVERSES = ("market", "tier:small", "nifty-microcap-250", *INDICES)


@pytest.fixture(scope="module")
def everything() -> Inputs:
    days = [date(2021, 1, 1) + timedelta(days=n) for n in range(900)]
    draw = np.random.default_rng(1)
    series = pl.concat(
        pl.DataFrame(
            {
                "index_id": index_id,
                "session_date": days,
                "close": 1000 * np.exp(np.cumsum(draw.normal(0, 0.01, len(days)))),
            }
        ).with_columns(open="close", high=pl.col("close") * 1.01, low=pl.col("close") * 0.99)
        for index_id in INDICES
    )
    sessions = pl.DataFrame({"session_date": days})
    return Inputs(
        sessions=sessions,
        series=series,
        momentum=index_momentum(series, sessions),
        flow=flow(InstitutionalFlow.create_empty(), sessions),
        published=pl.DataFrame(),
        breadth=pl.concat(random_breadth(draw, days, universe) for universe in UNIVERSES),
        leadership=pl.concat(random_leadership(draw, days, universe) for universe in UNIVERSES),
    )


@pytest.mark.parametrize("one", CLAIMS, ids=lambda one: one.id)
def test_a_claim_needs_no_other_momentum(everything: Inputs, one: Claim) -> None:
    declared = everything.momentum.filter(pl.col("index_id").is_in(one.indices))
    whole, less = (
        one.function(given) for given in (everything, replace(everything, momentum=declared))
    )
    assert_frame_equal(whole.verdict, less.verdict)
    assert_frame_equal(whole.legs, less.legs)


@pytest.mark.parametrize("one", CLAIMS, ids=lambda one: one.id)
def test_a_claim_needs_no_other_universe(everything: Inputs, one: Claim) -> None:
    is_declared = pl.col("universe").is_in(one.universes)
    declared = replace(
        everything,
        breadth=everything.breadth.filter(is_declared),
        leadership=everything.leadership.filter(is_declared),
    )
    whole, less = (one.function(given) for given in (everything, declared))
    assert_frame_equal(whole.verdict, less.verdict)
    assert_frame_equal(whole.legs, less.legs)
