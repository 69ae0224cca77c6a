"""Load: landed bytes to core rows. Layout and date are checked before a row is believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime

import polars as pl

from flows.calendar import IST, Session, expectation, foreseen
from flows.landing import FetchRecord, Journal, Landing, RunRecord, fetch_id, file_id, said
from flows.reading import Landed, Read, reader
from flows.sources import SOURCES
from flows.sources.source import Source
from transforms.parse.layout import Layout
from transforms.parse.screen import screen
from warehouse.store import Warehouse
from warehouse.tables import Fetch, RejectedRow, Run
from warehouse.tables.table import key, schema

FILES_AT_ONCE = 400
MARKET_CLOSE = time(15, 30)
LAGGING = 2
"""Expected sessions by which the last session shown may lag: one not out yet, one not held."""
DATED = frozenset({"every date", "every session", "every fortnight"})
"""Ways of asking for one date: the file must be of it."""
FEWEST_ROWS = 0.8
"""A fetched file with fewer rows than this share of the session before it was cut off."""


@dataclass
class _File:
    """One journal line on its way into the warehouse."""

    fetch_id: int
    run_id: str
    record: FetchRecord
    source: Source | None
    layout: Layout | None = None
    text: pl.DataFrame | None = None
    beside: dict[str, pl.DataFrame] = field(default_factory=dict)
    """Text rows of other tables, by the layout that read them."""
    state: str | None = None
    detail: str = ""
    content_date: date | None = None
    rows_loaded: int | None = None
    rows_rejected: int | None = None
    rows_pending: int | None = None

    @property
    def file_id(self) -> int:
        return file_id(self.record)

    @property
    def is_landed(self) -> bool:
        return self.record.outcome == "landed" and self.source is not None

    def refuse(self, state: str, detail: str) -> None:
        self.state, self.detail, self.text, self.beside = state, detail, None, {}

    def count(self, kept: int, lost: int) -> None:
        """Add rows that one layout read of it."""
        self.rows_loaded = (self.rows_loaded or 0) + kept
        self.rows_rejected = (self.rows_rejected or 0) + lost


@dataclass
class Loaded:
    """What a load did."""

    files: int = 0
    rows: int = 0
    rejected: int = 0
    revised: int = 0
    refused: list[str] = field(default_factory=list)

    def add(self, other: Loaded) -> None:
        """Count another load in."""
        self.files += other.files
        self.rows += other.rows
        self.rejected += other.rejected
        self.revised += other.revised
        self.refused += other.refused


def load(warehouse: Warehouse, landing: Landing, journal: Journal) -> Loaded:
    """Load every line of a run's journal the warehouse does not know, in whole transactions."""
    run_id = journal.run.run_id
    known = set(
        warehouse.read("SELECT fetch_id FROM ops.fetch WHERE run_id = ?", [run_id])["fetch_id"]
    )
    if warehouse.read("SELECT 1 FROM ops.run WHERE run_id = ?", [run_id]).is_empty():
        warehouse.append(Run, _run_row(journal.run))
    done = Loaded()
    pending = list(_pending(journal, known))
    with reader(sum(file.record.outcome == "landed" for file in pending)) as read:
        for start in range(0, len(pending), FILES_AT_ONCE):
            files = pending[start : start + FILES_AT_ONCE]
            _read(landing, files, read)
            with warehouse.transaction():
                _load_lines(warehouse, files, done)
    return done


def _run_row(run: RunRecord) -> pl.DataFrame:
    return pl.DataFrame([{**vars(run), "is_derived": False}], schema=pl.Schema(schema(Run)))


def _pending(journal: Journal, known: set[int]) -> Iterator[_File]:
    for line, record in enumerate(journal.fetches, start=1):
        number = fetch_id(journal.run.run_id, line)
        if number not in known:
            yield _File(number, journal.run.run_id, record, SOURCES.get(record.source_id))


