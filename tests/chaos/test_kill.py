"""kill -9 anywhere: the re-run ends in the warehouse of an undisturbed night."""

from __future__ import annotations

import ast
import random
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.chaos

# Point and how manieth time it is met; between them they cover every step of a night.
POINTS = [
    "bytes landed, line not written:1",
    "line torn:2",
    "line written:2",
    "before COMMIT:1",
    "after COMMIT:1",
    "loaded, not derived:1",
    "before COMMIT:2",
    "derived:1",
    "checked:1",
    "views made:1",
    "half a copy:1",
    "copied, not renamed:1",
    "published:1",
    "before the brief:1",
]


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point(bench: Any, home: Path, point: str) -> None:
    killed = bench.run(home, KILL_AT=point)
    assert killed.returncode == -9, f"not killed: {killed.stdout}{killed.stderr}"
    bench.finish(home)
    bench.assert_whole(home)


def test_killed_again_and_again(bench: Any, home: Path) -> None:
    """One home, killed at a point after the other without a whole run between."""
    kills = ["line torn:1", "after COMMIT:1", "half a copy:1"]
    codes = [bench.run(home, KILL_AT=point).returncode for point in kills]
    assert codes == [-9] * len(kills)
    bench.finish(home)
    bench.assert_whole(home)


def test_killed_at_any_time(bench: Any, home: Path) -> None:
    whole = time.monotonic()
    assert bench.run(home).returncode == 0
    whole = time.monotonic() - whole
    bench.assert_whole(home)
    chance = random.Random(20260211)
    killed = 0
    for number in range(3):
        again = shutil.copytree(bench.before, home.with_name(f"again-{number}"))
        process = bench.start(again)
        time.sleep(whole * chance.uniform(0.45, 1.0))
        process.kill()
        process.communicate()
        killed += process.returncode == -9
        bench.finish(again)
        bench.assert_whole(again)
    assert killed > 0


def test_every_point_is_used() -> None:
    source = Path(__file__).with_name("killed_night.py").read_text(encoding="utf-8")
    (points,) = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "POINTS"
    ]
    assert isinstance(points, ast.Dict)
    names = {key.value for key in points.keys if isinstance(key, ast.Constant)}
    assert names == {point.partition(":")[0] for point in POINTS} | {"checkpointed"}
