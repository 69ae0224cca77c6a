"""A real Prefect server and process worker: deploy, a night, a settled one, a late one, a failure.

Each night is a fixture that stands on the one before it, so that every test can run alone and the
server starts once.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import yaml
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from flows.calendar import IST
from tests.ports import free_port
from warehouse.store import open_reader

pytestmark = pytest.mark.prefect

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
SESSION = date(2026, 2, 11)
EVENING = "2026-02-11T22:45:00+05:30"
NEXT_EVENING = "2026-02-12T23:00:00+05:30"
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
PATIENCE_SECONDS = 90.0
SCHEDULER_SECONDS = 30.0


@dataclass
class Orchestra:
    """The running server, and what its worker works on."""

    api: str
    home: Path
    webhook: Any

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """GET, or POST where there is a body; patient with a busy SQLite, as Prefect's clients."""
        patient = Retry(total=10, backoff_factor=0.2, status_forcelist=[503], allowed_methods=None)
        method = "GET" if body is None else "POST"
        with requests.Session() as session:
            session.mount(self.api, HTTPAdapter(max_retries=patient))
            answer = session.request(method, f"{self.api}/{path}", json=body, timeout=30)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def deployment(self, name: str) -> dict[str, Any]:
        return self.ask(f"deployments/name/{name}")  # type: ignore[no-any-return]

    def run(self, name: str, **environment: str) -> dict[str, Any]:
        """Start a deployment now, wait for its end, return the run."""
        body = {
            "state": {"type": "SCHEDULED"},
            "idempotency_key": str(uuid4()),
            "job_variables": {"env": environment} if environment else {},
        }
        run = self.ask(f"deployments/{self.deployment(name)['id']}/create_flow_run", body)
        until = time.monotonic() + PATIENCE_SECONDS
        while run["state_type"] not in ENDED:
            assert time.monotonic() < until, f"still {run['state']} after {PATIENCE_SECONDS} s"
            time.sleep(0.2)
            run = self.ask(f"flow_runs/{run['id']}")
        return run  # type: ignore[no-any-return]

    def artifacts(self, run: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        found = self.ask("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
        return {artifact["key"]: artifact for artifact in found}

    def published(self) -> str:
        return hashlib.sha256(self.readers_file.read_bytes()).hexdigest()

    @property
    def readers_file(self) -> Path:
        return self.home / "published" / "riskon.duckdb"

    def landed(self) -> list[str]:
        return sorted(
            str(path.relative_to(self.home)) for path in (self.home / "landing").rglob("*")
        )


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, ended with everything it started."""
    # Whoever started us in the background made us deaf to SIGINT, and a child inherits that: a
    # worker so started never ends. A handler is not inherited, so set one while it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    signal.signal(signal.SIGINT, before)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def called(arguments: list[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [str(PROGRAMS / "prefect"), *arguments],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, f"prefect {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def wait_until_healthy(api: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert server.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < until, f"no healthy server:\n{log.read_text()[-3000:]}"
        try:
            if requests.get(f"{api}/health", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.2)


def first_line(log: Path, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + PATIENCE_SECONDS
    while "\n" not in (text := log.read_text()):
        assert process.poll() is None, text
        assert time.monotonic() < until, "the exchange did not start"
        time.sleep(0.1)
    return text.split("\n", 1)[0]


@pytest.fixture(scope="module")
def orchestra(tmp_path_factory: pytest.TempPathFactory, shared_webhook: Any) -> Iterator[Orchestra]:
    folder = tmp_path_factory.mktemp("orchestra")
    home, port = folder / "home", free_port()
    api = f"http://127.0.0.1:{port}/api"
    base = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PREFECT_", "RISKON_"))
    }
    base |= {
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "DO_NOT_TRACK": "1",
    }
    exchange_log, server_log = folder / "exchange.log", folder / "server.log"
    prefect = str(PROGRAMS / "prefect")
    simulate = [sys.executable, "-m", "flows.demo.exchange", "--now", EVENING]
    serve = [prefect, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    work = [prefect, "worker", "start", "--pool", "riskon", "--type", "process"]
    with (
        running(serve, base, server_log) as server,
        running(simulate, base, exchange_log) as exchange,
    ):
        worker = base | {
            "RISKON_HOME": str(home),
            "RISKON_GATEWAY": first_line(exchange_log, exchange),
            "RISKON_NOW": EVENING,
            "RISKON_HISTORY_START": "2025-12-15",
            "RISKON_WEBHOOK": shared_webhook.url,
        }
        wait_until_healthy(api, server, server_log)
        called(["work-pool", "create", "riskon", "--type", "process"], base)
        called(["work-pool", "set-concurrency-limit", "riskon", "1"], base)
        with running(work, worker, folder / "worker.log"):
            called(["--no-prompt", "deploy", "--all"], base)
            yield Orchestra(api, home, shared_webhook)


@pytest.fixture(scope="module")
def first_night(orchestra: Orchestra) -> dict[str, Any]:
    return orchestra.run("nightly/nightly")


@pytest.fixture(scope="module")
def settled_night(orchestra: Orchestra, first_night: dict[str, Any]) -> dict[str, Any]:
    before = (orchestra.published(), orchestra.landed())
    run = orchestra.run("nightly/nightly")
    return run | {"before": before, "after": (orchestra.published(), orchestra.landed())}


@pytest.fixture(scope="module")
def late_night(orchestra: Orchestra, settled_night: dict[str, Any]) -> dict[str, Any]:
    """The exchange's clock stands still, so the next evening's files never come."""
    orchestra.webhook.told.clear()
    run = orchestra.run("nightly/nightly", RISKON_NOW=NEXT_EVENING)
    return run | {"told": list(orchestra.webhook.told)}


@pytest.fixture(scope="module")
def failed_night(orchestra: Orchestra, late_night: dict[str, Any]) -> dict[str, Any]:
    """The writer's file is damaged; the readers' is another."""
    (orchestra.home / "warehouse.duckdb").write_bytes(b"no database" * 1000)
    orchestra.webhook.told.clear()
    before = orchestra.published()
    run = orchestra.run("nightly/nightly", RISKON_NOW=NEXT_EVENING)
    # A failed run tells after its state is known, in the last seconds of its process.
    until = time.monotonic() + PATIENCE_SECONDS
    while not orchestra.webhook.told and time.monotonic() < until:
        time.sleep(0.1)
    return run | {"told": list(orchestra.webhook.told), "before": before}


def test_deployments_are_what_prefect_yaml_says(orchestra: Orchestra) -> None:
    declared = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    for wanted in declared["deployments"]:
        found = orchestra.deployment(f"{wanted['name']}/{wanted['name']}")
        schedules = {
            (
                one["schedule"]["cron"],
                one["schedule"]["timezone"],
                one["slug"],
                one["active"],
            )
            for one in found["schedules"]
        }
        assert schedules == {
            (one["cron"], one["timezone"], one["slug"], one["active"])
            for one in wanted.get("schedules", [])
        }
        assert found["work_pool_name"] == "riskon"
        assert found["global_concurrency_limit"]["limit"] == 1
        assert found["concurrency_options"]["collision_strategy"] == "ENQUEUE"
        assert found["pull_steps"] == [
            {"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}
        ]


def test_the_server_schedules_every_evening_and_morning(orchestra: Orchestra) -> None:
    body = {
        "deployments": {"name": {"any_": ["nightly"]}},
        "flow_runs": {"tags": {"all_": ["auto-scheduled"]}},
    }
    # Several runs ahead of each schedule, so every hour of the evening need not be among them.
    evening = {"18:30", "19:30", "20:30", "21:30", "22:30"}
    until = time.monotonic() + SCHEDULER_SECONDS
    hours: set[str] = set()
    while not (hours >= {"08:30", "23:00"} and hours & evening) and time.monotonic() < until:
        time.sleep(0.5)
        hours = {
            f"{datetime.fromisoformat(run['expected_start_time']).astimezone(IST):%H:%M}"
            for run in orchestra.ask("flow_runs/filter", body)
        }
    assert {"08:30", "23:00"} <= hours <= {"08:30", "23:00", *evening}
    assert hours & evening


def test_a_night_completes_and_publishes(orchestra: Orchestra, first_night: dict[str, Any]) -> None:
    assert first_night["state_type"] == "COMPLETED", first_night["state"]["message"]
    assert first_night["state"]["name"] == "Completed"
    assert "Last session 2026-02-11" in first_night["state"]["message"]
    with open_reader(orchestra.readers_file) as reader:
        session = reader.read("SELECT max(session_date) FROM core.trading_session").item()
        claims = reader.read("SELECT * FROM bi.evidence WHERE session_date = ?", [SESSION])
    assert session == SESSION
    assert claims.height > 0


def test_its_steps_are_tasks(orchestra: Orchestra, first_night: dict[str, Any]) -> None:
    body = {
        "task_runs": {"flow_run_id": {"any_": [first_night["id"]]}},
        "sort": "EXPECTED_START_TIME_ASC",
    }
    until = time.monotonic() + PATIENCE_SECONDS
    names: list[str] = []
    while len(names) < 4 and time.monotonic() < until:  # task runs reach the server as events
        names = [run["name"] for run in orchestra.ask("task_runs/filter", body)]
        time.sleep(0.2)
    assert names == ["replay", "ask", "replay", "finish"]


def test_its_artifacts_show_states_checks_and_verdict(
    orchestra: Orchestra, first_night: dict[str, Any]
) -> None:
    artifacts = orchestra.artifacts(first_night)
    assert set(artifacts) == {"day-states", "checks", "verdict"}
    assert "nse_index_close" in artifacts["day-states"]["data"]
    assert "2026-02-11" in artifacts["day-states"]["data"]
    assert "offending_rows" in artifacts["checks"]["data"]
    verdict = artifacts["verdict"]["data"]
    assert "SIMULATED" in verdict
    with open_reader(orchestra.readers_file) as reader:
        graded = reader.read(
            "SELECT statement, grade FROM bi.evidence WHERE session_date = ?", [SESSION]
        )
    for statement, grade in graded.iter_rows():
        (row,) = (line for line in verdict.splitlines() if line.startswith(f"| {statement}"))
        assert f"| {grade} |" in row


def test_a_settled_night_changes_nothing(
    orchestra: Orchestra, settled_night: dict[str, Any]
) -> None:
    assert settled_night["state_type"] == "COMPLETED", settled_night["state"]["message"]
    assert settled_night["state"]["message"].startswith("Settled: nothing to ask")
    assert settled_night["before"] == settled_night["after"]
    assert orchestra.artifacts(settled_night) == {}
    # A bound on the flow itself; the worker's start of a process is not the night's.
    assert settled_night["total_run_time"] < 10


def test_a_late_night_completes_says_so_and_tells_the_webhook(
    late_night: dict[str, Any],
) -> None:
    assert late_night["state_type"] == "COMPLETED", late_night["state"]["message"]
    assert late_night["state"]["name"] == "Incomplete"
    assert "nse_index_close 2026-02-12 late" in late_night["state"]["message"]
    (text,) = late_night["told"]
    title, *lines = text.splitlines()
    told = [line.split(":")[0].split() + line.split(":")[1].split()[:2] for line in lines]
    assert title == f"Riskon: {len(told)} files are overdue"
    late = {source: day for state, source, day in told if state == "late"}
    # Files that need not exist, such as the workbook of categories, are overdue to nobody.
    assert late == dict.fromkeys(
        (
            *("nse_index_close", "nse_fii_dii"),
            *("nse_participant_open_interest", "nse_participant_volume"),
            *("nse_equity_bhavcopy", "nse_equity_full", "nse_pr_set"),
        ),
        "2026-02-12",
    )
    # The archive's form refuses a date that its own clock has not reached.
    assert [row for row in told if row[0] != "late"] == [
        ["malformed", "nsdl_fpi_archive", "2026-02-12"]
    ]


def test_a_failed_night_fails_tells_the_webhook_and_leaves_readers_alone(
    orchestra: Orchestra, failed_night: dict[str, Any]
) -> None:
    assert failed_night["state_type"] == "FAILED", failed_night["state"]["message"]
    (text,) = failed_night["told"]
    assert text.startswith("Riskon: nightly failed\n")
    assert "warehouse.duckdb" in text
    assert f"/flow-run/{failed_night['id']}" in text
    assert orchestra.published() == failed_night["before"]
    with open_reader(orchestra.readers_file) as reader:
        assert reader.read("SELECT max(session_date) FROM core.trading_session").item() == SESSION
