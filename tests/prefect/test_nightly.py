"""What a run says of itself, without a server."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.states import Crashed, Failed

from flows.load import Loaded
from flows.night import Outcome
from flows.nightly import nightly, report_failure, summary

SESSION = date(2026, 2, 11)


def loaded(files: int) -> Loaded:
    done = Loaded()
    done.files, done.rows = files, 100 * files
    return done


def trouble(number: int) -> dict[str, Any]:
    return {
        "source_id": f"source_{number}",
        "session_date": SESSION,
        "state": "late",
        "detail": "",
    }


def test_a_settled_night_says_so() -> None:
    outcome = Outcome(is_settled=True, session=SESSION)
    assert summary(outcome) == "Settled: nothing to ask; the last session is 2026-02-11."


def test_a_whole_night_says_what_it_did() -> None:
    outcome = Outcome(asked=3, loaded=loaded(2), session=SESSION)
    assert summary(outcome) == (
        "Asked 3, loaded 2 files: 200 rows, 0 revised, 0 rejected. Last session 2026-02-11."
    )


def test_an_incomplete_night_names_what_is_missing_and_counts_the_rest() -> None:
    outcome = Outcome(session=SESSION, troubled=[trouble(number) for number in range(7)])
    said = summary(outcome)
    assert "Incomplete: source_0 2026-02-11 late, source_1 2026-02-11 late" in said
    assert "source_4" in said
    assert "source_5" not in said
    assert said.endswith("and 2 more.")


@pytest.mark.parametrize(("state", "word"), [(Failed, "failed"), (Crashed, "crashed")])
def test_a_failure_is_told_in_the_errors_own_words(
    state: Any, word: str, webhook: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RISKON_WEBHOOK", webhook.url)
    monkeypatch.setenv("RISKON_HOME", str(tmp_path))
    run = FlowRun(flow_id="00000000-0000-0000-0000-000000000001", name="nightly 2026-02-11 19:30")  # type: ignore[arg-type]
    report_failure(nightly, run, state(message="expected a bar\n  where: core.index_bar"))
    assert len(webhook.told) == 1
    title, *lines = webhook.told[0].split("\n")
    assert title == f"Riskon: nightly {word}"
    assert lines[:3] == [
        "expected a bar",
        "  where: core.index_bar",
        "Readers keep the last publication.",
    ]
    assert lines[3].startswith("Run: nightly 2026-02-11 19:30")


def test_without_a_webhook_a_failure_is_told_nobody(
    webhook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RISKON_WEBHOOK", raising=False)
    run = FlowRun(flow_id="00000000-0000-0000-0000-000000000001", name="one")  # type: ignore[arg-type]
    report_failure(nightly, run, Failed(message="it failed"))
    assert webhook.told == []
