"""Landing: bytes once, a journal that survives a crash, one origin, one writer."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows import landing as landing_module
from flows.errors import Locked, WrongOrigin
from flows.landing import FetchRecord, Landing, fetch_id, file_id, only_writer

NOW = datetime(2026, 2, 11, 15, 0, tzinfo=UTC)
DAY = date(2026, 2, 11)


def fetched(detail: str = "", **facts: object) -> FetchRecord:
    return FetchRecord(
        source_id="nse_index_close",
        session_date=DAY,
        url="https://example.org/x.csv",
        fetched_at=NOW,
        outcome="landed",
        detail=detail,
        **facts,  # type: ignore[arg-type]
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "landing"


def landed(root: Path, *records: FetchRecord, origin: str = "real") -> Path:
    with Landing(root, origin) as landing:
        run = landing.begin("nightly", NOW, "0.1.0")
        for record in records:
            landing.record(record)
    return root / "journal" / f"{run.run_id}.jsonl"


def test_bytes_lie_under_their_day_and_digest(root: Path) -> None:
    landing = Landing(root, "real")
    path, digest = landing.place("nse_index_close", DAY, b"body", ".csv")
    assert digest == hashlib.sha256(b"body").hexdigest()
    assert path == f"nse_index_close/2026/2026-02-11_{digest[:12]}.csv"
    assert (root / path).read_bytes() == b"body"
    assert landing.path_of(fetched(path=path)).read_bytes() == b"body"
    undated, _ = landing.place("imported_flow", None, b"body", ".csv")
    assert undated == f"imported_flow/undated/undated_{digest[:12]}.csv"


def test_a_line_stands_in_the_journal_after_what_it_speaks_of(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(landing_module, "_put_on_disk", lambda path: done.append(path.name))
    monkeypatch.setattr(landing_module, "SETTLES_EVERY_S", 3600)
    with Landing(root, "real") as landing:
        run = landing.begin("nightly", NOW, "0.1.0")
        path, _ = landing.place("s", DAY, b"body", ".csv")
        landing.record(fetched(path=path))
        assert landing.journal(run.run_id).fetches == [], "it may still be lost"
        assert done == []
        landing.settle()
        assert done == [Path(path).name, "2026"], "bytes, then the name in its folder"
        assert [fetch.path for fetch in landing.journal(run.run_id).fetches] == [path]
        landing.record(fetched())
    assert len(landing.journal(run.run_id).fetches) == 2, "the end settles"


def test_at_a_fetch_a_second_every_line_stands_at_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing_module, "SETTLES_EVERY_S", 0)
    with Landing(root, "real") as landing:
        run = landing.begin("nightly", NOW, "0.1.0")
        landing.record(fetched())
        assert len(landing.journal(run.run_id).fetches) == 1


def test_the_same_bytes_are_written_once(root: Path) -> None:
    landing = Landing(root, "real")
    first = landing.place("s", DAY, b"body", ".csv")
    (root / first[0]).chmod(0o444)
    written = (root / first[0]).stat().st_ino
    assert landing.place("s", DAY, b"body", ".csv") == first
    assert (root / first[0]).stat().st_ino == written
    assert [path.name for path in (root / "s/2026").iterdir()] == [Path(first[0]).name]


def test_bytes_that_a_crash_left_short_are_written_again(root: Path) -> None:
    landing = Landing(root, "real")
    path, _ = landing.place("s", DAY, b"the whole body", ".csv")
    (root / path).write_bytes(b"the who")
    landing.place("s", DAY, b"the whole body", ".csv")
    assert (root / path).read_bytes() == b"the whole body"


def test_a_journal_says_what_was_told_to_it(root: Path) -> None:
    records = [
        fetched("Nifty é — ₹", path="a/b", sha256="ab", size_bytes=4, status=200, etag='"x"'),
        fetched(stated={"unit": "crore"}, is_imported=True),
        FetchRecord("none", None, "b.txt", NOW, "unrecognised"),
    ]
    landed(root, *records)
    (journal,) = Landing(root, "real").journals()
    assert journal.fetches == records
    assert (journal.run.command, journal.run.started_at) == ("nightly", NOW)
    assert (journal.run.origin, journal.run.riskon_version) == ("real", "0.1.0")


def test_runs_are_read_in_the_order_they_ran_whatever_the_clock(root: Path) -> None:
    for command, now in (("b", NOW), ("a", datetime(2020, 1, 1, tzinfo=UTC)), ("c", NOW)):
        with Landing(root, "real") as landing:
            landing.begin(command, now, "0.1.0")
    journals = list(Landing(root, "real").journals())
    assert [journal.run.command for journal in journals] == ["b", "a", "c"]
    known = {journals[0].run.run_id}
    assert [j.run.command for j in Landing(root, "real").journals(known)] == ["a", "c"]


def test_a_line_cut_off_anywhere_is_no_line(root: Path) -> None:
    """Wherever the crash cuts, inside a character too: whole lines count, the torn one does not."""
    path = landed(root, fetched("first"), fetched("second ₹ é"))
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    ends = [len(lines[0]), len(lines[0]) + len(lines[1]), len(whole)]
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        found = [journal.fetches for journal in Landing(root, "real").journals()]
        expected = [] if cut < ends[0] else [sum(cut >= end for end in ends[1:])]
        assert [len(fetches) for fetches in found] == expected


def test_a_run_goes_on_beside_a_torn_journal(root: Path) -> None:
    torn = landed(root, fetched("first"))
    torn.write_bytes(torn.read_bytes()[:-20])
    again = landed(root, fetched("second"))
    assert again.name.startswith("000002-")
    journals = list(Landing(root, "real").journals())
    assert [[f.detail for f in journal.fetches] for journal in journals] == [[], ["second"]]


def test_numbers_follow_from_content_and_place() -> None:
    one = fetched(sha256="ab")
    assert file_id(one) == file_id(fetched("other words", sha256="ab", path="elsewhere"))
    assert file_id(one) != file_id(fetched(sha256="ac"))
    assert fetch_id("run", 1) != fetch_id("run", 2)
    assert all(0 <= number < 2**63 for number in (file_id(one), fetch_id("run", 1)))


def test_the_other_origin_is_refused_before_anything_is_written(root: Path) -> None:
    landed(root, origin="real")
    before = sorted(root.rglob("*"))
    with pytest.raises(WrongOrigin, match=r"simulated.*real") as refusal:
        Landing(root, "simulated")
    assert "RISKON_HOME" in str(refusal.value)
    assert sorted(root.rglob("*")) == before
    Landing(root, "real")


def test_a_record_without_bytes_has_nothing_to_read(root: Path) -> None:
    with pytest.raises(ValueError, match="nothing was landed"):
        Landing(root, "real").path_of(fetched())


def test_a_second_writer_is_told_of_the_first(tmp_path: Path) -> None:
    with only_writer(tmp_path, "nightly", NOW):
        with pytest.raises(Locked) as refusal, only_writer(tmp_path, "import", NOW):
            pytest.fail("two writers")
        told = refusal.value
        assert (told.pid, told.since) == (os.getpid(), NOW)
        assert told.command.endswith("nightly")
        assert f"process {os.getpid()}" in str(told)
        assert str(tmp_path) in str(told)
    with only_writer(tmp_path, "import", NOW):
        pass


def test_a_writer_that_fails_lets_go(tmp_path: Path) -> None:
    with pytest.raises(KeyError), only_writer(tmp_path, "nightly", NOW):
        raise KeyError
    with only_writer(tmp_path, "nightly", NOW):
        pass


def test_a_writer_that_was_killed_lets_go(tmp_path: Path) -> None:
    code = (
        "import os, sys; from datetime import UTC, datetime; from pathlib import Path;"
        "from flows.landing import only_writer\n"
        "with only_writer(Path(sys.argv[1]), 'nightly', datetime.now(UTC)):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, timeout=30)
    assert done.returncode == -9
    assert json.loads((tmp_path / "lock").read_text())["command"].endswith("nightly")
    with only_writer(tmp_path, "import", NOW):
        assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()
