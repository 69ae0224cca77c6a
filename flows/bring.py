"""Import: files a user already has, recognised by content and landed with where they came from."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from flows.extract import Progress
from flows.landing import FetchRecord, Landing, only_writer, said
from flows.night import ALL_TABLES, Outcome, finish, quietly, replay
from flows.settings import VERSION, Settings
from flows.sources import SOURCES
from flows.sources.source import Source
from transforms.parse.layout import Layout, Payload
from transforms.parse.text import MAGIC, header_of
from warehouse.store import open_reader, open_writer

LARGEST = 64 * 2**20
DATE_IN_NAME = re.compile(r"(?<!\d)(\d{2})(\d{2})((?:19|20)\d{2})(?!\d)")


@dataclass
class Imported:
    """What became of every file."""

    outcome: Outcome
    landed: int = 0
    held_already: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    """File, and what was expected and came."""
    other_days: list[tuple[str, str]] = field(default_factory=list)
    """File named for one day that holds another: loaded under the date inside."""
    unrecognised: dict[str, str] = field(default_factory=dict)
    """File, and what it looks like."""
    rejected: list[tuple[str, str]] = field(default_factory=list)
    """File that lost rows, how many, and why the first."""


def bring(
    settings: Settings,
    root: Path,
    stated: Mapping[str, str],
    progress: Progress = quietly,
) -> Imported:
    """Land every file under a folder that some source's layout recognises, and load them.

    Args:
        settings: where to.
        root: a folder, or one file.
        stated: what the user says of the files: scope, unit, index_name.
        progress: told of each file.

    Raises:
        Locked, WrongOrigin, CheckFailed: as for a night.
        FileNotFoundError: there is nothing at `root`.
    """
    paths = list(_files(root))
    now = settings.clock()
    with only_writer(settings.home, "import", now):
        replay(settings)
        done = Imported(Outcome(asked=len(paths)))
        held = _held(settings)
        with Landing(settings.landing, settings.origin) as landing:
            for number, path in enumerate(paths, start=1):
                progress(path.name, number, len(paths))
                _bring_one(landing, _look(path, root, stated), held, settings, done)
        done.outcome.loaded = replay(settings)
        finish(settings, done.outcome)
        if landing.run is not None:
            _report(settings, landing.run.run_id, done)
    return done


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    if not root.is_dir():
        message = f"there is no folder or file {root}"
        raise FileNotFoundError(message)
    yield from sorted(
        path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".")
    )


def _held(settings: Settings) -> set[tuple[str, str, str]]:
    """What need not be told again: source, digest, and what was said of it or its unknown name.

    Bytes that were landed and refused, or loaded with something else said about them, may be
    brought again: a wrong unit is corrected by importing the file with the right one.
    """
    with closing(open_writer(settings.warehouse, ALL_TABLES)) as warehouse:
        rows = warehouse.read(
            "SELECT DISTINCT source_id, coalesce(sha256, ''), "
            "CASE outcome WHEN 'unrecognised' THEN url ELSE stated END FROM ops.fetch "
            "WHERE load_state = 'loaded' OR outcome = 'unrecognised'"
        )
    return set(rows.iter_rows())


def recognise(payload: Payload) -> tuple[Source, Layout] | None:
    """The source and layout whose files look like this one."""
    for source in SOURCES.values():
        for layout in source.layouts:
            if layout.recognise(payload):
                return source, layout
    return None


@dataclass(frozen=True)
class _Looked:
    """A file, and what its content says it is."""

    name: str
    stated: Mapping[str, str]
    extension: str
    body: bytes = b""
    source: Source | None = None
    why_not: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest() if self.body else ""


def _look(path: Path, root: Path, stated: Mapping[str, str]) -> _Looked:
    told = str(path.relative_to(root)) if root.is_dir() else path.name
    # A name that is no UTF-8, as old archives unpack to, could be written nowhere.
    name = os.fsencode(told).decode("utf-8", "backslashreplace")
    size, extension = path.stat().st_size, path.suffix.lower()
    if size > LARGEST:
        why_not = f"{size} bytes: larger than any file we know"
        return _Looked(name, stated, extension, why_not=why_not)
    body = path.read_bytes()
    found = recognise(Payload(body, name, stated))
    if found is None:
        why_not = f"no source has such a layout yet: {likeness(body)}"
        return _Looked(name, stated, extension, body, why_not=why_not)
    return _Looked(name, stated, extension or found[0].extension, body, found[0])


def likeness(body: bytes) -> str:
    """What a file that no layout recognises looks like, for the person who brought it."""
    if not body.strip():
        return "it is empty"
    for magic, kind in MAGIC.items():
        if body.startswith(magic):
            return f"it is {kind}"
    columns = header_of(Payload(body))
    if len(columns) > 1:
        return f"its columns are {', '.join(columns)[:160]}"
    return f"it begins {body[:60]!r}"


def _bring_one(
    landing: Landing,
    file: _Looked,
    held: set[tuple[str, str, str]],
    settings: Settings,
    done: Imported,
) -> None:
    """Land what is new. Nothing is written of what is held already: a second import is none."""
    source_id = file.source.id if file.source else "none"
    if file.source is None:
        done.unrecognised[file.name] = file.why_not
    sign = (source_id, file.digest, said(file.stated) if file.source else file.name)
    if sign in held:
        done.held_already += file.source is not None
        return
    held.add(sign)
    if landing.run is None:
        landing.begin("import", settings.clock(), VERSION)
    record = FetchRecord(
        source_id=source_id,
        session_date=None,
        url=file.name,
        fetched_at=settings.clock(),
        outcome="landed" if file.source else "unrecognised",
        is_imported=True,
        detail=file.why_not,
        stated=dict(file.stated),
        sha256=file.digest or None,
        size_bytes=len(file.body) or None,
    )
    if file.source is not None:
        day = date_in_name(file.name)
        path, _ = landing.place(source_id, day, file.body, file.extension)
        record = replace(record, path=path)
        done.landed += 1
    landing.record(record)


def date_in_name(name: str) -> date | None:
    """The session a publisher's file name speaks of: DDMMYYYY, where it has one."""
    match = DATE_IN_NAME.search(name.rsplit("/", 1)[-1])
    if match is None:
        return None
    day, month, year = map(int, match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _report(settings: Settings, run_id: str, done: Imported) -> None:
    with closing(open_reader(settings.published)) as reader:
        rows = reader.read(
            "SELECT url, load_state, content_date, detail FROM ops.fetch "
            "WHERE run_id = ? AND outcome = 'landed' ORDER BY url",
            [run_id],
        )
        lost = reader.read(
            "SELECT url, count(*), arg_min(row_number, row_number), arg_min(reason, row_number) "
            "FROM ops.rejected_row JOIN ops.fetch USING (file_id) WHERE run_id = ? "
            "GROUP BY url ORDER BY url",
            [run_id],
        )
    done.rejected += [
        (url, f"{count} set aside or in part, the first, row {number}: {reason}")
        for url, count, number, reason in lost.iter_rows()
    ]
    for url, state, content_date, detail in rows.iter_rows():
        if state != "loaded":
            done.refused.append((url, detail))
        elif (named := date_in_name(url)) is not None and named != content_date:
            done.other_days.append((url, f"named for {named}, holds {content_date}"))
