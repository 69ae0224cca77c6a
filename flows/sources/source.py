"""What a source is: one publisher product, how it is asked for, and what it looks like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from flows.calendar import IST
from transforms.parse.layout import Layout

Asks = Literal["every date", "latest session", "list", "history", "import only"]


@dataclass(frozen=True)
class Source:
    """One publisher product, declared once.

    `asks` says how it is fetched:

    every date       one file a date; it is asked for weekends and holidays too, because the file
                     itself is the proof of a session
    latest session   shows the last session only: what was missed is unrecoverable
    list             one current list, asked once a day
    history          a window of one index's history, asked by `riskon backfill`
    import only      comes from files that users have
    """

    id: str
    title: str
    publisher: str
    layouts: tuple[Layout, ...]
    asks: Asks
    published_by: time
    """Asia/Kolkata; before it the file is not late, and rows count as known from then on."""
    url: str = ""
    extension: str = ".bin"
    warm: str | None = None
    """Page that hands out the cookies the interface asks for."""
    referer: str | None = None
    """Page that links to it, where the publisher wants to hear that and asks no cookies."""
    revised_until: time | None = None
    """Asia/Kolkata; until then the same evening's figure may still change, and is asked again."""
    history_start: date = date(1990, 1, 1)

    def address(self, day: date) -> str:
        """The publisher's address for a date."""
        return self.url.format(day=day)

    def due(self, day: date) -> datetime:
        """When the publisher should have shown a session."""
        return datetime.combine(day, self.published_by, tzinfo=IST)
