"""Landing: the publishers' bytes, written once, and the journal of how they came.

    landing/<source>/<year>/<session>_<digest>.<ext>   the bytes, untouched
    landing/journal/<run>.jsonl                        a line for the run, then one per fetch

Everything after landing is a function of these files. Bytes reach their name by rename, and count
once the journal has a line for them; a line cut off by a crash is no line, its bytes are asked for
again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import sys
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Self

from flows.errors import Locked, WrongOrigin

DIGITS_IN_NAME = 12
SETTLES_EVERY_S = 1.0
MANY = 32
"""More files than this are put on disk in one call for all."""


@dataclass(frozen=True)
class RunRecord:
    """The first line of a journal: what ran, and the instant it took for now.

    `run_id` begins with a number that counts up: runs are replayed in the order they ran, whatever
    their clocks said.
    """

    run_id: str
    command: str
    started_at: datetime
    origin: str
    riskon_version: str


@dataclass(frozen=True)
class FetchRecord:
    """One question and its answer, or one imported file."""

    source_id: str
    session_date: date | None
    url: str
    fetched_at: datetime
    outcome: str
    is_imported: bool = False
    status: int | None = None
    sha256: str | None = None
    size_bytes: int | None = None
    path: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    detail: str = ""
    stated: dict[str, str] = field(default_factory=dict)
    """What the person who imported the file said about it."""


@dataclass(frozen=True)
class Journal:
    """One run and its fetches, in order."""

    run: RunRecord
    fetches: list[FetchRecord]


def file_id(record: FetchRecord) -> int:
    """The number a landed file goes by in the warehouse, from its content and its place."""
    seed = f"{record.source_id}|{record.session_date}|{record.sha256}|{said(record.stated)}"
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) >> 1


def said(stated: Mapping[str, str]) -> str:
    """What a user said of a file, as one text; empty where nothing was said."""
    return json.dumps(stated, sort_keys=True) if stated else ""


def fetch_id(run_id: str, line: int) -> int:
    """The number of one journal line, from its run and position."""
    return int.from_bytes(hashlib.sha256(f"{run_id}|{line}".encode()).digest()[:8]) >> 1


class Landing:
    """The landing folder of one home.

    Raises:
        WrongOrigin: the home holds figures of the other origin.
    """

    def __init__(self, root: Path, origin: str) -> None:
        self.root = root
        self.origin = origin
        self._journals = root / "journal"
        self._lines: Any = None
        self._unsettled: list[Path] = []
        self._untold: list[str] = []
        self._settled_at = monotonic()
        self.run: RunRecord | None = None
        self._refuse_other_origin()

    @classmethod
    def held(cls, root: Path) -> Self:
        """The folder as it is, whatever its origin: to replay it, not to add to it."""
        stamp = root / "ORIGIN"
        return cls(root, stamp.read_text(encoding="utf-8") if stamp.exists() else "real")

    def begin(self, command: str, started_at: datetime, riskon_version: str) -> RunRecord:
        """Open the journal of a new run; the first run stamps the home with its origin."""
        self._journals.mkdir(parents=True, exist_ok=True)
        if not self._stamp.exists():
            _write_atomically(self._stamp, self.origin.encode())
        number = len(list(self._journals.glob("*.jsonl"))) + 1
        run_id = f"{number:06d}-{started_at:%Y%m%dT%H%M%SZ}-{command}"
        self.run = RunRecord(run_id, command, started_at, self.origin, riskon_version)
        self._lines = (self._journals / f"{run_id}.jsonl").open("x", encoding="utf-8")
        self._untold.append(_line(vars(self.run)))
        self.settle()
        return self.run

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lines is not None:
            self.settle()
            self._lines.close()
            self._lines = None

    @property
    def _stamp(self) -> Path:
        return self.root / "ORIGIN"

    def _refuse_other_origin(self) -> None:
        held = self._stamp.read_text(encoding="utf-8") if self._stamp.exists() else self.origin
        if held != self.origin:
            raise WrongOrigin(
                expected=f"a home of {self.origin} figures",
                got=f"one that holds {held} figures",
                where=str(self.root),
            )

    def place(
        self, source_id: str, session: date | None, body: bytes, extension: str
    ) -> tuple[str, str]:
        """Write bytes under their name, once; returns the path under landing/ and the digest.

        They are on disk after the next `settle`.
        """
        digest = hashlib.sha256(body).hexdigest()
        year = f"{session.year}" if session else "undated"
        stem = f"{session.isoformat() if session else 'undated'}_{digest[:DIGITS_IN_NAME]}"
        relative = f"{source_id}/{year}/{stem}{extension}"
        target = self.root / relative
        if not target.exists() or target.stat().st_size != len(body):
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_atomically(target, body)
            self._unsettled.append(target)
        return relative, digest

    def record(self, fetch: FetchRecord) -> None:
        """Add a line to the journal: once it is settled, the fetch has happened.

        That is at once where the publisher is asked once a second, and else every second: a crash
        costs the fetches of one second, which are asked for again.
        """
        self._untold.append(_line(vars(fetch)))
        if monotonic() - self._settled_at >= SETTLES_EVERY_S:
            self.settle()

    def settle(self) -> None:
        """Put everything placed on disk, and then the lines that speak of it."""
        if len(self._unsettled) > MANY:
            os.sync()
        else:
            for path in (*self._unsettled, *{path.parent for path in self._unsettled}):
                _put_on_disk(path)
        self._unsettled.clear()
        self._tell(self._untold)
        self._untold.clear()
        self._settled_at = monotonic()

    def _tell(self, lines: list[str]) -> None:
        self._lines.writelines(lines)
        self._lines.flush()
        os.fsync(self._lines.fileno())

    def path_of(self, fetch: FetchRecord) -> Path:
        """Where the bytes of a landed fetch lie.

        Raises:
            ValueError: nothing was landed for it.
        """
        if fetch.path is None:
            message = f"nothing was landed for {fetch.url}"
            raise ValueError(message)
        return self.root / fetch.path

    def journals(self, known: Container[str] = ()) -> Iterator[Journal]:
        """Every run in order but the known ones; a line that a crash cut off is left out."""
        for path in sorted(self._journals.glob("*.jsonl")):
            journal = None if path.stem in known else _journal(path)
            if journal is not None:
                yield journal

    def journal(self, run_id: str) -> Journal:
        """One run, as far as its journal is written.

        Raises:
            ValueError: there is no such run.
        """
        journal = _journal(self._journals / f"{run_id}.jsonl")
        if journal is None:
            message = f"the journal of {run_id} has no line"
            raise ValueError(message)
        return journal


def _journal(path: Path) -> Journal | None:
    # Split before decoding: a crash may cut a line inside a character.
    lines = path.read_bytes().split(b"\n")[:-1]
    if not lines:
        return None
    run = json.loads(lines[0])
    run["started_at"] = datetime.fromisoformat(run["started_at"])
    return Journal(RunRecord(**run), [_fetch(json.loads(line)) for line in lines[1:]])


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, default=_as_text, ensure_ascii=False) + "\n"


def _fetch(row: dict[str, Any]) -> FetchRecord:
    row["fetched_at"] = datetime.fromisoformat(row["fetched_at"])
    if row["session_date"] is not None:
        row["session_date"] = date.fromisoformat(row["session_date"])
    return FetchRecord(**row)


def _as_text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    message = f"a journal holds no {type(value).__name__}"
    raise TypeError(message)


def _write_atomically(target: Path, body: bytes) -> None:
    part = target.with_name(f".{target.name}.part")
    part.write_bytes(body)
    part.replace(target)


def _put_on_disk(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def only_writer(home: Path, command: str, since: datetime) -> Iterator[None]:
    """Hold the home's writer lock; the kernel frees it when the process ends, however it ends.

    Raises:
        Locked: says who holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = json.loads(file.read() or "{}")
            raise Locked(
                pid=holder.get("pid", 0),
                host=holder.get("host", "unknown"),
                command=holder.get("command", "unknown"),
                since=datetime.fromisoformat(
                    holder.get("since", datetime.min.replace(tzinfo=UTC).isoformat())
                ),
                where=str(home),
            ) from error
        file.seek(0)
        file.truncate()
        json.dump(
            {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "command": f"{Path(sys.argv[0]).name} {command}",
                "since": since.isoformat(),
            },
            file,
        )
        file.flush()
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()
            file.flush()
