"""Vega in processes of its own: they start while the facts are read, and draw side by side.

Its start takes half a second, a drawing a twentieth, and neither lets this process's threads go on.
Without helpers everything is drawn here, to the same bytes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, TypeVar, cast

import vl_convert

HELPERS = 2
"""As many as draw side by side on the smallest machine we run on."""
_Made = TypeVar("_Made")
_READY: dict[str, Any] = {"data": {"values": [{}]}, "mark": "point"}
_idle: SimpleQueue[subprocess.Popen[str]] | None = None


@contextmanager
def helpers(count: int = HELPERS) -> Iterator[None]:
    """Start helpers that draw whatever `drawn` is asked for in this block, and end them after."""
    global _idle  # noqa: PLW0603  chart code is not handed the helpers, as it is not handed Vega
    # Without -P this folder's own `numbers` would stand before Python's.
    command = [sys.executable, "-P", __file__]
    started = [
        subprocess.Popen(  # noqa: S603  our own file
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what it could not draw is drawn, and told, here
            text=True,
            encoding="utf-8",
        )
        for _ in range(count)
    ]
    idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
    for one in started:
        idle.put(one)
    before, _idle = _idle, idle
    try:
        yield
    finally:
        _idle = before
        for one in started:
            _ended(one)


def drawn(specification: dict[str, Any], locale: dict[str, Any]) -> str:
    """A drawing in Vega-Lite's words as SVG: by the next idle helper, else here."""
    if _idle is None:
        return _drawn_here(specification, locale)
    helper = _idle.get()
    try:
        answer = _asked(helper, json.dumps([specification, locale]))
    finally:
        _idle.put(helper)
    # A helper that was killed, for want of memory perhaps, costs time and not the page.
    return _drawn_here(specification, locale) if answer is None else answer


def side_by_side(tasks: Sequence[Callable[[], _Made]]) -> list[_Made]:
    """What each task makes, in their order: at once where there are helpers, else in turn."""
    if _idle is None:
        return [task() for task in tasks]
    with ThreadPoolExecutor(HELPERS) as pool:
        return list(pool.map(lambda task: task(), tasks))


def _asked(helper: subprocess.Popen[str], question: str) -> str | None:
    if helper.stdin is None or helper.stdout is None:
        return None
    try:
        helper.stdin.write(question + "\n")
        helper.stdin.flush()
    except BrokenPipeError:
        return None
    answer = helper.stdout.readline()
    return cast("str", json.loads(answer)) if answer.endswith("\n") else None


def _ended(helper: subprocess.Popen[str]) -> None:
    """Without questions a helper ends by itself; one that cannot is ended."""
    try:
        helper.communicate(timeout=5)
    except subprocess.TimeoutExpired:
        helper.kill()
        helper.communicate()


def _drawn_here(specification: dict[str, Any], locale: dict[str, Any]) -> str:
    drawing: str = vl_convert.vegalite_to_svg(
        specification, format_locale=locale, allowed_base_urls=[]
    )
    return drawing


def _serve() -> None:
    vl_convert.vegalite_to_svg(_READY)
    for question in sys.stdin:
        specification, locale = json.loads(question)
        sys.stdout.write(json.dumps(_drawn_here(specification, locale)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
