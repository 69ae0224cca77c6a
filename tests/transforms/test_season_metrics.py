"""Shares of a season's companies, where equals must rank equal."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.metrics.season_metrics import surprise_diffusion_pct


def diffusion(above: int, below: int, neither: int) -> float | None:
    sue = [0.51] * above + [-0.51] * below + [0.5, -0.5, 0.0, None] * neither
    shown: float | None = (
        pl.DataFrame({"sue": sue}, schema={"sue": pl.Float64})
        .select(surprise_diffusion_pct())
        .item()
    )
    return shown


@pytest.mark.parametrize(
    ("above", "below", "neither", "pct"),
    [
        (2, 1, 1, 100 / 6),  # a third less a sixth is no sixth in floats
        (3, 1, 2, 20.0),
        (0, 7, 1, -70.0),
        (1, 8, 2, -700 / 15),
        (4, 4, 0, 0.0),
    ],
)
def test_diffusion_is_one_share(above: int, below: int, neither: int, pct: float) -> None:
    assert diffusion(above, below, neither) == pct


def test_without_a_surprise_there_is_no_diffusion() -> None:
    assert diffusion(0, 0, 0) is None
    assert (
        pl.select(pl.lit(None, pl.Float64).alias("sue")).select(surprise_diffusion_pct()).item()
        is None
    )
