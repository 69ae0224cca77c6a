"""Helpers draw what this process would, to the same bytes, and are gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bi.brief import artist

LOCALE: dict[str, Any] = {
    "decimal": ".",
    "thousands": ",",
    "grouping": [3, 2],
    "currency": ["", ""],
}


def drawing(level: float) -> dict[str, Any]:
    """A bar of one value, with words outside ASCII."""
    return {
        "data": {"values": [{"a": "“Rs” \u2212 \u20b9", "b": level}]},
        "mark": "bar",
        "encoding": {"x": {"field": "b", "type": "quantitative"}, "y": {"field": "a"}},
    }


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[str]]]:
    """Every helper the test starts."""
    found: list[subprocess.Popen[str]] = []
    real = subprocess.Popen

    def kept(*given: Any, **named: Any) -> subprocess.Popen[str]:
        found.append(real(*given, **named))
        return found[-1]

    monkeypatch.setattr(subprocess, "Popen", kept)
    yield found
    assert all(one.poll() is not None for one in found)


def test_helpers_draw_the_same_bytes_in_the_order_asked(
    started: list[subprocess.Popen[str]],
) -> None:
    levels = [1.0, 1234567.0, 0.1, 3.3333333333333335]
    here = [artist.drawn(drawing(level), LOCALE) for level in levels]
    assert len(set(here)) == len(levels)
    with artist.helpers():
        tasks = [lambda level=level: artist.drawn(drawing(level), LOCALE) for level in levels]
        assert artist.side_by_side(tasks) == here
    assert len(started) == artist.HELPERS
    assert [one.returncode for one in started] == [0, 0]
    assert artist.drawn(drawing(1.0), LOCALE) == here[0]


def test_a_helper_that_is_killed_costs_no_drawing(started: list[subprocess.Popen[str]]) -> None:
    here = artist.drawn(drawing(5.0), LOCALE)
    with artist.helpers(1):
        os.kill(started[0].pid, signal.SIGKILL)
        started[0].wait()
        assert [artist.drawn(drawing(5.0), LOCALE) for _ in range(2)] == [here, here]
    assert started[0].returncode == -signal.SIGKILL


def test_what_cannot_be_drawn_is_an_error_with_helpers_too(
    started: list[subprocess.Popen[str]],
) -> None:
    bad = {"mark": "no such mark"}
    with pytest.raises(ValueError, match="conversion failed"):
        artist.drawn(bad, LOCALE)
    with artist.helpers(1), pytest.raises(ValueError, match="conversion failed"):
        artist.drawn(bad, LOCALE)
    assert started


def test_without_room_for_all_helpers_it_is_drawn_here_and_none_is_left(
    started: list[subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = artist.drawn(drawing(2.0), LOCALE)
    real = subprocess.Popen

    def scarce(*given: Any, **named: Any) -> subprocess.Popen[str]:
        if started:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return real(*given, **named)

    monkeypatch.setattr(subprocess, "Popen", scarce)
    with artist.helpers():
        assert [one.returncode for one in started] == [-signal.SIGKILL]
        tasks = [lambda: artist.drawn(drawing(2.0), LOCALE)] * 2
        assert artist.side_by_side(tasks) == [here, here]


@pytest.mark.parametrize("python", [None, "", "/no/such/python"])
def test_without_a_python_to_start_it_is_drawn_here(
    python: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = artist.drawn(drawing(2.0), LOCALE)
    monkeypatch.setattr(sys, "executable", python)
    with artist.helpers():
        assert artist.drawn(drawing(2.0), LOCALE) == here


def test_a_helper_that_hangs_is_waited_for_so_long_and_once(
    started: list[subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = artist.drawn(drawing(7.0), LOCALE)
    monkeypatch.setattr(artist, "PATIENCE", 0.5)
    with artist.helpers(1):
        os.kill(started[0].pid, signal.SIGSTOP)
        began = time.monotonic()
        assert [artist.drawn(drawing(7.0), LOCALE) for _ in range(3)] == [here] * 3
        assert 0.5 <= time.monotonic() - began < 10
    assert started[0].returncode == -signal.SIGKILL


def test_a_helper_that_says_something_else_is_not_listened_to(
    started: list[subprocess.Popen[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = [artist.drawn(drawing(level), LOCALE) for level in (1.0, 2.0)]
    babbler = tmp_path / "babbler.py"
    babbler.write_text("for line in open(0):\n    print('a warning\\n\"<svg/>\"', flush=True)\n")
    monkeypatch.setattr(artist, "__file__", str(babbler))
    with artist.helpers(1):
        assert [artist.drawn(drawing(level), LOCALE) for level in (1.0, 2.0)] == here
    assert started[0].returncode == -signal.SIGKILL


def test_blocks_that_end_in_any_order_leave_nothing_behind(
    started: list[subprocess.Popen[str]],
) -> None:
    here = artist.drawn(drawing(3.0), LOCALE)
    first, second = artist.helpers(1), artist.helpers(1)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert artist.drawn(drawing(3.0), LOCALE) == here
    second.__exit__(None, None, None)
    assert artist.drawn(drawing(3.0), LOCALE) == here
    assert len(started) == 2


def test_blocks_of_two_threads_do_not_share_helpers(
    started: list[subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = artist.drawn(drawing(4.0), LOCALE)
    asked: dict[str, set[int]] = {"first": set(), "second": set()}
    both = threading.Barrier(2, timeout=30)
    real = artist._asked

    def watched(helper: subprocess.Popen[str], question: str) -> str | None:
        asked["first" if '"b": 4.0' in question else "second"].add(helper.pid)
        return real(helper, question)

    monkeypatch.setattr(artist, "_asked", watched)
    found: list[str] = []

    def draw(level: float) -> None:
        with artist.helpers(1):
            both.wait()
            found.extend(artist.side_by_side([lambda: artist.drawn(drawing(level), LOCALE)] * 3))

    threads = [threading.Thread(target=draw, args=(level,)) for level in (4.0, 6.0)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [len(pids) for pids in asked.values()] == [1, 1]
    assert asked["first"] != asked["second"]
    assert (len(found), found.count(here)) == (6, 3)


def test_an_error_in_the_block_waits_for_no_helper(
    started: list[subprocess.Popen[str]],
) -> None:
    with pytest.raises(LookupError), artist.helpers():
        raise LookupError
    assert [one.returncode for one in started] == [-signal.SIGKILL] * artist.HELPERS
