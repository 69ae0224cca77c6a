"""`fao_participant_oi_…csv` and `fao_participant_vol_…csv`: equity derivatives by participant.

A title says what is counted and the date; a few files of 2014 and 2018 lack it, then the file's
name says both. Joined files that users keep hold many dates in a last column `Date`, DD-MM-YYYY.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import blank_as_null, csv_frame, decode
from warehouse.tables import ParticipantContracts

COLUMNS = {
    "Client Type": "participant",
    "Future Index Long": "future_index_long_contracts",
    "Future Index Short": "future_index_short_contracts",
    "Future Stock Long": "future_stock_long_contracts",
    "Future Stock Short": "future_stock_short_contracts",
    "Option Index Call Long": "option_index_call_long_contracts",
    "Option Index Put Long": "option_index_put_long_contracts",
    "Option Index Call Short": "option_index_call_short_contracts",
    "Option Index Put Short": "option_index_put_short_contracts",
    "Option Stock Call Long": "option_stock_call_long_contracts",
    "Option Stock Put Long": "option_stock_put_long_contracts",
    "Option Stock Call Short": "option_stock_call_short_contracts",
    "Option Stock Put Short": "option_stock_put_short_contracts",
    "Total Long Contracts": "total_long_contracts",
    "Total Short Contracts": "total_short_contracts",
}
HEADER = tuple(COLUMNS)
DATE = "Date"
PARTICIPANTS = {"Client", "DII", "FII", "Pro", "TOTAL"}
OPEN_INTEREST, VOLUME = "open_interest", "volume"
SOURCES = {OPEN_INTEREST: "nse_participant_open_interest", VOLUME: "nse_participant_volume"}
EXPECTED = "contracts by participant"
TITLE_LINES = 5
TITLED_DATE = re.compile(r"as\s+on\s+([A-Za-z]{3,9})\s+(\d{1,2})\s*,\s*(\d{4})", re.IGNORECASE)
NAMED_DATE = re.compile(r"fao_participant_(?:oi|vol)_(\d{8})(?!\d)", re.IGNORECASE)
NAMED = {"fao_participant_oi": OPEN_INTEREST, "fao_participant_vol": VOLUME}


def _split(text: str) -> tuple[str, list[str]]:
    """The title, empty where there is none, and the lines from the header on."""
    lines = text.splitlines()
    for number, line in enumerate(lines[:TITLE_LINES]):
        if line.lstrip(' "').startswith(HEADER[0]):
            return " ".join(lines[:number]), lines[number:]
    return " ".join(lines[:TITLE_LINES]), []


def _opening(payload: Payload) -> tuple[str, list[str]]:
    """Title and header cells of what may be such a file; no header where it is none."""
    title, lines = _split(payload.body[:8192].decode("utf-8-sig", errors="replace"))
    if not lines:
        return title, []
    try:
        header = [cell.strip() for cell in next(csv.reader(lines[:1]), [])]
    except csv.Error:
        return title, []
    while header and not header[-1]:
        header.pop()
    return title, header


def _measure(title: str, payload: Payload) -> str | None:
    """What is counted: by the title, by who brought the file, else by its name."""
    words = title.lower()
    if "open interest" in words:
        return OPEN_INTEREST
    if "trading volume" in words:
        return VOLUME
    if stated := payload.stated.get("measure"):
        return stated
    name = payload.name.lower()
    return next((measure for part, measure in NAMED.items() if part in name), None)


def _recogniser(measure: str, header: tuple[str, ...]) -> Callable[[Payload], bool]:
    def recognise(payload: Payload) -> bool:
        title, found = _opening(payload)
        # A file that does not say what it counts goes to the one that asks for it.
        return tuple(found) == header and (_measure(title, payload) or OPEN_INTEREST) == measure

    return recognise


def _reader(measure: str, *, is_joined: bool) -> Callable[[Payload], pl.DataFrame]:
    header = [*HEADER, DATE] if is_joined else list(HEADER)
    names = [*COLUMNS.values(), "session_date"] if is_joined else list(COLUMNS.values())
    expected = f"{measure.replace('_', ' ')}: {EXPECTED}"

    def read(payload: Payload) -> pl.DataFrame:
        title, lines = _split(decode(payload, expected))
        if not lines:
            raise NotThisLayout(f"{expected} under a heading `{HEADER[0]}`", repr(title[:200]))
        _told_measure(title, payload, measure)
        body = _squared(lines, len(header), expected)
        frame = csv_frame(Payload(body, payload.name, payload.stated), expected, header, names)
        if not is_joined:
            told = set(frame["participant"])
            if missing := sorted(PARTICIPANTS - told):
                got = f"rows of {sorted(told)}: the file looks cut off"
                raise NotThisLayout(f"rows of {missing} in {expected}", got)
            day = _told_date(title, payload)
            frame = frame.with_columns(session_date=pl.lit(day.isoformat()))
        return frame.with_columns(measure=pl.lit(measure))

    return read


def _squared(lines: list[str], width: int, expected: str) -> bytes:
    """Rows without the empty cells some files carry behind their last column."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    try:
        for row in csv.reader(lines):
            while len(row) > width and not row[-1].strip():
                row.pop()
            if any(cell.strip() for cell in row):
                writer.writerow(row)
    except csv.Error as error:
        raise NotThisLayout(expected, f"text that is no CSV: {error}") from error
    return out.getvalue().encode()


