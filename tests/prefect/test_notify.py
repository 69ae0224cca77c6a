"""What the webhook is told, when, and how often."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.calendar import IST
from flows.notify import overdue, tell, tell_overdue
from flows.settings import Settings
from tests.ports import free_port

SESSION = date(2026, 2, 11)
LAST_CALL = datetime(2026, 2, 11, 22, 30, tzinfo=IST)


def trouble(source_id: str, session: date = SESSION, state: str = "late") -> dict[str, Any]:
    return {
        "source_id": source_id,
        "session_date": session,
        "state": state,
        "detail": "expected by 19:00; the publisher has no such file",
    }


LATE = [trouble("nse_index_close"), trouble("nse_fii_dii", state="blocked")]


@pytest.fixture
def dead_url() -> str:
    """An address where nobody listens."""
    return f"http://127.0.0.1:{free_port()}/services/secret-token"


def settings(home: Path, url: str | None) -> Settings:
    return Settings(home=home, webhook=url)


def test_text_is_title_then_lines_as_json(webhook: Any) -> None:
    assert tell(webhook.url, "Riskon: nightly failed", ["one", "two"])
    assert webhook.told == ["Riskon: nightly failed\none\ntwo"]
    assert webhook.content_types == ["application/json"]


def test_publishers_words_cannot_ring_everybody(webhook: Any) -> None:
    tell(webhook.url, "title", ["got <!channel> & more"])
    assert webhook.told == ["title\ngot &lt;!channel&gt; &amp; more"]


def test_long_news_is_cut_and_says_so(webhook: Any) -> None:
    tell(webhook.url, "title", ["x" * 5000, *("line" for _ in range(30))])
    lines = webhook.told[0].split("\n")
    assert len(lines) == 22
    assert lines[1] == "x" * 400 + "…"
    assert lines[-1] == "and 11 more: `riskon status` names them"


def test_a_webhook_that_is_down_is_logged_without_its_secret(
    dead_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert not tell(dead_url, "Riskon: nightly failed", ["one"])
    assert "the webhook at 127.0.0.1 did not answer (ConnectionError)" in caplog.text
    assert "Riskon: nightly failed" in caplog.text
    assert "secret-token" not in caplog.text


@pytest.mark.parametrize("address", ["nonsense", "ftp://example.org/hook", "http://[broken"])
def test_an_address_that_is_none_fails_nothing(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert not tell(address, "title")
    assert "did not answer" in caplog.text


def test_a_refusing_webhook_has_not_been_told(
    webhook: Any, caplog: pytest.LogCaptureFixture
) -> None:
    webhook.status = 500
    assert not tell(webhook.url, "title")
    assert "answered 500" in caplog.text


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 2, 11, 20, 30, tzinfo=IST), []),
        (LAST_CALL - timedelta(seconds=1), []),
        (LAST_CALL, ["nse_index_close", "nse_fii_dii"]),
        (datetime(2026, 2, 12, 3, 0, tzinfo=UTC), ["nse_index_close", "nse_fii_dii"]),
    ],
)
def test_overdue_from_the_last_call_of_the_evening(now: datetime, expected: list[str]) -> None:
    assert [row["source_id"] for row in overdue(LATE, now)] == expected


def test_todays_morning_is_not_late_for_today(webhook: Any) -> None:
    morning = datetime(2026, 2, 12, 8, 30, tzinfo=IST)
    rows = [trouble("nse_index_close"), trouble("nse_index_close", date(2026, 2, 12))]
    assert [row["session_date"] for row in overdue(rows, morning)] == [SESSION]


def test_each_source_and_session_is_told_once(tmp_path: Path, webhook: Any) -> None:
    told = settings(tmp_path, webhook.url)
    assert tell_overdue(told, LATE, LAST_CALL) == LATE
    (text,) = webhook.told
    assert text == (
        "Riskon: 2 files are overdue\n"
        "late: nse_index_close 2026-02-11: expected by 19:00; the publisher has no such file\n"
        "blocked: nse_fii_dii 2026-02-11: expected by 19:00; the publisher has no such file"
    )
    # An hour later, even in another state: nothing new.
    later = [trouble("nse_index_close", state="blocked")]
    assert tell_overdue(told, later, LAST_CALL + timedelta(hours=1)) == []
    # The next session is news, and only it.
    another = trouble("nse_index_close", date(2026, 2, 12))
    assert tell_overdue(told, [*LATE, another], LAST_CALL + timedelta(days=1)) == [another]
    assert len(webhook.told) == 2
    assert webhook.told[1].startswith("Riskon: one file is overdue\n")


def test_nothing_overdue_is_not_told(tmp_path: Path, webhook: Any) -> None:
    assert (
        tell_overdue(settings(tmp_path, webhook.url), LATE, LAST_CALL - timedelta(minutes=1)) == []
    )
    assert webhook.told == []


def test_what_a_dead_webhook_missed_is_told_by_the_next_run(
    tmp_path: Path, webhook: Any, dead_url: str
) -> None:
    assert tell_overdue(settings(tmp_path, dead_url), LATE, LAST_CALL) == []
    assert tell_overdue(settings(tmp_path, webhook.url), LATE, LAST_CALL) == LATE


def test_a_torn_memory_forgets_only_the_torn_line(tmp_path: Path, webhook: Any) -> None:
    told = settings(tmp_path, webhook.url)
    tell_overdue(told, LATE, LAST_CALL)
    memory = tmp_path / "told.jsonl"
    memory.write_bytes(memory.read_bytes()[:-20])
    assert tell_overdue(told, LATE, LAST_CALL) == [LATE[1]]
    assert tell_overdue(told, LATE, LAST_CALL) == []


def test_without_a_webhook_the_log_says_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert tell_overdue(settings(tmp_path, None), LATE, LAST_CALL) == []
    assert "RISKON_WEBHOOK" in caplog.text
    assert "nse_index_close 2026-02-11" in caplog.text
