"""The brief as files: for each session a page, a picture for chats and a text, side by side."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from bi.brief.facts import Facts, gather
from warehouse.store import open_reader

LEFT_BEHIND = 3600
"""Seconds after which a file half written is that of a process that was killed."""


@contextmanager
def helped() -> Iterator[None]:
    """What is written in this block is drawn faster, most of all where it first reads."""
    # What draws takes a moment to import, which `riskon sql` need not pay.
    from bi.brief import artist  # noqa: PLC0415

    with artist.helpers():
        yield


def write_brief(published: Path, folder: Path, session: date | None = None) -> Path:
    """Write the brief of a session, the latest by default, as `write_facts` does.

    Raises:
        NothingToTell: nothing is graded yet, or not that date.
        OSError: a file cannot be written; says which.
    """
    with helped():
        with open_reader(published) as reader:
            facts = gather(reader, session)
        return write_facts(facts, folder)


def write_facts(facts: Facts, folder: Path) -> Path:
    """Write one evening's page, picture (`.png`) and text (`.md`), all or none of them.

    They are replaced one right after the other, the page last: where it is new, all are.

    Returns:
        The page; the others differ in their suffix alone.

    Raises:
        OSError: a file cannot be written; says which.
    """
    from bi.brief.card import card  # noqa: PLC0415
    from bi.brief.markdown import markdown  # noqa: PLC0415
    from bi.brief.page import render  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{facts.session_date.isoformat()}.html"
    # All are made before one is written: a brief that cannot be drawn leaves the old one.
    _replace(
        {
            page.with_suffix(".md"): markdown(facts).encode(),
            page.with_suffix(".png"): card(facts),
            page: render(facts).encode(),
        }
    )
    return page


def _replace(files: dict[Path, bytes]) -> None:
    """Put new files in the place of old ones, once all of them are on disk."""
    # Another process, or thread, may be writing the same evening.
    writer = f"{os.getpid()}-{threading.get_ident()}"
    parts = {path: path.with_name(f".{path.name}.{writer}.part") for path in files}
    _sweep(next(iter(files)).parent)
    try:
        for path, part in parts.items():
            _write(part, files[path], path)
        for path, part in parts.items():
            part.replace(path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _write(part: Path, content: bytes, path: Path) -> None:
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # some disks say only now that they are full
    except OSError as error:
        # A write that fails does not say whereto.
        raise OSError(error.errno, error.strerror, str(path)) from error


def _sweep(folder: Path) -> None:
    for part in folder.glob(".*.part"):
        try:
            if time.time() - part.stat().st_mtime > LEFT_BEHIND:
                part.unlink()
        except FileNotFoundError:  # its writer is done with it
            continue
