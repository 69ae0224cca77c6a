"""Extract: ask each publisher for what is not settled, and land what comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from flows.errors import Blocked, SourceError, Unavailable
from flows.http import Client, Reply
from flows.landing import FetchRecord, Landing
from flows.sources.source import Question

Progress = Callable[[str, int, int], None]
FAILURES_IN_A_ROW = 3
"""A publisher that failed so often, each time after its retries, is left alone for this run."""


def extract(
    client: Client,
    landing: Landing,
    questions: Iterable[Question],
    progress: Progress,
    shut: set[str],
) -> list[FetchRecord]:
    """Ask in order, one at a time.

    A source that refuses or fails again and again, and a host that cannot be reached, is not asked
    again in this run: what was not asked is as unsettled as before, and the next run asks for it.
    Such sources and hosts are added to `shut`.
    """
    records: list[FetchRecord] = []
    failures: Counter[str] = Counter()
    asked = list(questions)
    for number, question in enumerate(asked, start=1):
        progress(f"{question.source.id} {question.day}", number, len(asked))
        if question.source.id in shut or _host(question) in shut:
            continue
        record = _ask(client, landing, question, shut)
        landing.record(record)
        records.append(record)
        failures[question.source.id] += 1
        if record.outcome != "failed":
            del failures[question.source.id]
        if record.outcome == "blocked" or failures[question.source.id] >= FAILURES_IN_A_ROW:
            shut.add(question.source.id)
    return records


def _host(question: Question) -> str:
    return urlsplit(question.address).netloc


def _ask(client: Client, landing: Landing, question: Question, shut: set[str]) -> FetchRecord:
    source = question.source
    try:
        reply = source.ask(client, question)
    except SourceError as error:
        error.about(source.id, question.day)
        if isinstance(error, Unavailable) and error.is_unreachable:
            shut.add(_host(question))
        return FetchRecord(
            source_id=source.id,
            session_date=question.day,
            url=question.address,
            fetched_at=client.clock(),
            outcome=error.day_state,
            status=error.status if isinstance(error, Blocked | Unavailable) else None,
            detail=str(error),
            stated=dict(question.stated),
        )
    return _land(landing, question, reply)


def _land(landing: Landing, question: Question, reply: Reply) -> FetchRecord:
    source = question.source

    def told(outcome: str, detail: str = "", **facts: object) -> FetchRecord:
        return FetchRecord(
            source_id=source.id,
            session_date=question.day,
            url=question.address,
            fetched_at=reply.fetched_at,
            outcome=outcome,
            status=reply.status,
            detail=detail,
            etag=reply.headers.get("etag"),
            last_modified=reply.headers.get("last-modified"),
            stated=dict(question.stated),
            **facts,  # type: ignore[arg-type]
        )

    if reply.status in (404, 410):
        return told("absent", "the publisher has no such file")
    if reply.body is None:
        return told("unchanged", "the publisher says it has not changed")
    path, digest = landing.place(source.id, question.day, reply.body, source.extension)
    outcome = "unchanged" if digest in question.sha256 else "landed"
    detail = "" if outcome == "landed" else "the same bytes as before"
    return told(outcome, detail, sha256=digest, size_bytes=len(reply.body), path=path)
