"""The command line: exit codes, words on stderr, and a query that only reads."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows import cli
from flows import night as nights
from flows.cli import DONE, FAILED, INCOMPLETE, WRONG_USE, run
from transforms.parse.index_close import HEADER

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKON_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RISKON_NOW", "2026-02-11T22:30+05:30")
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(nights, "write_brief", lambda _published, folder, day=None: folder)
    for name in ("console", "complaints"):
        monkeypatch.setattr(getattr(cli, name), "width", 300)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    for day in (date(2026, 2, 9), date(2026, 2, 10)):
        rows = [f"Nifty {n},{day:%d-%m-%Y},1,9,1,{n},-,-,-,-,-,-,-" for n in (5, 6)]
        (folder / f"{day}.csv").write_text("\n".join([",".join(HEADER), *rows, ""]))
    return folder


def test_import_then_ask(files: Path, tmp_path: Path, capsys: Capture) -> None:
    assert run(["import", str(files)]) == DONE
    assert "2 files: 2 landed" in capsys.readouterr().out
    ask = "SELECT session_date, index_name, close FROM core.index_bar ORDER BY ALL LIMIT 1"
    assert run(["sql", ask]) == DONE
    assert "2026-02-09" in capsys.readouterr().out
    assert run(["sql", ask, "--format", "csv"]) == DONE
    assert capsys.readouterr().out == ("session_date,index_name,close\n2026-02-09,Nifty 5,5.0000\n")
    assert run(["sql", ask, "--format", "json"]) == DONE
    assert json.loads(capsys.readouterr().out)[0]["index_name"] == "Nifty 5"
    target = tmp_path / "out.parquet"
    assert run(["sql", ask, "--format", "parquet", "--output", str(target)]) == DONE
    assert pl.read_parquet(target).height == 1
    assert run(["sql", "SELECT started_at FROM ops.run", "--format", "csv"]) == DONE
    assert "2026-02-11T17:00:00" in capsys.readouterr().out
    assert run(["status"]) == INCOMPLETE, "nobody was asked for the last session's flows"
    assert "nse_index_close" in capsys.readouterr().out
    assert run(["export", str(tmp_path / "out"), "--schema", "core"]) == DONE
    assert pl.read_parquet(tmp_path / "out" / "index_bar.parquet").height == 4
    assert run(["rebuild"]) == DONE
    assert "equals the old one, row for row" in capsys.readouterr().out
    refused = ("DROP TABLE ops.run", "FROM read_text('/etc/hostname')", "SELECT 1; SELECT 2")
    for sql in refused:
        assert run(["sql", sql]) == WRONG_USE
        assert capsys.readouterr().err


def test_a_file_that_is_refused_leaves_the_import_incomplete(
    tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "flows.csv"
    path.write_text("date,participant,net\n2026-02-10,FII,5\n")
    assert run(["import", str(path)]) == INCOMPLETE
    assert "not loaded: flows.csv: expected a unit" in capsys.readouterr().err
    assert run(["import", str(path), "--unit", "crore"]) == DONE


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["sql", "DROP TABLE ops.run"], FAILED, "riskon nightly"),
        (["status"], FAILED, "nothing is published"),
        (["rebuild"], FAILED, "nothing was ever landed"),
        (["import", "/no/such/folder"], WRONG_USE, "there is no folder or file"),
        (["sql", "SELECT 1", "--format", "parquet"], WRONG_USE, "needs --output"),
        (["sql", "SELECT 1", "--format", "xml"], WRONG_USE, "xml"),
        (["sql"], WRONG_USE, "TEXT"),
        (["backfill"], WRONG_USE, "--from"),
        (["backfill", "--from", "yesterday"], WRONG_USE, "yesterday"),
        (["backfill", "--from", "2026-02-02", "--to", "2026-02-01"], WRONG_USE, "lies before"),
        (["nonsense"], WRONG_USE, "nonsense"),
    ],
)
def test_what_goes_wrong_is_told_on_stderr(
    arguments: list[str], code: int, words: str, capsys: Capture
) -> None:
    assert run(arguments) == code
    told = capsys.readouterr()
    assert words in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("2026-02-10", "as in 2026-02-10T22:30+05:30"),
        ("2026-02-10T21:15", "as in 2026-02-10T21:15+05:30"),
        ("yesterday", "expected an instant such as 2026-02-10T22:30+05:30"),
    ],
)
def test_an_instant_that_is_none_is_told_with_one_that_is(
    text: str, advice: str, capsys: Capture
) -> None:
    assert run(["brief", "--as-of", text]) == WRONG_USE
    assert advice in " ".join(capsys.readouterr().err.split())


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("RISKON_REQUESTS_PER_SECOND", "100")
    assert run(["nightly"]) == WRONG_USE
    assert "RISKON_REQUESTS_PER_SECOND" in capsys.readouterr().err
    monkeypatch.setenv("RISKON_REQUESTS_PER_SECOND", "1")
    monkeypatch.setenv("RISKON_NOW", "2026-02-11T22:30")
    assert run(["nightly"]) == WRONG_USE
    assert "an instant that says its offset" in capsys.readouterr().err


def test_a_disk_that_cannot_be_written_is_told(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "/disk/riskon.duckdb")

    monkeypatch.setattr(nights, "publish", full)
    assert run(["import", str(files)]) == FAILED
    told = capsys.readouterr().err
    assert "No space left on device" in told
    assert "/disk/riskon.duckdb" in told
    assert "run again" in told


def test_every_command_explains_itself() -> None:
    commands = [name for name in cli.app if not name.startswith("-")]
    assert {"demo", "nightly", "backfill", "import", "rebuild", "sql", "doctor"} <= set(commands)
    for name in commands:
        assert cli.app[name].help
    code = "from flows.cli import main; main()"
    shown = subprocess.run(
        [sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0
    assert all(name in shown.stdout for name in ("demo", "nightly", "Exit codes"))
