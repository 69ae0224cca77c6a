"""Doctor: does each publisher answer, and with the layout we know?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flows.calendar import IST, Closure, expectation
from flows.errors import SourceError
from flows.extract import history_question
from flows.http import Client
from flows.settings import Settings
from flows.sources import SOURCES
from flows.sources.source import Source
from flows.states import ASKS_FROM
from transforms.parse.layout import NotThisLayout, Payload

PROBED_INDEX = "NIFTY 50"


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
    """Ask each source once for the last session that should be out; nothing is landed."""
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
            if source.asks != "import only"
        ]


def _last_due(settings: Settings) -> date:
    now = settings.clock().astimezone(IST)
    day = now.date() if now.time() >= ASKS_FROM else now.date() - timedelta(days=1)
    day -= timedelta(days=1)
    while isinstance(expectation(day), Closure):
        day -= timedelta(days=1)
    return day


def _examine_one(client: Client, source: Source, day: date) -> Finding:
    url = source.address(day)
    is_verified = all(layout.is_verified for layout in source.layouts)

    def finding(found: str, *, is_well: bool = False) -> Finding:
        return Finding(source.id, url, is_well, found, is_verified)

    try:
        if source.asks == "history":
            question = history_question(PROBED_INDEX, day)
            reply = client.post_json(url, question, warm=source.warm, referer=source.referer)
        else:
            reply = client.get(url, warm=source.warm, referer=source.referer)
    except SourceError as error:
        return finding(str(error.about(source.id, day)))
    if reply.body is None:
        return finding(f"HTTP {reply.status}: no file of {day}")
    payload = Payload(reply.body, url, {"index_name": PROBED_INDEX})
    layout = next((one for one in source.layouts if one.recognise(payload)), source.layouts[0])
    try:
        rows = layout.read(payload).height
    except NotThisLayout as error:
        return finding(str(error))
    return finding(f"{rows} rows in the layout we know", is_well=True)
