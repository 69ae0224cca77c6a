"""Extract: ask each publisher for what is not settled, and land what comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from flows.errors import Blocked, SourceError, Unavailable
from flows.http import Client, Reply
from flows.landing import FetchRecord, Landing
from flows.sources.source import Source

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Question:
    """One file to ask for, and what is held of it already."""

    source: Source
    day: date
    etag: str | None = None
    last_modified: str | None = None
    sha256: frozenset[str] = frozenset()
    """Digest of the bytes landed last for this source and day: the same again land once."""
    index_name: str | None = None
    """The index whose history is asked."""

    @property
    def address(self) -> str:
        """The address in the journal; a question in a body is told apart by what it asks."""
        address = self.source.address(self.day)
        return f"{address}#{self.index_name}@{self.day}" if self.index_name else address


def extract(
    client: Client, landing: Landing, questions: Iterable[Question], progress: Progress
) -> list[FetchRecord]:
    """Ask in order, one at a time.

    A source that refuses, and a host that cannot be reached, is not asked again in this run: what
    was not asked is as unsettled as before, and the next run asks for it.
    """
    records: list[FetchRecord] = []
    refused: set[str] = set()
    away: set[str] = set()
    asked = list(questions)
    for number, question in enumerate(asked, start=1):
        progress(f"{question.source.id} {question.day}", number, len(asked))
        if question.source.id in refused or _host(question) in away:
            continue
        record = _ask(client, landing, question, away)
        landing.record(record)
        records.append(record)
        if record.outcome == "blocked":
            refused.add(question.source.id)
    return records


def _host(question: Question) -> str:
    return urlsplit(question.source.url).netloc


def _ask(client: Client, landing: Landing, question: Question, away: set[str]) -> FetchRecord:
    source = question.source
    url = question.address
    try:
        reply = _reply(client, question)
    except SourceError as error:
        error.about(source.id, question.day)
        if isinstance(error, Unavailable) and error.is_unreachable:
            away.add(_host(question))
        return FetchRecord(
            source_id=source.id,
            session_date=question.day,
            url=url,
            fetched_at=client.clock(),
            outcome=error.day_state,
            status=error.status if isinstance(error, Blocked) else None,
            detail=str(error),
        )
    return _land(landing, question, reply)


def _reply(client: Client, question: Question) -> Reply:
    source = question.source
    url = source.address(question.day)
    if question.index_name is not None:
        return client.post_json(
            url,
            history_question(question.index_name, question.day),
            warm=source.warm,
            referer=source.referer,
        )
    return client.get(
        url,
        warm=source.warm,
        referer=source.referer,
        etag=question.etag,
        last_modified=question.last_modified,
    )


def history_question(index_name: str, last: date) -> dict[str, str]:
    """The body that asks NSE Indices for one index over the calendar year up to a date."""
    first = date(last.year, 1, 1)
    inner = (
        f"{{'name':'{index_name}','startDate':'{first:%d-%b-%Y}',"
        f"'endDate':'{last:%d-%b-%Y}','indexName':'{index_name}'}}"
    )
    return {"cinfo": inner}


def _land(landing: Landing, question: Question, reply: Reply) -> FetchRecord:
    source = question.source
    url = reply.url if question.index_name is None else question.address

    def told(outcome: str, detail: str = "", **facts: object) -> FetchRecord:
        return FetchRecord(
            source_id=source.id,
            session_date=question.day,
            url=url,
            fetched_at=reply.fetched_at,
            outcome=outcome,
            status=reply.status,
            detail=detail,
            etag=reply.headers.get("etag"),
            last_modified=reply.headers.get("last-modified"),
            stated={"index_name": question.index_name} if question.index_name else {},
            **facts,  # type: ignore[arg-type]
        )

    if reply.status in (404, 410):
        return told("absent", "the publisher has no such file")
    if reply.body is None:
        return told("unchanged", "the publisher says it has not changed")
    path, digest = landing.place(
        source.id, question.day, reply.body, source.extension, durable=True
    )
    outcome = "unchanged" if digest in question.sha256 else "landed"
    detail = "" if outcome == "landed" else "the same bytes as before"
    return told(outcome, detail, sha256=digest, size_bytes=len(reply.body), path=path)


def instant_of(records: list[FetchRecord]) -> datetime | None:
    """When the last answer came."""
    return max((record.fetched_at for record in records), default=None)