def _told_measure(title: str, payload: Payload, measure: str) -> None:
    told = _measure(title, payload)
    if told is None:
        raise NotThisLayout(
            f"what is counted, one of {', '.join(SOURCES)}: in a title, as --measure, or in the "
            "file's name (fao_participant_oi_… or fao_participant_vol_…)",
            f"none of them in {payload.name!r}",
        )
    if told != measure:
        raise NotThisLayout(f"{measure} of participants", f"{told}: {title[:120]!r}")


def _told_date(title: str, payload: Payload) -> date:
    """The session a file is of: by its title, else by its name."""
    if told := TITLED_DATE.search(title):
        month, day, year = told.groups()
        text, form = f"{day} {month[:3]} {year}", "%d %b %Y"
    elif named := NAMED_DATE.search(payload.name):
        text, form = named[1], "%d%m%Y"
    else:
        raise NotThisLayout(
            "a date: `as on Mar 02, 2026` in the title, or DDMMYYYY in the file's name",
            f"title {title[:120]!r}, name {payload.name!r}",
        )
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007  a date, of no zone
    except ValueError as error:
        raise NotThisLayout("a date in the title or name", repr(text)) from error


def _layout(measure: str, *, is_joined: bool) -> Layout:
    kind = "participant_contracts_joined" if is_joined else "participant_contracts"
    return Layout(
        id=f"{kind}_{measure}",
        table=ParticipantContracts,
        recognise=_recogniser(measure, (*HEADER, DATE) if is_joined else HEADER),
        read=_reader(measure, is_joined=is_joined),
        typed={
            "session_date": blank_as_null("session_date").str.to_date(
                "%d-%m-%Y" if is_joined else "%Y-%m-%d", strict=False
            ),
            "participant": blank_as_null("participant"),
            "measure": pl.col("measure"),
            "source_id": pl.lit(SOURCES[measure]),
            **{
                name: blank_as_null(name).str.replace_all(",", "").cast(pl.Int64, strict=False)
                for name in COLUMNS.values()
                if name != "participant"
            },
        },
        is_verified=is_joined and measure == OPEN_INTEREST,
        holds_many_dates=is_joined,
    )


OPEN_INTEREST_LAYOUT = _layout(OPEN_INTEREST, is_joined=False)
VOLUME_LAYOUT = _layout(VOLUME, is_joined=False)
JOINED_OPEN_INTEREST_LAYOUT = _layout(OPEN_INTEREST, is_joined=True)
"""Rows of a genuine month were read; the titled files of one session are known from print."""
JOINED_VOLUME_LAYOUT = _layout(VOLUME, is_joined=True)
