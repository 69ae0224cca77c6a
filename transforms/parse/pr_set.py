"""`PRDDMMYY.zip`: what the exchange told the newspapers of a session, many files in one archive.

Read are `mcap` (sizes), `bc` (corporate actions), `hl` (new highs and lows) and `etf` (funds);
names are in any case, with years of two digits or four. Before 1 February 2024 there is no `mcap`:
then `bc` decides whether the archive is what was asked for, by the date in its name. It was empty
once, without even a heading, and `hl` has been missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial

import polars as pl

from transforms.parse import action_list, fund_list, market_cap, published_extremes
from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.named_session import kind_and_session, session_of
from transforms.parse.text import header_of
from transforms.parse.zip_safety import is_zip, members

EXPECTED = "the exchange's PR set, a zip archive"
LARGEST = 48 * 2**20
"""Bytes unpacked, of all members; a session of 2025 has three million."""
SIZES, ACTIONS, EXTREMES, FUNDS = "mcap", "bc", "hl", "etf"
READ = frozenset({SIZES, ACTIONS, EXTREMES, FUNDS})
ALL_SINCE = date(2024, 2, 1)
"""From then on an archive holds all four: sizes may come later, without the others it is broken."""


@lru_cache(maxsize=1)  # four layouts read one archive after the other
def _parts(body: bytes) -> Mapping[str, Payload]:
    """The members we read, by kind, each under its own name.

    Raises:
        NotThisLayout: no archive, one kind twice, or members of several dates.
    """
    parts: dict[str, Payload] = {}
    dates: set[date] = set()
    for name, content in members(Payload(body), EXPECTED, largest=LARGEST).items():
        told = kind_and_session(name)
        if told is None or told[0] not in READ or not name.lower().endswith(".csv"):
            continue
        kind, day = told
        if kind in parts:
            raise NotThisLayout(EXPECTED, f"{parts[kind].name!r} and {name!r} in one archive")
        parts[kind] = Payload(content, name)
        dates.add(day)
    if len(dates) > 1:
        names = sorted(part.name for part in parts.values())
        raise NotThisLayout(f"{EXPECTED}, of one date", f"members {names}")
    return parts


def _holds(payload: Payload, kind: str, without: str = "") -> bool:
    """Whether an archive has one kind of member, and has another not."""
    if not is_zip(payload):
        return False
    try:
        parts = _parts(payload.body)
    except NotThisLayout:
        return False
    return kind in parts and without not in parts


def _part(kind: str, payload: Payload) -> Payload:
    parts = _parts(payload.body)
    if kind not in parts:
        held = sorted(part.name for part in parts.values())
        raise NotThisLayout(
            f"{EXPECTED} with {kind}DDMMYYYY.csv", f"of those we read only {held}", changed=True
        )
    return parts[kind]


def _read_sizes(payload: Payload) -> pl.DataFrame:
    """The sizes; the date in each row is that of the names, or nobody knows which is true."""
    part = _part(SIZES, payload)
    frame = market_cap.read(part)
    named = f"{session_of(part.name, SIZES):%d %b %Y}".upper()
    if others := sorted(set(frame["session_date"].str.to_uppercase()) - {named}):
        raise NotThisLayout(f"rows of {named} in {part.name}", f"rows of {others[:3]}")
    return frame


def _read_actions(payload: Payload) -> pl.DataFrame:
    part = _part(ACTIONS, payload)
    if _is_bare(part, action_list.HEADER):
        return _nothing(action_list.CSV_LAYOUT)
    return action_list.read_csv(part)


def _beside(kind: str, layout: Layout, header: Sequence[str]) -> Layout:
    """A layout of one member, for its archive: it comes with another and is not chosen."""

    def read(payload: Payload) -> pl.DataFrame:
        parts = _parts(payload.body)
        session = max((session_of(part.name, of) for of, part in parts.items()), default=ALL_SINCE)
        # A day without new highs or lows, or of the years before this member.
        if (kind in parts and _is_bare(parts[kind], header)) or (
            kind not in parts and session < ALL_SINCE
        ):
            return _nothing(layout)
        return layout.read(_part(kind, payload))

    return replace(layout, id=f"pr_set_{layout.id}", recognise=lambda _: False, read=read)


def _is_bare(part: Payload, header: Sequence[str]) -> bool:
    """Whether a member holds nothing, or its heading alone; in an archive it is not cut off."""
    body = part.body.strip()
    return not body or (b"\n" not in body and header_of(part) == list(header))


def _nothing(layout: Layout) -> pl.DataFrame:
    schema = {"row_number": pl.Int64, **dict.fromkeys(layout.typed, pl.String)}
    return pl.DataFrame(schema=schema)


_BESIDE = (
    _beside(EXTREMES, published_extremes.LAYOUT, published_extremes.HEADER),
    _beside(FUNDS, fund_list.LAYOUT, fund_list.HEADER),
)
LAYOUT = replace(
    market_cap.LAYOUT,
    id="pr_set",
    recognise=partial(_holds, kind=SIZES),
    read=_read_sizes,
    beside=(_beside(ACTIONS, action_list.CSV_LAYOUT, action_list.HEADER), *_BESIDE),
)
WITHOUT_SIZES = replace(
    action_list.CSV_LAYOUT,
    id="pr_set_without_sizes",
    recognise=partial(_holds, kind=ACTIONS, without=SIZES),
    read=_read_actions,
    is_verified=False,
    pending=pl.col("session_date") >= ALL_SINCE.isoformat(),
    beside=_BESIDE,
)
"""The files of a genuine session were read; an archive of former years is known from print."""
