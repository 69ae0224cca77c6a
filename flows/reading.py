"""Landed files to text rows: one by one, or where there are many, on every core."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows.sources import SOURCES
from transforms.parse.layout import NotThisLayout, Payload

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

    No row at all is what the publisher had to say of a window in which nothing happened.
    """

    layout: int
    rows: pl.DataFrame | None
    refusal: str = ""


Read = Callable[[Sequence[Landed]], list[Text]]


def read(file: Landed) -> Text:
    """Choose the layout by content, else the source's first, and read text rows."""
    payload = Payload(file.path.read_bytes(), file.name, file.stated)
    layouts = SOURCES[file.source_id].layouts
    number = next((i for i, layout in enumerate(layouts) if layout.recognise(payload)), 0)
    try:
        return Text(number, layouts[number].read(payload))
    except NotThisLayout as error:
        return Text(number, None, str(error))


@contextmanager
def reader(files: int) -> Iterator[Read]:
    """A way to read so many files; answers come in the order of the question."""
    cores = os.cpu_count() or 1
    if files < MANY or cores == 1:
        yield lambda landed: [read(file) for file in landed]
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
        yield lambda landed: _shared(workers, landed)


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
        pickle.dump([read(file) for file in landed], sys.stdout.buffer)
        sys.stdout.buffer.flush()
