"""Doctor: does each publisher answer, and with the layout we know?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flows.calendar import IST, Closure, expectation
from flows.errors import SourceError
from flows.http import Client
from flows.settings import Settings
from flows.sources import SOURCES
from flows.sources.source import Question, Source
from flows.states import ASKS_FROM, fortnight_ends
from transforms.parse.layout import NotThisLayout, Payload

PROBED_INDEX = "NIFTY 50"
NOT_PROBED = ("import only", "documents")
"""Without an address until a list names one."""


@dataclass(frozen=True)
class Finding:
    """What one publisher answered."""

    source_id: str
    url: str
    is_well: bool
    found: str
    is_verified: bool
    """Whether a genuine file of each layout was read when it was written."""


def examine(settings: Settings) -> list[Finding]:
    """Ask each source once for the last session that should be out; nothing is landed.

    Of files that are no more it is the last there was: the archives keep them.
    """
    day = _last_due(settings)
    with Client(
        settings.user_agent,
        settings.gateway,
        default_rate=settings.requests_per_second,
        timeout=(5, 15),
        retries=0,
        clock=settings.clock,
    ) as client:
        return [
            _examine_one(client, source, day)
            for source in SOURCES.values()
            # What ended before the history that is wanted is asked by no run either.
            if source.asks not in NOT_PROBED and source.history_end >= settings.history_start
        ]


def _last_due(settings: Settings) -> date:
    now = settings.clock().astimezone(IST)
    day = now.date() if now.time() >= ASKS_FROM else now.date() - timedelta(days=1)
    day -= timedelta(days=1)
    while isinstance(expectation(day), Closure):
        day -= timedelta(days=1)
    return day


def _probe(source: Source, last: date) -> Question:
    """A question whose answer should be out by the evening of a session."""
    day = min(last - timedelta(days=source.days_later), source.history_end)
    item, stated, suffix = "", {}, ""
    if source.asks == "every session":
        while isinstance(expectation(day), Closure):
            day -= timedelta(days=1)
    elif source.asks == "every fortnight":
        day = max(fortnight_ends(day - timedelta(days=31), day))
    elif source.asks == "history":
        stated, suffix = {"index_name": PROBED_INDEX}, "#"
    elif source.items:
        item = source.items[0]
        stated = {"item": item}
    address = source.address(day, item=item, since=day - timedelta(days=source.again_days))
    return Question(source, day, address + suffix, stated)


def _examine_one(client: Client, source: Source, last: date) -> Finding:
    question = _probe(source, last)
    is_verified = all(layout.is_verified for layout in source.layouts)

    def finding(found: str, *, is_well: bool = False) -> Finding:
        return Finding(source.id, question.url, is_well, found, is_verified)

    try:
        reply = source.ask(client, question)
    except SourceError as error:
        return finding(str(error.about(source.id, question.day)))
    if reply.body is None:
        return finding(f"HTTP {reply.status}: no file of {question.day}")
    payload = Payload(reply.body, question.address, question.stated)
    layout = next((one for one in source.layouts if one.recognise(payload)), source.layouts[0])
    try:
        rows = layout.read(payload).height
    except NotThisLayout as error:
        return finding(str(error))
    return finding(f"{rows} rows in the layout we know", is_well=True)
