"""Rows of a share file in their types: one file cell by cell, or many files in one pass.

Both ways give the same frame: `row_number`, the layout's columns in the types of their table,
`unread` (what could not be read in the row, in words) and `as_read` (such a row as it came). The
first way reads whatever a CSV file can hold. The second hands glued files to a native reader, and
leaves every file that gives the slightest doubt to the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import polars as pl

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.screen import AS_READ, UNREAD
from transforms.parse.text import blank_as_null, csv_frame, header_of, number
from transforms.parse.zip_safety import is_zip, members

AT_ONCE = 50
"""Files glued together; more take memory that is new each time, which costs what it gains."""
LARGEST = 32 * 2**20
"""The largest file of a session has 1 MB."""
PRICE = pl.Decimal(18, 4)
RUPEES = pl.Decimal(24, 2)
COMMA, NEWLINE, BLANK = b",\n "
Cells = np.ndarray[tuple[int], np.dtype[np.uint8]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool]]


@dataclass(frozen=True)
class Form:
    """How the rows of one layout are read.

    `cells` are expressions over text columns, `native` types the CSV reader may read columns in.
    A column of `native` must come out as its cell would; one that is not in it is read as text
    and goes through its cell in both ways. Columns of `zero_is_blank` hold no price where they
    say zero.
    """

    title: str
    header: tuple[str, ...]
    names: tuple[str | None, ...]
    cells: Mapping[str, pl.Expr]
    native: Mapping[str, pl.DataType]
    zero_is_blank: tuple[str, ...] = ()
    dash_is_blank: tuple[str, ...] = ()
    """Native columns in which the publisher writes a dash as a rule."""
    always: Mapping[str, str] = field(default_factory=dict)
    """Columns that tell this product from its kin, and the one value they hold; not kept."""
    mark: tuple[int, bytes] = (0, b"")
    """The same for the fast way: what stands where in a row."""


def day(name: str, written: str) -> pl.Expr:
    """A date, from text written like `%d-%b-%Y`; cells came stripped."""
    return pl.col(name).str.to_date(written, strict=False)


def price(name: str) -> pl.Expr:
    """A price in rupees, from text."""
    return number(name)


def count(name: str) -> pl.Expr:
    """A whole number, from text."""
    return number(name, scale=0).cast(pl.Int64, strict=False)


def rupees(name: str, unit_inr: int = 1) -> pl.Expr:
    """Turnover in rupees, from text in units of so many rupees."""
    return (number(name, precision=24) * unit_inr).cast(RUPEES, strict=False)


def unpacked(payload: Payload, expected: str) -> Payload:
    """The one CSV file in an archive; a payload that is no archive is that file itself.

    Raises:
        NotThisLayout: as `members`, and where the archive holds not one CSV file alone.
    """
    if not is_zip(payload):
        return payload
    held = members(payload, expected, largest=LARGEST)
    if len(held) != 1 or not next(iter(held)).lower().endswith(".csv"):
        raise NotThisLayout(f"one CSV file in {expected}", f"{list(held)[:5]}")
    name, body = next(iter(held.items()))
    return Payload(body, name, payload.stated)


def is_of(form: Form, payload: Payload) -> bool:
    """Whether the header, and what the first row says of its product, are of this form."""
    try:
        plain = unpacked(payload, form.title)
    except NotThisLayout:
        return False
    if header_of(plain) != list(form.header):
        return False
    second = header_of(Payload(plain.body[:8192].partition(b"\n")[2]))
    places = [(form.header.index(name), word) for name, word in form.always.items()]
    return all(second[place : place + 1] in ([word], []) for place, word in places)


def read_one(payload: Payload, form: Form) -> pl.DataFrame:
    """Rows of one file, cell by cell.

    Raises:
        NotThisLayout: as `csv_frame` and `unpacked`, and rows of another product.
    """
    names = [
        raw if raw in form.always else name
        for raw, name in zip(form.header, form.names, strict=True)
    ]
    text = csv_frame(unpacked(payload, form.title), form.title, form.header, names)
    _refuse_kin(text, form)
    return typed_rows(text.drop(form.always), form)


def typed_rows(text: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Text rows in their types; what could not be read is told and the row kept as it came."""
    # Levels are never zero: the publisher had none.
    blanked = text.with_columns(
        pl.col(name).str.replace(r"^(0+\.?0*|\.0+)$", "") for name in form.zero_is_blank
    )
    typed = blanked.select("row_number", **dict(form.cells))
    written = blanked.select(blank_as_null(name).alias(name) for name in form.cells)
    unread = [
        pl.when(typed[name].is_null() & written[name].is_not_null()).then(
            pl.format("{} is not readable: {}", pl.lit(name), pl.lit(written[name]))
        )
        for name in form.cells
    ]
    told = pl.select(pl.concat_str(unread, separator="; ", ignore_nulls=True)).to_series()
    is_unread = told != ""
    whole = text.select(pl.struct(pl.exclude("row_number")).struct.json_encode()).to_series()
    return typed.with_columns(
        pl.select(pl.when(is_unread).then(told)).to_series().alias(UNREAD),
        pl.select(pl.when(is_unread).then(whole)).to_series().alias(AS_READ),
    )