def _read(landing: Landing, files: Sequence[_File], read: Read) -> None:
    """Read what landed as text rows; what is no such file is refused."""
    landed = [file for file in files if file.is_landed]
    questions = [
        Landed(
            file.record.source_id,
            landing.path_of(file.record),
            file.record.url,
            file.record.stated,
        )
        for file in landed
    ]
    for file, text in zip(landed, read(questions), strict=True):
        assert file.source is not None  # noqa: S101  it landed for one
        file.layout = file.source.layouts[text.layout]
        if text.rows is None:
            file.refuse("malformed", text.refusal)
            continue
        file.beside = {
            layout_id: _of_file(file, rows) for layout_id, rows in text.beside.items() if len(rows)
        }
        if text.rows.is_empty():
            file.state = "loaded"
            file.count(0, 0)
            if file.beside:  # the part that proves the date was not published yet in those years
                file.content_date = file.record.session_date
        else:
            file.text = _of_file(file, text.rows)


def _of_file(file: _File, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        file_id=pl.lit(file.file_id, pl.Int64),
        fetched_on=pl.lit(file.record.fetched_at.astimezone(IST).date()),
    )


def _load_lines(warehouse: Warehouse, files: Sequence[_File], done: Loaded) -> None:
    landed = [file for file in files if file.is_landed]
    groups: dict[tuple[str, str], list[_File]] = {}
    for file in landed:
        if file.layout is not None and file.text is not None:
            groups.setdefault((file.record.source_id, file.layout.id), []).append(file)
    for group in groups.values():
        assert group[0].layout is not None  # noqa: S101  grouped by it
        _load_layout(warehouse, group[0].layout, group, done)
    _load_beside(warehouse, landed, done)
    warehouse.append(Fetch, _fetch_rows(files))
    done.refused += [f"{f.record.url}: {f.detail}" for f in landed if f.state != "loaded"]


def _load_layout(warehouse: Warehouse, layout: Layout, files: list[_File], done: Loaded) -> None:
    """Check what one layout read of many files, and load it."""
    _check_dates(layout, files)
    if not layout.holds_many_dates:
        _check_size(warehouse, files)
    good = [file for file in files if file.text is not None]
    if not good:
        return
    texts = [file.text for file in good if file.text is not None]
    rejected = _merge(warehouse, layout, good, pl.concat(texts, rechunk=True), done)
    for file in good:
        file.state = "loaded"
        if layout.pending is not None and file.text is not None:
            file.rows_pending = int(file.text.select(layout.pending.sum()).item() or 0)
        if not file.rows_loaded:
            told = rejected.filter(file_id=file.file_id)["reason"][0]
            lost = file.rows_rejected
            file.refuse(
                "malformed",
                f"expected rows that can be true; got {lost} and kept none, the first because: "
                f"{told}",
            )
    done.files += sum(file.state == "loaded" for file in good)


def _load_beside(warehouse: Warehouse, files: list[_File], done: Loaded) -> None:
    """Load what further layouts read of files that were not refused."""
    groups: dict[tuple[str, str], list[_File]] = {}
    for file in files:
        for layout_id in file.beside:
            groups.setdefault((file.record.source_id, layout_id), []).append(file)
    for (_, layout_id), group in groups.items():
        assert group[0].layout is not None  # noqa: S101  read by it
        layout = next(one for one in group[0].layout.beside if one.id == layout_id)
        text = pl.concat([file.beside[layout_id] for file in group], rechunk=True)
        _merge(warehouse, layout, group, text, done)


