"""Landed files to text rows: one by one, or where there are many, on every core."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from flows.sources import SOURCES
from transforms.parse.layout import Layout, NotThisLayout, Payload

MANY = 1000
"""Fewer files than this are read before another process has started."""


@dataclass(frozen=True)
class Landed:
    """A landed file, and what is known of it before it is read."""

    source_id: str
    path: Path
    name: str
    stated: Mapping[str, str]


@dataclass(frozen=True)
class Text:
    """What its bytes turned out to be: which layout of its source, and rows or why there are none.

    No row at all is what the publisher had to say of a window in which nothing happened. `beside`
    holds the rows of other tables in the same bytes, by layout.
    """

    layout: int
    rows: pl.DataFrame | None
    refusal: str = ""
    beside: Mapping[str, pl.DataFrame] = field(default_factory=dict)


Read = Callable[[Sequence[Landed]], list[Text]]


def read(files: Sequence[Landed]) -> list[Text]:
    """Choose each file's layout by content, else its source's first, and read text rows."""
    answers: list[Text | None] = [None] * len(files)
    together: dict[tuple[str, int], list[tuple[int, Payload]]] = {}
    for place, file in enumerate(files):
        payload = Payload(file.path.read_bytes(), file.name, file.stated)
        layouts = SOURCES[file.source_id].layouts
        number = next((i for i, layout in enumerate(layouts) if layout.recognise(payload)), 0)
        if layouts[number].read_many is None:
            answers[place] = _text(number, layouts[number], payload)
        else:
            together.setdefault((file.source_id, number), []).append((place, payload))
    for (source_id, number), group in together.items():
        read_many = SOURCES[source_id].layouts[number].read_many
        assert read_many is not None  # noqa: S101  grouped by it
        for (place, _), rows in zip(group, read_many([one for _, one in group]), strict=True):
            if isinstance(rows, NotThisLayout):
                answers[place] = Text(number, None, str(rows))
            else:
                answers[place] = Text(number, rows)
    return [answer for answer in answers if answer is not None]


def _text(number: int, layout: Layout, payload: Payload) -> Text:
    try:
        rows = layout.read(payload)
        return Text(number, rows, beside={one.id: one.read(payload) for one in layout.beside})
    except NotThisLayout as error:
        return Text(number, None, str(error))


@contextmanager
def reader(files: int) -> Iterator[Read]:
    """A way to read so many files; answers come in the order of the question."""
    cores = os.cpu_count() or 1
    if files < MANY or cores == 1:
        yield read
        return
    with ExitStack() as stack:
        # Not multiprocessing: it runs the caller's own script again in each process it starts.
        workers = [
            stack.enter_context(
                subprocess.Popen(  # noqa: S603  our own words
                    [sys.executable, "-c", f"from {__name__} import work; work()"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            for _ in range(cores)
        ]
        yield lambda landed: _dealt(workers, landed)


def _dealt(workers: Sequence[subprocess.Popen[bytes]], landed: Sequence[Landed]) -> list[Text]:
    """What is read many at a time is read here, on every core anyway; the rest by the workers."""
    is_ours = [
        any(layout.read_many for layout in SOURCES[file.source_id].layouts) for file in landed
    ]
    here = iter(read([file for file, ours in zip(landed, is_ours, strict=True) if ours]))
    there = iter(_shared(workers, [f for f, ours in zip(landed, is_ours, strict=True) if not ours]))
    return [next(here if ours else there) for ours in is_ours]


def _shared(workers: Sequence[subprocess.Popen[bytes]], landed: Sequence[Landed]) -> list[Text]:
    """Deal files out to the workers like cards, and take their answers in the same order."""
    for number, worker in enumerate(workers):
        assert worker.stdin is not None  # noqa: S101  asked for
        pickle.dump(landed[number :: len(workers)], worker.stdin)
        worker.stdin.flush()
    answers = []
    for worker in workers:
        assert worker.stdout is not None  # noqa: S101
        answers.append(pickle.load(worker.stdout))  # noqa: S301  our own process
    return [answers[i % len(workers)][i // len(workers)] for i in range(len(landed))]


def work() -> None:
    """Answer until the questions end, which they also do when the process that asks is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks is told, and ends this one
    while True:
        try:
            landed = pickle.load(sys.stdin.buffer)  # noqa: S301  our own process
        except EOFError:
            return
        pickle.dump(read(landed), sys.stdout.buffer)
        sys.stdout.buffer.flush()
