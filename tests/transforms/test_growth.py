"""Growth on bases of any sign, against the published vectors and by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms.metrics.growth import CLASSES, bounded_growth, growth_class, year_on_year_pct

CRORE = 1e7


def vectors(archive: Path) -> Any:
    file = archive.parent / "vectors" / "constructed" / "growth_negative_base.json"
    if not file.exists():
        pytest.skip("no reference vectors beside the archive: growth_negative_base.json")
    return json.loads(file.read_text())


def ask(prior: float | None, now: float | None, revenue: float | None = None) -> dict[str, Any]:
    frame = pl.DataFrame(
        {"prior": [prior], "now": [now], "revenue": [revenue]},
        schema={"prior": pl.Float64, "now": pl.Float64, "revenue": pl.Float64},
    )
    columns = [pl.col(name) for name in ("now", "prior", "revenue")]
    return frame.select(
        yoy=year_on_year_pct(*columns[:2]),
        bounded=bounded_growth(*columns[:2]),
        kind=growth_class(*columns),
    ).row(0, named=True)


def test_the_published_classes_and_percentages(archive: Path) -> None:
    cases = [one for one in vectors(archive) if "class" in one]
    assert len(cases) == 7
    for one in cases:
        # In crores, of a company with Rs 300 crore of revenue: its low bases begin below Rs 3.
        seen = ask(one["prior"] * CRORE, one["now"] * CRORE, 300 * CRORE)
        assert seen["kind"] == one["class"]
        if one["yoy_pct"] is None:
            assert seen["yoy"] is None
        else:
            assert seen["yoy"] == pytest.approx(one["yoy_pct"], rel=1e-12)


def test_the_published_bounded_growth(archive: Path) -> None:
    cases = next(one["cases"] for one in vectors(archive) if "cases" in one)
    for prior, now, expected in cases:
        assert ask(prior, now)["bounded"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("prior", "now", "revenue", "kind", "yoy"),
    [
        (1 * CRORE, 2 * CRORE, None, "growth", 100.0),
        (0.99 * CRORE, 1.98 * CRORE, None, "low_base", 100.0),
        (10 * CRORE, 5 * CRORE, 1000 * CRORE, "growth", -50.0),
        (9.99 * CRORE, 9.99 * CRORE, 1000 * CRORE, "low_base", 0.0),
        (5 * CRORE, 0.0, None, "growth", -100.0),  # nothing is no loss
        (5 * CRORE, -1.0, None, "to_loss", None),
        (0.1 * CRORE, -1.0, None, "to_loss", None),
        (0.0, -1.0, None, "to_loss", None),
        (0.0, 0.0, None, None, None),
        (-2.0, 0.0, None, "loss_narrowed", None),
        (-2.0, -2.0, None, "loss_widened", None),
        (-2.0, 0.1, None, "turnaround", None),
        (None, 1.0, None, None, None),
        (1.0, None, None, None, None),
    ],
)
def test_the_edges_of_each_class(
    prior: float | None, now: float | None, revenue: float | None, kind: str, yoy: float | None
) -> None:
    seen = ask(prior, now, revenue)
    assert seen["kind"] == kind
    assert seen["yoy"] == (None if yoy is None else pytest.approx(yoy))


def test_bounded_growth_never_leaves_its_bounds() -> None:
    values = [-1e13, -3.0, -1e-9, 0.0, 1e-9, 2.0, 1e13]
    for prior in values:
        for now in values:
            found = ask(prior, now)
            if prior == now == 0:
                assert found["bounded"] is None
            else:
                assert -2 <= found["bounded"] <= 2
                assert (found["bounded"] > 0) == (now > prior)
            assert found["kind"] in {*CLASSES, None}
