"""Import: files a user already has, recognised by content and landed with where they came from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from flows.landing import FetchRecord, Landing, only_writer
from flows.night import ALL_TABLES, Outcome, Progress, finish, quietly, replay
from flows.settings import VERSION, Settings
from flows.sources import SOURCES
from flows.sources.source import Source
from transforms.parse.layout import Layout, Payload
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
    unrecognised: list[str] = field(default_factory=list)


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
        done = Imported(Outcome())
        with Landing(settings.landing, settings.origin) as landing:
            run = landing.begin("import", now, VERSION)
            held = _held(settings)
            for number, path in enumerate(paths, start=1):
                progress(path.name, number, len(paths))
                record = _bring_one(landing, path, root, stated, held, settings.clock())
                landing.record(record, durable=False)
                done.landed += record.outcome == "landed"
                done.held_already += record.outcome == "unchanged"
                if record.outcome == "unrecognised":
                    done.unrecognised.append(record.url)
            landing.settle()
        done.outcome.asked = len(paths)
        done.outcome.loaded = replay(settings)
        finish(settings, done.outcome)
        _report(settings, run.run_id, done)
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


def _held(settings: Settings) -> set[tuple[str, str]]:
    with closing(open_writer(settings.warehouse, ALL_TABLES)) as warehouse:
        rows = warehouse.read(
            "SELECT DISTINCT source_id, sha256 FROM ops.fetch WHERE sha256 IS NOT NULL"
        )
    return set(rows.iter_rows())  # type: ignore[arg-type]


def recognise(payload: Payload) -> tuple[Source, Layout] | None:
    """The source and layout whose files look like this one."""
    for source in SOURCES.values():
        for layout in source.layouts:
            if layout.recognise(payload):
                return source, layout
    return None


def _bring_one(  # noqa: PLR0917  one file, and all that is known before it
    landing: Landing,
    path: Path,
    root: Path,
    stated: Mapping[str, str],
    held: set[tuple[str, str]],
    now: datetime,
) -> FetchRecord:
    name = str(path.relative_to(root)) if root.is_dir() else path.name

    def told(source_id: str, outcome: str, detail: str, **facts: object) -> FetchRecord:
        return FetchRecord(
            source_id=source_id,
            session_date=None,
            url=name,
            fetched_at=now,
            outcome=outcome,
            is_imported=True,
            detail=detail,
            stated=dict(stated),
            **facts,  # type: ignore[arg-type]
        )

    size = path.stat().st_size
    if size > LARGEST:
        return told("none", "unrecognised", f"{size} bytes: larger than any file we know")
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    found = recognise(Payload(body, name, stated))
    if found is None:
        return told("none", "unrecognised", "no source has such a layout yet", sha256=digest)
    source, _ = found
    if (source.id, digest) in held:
        return told(source.id, "unchanged", "the same bytes are held already", sha256=digest)
    held.add((source.id, digest))
    extension = path.suffix.lower() or source.extension
    place, digest = landing.place(source.id, date_in_name(name), body, extension, durable=False)
    return told(source.id, "landed", "", sha256=digest, size_bytes=len(body), path=place)


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
    for url, state, content_date, detail in rows.iter_rows():
        if state != "loaded":
            done.refused.append((url, detail))
        elif (named := date_in_name(url)) is not None and named != content_date:
            done.other_days.append((url, f"named for {named}, holds {content_date}"))
