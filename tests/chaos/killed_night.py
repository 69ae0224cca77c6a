"""Riskon's command line in a process that kills itself at a chosen point.

    KILL_AT=<point>[:<nth>] ASKED=<source>,<source> python killed_night.py nightly

It asks for these sources alone.
The points are put into place here, around the product's own functions; the product knows none.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flows import derive, load, night, questions
from flows.landing import Landing
from warehouse import publish
from warehouse.store import Warehouse


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Countdown:
    """Dies at the nth call."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            die()


def wrapped(owner: Any, name: str, *, before: Any = None, after: Any = None) -> None:
    original: Callable[..., Any] = getattr(owner, name)

    def function(*arguments: Any, **named: Any) -> Any:
        if before:
            before()
        result = original(*arguments, **named)
        if after:
            after()
        return result

    setattr(owner, name, function)


def torn_line(tick: Countdown) -> None:
    """Half of a journal's line reaches the disk."""

    def tell(self: Landing, lines: list[str]) -> None:
        for line in lines:
            tick.left -= 1
            if tick.left == 0:
                self._lines.write(line[: len(line) // 2])
                self._lines.flush()
                die()
            self._lines.write(line)
            self._lines.flush()

    Landing._tell = tell  # type: ignore[method-assign]


def half_a_copy(tick: Countdown) -> None:
    """Publication dies half-way through the copy of the file."""

    def copy(source: Path, target: Path) -> None:
        body = Path(source).read_bytes()
        Path(target).write_bytes(body[: len(body) // 2])
        tick()
        Path(target).write_bytes(body)

    publish.shutil.copyfile = copy  # type: ignore[assignment]


def after_commit(tick: Countdown) -> None:
    execute = Warehouse.execute

    def function(self: Warehouse, sql: str, parameters: Any = ()) -> None:
        execute(self, sql, parameters)
        if sql == "COMMIT":
            tick()

    Warehouse.execute = function  # type: ignore[method-assign]


def before_commit(tick: Countdown) -> None:
    execute = Warehouse.execute

    def function(self: Warehouse, sql: str, parameters: Any = ()) -> None:
        if sql == "COMMIT":
            tick()
        execute(self, sql, parameters)

    Warehouse.execute = function  # type: ignore[method-assign]


POINTS: dict[str, Callable[[Countdown], None]] = {
    "bytes landed, line not written": lambda tick: wrapped(Landing, "place", after=tick),
    "line torn": torn_line,
    "line written": lambda tick: wrapped(Landing, "record", after=tick),
    "before COMMIT": before_commit,
    "after COMMIT": after_commit,
    "loaded, not derived": lambda tick: wrapped(load, "load", after=tick),
    "derived": lambda tick: wrapped(derive, "derive", after=tick),
    "checked": lambda tick: wrapped(night, "check", after=tick),
    "views made": lambda tick: wrapped(night, "create_views", after=tick),
    "checkpointed": lambda tick: wrapped(Warehouse, "checkpoint", after=tick),
    "half a copy": half_a_copy,
    "copied, not renamed": lambda tick: (
        wrapped(publish.os, "fsync", after=None) or wrapped(publish.shutil, "copyfile", after=tick)
    ),
    "published": lambda tick: wrapped(night, "publish", after=tick),
    "before the brief": lambda tick: wrapped(night, "write_brief", before=tick),
}


def main() -> None:
    asked = os.environ["ASKED"].split(",")
    questions.SOURCES = {name: questions.SOURCES[name] for name in asked}
    point, _, nth = os.environ.get("KILL_AT", "").partition(":")
    if point:
        POINTS[point](Countdown(int(nth or 1)))
    from flows.cli import run

    sys.exit(run(sys.argv[1:]))


assert shutil  # used through `publish`, named for the reader

if __name__ == "__main__":
    main()