def _refuse_kin(rows: pl.DataFrame, form: Form) -> None:
    """Refuse rows of another product in the same layout: another exchange's, another segment's."""
    for name, word in form.always.items():
        others = rows.filter(pl.col(name).ne_missing(pl.lit(word)))
        if not others.is_empty():
            raise NotThisLayout(f"{name} {word} in every row of {form.title}", others[name][0])


def read_many(payloads: Sequence[Payload], form: Form) -> list[pl.DataFrame | NotThisLayout]:
    """What `read_one` gives for each payload, or its refusal."""
    done: list[pl.DataFrame | NotThisLayout] = []
    known: dict[bytes, bool] = {}

    def plain(payload: Payload) -> tuple[memoryview, int] | None:
        return _without_doubt(payload, form, known)

    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:

        def begin(start: int) -> list[Future[tuple[memoryview, int] | None]]:
            return [pool.submit(plain, one) for one in payloads[start : start + AT_ONCE]]

        coming = begin(0)
        for start in range(0, len(payloads), AT_ONCE):
            bodies = [future.result() for future in coming]
            coming = begin(start + AT_ONCE)
            sound = [index for index, body in enumerate(bodies) if body is not None]
            frames = _glued([body for body in bodies if body is not None], form)
            by_index = dict(zip(sound, frames, strict=True))
            for index, payload in enumerate(payloads[start : start + AT_ONCE]):
                frame = by_index.get(index)
                done.append(_alone(payload, form) if frame is None else frame)
    return done


def _alone(payload: Payload, form: Form) -> pl.DataFrame | NotThisLayout:
    try:
        return read_one(payload, form)
    except NotThisLayout as refusal:
        return refusal


def _without_doubt(
    payload: Payload, form: Form, known: dict[bytes, bool]
) -> tuple[memoryview, int] | None:
    """Lines below the header, each closed by a newline, and their number; None where in doubt.

    No doubt: plain ASCII without quotes, control characters, or blanks around cells, and as many
    commas as so many whole rows have. A row too short then needs one too long beside it, which
    the native reader refuses.
    """
    try:
        body = unpacked(payload, form.title).body
    except NotThisLayout:
        return None
    start = body.find(b"\n") + 1
    head = body[:start]
    if head not in known:
        known[head] = header_of(Payload(head)) == list(form.header)
    if not known[head]:
        return None
    if b", " in body[start : start + 100]:
        body = head + body[start:].replace(b", ", b",")
    body = body if body.endswith(b"\n") else body + b"\n"
    if b'"' in body or not body.isascii():
        return None
    cells = np.frombuffer(body, np.uint8, offset=start)
    is_comma, is_end = cells == COMMA, cells == NEWLINE
    rows = int(np.count_nonzero(is_end))
    if (
        not rows
        or np.count_nonzero(cells < BLANK) != rows
        or np.count_nonzero(is_comma) != rows * (len(form.header) - 1)
        or _has_padding(cells == BLANK, is_comma | is_end)
        or not _is_marked(cells, is_end, form)
    ):
        return None
    return memoryview(body)[start:], rows


