"""What the nights did: runs, fetches, day states, rejections, checks, definitions."""

from __future__ import annotations

import dataframely as dy

from warehouse.tables import columns
from warehouse.tables.table import Table

DAY_STATES = (
    "loaded",
    "holiday",
    "late",
    "stale",
    "blocked",
    "malformed",
    "failed",
    "unrecoverable",
)


class Run(Table):
    """One run of a command that writes."""

    table = "ops.run"
    write = "append"

    run_id = columns.text("Number, instant and command of the run", unit="id", key=True)
    command = columns.text("The command")
    started_at = columns.instant("The run's now: every rule that asks the time was told this")
    origin = columns.word("Whose figures", "real", "simulated")
    riskon_version = columns.text("Version of Riskon")
    is_derived = columns.flag("Whether marts and states follow from its files")


class Fetch(Table):
    """One question to a publisher, or one imported file, and what became of it."""

    table = "ops.fetch"
    write = "append"

    fetch_id = columns.described(
        dy.Int64, "Derived from the run and the line of its journal", "id", primary_key=True
    )
    run_id = columns.text("The run that asked", unit="id")
    source_id = columns.text("The source asked, or recognised in the imported file", unit="id")
    session_date = columns.described(
        dy.Date, "Session asked for; of an import, the date inside", "date", nullable=True
    )
    url = columns.text("The publisher's address, or the imported file's name", unit="url")
    fetched_at = columns.instant("When the answer came")
    is_imported = columns.flag("Brought by a user, not fetched")
    status = columns.count("HTTP status", "status")
    outcome = columns.word(
        "What came",
        "landed",
        "unchanged",
        "absent",
        "blocked",
        "failed",
        "malformed",
        "unrecognised",
    )
    file_id = columns.described(
        dy.Int64,
        "The landed file; set on the row that first landed it",
        "id",
        nullable=True,
    )
    sha256 = columns.text("Digest of the bytes", unit="hex", nullable=True)
    size_bytes = columns.count("Size of the bytes", "bytes")
    path = columns.text("Where the bytes lie under landing/", unit="path", nullable=True)
    etag = columns.text("The publisher's validator", nullable=True)
    last_modified = columns.text("The publisher's own date of the file", nullable=True)
    stated = columns.text("What the person who brought the file said of it", unit="json")
    load_state = columns.word(
        "What the bytes turned out to be", "loaded", "stale", "malformed", nullable=True
    )
    content_date = columns.described(dy.Date, "Latest date inside the bytes", "date", nullable=True)
    rows_loaded = columns.count("Rows read and kept", "rows")
    rows_rejected = columns.count("Rows read and rejected, see ops.rejected_row", "rows")
    rows_pending = columns.count("Rows of which the publisher adds a part later", "rows")
    detail = columns.text("What was expected and what came, where something was wrong")


class DayState(Table):
    """Where one source stands for one session: exactly one state, never just missing."""

    table = "ops.day_state"

    source_id = columns.text("The source", unit="id", key=True)
    session_date = columns.session_date()
    state = columns.word("The state", *DAY_STATES)
    is_settled = columns.flag("Nothing more is to be asked")
    asked = columns.count("How often the publisher was asked", "fetches", nullable=False)
    last_asked_at = columns.instant("When it was asked last", nullable=True)
    file_id = columns.described(dy.Int64, "The file that was loaded", "id", nullable=True)
    detail = columns.text("Why: what was expected, what came, what to do")


class RejectedRow(Table):
    """A row that was read and cannot be true, in whole or in part, kept with the reason."""

    table = "ops.rejected_row"
    write = "append"

    file_id = columns.described(dy.Int64, "The landed file", "id", primary_key=True)
    row_number = columns.described(
        dy.Int64, "Row in the file, the first after the header is 1", "row", primary_key=True
    )
    target = columns.text("The table it was meant for", unit="table", key=True)
    reason = columns.text("The rules it broke", key=True)
    row = columns.text("The row as read, as JSON", unit="json", key=True)


class CheckResult(Table):
    """What a declared check found in the run that built this warehouse."""

    table = "ops.check_result"

    check_id = columns.text("The check", unit="id", key=True)
    severity = columns.word("stop keeps the warehouse from being published", "stop", "warn")
    statement = columns.text("What holds when all is well")
    offending_rows = columns.count("Rows that say otherwise", "rows", nullable=False)
    first_rows = columns.text("The first of them, as JSON", unit="json")


class Definition(Table):
    """A metric, claim or threshold and the version of it that built this warehouse."""

    table = "ops.definition"

    kind = columns.word("What is defined", "metric", "claim", "threshold", key=True)
    definition_id = columns.text("Column of the mart, claim, or threshold", unit="id", key=True)
    version = columns.described(
        dy.Int64, "Raised when the formula changes", "count", primary_key=True
    )
    subject = columns.text("Table that holds it", unit="table", key=True)
    name = columns.text("Its name in words")
    unit = columns.text("Its unit")
    warmup_sessions = columns.count("Sessions before the first value", "sessions")
    value = columns.number("The number of a threshold", "see unit")
    meaning = columns.text("What it says and how it is formed")
    citation = columns.text("Where the formula is from")
