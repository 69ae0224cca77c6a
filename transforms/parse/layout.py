"""What a layout is: how it is recognised, read as text, and given our names and types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from warehouse.tables.table import Table


class NotThisLayout(ValueError):  # noqa: N818  the payload's fault, not the program's
    """The payload is not what the layout describes.

    `changed` tells a file of this family whose columns differ (the publisher changed something)
    from bytes that are no such file at all (HTML, truncated, empty).
    """

    def __init__(self, expected: str, got: str, *, changed: bool = False) -> None:
        super().__init__(f"expected {expected}; got {got}")
        self.expected = expected
        self.got = got
        self.changed = changed


@dataclass(frozen=True)
class Payload:
    """The bytes of one file, its name, and what the person who brought it said about it."""

    body: bytes
    name: str = ""
    stated: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """One family of files.

    `read` gives a text frame: our names, every value as published, and `row_number`. It raises
    NotThisLayout. `typed` turns text frames, many files at once, into the table's own columns; its
    expressions may also read `fetched_on`, the Asia/Kolkata date on which the file came. Where it
    gives `published_at` and `published_basis`, these stand; else the source's schedule does.

    `read_many`, where there is one, gives for many payloads what `read` gives for each, and its
    refusals as values: one pass over many files costs a fraction of a pass a file.
    """

    id: str
    table: type[Table]
    recognise: Callable[[Payload], bool]
    read: Callable[[Payload], pl.DataFrame]
    typed: Mapping[str, pl.Expr]
    is_verified: bool
    """Whether a genuine file of this layout was read; an unverified one is said to be so."""
    date_column: str = "session_date"
    may_lie_ahead: bool = False
    """Its dates may lie after the day it came."""
    holds_many_dates: bool = False
    """A file of a dated source may hold several dates: joined by a user, or the publisher's own."""
    read_many: Callable[[Sequence[Payload]], list[pl.DataFrame | NotThisLayout]] | None = None
    pending: pl.Expr | None = None
    """Of a text row: whether it lacks what the publisher adds later; such a file is asked again."""
    beside: tuple[Layout, ...] = ()
    """Layouts that read other tables from the same bytes: an archive of many files."""
