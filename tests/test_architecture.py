"""Arrows run one way: who may import whom, read from the syntax of every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("flows", "transforms", "warehouse", "bi")
MODULES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]

MAY_IMPORT = {
    "flows": {"flows", "bi", "transforms", "warehouse"},
    "bi": {"bi", "transforms", "warehouse"},
    "transforms": {"transforms", "warehouse.tables"},
    "warehouse": {"warehouse"},
}
ONLY_IN = {
    "prefect": {"flows/nightly.py", "flows/backfill.py"},
    "duckdb": {"warehouse/store.py"},
    "requests": {"flows/http/client.py", "flows/http/host.py", "flows/notify.py"},
}
NOT_IN_TRANSFORMS = {"duckdb", "requests", "prefect", "os", "pathlib", "time", "socket"}
TELLS_THE_TIME = {"now", "today", "utcnow", "time_ns", "monotonic", "perf_counter"}
OPENS_FILES = {"open"}


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every imported module and the level of a relative import, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level


def calls(tree: ast.Module) -> set[str]:
    return {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }


def faults(name: str, source: str) -> list[str]:
    """What a module does that its place in the tree forbids."""
    tree = ast.parse(source)
    folder = name.split("/", maxsplit=1)[0]
    found = []
    for module, level in imports(tree):
        top = module.split(".")[0]
        if level:
            found.append(f"imports relatively: {'.' * level}{module}")
        if top in FOLDERS and not any(
            module == allowed or module.startswith(f"{allowed}.") for allowed in MAY_IMPORT[folder]
        ):
            found.append(f"imports {module}")
        if top in ONLY_IN and name not in ONLY_IN[top]:
            found.append(f"imports {top}")
        if folder == "transforms" and top in NOT_IN_TRANSFORMS:
            found.append(f"imports {top}")
    if folder == "transforms":
        found += sorted(f"calls {name}()" for name in calls(tree) & (TELLS_THE_TIME | OPENS_FILES))
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_run_one_way(path: Path) -> None:
    assert faults(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("name", "source", "fault"),
    [
        ("transforms/x.py", "import duckdb", "imports duckdb"),
        ("transforms/x.py", "def f():\n    import os.path", "imports os"),
        ("transforms/x.py", "from pathlib import Path", "imports pathlib"),
        ("transforms/x.py", "from warehouse.store import Warehouse", "imports warehouse.store"),
        ("transforms/x.py", "from flows.calendar import IST", "imports flows.calendar"),
        ("transforms/x.py", "from datetime import date\ndate.today()", "calls today()"),
        ("transforms/x.py", "open('x')", "calls open()"),
        ("warehouse/x.py", "import transforms.series", "imports transforms.series"),
        ("warehouse/x.py", "import duckdb", "imports duckdb"),
        ("bi/x.py", "from flows.settings import Settings", "imports flows.settings"),
        ("flows/night.py", "import prefect", "imports prefect"),
        ("flows/x.py", "from . import night", "imports relatively: ."),
    ],
)
def test_a_planted_fault_is_found(name: str, source: str, fault: str) -> None:
    assert fault in faults(name, source)


def test_the_tree_is_where_it_is_looked_for() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(FOLDERS)
    assert len(MODULES) > 50