def _has_padding(is_blank: Mask, is_edge: Mask) -> bool:
    """Whether a blank stands at the edge of a cell."""
    return bool(
        is_blank[0] or (is_blank[1:] & is_edge[:-1]).any() or (is_blank[:-1] & is_edge[1:]).any()
    )


def _is_marked(cells: Cells, is_end: Mask, form: Form) -> bool:
    """Whether every row holds, at its place, what tells this product from its kin."""
    place, mark = form.mark
    if not mark:
        return True
    places = np.flatnonzero(is_end)[:-1] + 1 + place
    places = np.concatenate([[place], places])
    if places[-1] + len(mark) >= len(cells):
        return False
    return all((cells[places + i] == byte).all() for i, byte in enumerate(mark))


def _glued(bodies: Sequence[tuple[memoryview, int]], form: Form) -> list[pl.DataFrame | None]:
    """A frame for each body; None for those the native reader does not read."""
    if not bodies:
        return []
    try:
        frame = _native(b"".join(body for body, _ in bodies), form)
    except (pl.exceptions.PolarsError, NotThisLayout):
        if len(bodies) == 1:
            return [None]
        half = len(bodies) // 2
        return _glued(bodies[:half], form) + _glued(bodies[half:], form)
    counts = [rows for _, rows in bodies]
    if frame.height != sum(counts) or not all(counts):
        return [None] * len(bodies)
    numbers = np.concatenate([np.arange(1, rows + 1, dtype=np.int64) for rows in counts])
    frame = frame.select(pl.Series("row_number", numbers), pl.all())
    starts = np.concatenate([[0], np.cumsum(counts)])
    return [frame.slice(start, stop - start) for start, stop in pairwise(starts.tolist())]


def _native(rows: bytes, form: Form) -> pl.DataFrame:
    """Glued rows by the native reader, typed.

    Raises:
        PolarsError: a cell that is not of its column's type, or a row too long.
        NotThisLayout: rows of another product, or a cell that only `read_one` can tell.
    """
    named = {name or f"unused_{place}": name is not None for place, name in enumerate(form.names)}
    frame = pl.read_csv(
        rows,
        has_header=False,
        schema={name: form.native.get(name, pl.String()) for name in named},
        columns=[place for place, is_kept in enumerate(named.values()) if is_kept],
        quote_char=None,
        null_values=dict.fromkeys(form.dash_is_blank, "-") or None,
    )
    if any((frame[name] == "-").any() for name, type_ in form.native.items() if type_ == pl.String):
        raise NotThisLayout(form.title, "a dash for a name, which is to be read alone")
    text = [name for name in form.cells if name not in form.native]
    typed = frame.select(
        form.cells[name]
        if name in text
        else pl.when(pl.col(name) != 0).then(pl.col(name)).alias(name)
        if name in form.zero_is_blank
        else pl.col(name)
        for name in form.cells
    )
    for name in text:
        if typed[name].null_count() > frame[name].null_count():
            raise NotThisLayout(form.title, f"{name} that is to be read alone")
    return typed.with_columns(
        pl.lit(None, pl.String).alias(UNREAD), pl.lit(None, pl.String).alias(AS_READ)
    )


def reader_of(form: Form) -> Callable[[Payload], pl.DataFrame]:
    """`read` of a layout in this form."""
    return lambda payload: read_one(payload, form)


def many_reader_of(
    form: Form,
) -> Callable[[Sequence[Payload]], list[pl.DataFrame | NotThisLayout]]:
    """`read_many` of a layout in this form."""
    return lambda payloads: read_many(payloads, form)


def recogniser_of(form: Form) -> Callable[[Payload], bool]:
    """`recognise` of a layout in this form."""
    return lambda payload: is_of(form, payload)
