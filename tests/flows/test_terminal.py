"""What a user meets: exit codes, words, examples in the help, progress."""

from __future__ import annotations

import io
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from flows import cli, exits, terminal
from flows import night as nights
from flows.bring import bring
from flows.calendar import IST
from flows.cli import app, run
from flows.examples import EXAMPLES
from flows.exits import DONE, FAILED, INCOMPLETE, STOPPED, WRONG_USE
from flows.settings import Settings
from transforms.parse.index_close import HEADER
from warehouse.tables.operations import DAY_STATES

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 2, 11, 22, 30, tzinfo=IST)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds two sessions, imported; read by many, written by none."""
    inbox = tmp_path_factory.mktemp("inbox")
    for day in (date(2026, 2, 9), date(2026, 2, 10)):
        rows = [f"Nifty {n},{day:%d-%m-%Y},1,9,1,{n},-,-,-,-,-,-,-" for n in (5, 6)]
        (inbox / f"{day}.csv").write_text("\n".join([",".join(HEADER), *rows, ""]))
    folder = tmp_path_factory.mktemp("filled") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nights, "write_brief", lambda _published, folder, day=None: folder)
        bring(Settings(home=folder, now=NOW), inbox, {})
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RISKON_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RISKON_NOW", NOW.isoformat())
    return tmp_path / "home"


@pytest.fixture
def filled(held: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RISKON_HOME", str(held))
    return held


def told(capsys: Capture) -> str:
    return " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("command", [name for name in app if not name.startswith("-")])
def test_every_help_has_examples_that_parse_and_fit(command: str, capsys: Capture) -> None:
    assert run([command, "--help"]) == DONE
    shown = capsys.readouterr().out
    for line in EXAMPLES[command]:
        assert line in shown, "an example that is wrapped cannot be copied"
        words = [word for word in shlex.split(line) if not word.startswith("RISKON_")]
        assert words[:2] == ["riskon", command]
        app.parse_args(words[1:], exit_on_error=False, print_error=False)
    assert "--empty" not in shown


def test_the_help_has_every_exit_code(capsys: Capture) -> None:
    run(["--help"])
    shown = capsys.readouterr().out
    for code in (DONE, FAILED, WRONG_USE, INCOMPLETE, STOPPED):
        assert f"• {code}: " in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["import", "/no/such/folder"], "there is no folder or file /no/such/folder"),
        (["sql", "DROP TABLE ops.run"], "riskon sql only reads"),
        (["sql", "SELECT 1; SELECT 2"], "expected one query"),
        (["sql", "SELECT 1", "--output", "/no/such/x.csv"], "there is no folder /no/such"),
        (["sql", "SELECT 1", "--output", "/"], "is a folder"),
        (["status", "--days", "0"], "Must be >= 1"),
        (["status", "--days", "-3"], "--days"),
        (["case", "nonsense"], "known: smallcap-rebound-2026"),
        (["export", __file__], "is no folder"),
    ],
)
def test_wrong_use_is_2(arguments: list[str], words: str, filled: Path, capsys: Capture) -> None:
    assert run(arguments) == WRONG_USE
    assert words in told(capsys)


def test_a_session_that_is_not_held_is_wrong_use(
    filled: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    assert run(["brief", "--session", "2026-02-08"]) == WRONG_USE
    assert "2026-02-09" in told(capsys)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RISKON_GATEWAY", "http://192.0.2.1"),
        ("RISKON_HSITORY_START", "2024-01-01"),
        ("RISKON_NOW", "soon"),
    ],
)
def test_a_wrong_setting_is_2_and_asks_nobody(
    variable: str, value: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv(variable, value)
    assert run(["nightly"]) == WRONG_USE
    assert told(capsys).startswith(f"{variable}: expected ")
    assert not home.exists()


@pytest.mark.parametrize(
    "arguments", [["sql", "SELECT 1"], ["status"], ["brief"], ["export", "OUT"]]
)
def test_nothing_published_is_1_and_leaves_nothing(
    arguments: list[str], tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    assert run([str(out) if word == "OUT" else word for word in arguments]) == FAILED
    assert "nothing is published" in told(capsys)
    assert not out.exists()


def test_status_ends_with_3_where_the_last_session_is_incomplete(
    filled: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    assert run(["status", "--days", "5"]) == INCOMPLETE
    shown = capsys.readouterr().out
    assert "Last session: 2026-02-10, incomplete." in shown
    assert "nse_index_close late 2026-02-11: not asked yet" in " ".join(shown.split())


def test_brief_prints_legs_where_they_are_asked_for(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(cli, "show", lambda _facts, _console, *, legs: asked.append(legs))
    monkeypatch.setattr(cli, "write_brief", lambda *_: filled)
    assert run(["brief"]) == DONE
    assert run(["brief", "--legs"]) == DONE
    assert asked == [False, True]


def test_the_line_after_the_demo_can_be_copied(
    tmp_path: Path, filled: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    outcome = nights.Outcome(session=date(2026, 2, 10), brief=tmp_path / ("long" * 30))
    monkeypatch.setattr(cli, "tour", lambda _home, _bar, **_: outcome)
    monkeypatch.setattr(cli, "show", lambda *_, **__: None)
    monkeypatch.setattr(cli.console, "width", 40)
    script = Path(sys.executable).with_name("riskon")
    monkeypatch.setattr(sys, "argv", [str(script), "demo"])
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.chdir(filled.parent)
    assert run(["demo", "--home", filled.name]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert f"The brief: {outcome.brief}" in lines
    monkeypatch.delenv("RISKON_HOME")
    done = subprocess.run(lines[-1], shell=True, capture_output=True, text=True, check=False)
    assert shlex.split(lines[-1])[:2] == [f"RISKON_HOME={filled}", str(script)]
    assert (done.returncode, done.stderr) == (0, "")
    assert "nse_index_close" in done.stdout


def interrupted(code: str, ready: Callable[[], bool]) -> subprocess.CompletedProcess[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 20
    while not ready() and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    return subprocess.CompletedProcess([], process.returncode, out, err)


@pytest.mark.parametrize(
    "work",
    [
        "lambda: time.sleep(60)",
        "lambda: duckdb.sql('SELECT sum(x*y) FROM range(999999) a(x), range(999999) b(y)').show()",
    ],
    ids=["at any time", "in a statement"],
)
def test_ctrl_c_says_that_nothing_is_lost(work: str, tmp_path: Path) -> None:
    flag = tmp_path / "started"
    code = (
        "import sys, time, pathlib, duckdb, signal\n"
        # A test runner in the background hands an ignored SIGINT down; a terminal does not.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from flows import cli\n"
        f"work = {work}\n"
        "def doctor(_settings):\n"
        f"    pathlib.Path({str(flag)!r}).touch()\n"
        "    work()\n"
        "cli.examine = doctor\n"
        "sys.argv = ['riskon', 'doctor']\n"
        "cli.main()\n"
    )
    done = interrupted(code, flag.exists)
    assert done.returncode == STOPPED
    assert done.stderr.strip() == "stopped; what was fetched is kept, run it again"


def test_an_error_of_our_own_is_not_hidden() -> None:
    def broken() -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        exits.exit_code(broken, Console(file=io.StringIO()))


def progress_on(console: Console, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(terminal, "complaints", console)
    with terminal.progress("riskon nightly") as bar:
        for number in range(1, 4):
            bar(f"nse_index_close 2026-02-0{number}", number, 3)
        bar("load run 000001", 1, 1)
        time.sleep(0.15)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("width", [80, 120])
def test_progress_lives_where_somebody_watches(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None)
    shown = progress_on(console, monkeypatch)
    assert "load run 000001" in shown
    assert "0:00" in shown
    assert shown.count("\x1b[1A") == 1, "it takes one line, whatever the width"


def test_progress_is_one_line_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = progress_on(Console(file=io.StringIO(), width=40), monkeypatch)
    assert shown == "riskon nightly: working, nse_index_close 2026-02-01\n"


def test_work_that_never_starts_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=io.StringIO())
    monkeypatch.setattr(terminal, "complaints", console)
    with terminal.progress("riskon nightly"):
        pass
    assert console.file.getvalue() == ""  # type: ignore[attr-defined]


def test_a_command_found_on_the_path_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "riskon"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert cli._started_by(str(script)) == "riskon"
    monkeypatch.setenv("PATH", "/nowhere")
    assert cli._started_by(str(script)) == str(script)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_instants_in_files_are_utc_whatever_zone_they_are_read_in(
    zone: str, capsys: Capture
) -> None:
    instants = pl.Series("at", [NOW]).dt.convert_time_zone(zone)
    for form in ("csv", "json"):
        terminal.write_rows(pl.DataFrame([instants]), form, None)
        assert "2026-02-11T17:00:00Z" in capsys.readouterr().out


def test_status_marks_each_source_and_date_the_troubled_first() -> None:
    states = pl.DataFrame(
        {
            "session_date": [date(2026, 2, 11), date(2026, 2, 10), date(2026, 2, 8)],
            "a_list": ["loaded", None, None],
            "nse_index_close": ["loaded", "loaded", "holiday"],
            "nse_results": ["blocked", "loaded", None],
        }
    )
    told, days, *lines = terminal.dated_marks(states)
    assert told.startswith("3 dates, from 2026-02-11 back to 2026-02-08: . loaded, - holiday")
    assert days.split() == ["11", "10", "08"]
    assert [line.rstrip() for line in lines] == [
        "nse_results      B  .",
        "a_list           .",
        "nse_index_close  .  .  -",
        "",
    ]
    assert max(map(len, [days, *lines])) <= 80


def test_status_has_a_mark_of_its_own_for_every_state() -> None:
    assert set(terminal.MARKS) == set(DAY_STATES)
    assert len(set(terminal.MARKS.values())) == len(DAY_STATES)
