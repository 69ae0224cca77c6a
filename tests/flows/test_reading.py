"""Landed files are read alike by one process and by several."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from flows import reading
from flows.reading import Landed, reader

HEADER = (
    "Index Name,Index Date,Open Index Value,High Index Value,Low Index Value,Closing Index Value,"
    "Points Change,Change(%),Volume,Turnover (Rs. Cr.),P/E,P/B,Div Yield"
)


@pytest.fixture
def landed(tmp_path: Path) -> list[Landed]:
    """Index files of many days, and among them a web page and an empty file."""
    bodies = [
        f"{HEADER}\nNifty 50,{day:02d}-01-2026,1,3,1,{day},1,1,-,-,-,-,-\n" for day in range(1, 24)
    ]
    bodies[5], bodies[11] = "<!DOCTYPE html><html></html>", ""
    paths = [tmp_path / f"{number}.csv" for number in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_text(body)
    return [Landed("nse_index_close", path, path.name, {}) for path in paths]


def test_several_processes_read_what_one_reads_in_the_same_order(
    landed: list[Landed], monkeypatch: pytest.MonkeyPatch
) -> None:
    with reader(len(landed)) as read:
        alone = read(landed)
    assert [text.rows is None for text in alone] == [n in {5, 11} for n in range(len(landed))]
    assert "a web page" in alone[5].refusal
    monkeypatch.setattr(reading, "MANY", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    with reader(len(landed)) as read:
        for count in (len(landed), 1, 0, 7):  # once and again, more and fewer than processes
            together = read(landed[:count])
            assert [text.refusal for text in together] == [t.refusal for t in alone[:count]]
            for one, other in zip(together, alone, strict=False):
                if one.rows is not None and other.rows is not None:
                    assert_frame_equal(one.rows, other.rows)


def test_a_script_that_reads_is_not_run_again(landed: list[Landed], tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from pathlib import Path\n"
        "from flows import reading\n"
        "print('once', flush=True)\n"
        "reading.MANY = 1\n"
        f"file = reading.Landed('nse_index_close', Path({str(landed[0].path)!r}), 'x', {{}})\n"
        "with reading.reader(2) as read:\n"
        "    print([text.rows.height for text in read([file, file])])\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines() == ["once", "[1, 1]"]