def _merge(
    warehouse: Warehouse, layout: Layout, files: list[_File], text: pl.DataFrame, done: Loaded
) -> pl.DataFrame:
    """Screen text rows of files, merge the good ones, keep the others; these are returned."""
    source = files[0].source
    assert source is not None  # noqa: S101  files without a source were never read
    screened = screen(text, layout, _knowing(files), _published(source, layout))
    merged = warehouse.merge(layout.table, screened.good)
    if not screened.rejected.is_empty():
        # A file that came back after another version was there left its rejected rows before.
        kept_before = warehouse.read(
            f"FROM {RejectedRow.table} WHERE file_id IN (SELECT unnest(?::BIGINT[]))",
            [screened.rejected["file_id"].unique().to_list()],
        )
        warehouse.append(
            RejectedRow,
            screened.rejected.unique(maintain_order=True).join(
                kept_before, on=kept_before.columns, how="anti"
            ),
        )
    kept = dict(screened.good.group_by("file_id").len().iter_rows())
    told = dict(screened.rejected.group_by("file_id").len().iter_rows())
    read = dict(text.group_by("file_id").len().iter_rows())
    for file in files:
        if layout is file.layout:  # what a further layout reads proves nothing of the whole file
            stay = kept.get(file.file_id, 0)
            # A row that stays in part is told too, and not lost.
            lost = min(told.get(file.file_id, 0), read[file.file_id] - stay)
            file.count(stay, lost)
    done.rows += len(screened.good)
    done.rejected += len(screened.rejected)
    done.revised += merged.changed
    return screened.rejected


def _check_dates(layout: Layout, files: list[_File]) -> None:
    """Hold the date inside each file against the one asked for."""
    text = pl.concat([file.text for file in files if file.text is not None])
    days = {
        row["file_id"]: row
        for row in text.select(
            "file_id", day=layout.typed[layout.date_column], written=layout.date_column
        )
        .group_by("file_id")
        .agg(first=pl.col("day").min(), last=pl.col("day").max(), written=pl.col("written").first())
        .iter_rows(named=True)
    }
    for file in files:
        first, last = days[file.file_id]["first"], days[file.file_id]["last"]
        asked = file.record.session_date
        is_dated = file.source is not None and file.source.asks in DATED
        fetched_on = file.record.fetched_at.astimezone(IST).date()
        asks = file.source.asks if file.source else ""
        file.content_date = last
        if last is None:
            written = days[file.file_id]["written"]
            file.refuse(
                "malformed",
                f"expected a date in every row, such as 2026-02-10; got {written!r} in the first",
            )
        elif (is_dated or asks == "latest session") and (
            first != last and not layout.holds_many_dates
        ):
            file.refuse("malformed", f"expected one date; got rows of {first} to {last}")
        elif last > fetched_on and not layout.may_lie_ahead:
            file.refuse("malformed", f"expected no later date than {fetched_on}; got {last}")
        elif file.record.is_imported or asked is None:
            continue
        elif is_dated and last != asked:
            file.refuse("stale", f"expected rows of {asked}; got another day's copy, {last}")
        elif asks == "latest session" and last < (before := _sessions_back(asked, LAGGING)):
            file.refuse(
                "stale",
                f"expected figures of {asked}, or of a session before it not older than {before}; "
                f"got {last}",
            )


def _sessions_back(day: date, count: int) -> date:
    """The date so many expected sessions before a day."""
    while count:
        day -= timedelta(days=1)
        count -= isinstance(expectation(day), Session)
    return day


def _check_size(warehouse: Warehouse, files: list[_File]) -> None:
    """Hold each fetched file's rows against the session before it: a cut CSV has no other sign."""
    fetched = [
        file
        for file in files
        if file.text is not None
        and file.source
        and file.source.asks in DATED
        and not file.record.is_imported
    ]
    if not fetched:
        return
    rows = warehouse.read(
        "SELECT content_date, max(rows_loaded) FROM ops.fetch "
        "WHERE source_id = ? AND load_state = 'loaded' GROUP BY ALL",
        [fetched[0].record.source_id],
    )
    sizes: dict[date, int] = dict(rows.iter_rows())
    for file in sorted(fetched, key=lambda file: file.content_date or date.min):
        day = file.content_date
        if file.text is None or day is None:
            continue
        before = max((known for known in sizes if known < day), default=None)
        if (session := foreseen(day)) is not None and session.is_short:
            continue  # in an hour less is traded
        # A row printed twice is one: it must not make the next day's file look cut off.
        rows_told = file.text.unique(_told_apart(file)).height
        if before is not None and rows_told < FEWEST_ROWS * sizes[before]:
            file.refuse(
                "malformed",
                f"expected about {sizes[before]} rows as on {before}; got {rows_told}: "
                "the file looks cut off. If it is whole, fetch it by hand and `riskon import` it",
            )
        else:
            sizes[day] = rows_told


