"""Standardised unexpected earnings, against the published vector and numpy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from transforms.metrics.surprise import past_differences, surprise


def ask(differences: list[float | None]) -> float | None:
    """The surprise of the first of the differences, the newest, by those after it."""
    frame = pl.DataFrame(
        {f"d{n}": [one] for n, one in enumerate(differences)},
        schema={f"d{n}": pl.Float64 for n in range(len(differences))},
    )
    past = past_differences([pl.col(f"d{n}") for n in range(1, len(differences))])
    found: float | None = frame.select(surprise(pl.col("d0"), past)).item()
    return found


def test_the_published_vector(archive: Path) -> None:
    file = archive.parent / "vectors" / "constructed" / "sue.json"
    if not file.exists():
        pytest.skip("no reference vectors beside the archive: sue.json")
    vector = json.loads(file.read_text())
    earnings = vector["eps"]
    differences = [later - earlier for earlier, later in zip(earnings, earnings[4:], strict=False)]
    assert differences == vector["seasonal_diff"]
    assert ask(differences[::-1]) == pytest.approx(vector["sue"], rel=1e-12)


def test_eight_differences_are_enough_and_seven_are_not() -> None:
    eight = [3.0, 1.0, -2.0, 0.5, 4.0, -1.0, 2.0, 2.5]
    expected = (9.0 - np.mean(eight)) / np.std(eight, ddof=1)
    assert ask([9.0, *eight]) == pytest.approx(expected, rel=1e-12)
    assert ask([9.0, *eight[:7]]) is None
    assert ask([9.0, *eight[:7], None]) is None
    assert ask([9.0, *eight[:4], None, None, *eight[4:]]) == pytest.approx(expected, rel=1e-12)


def test_without_a_difference_of_its_own_or_without_any_spread_there_is_none() -> None:
    assert ask([None, 3.0, 1.0, -2.0, 0.5, 4.0, -1.0, 2.0, 2.5]) is None
    assert ask([1.0] + [0.1] * 12) is None
