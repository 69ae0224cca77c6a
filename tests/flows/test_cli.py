"""The command line: exit codes, words on stderr, and a query that only reads."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from bi.brief.facts import Facts, gather
from flows import cli
from flows import night as nights
from flows.cli import DONE, FAILED, INCOMPLETE, WRONG_USE, run
from transforms.parse.index_close import HEADER
from warehouse.store import Warehouse, open_writer

QUERIES = sorted((Path(__file__).resolve().parents[2] / "bi" / "queries").glob("*.sql"))
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


@pytest.fixture(scope="module")
def filled(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds what was imported; to be read."""
    home = tmp_path_factory.mktemp("filled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RISKON_HOME", str(home))
        patch.setenv("RISKON_NOW", "2026-02-11T22:30+05:30")
        patch.setattr(nights, "write_brief", lambda _published, folder, day=None: folder)
        assert run(["import", str(files)]) == DONE
    return home


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


def test_saved_queries_are_asked_as_the_readme_asks_them(
    filled: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("RISKON_HOME", str(filled))
    assert QUERIES
    for path in QUERIES:
        text = path.read_text(encoding="utf-8").rstrip("\n")  # as a shell's $(cat ...) gives it
        assert text.startswith("--")
        capsys.readouterr()
        for arguments in ([text], [text, "--format", "csv"], ["--format", "csv", text]):
            assert run(["sql", *arguments]) == DONE, capsys.readouterr().err
        assert capsys.readouterr().out


def test_lists_and_structures_are_json_in_csv(
    filled: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("RISKON_HOME", str(filled))
    rows = "(1, [DATE '2026-02-11', NULL], {'a': 1}), (2, [], NULL)"
    assert run(["sql", f"FROM (VALUES {rows}) ORDER BY ALL", "--format", "csv"]) == DONE
    assert capsys.readouterr().out == (
        'col0,col1,col2\n1,"[""2026-02-11"", null]","{""a"": 1}"\n2,[],\n'
    )


def test_what_an_earlier_version_published_is_told_by_every_reader(
    filled: Path, tmp_path: Path, capsys: Capture
) -> None:
    published = tmp_path / "home" / "published" / "riskon.duckdb"
    published.parent.mkdir(parents=True)
    shutil.copyfile(filled / "published" / "riskon.duckdb", published)
    with open_writer(published, ()) as warehouse:
        warehouse.execute("DROP VIEW bi.regime")
        warehouse.execute("ALTER TABLE mart.regime DROP COLUMN state")
        warehouse.execute("DROP TABLE mart.zone")
        warehouse.checkpoint()
    out = tmp_path / "out"
    for arguments, lacking in (
        (["brief"], "mart.zone, mart.regime.state, bi.regime"),
        (["case", "smallcap-rebound-2026"], "mart.zone, mart.regime.state, bi.regime"),
        (["study"], "mart.zone, mart.regime.state, bi.regime"),
        (["status"], "mart.zone, mart.regime.state, bi.regime"),
        (["export", str(out)], "mart.zone, mart.regime.state, bi.regime"),
        (["sql", "FROM bi.regime"], "bi.regime"),
        (["sql", "SELECT state FROM mart.regime"], "mart.regime.state"),
    ):
        capsys.readouterr()
        assert run(arguments) == FAILED, arguments
        assert capsys.readouterr().err == (
            f"The published warehouse is of an earlier version and lacks {lacking}. "
            "Run `riskon rebuild` to replay the landed files.\n"
        )
    assert not out.exists()
    assert run(["sql", "SELECT close FROM core.index_bar"]) == DONE


def test_a_brief_is_of_facts_gathered_once(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("RISKON_HOME", str(filled))
    gathered: list[Facts] = []
    told: list[Facts] = []

    def once(reader: Warehouse, session: date | None = None) -> Facts:
        gathered.append(gather(reader, session))
        return gathered[-1]

    def draw(facts: Facts) -> str:
        told.append(facts)
        return "drawn"

    monkeypatch.setattr(cli, "gather", once)
    monkeypatch.setattr("bi.brief.write.gather", once)
    monkeypatch.setattr("bi.brief.artist.helpers", nullcontext)
    for name in ("markdown.markdown", "page.render"):
        monkeypatch.setattr(f"bi.brief.{name}", draw)
    monkeypatch.setattr("bi.brief.card.card", lambda facts: draw(facts).encode())
    assert run(["brief", "--output", str(tmp_path / "out")]) == DONE
    assert len(gathered) == 1
    assert [one is gathered[0] for one in told] == [True] * 3
    page = tmp_path / "out" / "2026-02-10.html"
    assert page.read_text() == "drawn"
    assert f"The page: {page}" in capsys.readouterr().out
    assert run(["brief", "--output", str(page)]) == WRONG_USE
    assert f"--output {page} is no folder" in capsys.readouterr().err


def test_a_terminal_without_our_characters_shows_the_rest(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RISKON_HOME", str(filled))
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding="ascii"))
    monkeypatch.setattr(sys, "argv", ["riskon", "sql", "SELECT '“1”' AS x", "--format", "csv"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    sys.stdout.flush()
    assert left.value.code == DONE
    assert printed.getvalue().decode() == "x\n?1?\n"


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
