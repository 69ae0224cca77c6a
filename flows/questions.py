"""What is still to be asked of each publisher, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flows.calendar import IST, Closure, expectation, expected_sessions, table_years
from flows.known import PROOF
from flows.landing import said
from flows.sources import SOURCES
from flows.sources.source import Question, Source, documents_root
from flows.states import ASKS_FROM, RECENT, Known, State, day_states, fortnight_ends

PATIENCE = timedelta(hours=20)
"""An old gap is asked for once a day, not every hour."""
MOST_PAGES = 100
"""Of one month's list: a publisher that heeds no page number would be asked for ever."""


def questions(
    known: Known, now: datetime, since: Callable[[str], date | None], last: date | None
) -> list[Question]:
    """What is to be asked now, oldest session first, archives before guarded interfaces.

    Args:
        known: what is held.
        now: the run's instant.
        since: the earliest date to care for, by source; null leaves a source out.
        last: the latest; null is today.
    """
    today = now.astimezone(IST).date()
    end = min(last or today, today)
    states = {(state.source_id, state.session_date): state for state in day_states(known, now)}
    asks: list[Question] = []
    firsts = [(source, since(source.id)) for source in SOURCES.values()]
    starts = [
        (source, max(first, source.history_start)) for source, first in firsts if first is not None
    ]
    starts.sort(key=lambda start: _by_loss(start[0]))
    for source, start in starts:
        if source.asks in {"every date", "every session", "every fortnight"}:
            until = min(end, source.history_end)
            days = (day for day in _days(source, known, start, until) if _is_out(source, day, now))
            wanted = (day for day in days if _wants(states.get((source.id, day)), day, now))
            asks += [_question(source, day, known) for day in wanted]
    for source, start in starts:
        if source.asks == "latest session" and end == today:
            day = _showing(known, now)
            state = states.get((source.id, day))
            if state is None or not state.is_settled:
                asks.append(_question(source, day, known))
        elif source.asks == "list" and end == today and now >= source.due(today):
            asks += _lists(source, known, today)
        elif source.asks == "months":
            asks += _months(source, known, start, end, now)
    return asks


def _by_loss(source: Source) -> tuple[int, bool, str]:
    """What would be missed most is asked first: a host that refuses is left alone for the run.

    The proof of sessions, then what is shown for a day only, then what will be there tomorrow too.
    """
    if source.id == PROOF:
        return 0, False, source.id
    rank = {"latest session": 1, "list": 2, "months": 3}.get(source.asks, 2)
    return rank, source.is_informational, source.id


def _is_out(source: Source, day: date, now: datetime) -> bool:
    shown_on = day + timedelta(days=source.days_later)
    return now >= datetime.combine(shown_on, min(ASKS_FROM, source.published_by), tzinfo=IST)


def _days(source: Source, known: Known, first: date, last: date) -> Iterator[date]:
    """The dates of which a dated source should have a file."""
    if source.asks == "every fortnight":
        yield from fortnight_ends(first, last)
    elif source.asks == "every session":
        expected = expected_sessions(max(first, date(table_years()[0], 1, 1)), last)
        days = {session.session_date for session in expected} - {*known.absent}
        days |= {day for day in known.sessions if first <= day <= last}
        yield from sorted(days)
    else:
        day = first
        while day <= last:
            yield day
            day += timedelta(days=1)


def _wants(state: State | None, day: date, now: datetime) -> bool:
    if state is None:
        return True
    if state.is_settled:
        return False
    if state.last_asked_at is None:
        return True
    if state.state == "failed":  # it may have been our network, not their file
        return True
    is_old = now.astimezone(IST).date() - day > RECENT
    return not is_old or now - state.last_asked_at >= PATIENCE


def _showing(known: Known, now: datetime) -> date:
    """The session a publisher of the latest session should be showing or about to show."""
    day = now.astimezone(IST).date()
    if now < datetime.combine(day, ASKS_FROM, tzinfo=IST):
        day -= timedelta(days=1)
    while isinstance(expectation(day), Closure) and day not in known.sessions:
        day -= timedelta(days=1)
    return day


def _question(source: Source, day: date, known: Known) -> Question:
    landed = [row for row in known.asked(source.id, day) if row["outcome"] == "landed"]
    last = landed[-1] if landed else {}
    return Question(
        source,
        day,
        source.address(day),
        etag=last.get("etag"),
        last_modified=last.get("last_modified"),
        sha256=frozenset(row["sha256"] for row in landed[-1:]),
    )


def _is_heard(row: Mapping[str, Any]) -> bool:
    """Whether an answer was one that could be read: an error page is none."""
    return bool(row["outcome"] == "unchanged" or row["load_state"] == "loaded")


def _lists(source: Source, known: Known, today: date) -> Iterator[Question]:
    """Each current list that has not answered today.

    The newest copy held counts whichever day it came: a list that has not changed lands once.
    """
    last_word = datetime.combine(today, source.revised_until or time(0), tzinfo=IST)
    for item in source.items or ("",):
        stated = {"item": item} if item else {}
        rows = [row for row in known.of(source.id) if row["stated"] == said(stated)]
        loaded = [row for row in rows if row["load_state"] == "loaded"]
        if any(
            row["fetched_at"] >= last_word or row["content_date"] == today
            for row in rows
            if row["session_date"] == today and _is_heard(row)
        ):
            continue
        since = today - timedelta(days=source.again_days) if loaded else None
        yield Question(
            source,
            today,
            source.address(today, item=item, since=since),
            stated,
            sha256=frozenset(row["sha256"] for row in loaded[-1:]),
        )


