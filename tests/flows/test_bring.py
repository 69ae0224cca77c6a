"""Import: recognised by content, told by name, landed once."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows import night as nights
from flows.bring import bring, date_in_name
from flows.settings import Settings
from transforms.parse.index_close import HEADER
from warehouse.store import open_reader

NOW = datetime(2026, 2, 11, 17, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    # The page has a suite of its own.
    monkeypatch.setattr(nights, "write_brief", lambda _published, folder, day=None: folder)
    return Settings(home=tmp_path / "home", now=NOW)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def closes(day: date, close: str = "100") -> bytes:
    rows = [f"Nifty {n},{day:%d-%m-%Y},-,-,-,{close},-,-,-,-,-,-,-" for n in (50, 100)]
    return "\n".join([",".join(HEADER), *rows, ""]).encode()


def count(settings: Settings, table: str) -> int:
    with open_reader(settings.published) as reader:
        return int(reader.read(f"SELECT count(*) FROM {table}").row(0)[0])


def test_every_file_is_told_of(settings: Settings, inbox: Path) -> None:
    monday, tuesday = date(2026, 2, 9), date(2026, 2, 10)
    (inbox / "deep" / "er").mkdir(parents=True)
    (inbox / "deep" / "er" / "any name.txt").write_bytes(closes(monday))
    (inbox / "ind_close_all_11022026.csv").write_bytes(closes(tuesday))
    (inbox / "copy of the same.csv").write_bytes(closes(monday))
    (inbox / "flows.csv").write_text("date,participant,net\n2026-02-10,FII,5\n")
    (inbox / "empty.csv").write_bytes(b"")
    (inbox / "page.csv").write_bytes(b"<html>")
    (inbox / ".hidden").write_bytes(closes(tuesday))
    with zipfile.ZipFile(inbox / "packed.zip", "w") as packed:
        packed.writestr("x.csv", closes(tuesday))
    done = bring(settings, inbox, {})
    assert (done.outcome.asked, done.landed, done.held_already) == (7, 3, 1)
    assert sorted(done.unrecognised) == ["empty.csv", "packed.zip", "page.csv"]
    assert done.other_days == [
        ("ind_close_all_11022026.csv", "named for 2026-02-11, holds 2026-02-10")
    ]
    ((name, why),) = done.refused
    assert name == "flows.csv"
    assert "--unit" in why
    assert count(settings, "core.index_bar") == 4


def test_a_file_refused_for_what_was_not_said_may_be_brought_again(
    settings: Settings, inbox: Path
) -> None:
    (inbox / "flows.csv").write_text("date,participant,net\n2026-02-10,FII,500\n")
    assert bring(settings, inbox, {}).refused
    done = bring(settings, inbox, {"unit": "lakh", "scope": "NSE"})
    assert (done.landed, done.refused) == (1, [])
    with open_reader(settings.published) as reader:
        row = reader.read("FROM core.institutional_flow").row(0, named=True)
    assert (row["net_crore"], row["scope"], row["is_imported"]) == (5, "NSE", True)


def test_the_same_folder_again_leaves_no_trace(settings: Settings, inbox: Path) -> None:
    (inbox / "a.csv").write_bytes(closes(date(2026, 2, 10)))
    (inbox / "b.bin").write_bytes(b"what is this?")
    bring(settings, inbox, {})
    journals = sorted((settings.landing / "journal").iterdir())
    before = [count(settings, table) for table in ("ops.run", "ops.fetch", "core.index_bar")]
    done = bring(settings, inbox, {})
    assert (done.landed, done.held_already, list(done.unrecognised)) == (0, 1, ["b.bin"])
    assert sorted((settings.landing / "journal").iterdir()) == journals
    assert [
        count(settings, table) for table in ("ops.run", "ops.fetch", "core.index_bar")
    ] == before


def test_one_file_may_be_named(settings: Settings, inbox: Path) -> None:
    (inbox / "a.csv").write_bytes(closes(date(2026, 2, 10)))
    assert bring(settings, inbox / "a.csv", {}).landed == 1


def test_nothing_there_is_an_error(settings: Settings, inbox: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder or file"):
        bring(settings, inbox / "elsewhere", {})


def test_a_file_too_large_is_not_read(
    settings: Settings, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import bring as bringing

    monkeypatch.setattr(bringing, "LARGEST", 10)
    (inbox / "big.csv").write_bytes(closes(date(2026, 2, 10)))
    done = bring(settings, inbox, {})
    assert list(done.unrecognised) == ["big.csv"]
    with open_reader(settings.published) as reader:
        (why,) = reader.read("SELECT detail FROM ops.fetch")["detail"]
    assert "larger than any file we know" in why


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("ind_close_all_11022026.csv", date(2026, 2, 11)),
        ("folder_01012020/x_31122019.csv", date(2019, 12, 31)),
        ("ind_close_all_31022026.csv", None),
        ("x_20260211.csv", None),
        ("x_110220261.csv", None),
        ("folder_11022026/x.csv", None),
    ],
)
def test_the_day_a_name_speaks_of(name: str, day: date | None) -> None:
    assert date_in_name(name) == day


def test_lost_rows_and_unknown_files_say_why(settings: Settings, inbox: Path) -> None:
    (inbox / "flows.csv").write_text(
        "date,participant,scope,unit,net\n2026-02-10,FII,NSE,crore,5\n2026-02-10,DII,NSE,crore,x\n"
    )
    (inbox / "rates.csv").write_text("name,value\na,1\n")
    done = bring(settings, inbox, {})
    ((name, why),) = done.rejected
    assert name == "flows.csv"
    assert why.startswith("1 set aside or in part, the first, row 2: net_crore is not readable")
    assert "name, value" in done.unrecognised["rates.csv"]
