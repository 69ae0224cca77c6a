"""Notifications: a webhook is told of every failed run and, once each, of overdue data.

What was told is remembered in `<home>/told.jsonl`, a line for each source and session, written
after the webhook took it: hourly runs do not repeat themselves, and what a webhook that was down
missed is told by the next run.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from flows.calendar import IST
from flows.settings import Settings
from flows.sources import SOURCES

GRACE = timedelta(hours=1)
"""After a publisher's own hour."""
LAST_CALL = time(22, 30)
"""Asia/Kolkata; until then the evening's next run may still bring it."""
LINES_TOLD = 20
CHARACTERS_TOLD = 400
TIMEOUT_SECONDS = (3.05, 10.0)
LOOPBACK = ("127.0.0.1", "localhost", "::1")

logger = logging.getLogger(__name__)


def tell(webhook: str, title: str, lines: Sequence[str] = ()) -> bool:
    """POST `{"text": ...}`, as Slack, Mattermost and their kin take it.

    A webhook that is down fails nothing: it is logged, by host alone, because the rest of such an
    address is a secret.

    Returns:
        whether the webhook took it.
    """
    told = [title, *(_shortened(line) for line in lines[:LINES_TOLD])]
    if len(lines) > LINES_TOLD:
        told.append(f"and {len(lines) - LINES_TOLD} more: `riskon status` names them")
    host = _host(webhook)
    try:
        with requests.Session() as session:
            # A proxy of the environment cannot reach this machine's own servers.
            session.trust_env = host not in LOOPBACK
            answer = session.post(
                webhook, json={"text": _escaped("\n".join(told))}, timeout=TIMEOUT_SECONDS
            )
    except requests.RequestException as error:
        logger.warning("the webhook at %s did not answer (%s): %s", host, _kind(error), title)
        return False
    if not answer.ok:
        logger.warning("the webhook at %s answered %d: %s", host, answer.status_code, title)
    return answer.ok


def overdue(troubled: Iterable[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The troubled states whose publisher's hour, grace and evening are over.

    Args:
        troubled: rows with `source_id` and `session_date`, as in `Outcome.troubled`.
        now: the run's instant.
    """
    return [row for row in troubled if now >= _patience_ends(row["source_id"], row["session_date"])]


def tell_overdue(
    settings: Settings, troubled: Iterable[dict[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """Tell the webhook of what is overdue and was not told yet; returns what was told."""
    late = overdue(troubled, now)
    if not late:
        return []
    if settings.webhook is None:
        logger.warning("overdue, and RISKON_WEBHOOK names nobody to tell: %s", _lines(late))
        return []
    memory = settings.home / "told.jsonl"
    known = _remembered(memory)
    news = [row for row in late if (row["source_id"], row["session_date"]) not in known]
    if not news or not tell(settings.webhook, f"Riskon: {_counted(news)} overdue", _lines(news)):
        return []
    _remember(memory, news, now)
    return news


def _patience_ends(source_id: str, session: date) -> datetime:
    last_call = datetime.combine(session, LAST_CALL, tzinfo=IST)
    return max(SOURCES[source_id].due(session) + GRACE, last_call)


def _lines(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [
        f"{row['state']}: {row['source_id']} {row['session_date']}: {row['detail']}" for row in rows
    ]


def _counted(rows: Sequence[object]) -> str:
    return "one file is" if len(rows) == 1 else f"{len(rows)} files are"


def _remembered(memory: Path) -> set[tuple[str, date]]:
    if not memory.exists():
        return set()
    # A line that a crash cut off was not told for sure, and is told again.
    lines = memory.read_text(encoding="utf-8").split("\n")[:-1]
    rows = [json.loads(line) for line in lines if line.endswith("}")]
    return {(row["source_id"], date.fromisoformat(row["session_date"])) for row in rows}


def _remember(memory: Path, rows: Iterable[dict[str, Any]], now: datetime) -> None:
    text = "".join(
        json.dumps(
            {
                "source_id": row["source_id"],
                "session_date": row["session_date"].isoformat(),
                "state": row["state"],
                "told_at": now.isoformat(),
            }
        )
        + "\n"
        for row in rows
    )
    torn = memory.exists() and not memory.read_bytes().endswith(b"\n")
    with memory.open("a", encoding="utf-8") as file:
        file.write(f"\n{text}" if torn else text)


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:  # an unclosed bracket; the request itself says that it is no address
        return None


def _shortened(line: str) -> str:
    return line if len(line) <= CHARACTERS_TOLD else f"{line[:CHARACTERS_TOLD]}…"


def _escaped(text: str) -> str:
    # The three characters that mean something there; else a publisher's `<!channel>` rings all.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _kind(error: Exception) -> str:
    # Never its text, which holds the address.
    return type(error).__name__