def _months(
    source: Source, known: Known, first: date, last: date, now: datetime
) -> Iterator[Question]:
    """The months whose answer was not heard after their end; of the current one, today's.

    Each page of an answer is heard on its own: where one failed, the next run asks for that one.
    """
    by_address: dict[str, list[dict[str, Any]]] = {}
    for row in known.of(source.id):
        by_address.setdefault(row["url"], []).append(row)
    day = first.replace(day=1)
    while day <= last:
        end = (day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        closes = _closes(source, end, now)
        digests: set[str] = set()
        address: str | None = source.address(day)
        while address is not None:
            rows = by_address.get(address, [])
            loaded = [row for row in rows if row["load_state"] == "loaded"]
            heard = max((row["fetched_at"] for row in rows if _is_heard(row)), default=None)
            if (heard is None or heard < closes) and not _rests(rows, end, now):
                yield Question(
                    source,
                    min(end, last),
                    address,
                    sha256=frozenset(row["sha256"] for row in loaded[-1:]),
                )
            address = _next_page(source, loaded[-1], digests) if loaded else None
        day = end + timedelta(days=1)


def _rests(rows: list[dict[str, Any]], end: date, now: datetime) -> bool:
    """Whether an old month was answered today already, and with nothing that could be read."""
    if not rows or _is_heard(rows[-1]) or rows[-1]["outcome"] == "failed":
        return False
    is_old = now.astimezone(IST).date() - end > RECENT
    return is_old and now - rows[-1]["fetched_at"] < PATIENCE


def _next_page(source: Source, row: Mapping[str, Any], digests: set[str]) -> str | None:
    """The page after one that was loaded; null where it was not full, or repeats another.

    Args:
        source: of the page.
        row: of ops.fetch.
        digests: of the pages before; the row's is added.
    """
    held = (row["rows_loaded"] or 0) + (row["rows_rejected"] or 0)
    if source.page_size is None or held < source.page_size or row["sha256"] in digests:
        return None
    digests.add(row["sha256"])
    page = _page(row)
    return row["url"].replace(f"page={page}", f"page={page + 1}") if page < MOST_PAGES else None


def _page(row: Mapping[str, Any]) -> int:
    return int(row["url"].rsplit("page=", 1)[1].split("&", 1)[0])


def _closes(source: Source, end: date, now: datetime) -> datetime:
    """From when on an answer holds all that can be asked for now of a month."""
    month_closed = datetime.combine(end + timedelta(days=1), time(0, 0), tzinfo=IST)
    today = datetime.combine(
        now.astimezone(IST).date(), source.revised_until or source.published_by, tzinfo=IST
    )
    if now < today and source.revised_until:  # ask now, and later for this evening's last word
        return min(month_closed, now)
    return min(month_closed, today if now >= today else today - timedelta(days=1))


def pages(rows: Iterable[Mapping[str, Any]], asked: set[str]) -> Iterator[Question]:
    """The next page of each answer in rows of one run of ops.fetch that filled its page."""
    paged = [row for row in rows if SOURCES[row["source_id"]].page_size is not None]
    digests: dict[tuple[str, date], set[str]] = {}
    for row in sorted(paged, key=lambda row: (row["source_id"], row["session_date"], _page(row))):
        source, day = SOURCES[row["source_id"]], row["session_date"]
        address = _next_page(source, row, digests.setdefault((source.id, day), set()))
        if address is not None and address not in asked:
            yield Question(source, day, address)


def documents(filings: Iterable[Mapping[str, Any]], limit: int) -> list[Question]:
    """Documents that the lists of filings name and nobody had, the newest quarter first.

    Those that were asked for in vain come last, so that none of them keeps the others waiting.

    Args:
        filings: document_url, broadcast_at, symbol, symbols (all of the company), isin, basis,
            period_end; is_asked and sha256 of what was refused, if any.
        limit: at most so many; the next run goes on.
    """
    source = next(source for source in SOURCES.values() if source.asks == "documents")
    root = documents_root(source)
    order = sorted(
        (row for row in filings if row["document_url"].startswith(root)),
        key=lambda row: (
            not row.get("is_asked"),
            row["period_end"],
            row["basis"] == "consolidated",
            row["broadcast_at"],
        ),
        reverse=True,
    )
    return [
        Question(
            source,
            row["broadcast_at"].astimezone(IST).date(),
            row["document_url"],
            {
                "broadcast_at": row["broadcast_at"].isoformat(),
                "symbol": row["symbol"],
                "symbols": ",".join(row["symbols"]),
                "isin": row["isin"] or "",
                "basis": row["basis"],
                "period_end": row["period_end"].isoformat(),
            },
            sha256=frozenset(filter(None, [row.get("sha256")])),
        )
        for row in order[:limit]
    ]


def history_questions(
    known: Known, indices: Iterable[str], first: date, last: date
) -> list[Question]:
    """Windows of index history, a calendar year each, that are not held yet."""
    held = {
        (row["source_id"], row["url"])
        for row in known.fetches
        if row["load_state"] == "loaded" or row["outcome"] == "unchanged"
    }
    asks = []
    for source in SOURCES.values():
        if source.asks != "history":
            continue
        for year in range(max(first, source.history_start).year, last.year + 1):
            day = min(date(year, 12, 31), last)
            for name in indices:
                address = f"{source.address(day)}#{name}@{day}"
                if (source.id, address) not in held:
                    asks.append(Question(source, day, address, {"index_name": name}))
    return asks
