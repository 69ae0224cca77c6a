"""What a source is: one publisher product, how it is asked for, and what it looks like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from flows.calendar import IST
from flows.http import Client, Reply
from transforms.parse.layout import Layout

Asks = Literal[
    "every date",
    "every session",
    "every fortnight",
    "latest session",
    "list",
    "months",
    "documents",
    "history",
    "import only",
]
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True)
class Question:
    """One file to ask for, and what is held of it already."""

    source: Source
    day: date
    address: str
    """As the journal has it; what follows a # tells apart what the publisher is asked in a body."""
    stated: Mapping[str, str] = field(default_factory=dict)
    """What is known of the file before it is read; it stands in the journal beside the bytes."""
    etag: str | None = None
    last_modified: str | None = None
    sha256: frozenset[str] = frozenset()
    """Digest of the bytes landed last for this source and day: the same again land once."""

    @property
    def url(self) -> str:
        """The address on the wire."""
        return self.address.split("#", 1)[0]


def documents_root(source: Source) -> str:
    """What the address of every document begins with that is asked for: the host we know, safely.

    What a list names elsewhere is not asked.
    """
    scheme, host = source.url.split("/")[:3:2]
    return f"{scheme}//{host}/"


def get(client: Client, question: Question) -> Reply:
    """Ask for a file by its address."""
    return client.get(
        question.url,
        warm=question.source.warm,
        referer=question.source.referer,
        etag=question.etag,
        last_modified=question.last_modified,
    )


@dataclass(frozen=True)
class Source:
    """One publisher product, declared once.

    `asks` says how it is fetched:

    every date       one file a date; it is asked for weekends and holidays too, because the file
                     itself is the proof of a session
    every session    one file a session
    every fortnight  one file for the 15th and one for the end of each month
    latest session   shows the last session only: what was missed is unrecoverable
    list             what is current, asked once a day: one address, or each of `items`
    months           one answer for each calendar month, in pages where `page_size` is set
    documents        the addresses that stand in core.filing
    history          a window of one index's history, asked by `riskon backfill`
    import only      comes from files that users have

    The address may hold {day}, {month} (JAN), {first} and {last} of the month, {page}, {item}, and
    {since}: the start of history on the first visit, later `again_days` before the day.
    """

    id: str
    title: str
    publisher: str
    layouts: tuple[Layout, ...]
    asks: Asks
    published_by: time
    """Asia/Kolkata; before it the file is not late, and rows count as known from then on."""
    days_later: int = 0
    """Days after the date a file speaks of, on which it is due."""
    url: str = ""
    items: tuple[str, ...] = ()
    """What {item} in the address stands for; each is stated as `item`."""
    again_days: int = 120
    page_size: int | None = None
    """Rows of a full page: after one, the next is asked."""
    extension: str = ".bin"
    ask: Callable[[Client, Question], Reply] = get
    warm: str | None = None
    """Page that hands out the cookies the interface asks for."""
    referer: str | None = None
    """Page that links to it, where the publisher wants to hear that and asks no cookies."""
    revised_until: time | None = None
    """Asia/Kolkata; until then the same evening's answer may still change, and is asked again; of
    a list, until it speaks of the day."""
    publishing: Literal["schedule", "observed"] = "schedule"
    """Whether rows count as known from the hour they are due, or from the one we saw them at."""
    history_start: date = date(1990, 1, 1)
    history_end: date = date(9999, 12, 31)
    """Last date it is asked for: what came after it has another source."""
    is_informational: bool = False
    """Not every date has a file: its absence keeps no evening from being whole."""

    def address(self, day: date, *, item: str = "", since: date | None = None) -> str:
        """The publisher's address for a date."""
        first = day.replace(day=1)
        return self.url.format(
            day=day,
            month=MONTHS[day.month - 1],
            first=first,
            last=(first + timedelta(days=31)).replace(day=1) - timedelta(days=1),
            page=1,
            item=item,
            since=since or self.history_start,
        )

    def due(self, day: date) -> datetime:
        """When the publisher should have shown a date."""
        shown_on = day + timedelta(days=self.days_later)
        return datetime.combine(shown_on, self.published_by, tzinfo=IST)
