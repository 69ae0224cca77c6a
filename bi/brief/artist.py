"""Vega in processes of its own: they start while the facts are read, and draw side by side.

Its start takes half a second, a drawing a twentieth, and neither lets this process's threads go on.
Without helpers, and where one cannot start, dies or does not answer, it is drawn here, to the same
bytes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeVar

import vl_convert

HELPERS = 2
"""As many as draw side by side on the smallest machine we run on."""
PATIENCE = 20.0
"""Seconds for one drawing: a hundred times what it takes, the helper's start included."""
_Made = TypeVar("_Made")
_Helper = subprocess.Popen[str]
_READY: dict[str, Any] = {"data": {"values": [{}]}, "mark": "point"}


@dataclass
class _Crew:
    """The helpers of one block."""

    idle: SimpleQueue[_Helper] = field(default_factory=SimpleQueue)
    is_at_work: bool = True


# Of the caller and not of the process: briefs drawn at once in threads do not share helpers.
# Chart code is not handed the helpers, as it is not handed Vega.
_crew: ContextVar[_Crew | None] = ContextVar("_crew", default=None)


@contextmanager
def helpers(count: int = HELPERS) -> Iterator[None]:
    """Start helpers that draw whatever `drawn` is asked for in this block, and end them after."""
    crew = _Crew()
    before = _crew.get()
    started = _started(count) if sys.executable else []
    for one in started:
        crew.idle.put(one)
    _crew.set(crew if started else None)
    try:
        yield
    except BaseException:
        for one in started:
            one.kill()  # nobody waits for its start
        raise
    finally:
        crew.is_at_work = False
        _crew.set(before)
        for one in started:
            _ended(one)


def _started(count: int) -> list[_Helper]:
    """So many helpers, or none where there is no room for another process or no Python to start."""
    started: list[_Helper] = []
    try:
        for _ in range(count):
            started.append(  # noqa: PERF401  those before the one that fails are to be ended
                subprocess.Popen(  # noqa: S603  our own file
                    # Without -P this folder's own `numbers` would stand before Python's.
                    [sys.executable, "-P", __file__],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,  # what it could not draw is drawn, and told, here
                    text=True,
                    encoding="utf-8",
                )
            )
    except BaseException as error:
        for one in started:
            one.kill()
            _ended(one)
        if not isinstance(error, OSError):
            raise
        return []
    return started


def _at_work() -> _Crew | None:
    """Blocks may end in any order: one that has ended draws nothing."""
    crew = _crew.get()
    return crew if crew is not None and crew.is_at_work else None


def drawn(specification: dict[str, Any], locale: dict[str, Any]) -> str:
    """A drawing in Vega-Lite's words as SVG: by the next idle helper, else here."""
    crew = _at_work()
    if crew is None:
        return _drawn_here(specification, locale)
    helper = crew.idle.get()
    try:
        answer = _asked(helper, json.dumps([specification, locale]))
    finally:
        crew.idle.put(helper)
    # A helper that was killed, for want of memory perhaps, costs time and not the page.
    return _drawn_here(specification, locale) if answer is None else answer


def side_by_side(tasks: Sequence[Callable[[], _Made]]) -> list[_Made]:
    """What each task makes, in their order: at once where there are helpers, else in turn."""
    if _at_work() is None:
        return [task() for task in tasks]
    with ThreadPoolExecutor(HELPERS) as pool:
        return [made.result() for made in [pool.submit(copy_context().run, t) for t in tasks]]


def _asked(helper: _Helper, question: str) -> str | None:
    """Its answer; one that does not come in time, or is none, is the helper's last."""
    if helper.stdin is None or helper.stdout is None or helper.poll() is not None:
        return None
    # Killed, it lets go of the pipes that are waited on, wherever it hung.
    watch = threading.Timer(PATIENCE, helper.kill)
    watch.daemon = True
    watch.start()
    try:
        helper.stdin.write(question + "\n")
        helper.stdin.flush()
        answer = json.loads(helper.stdout.readline())
    except (OSError, ValueError):
        answer = None
    finally:
        watch.cancel()
    if isinstance(answer, str):
        return answer
    helper.kill()  # what it may still say would be taken for the next answer
    return None


def _ended(helper: _Helper) -> None:
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
