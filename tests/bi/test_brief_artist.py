"""Helpers draw what this process would, to the same bytes, and are gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
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

    monkeypatch.setattr(artist.subprocess, "Popen", kept)
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