def _told_apart(file: _File) -> list[str]:
    """Columns of a file's text that tell its rows apart."""
    assert file.layout is not None  # noqa: S101  files without one were never read
    assert file.text is not None  # noqa: S101
    return [name for name in key(file.layout.table) if name in file.text.columns]


def _knowing(files: list[_File]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "file_id": [file.file_id for file in files],
            "recorded_at": [file.record.fetched_at for file in files],
            "modified_at": [_modified(file.record) for file in files],
            "is_imported": [file.record.is_imported for file in files],
        },
        schema={
            "file_id": pl.Int64,
            "recorded_at": pl.Datetime("us", "UTC"),
            "modified_at": pl.Datetime("us", "UTC"),
            "is_imported": pl.Boolean,
        },
    ).unique("file_id", keep="first")


def _modified(record: FetchRecord) -> datetime | None:
    if record.last_modified is None:
        return None
    try:
        return parsedate_to_datetime(record.last_modified).astimezone(UTC)
    except ValueError:
        return None  # a header no one can read says nothing


def _published(source: Source, layout: Layout) -> dict[str, pl.Expr]:
    """When the world could know a row: the file's own date, what we saw, else the schedule."""
    if "published_at" in layout.typed:
        return {}
    if source.publishing == "observed":
        return {"published_at": pl.col("recorded_at"), "published_basis": pl.lit("observed")}
    day = pl.col(layout.date_column)

    def at(shown_on: pl.Expr, moment: time) -> pl.Expr:
        local = shown_on.dt.combine(moment).dt.replace_time_zone("Asia/Kolkata")
        return local.dt.convert_time_zone("UTC").dt.cast_time_unit("us")

    due = at(day + pl.duration(days=source.days_later), source.published_by)
    # A file put up again months later carries that date: it says nothing of the first evening.
    is_header = (pl.col("modified_at") >= at(day, MARKET_CLOSE)) & (
        pl.col("modified_at") <= pl.min_horizontal("recorded_at", due + pl.duration(days=3))
    )
    is_seen = pl.col("recorded_at") < due
    return {
        "published_at": pl.when(is_header)
        .then("modified_at")
        .when(is_seen)
        .then("recorded_at")
        .otherwise(due),
        "published_basis": pl.when(is_header)
        .then(pl.lit("header"))
        .when(is_seen)
        .then(pl.lit("observed"))
        .otherwise(pl.lit("schedule")),
    }


def _fetch_rows(files: Sequence[_File]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "fetch_id": file.fetch_id,
                "run_id": file.run_id,
                "source_id": file.record.source_id,
                "session_date": file.record.session_date or file.content_date,
                "url": file.record.url,
                "fetched_at": file.record.fetched_at,
                "is_imported": file.record.is_imported,
                "status": file.record.status,
                "outcome": file.record.outcome,
                "file_id": file.file_id if file.record.outcome == "landed" else None,
                "sha256": file.record.sha256,
                "size_bytes": file.record.size_bytes,
                "path": file.record.path,
                "etag": file.record.etag,
                "last_modified": file.record.last_modified,
                "stated": said(file.record.stated),
                "load_state": file.state,
                "content_date": file.content_date,
                "rows_loaded": file.rows_loaded,
                "rows_rejected": file.rows_rejected,
                "rows_pending": file.rows_pending,
                "detail": file.detail or file.record.detail,
            }
            for file in files
        ],
        schema=pl.Schema(schema(Fetch)),
    )
