"""`riskon study`: the report of what a home holds, and what cannot be asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from flows import cli
from flows import night as nights
from flows.cli import DONE, FAILED, WRONG_USE, run
from flows.demo.formats.market import index_close_files
from flows.demo.world.market import Market, simulate
from flows.night import ALL_TABLES
from flows.study import study_report
from transforms.identity import index_names
from warehouse.store import Warehouse, open_writer
from warehouse.tables import IndexBar, IndexName, TradingSession
from warehouse.tables.table import schema

Capture = pytest.CaptureFixture[str]

FIRST, QUARTER, LAST = date(2025, 12, 22), date(2025, 12, 31), date(2026, 1, 6)
INDICES = ("Nifty 50", "Nifty 500", "NIFTY Smallcap 100", "NIFTY Smallcap 250")
AT = datetime(2026, 1, 6, 17, tzinfo=UTC)


@pytest.fixture(scope="module")
def market() -> Market:
    return simulate()


@pytest.fixture(scope="module")
def home(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two weeks of index closes, imported."""
    folder = tmp_path_factory.mktemp("study")
    inbox = folder / "inbox"
    inbox.mkdir()
    bars = market.index_bars.filter(
        pl.col("session_date").is_between(FIRST, LAST), pl.col("index_name").is_in(INDICES)
    )
    for day, content in index_close_files(bars).items():
        (inbox / f"{day}.csv").write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RISKON_HOME", str(folder / "home"))
        patch.setenv("RISKON_NOW", "2026-01-06T22:30+05:30")
        patch.setattr(nights, "write_brief", lambda _published, folder, day=None: folder)
        assert run(["import", str(inbox)]) == DONE
    return folder / "home"


@pytest.fixture(autouse=True)
def _asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line in that home, on a wide terminal."""
    if "home" in request.fixturenames:
        monkeypatch.setenv("RISKON_HOME", str(request.getfixturevalue("home")))
    for name in ("console", "complaints"):
        monkeypatch.setattr(getattr(cli, name), "width", 300)


@pytest.mark.usefixtures("home")
def test_what_is_printed_is_what_is_written(tmp_path: Path, capsys: Capture) -> None:
    assert run(["study"]) == DONE
    printed = capsys.readouterr().out
    assert printed.startswith("# ")
    assert "Of 18 tests none could be made on what is held" in printed
    assert f"{FIRST} to {LAST}" in printed
    target = tmp_path / "study.md"
    assert run(["study", "--output", str(target)]) == DONE
    assert f"The study: {target}" in capsys.readouterr().out
    assert target.read_text(encoding="utf-8").rstrip("\n") == printed.rstrip("\n")


@pytest.mark.usefixtures("home")
def test_a_date_before_the_first_session_is_refused(capsys: Capture) -> None:
    assert run(["study", "--through", "2019-12-31"]) == WRONG_USE
    told = capsys.readouterr()
    assert told.out == ""
    assert "no session is held up to 2019-12-31" in told.err
    assert f"the first is {FIRST}" in told.err
    assert "datetime" not in told.err


@pytest.mark.usefixtures("home")
def test_what_cannot_be_written_is_refused_before_anything_is_studied(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> str:
        raise AssertionError("nobody waits a minute for a report that has no place")

    monkeypatch.setattr(cli, "study_report", never)
    assert run(["study", "--output", str(tmp_path / "missing" / "study.md")]) == WRONG_USE
    assert f"there is no folder {tmp_path / 'missing'}" in capsys.readouterr().err
    assert not (tmp_path / "missing").exists()
    assert run(["study", "--output", str(tmp_path)]) == WRONG_USE
    assert "is a folder: name a file in it" in capsys.readouterr().err


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("text", ["yesterday", "2026-13-01"])
def test_a_date_that_is_none_is_refused(text: str, capsys: Capture) -> None:
    assert run(["study", "--through", text]) == WRONG_USE
    assert text in capsys.readouterr().err


def test_without_a_publication_it_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("RISKON_HOME", str(tmp_path / "nowhere"))
    assert run(["study"]) == FAILED
    assert "riskon nightly" in capsys.readouterr().err


def test_without_a_session_it_says_what_to_bring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Somebody who imported flows alone has a publication, and nothing to study."""
    monkeypatch.setenv("RISKON_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RISKON_NOW", "2026-01-06T22:30+05:30")
    flows = tmp_path / "flows.csv"
    flows.write_text("date,participant,net\n2026-01-05,FII,5\n")
    run(["import", str(flows), "--unit", "crore"])
    capsys.readouterr()
    assert run(["study"]) == WRONG_USE
    told = " ".join(capsys.readouterr().err.split())
    assert "no session is held" in told
    assert "riskon import" in told


def held(path: Path, market: Market, through: date | None = None) -> Warehouse:
    """A warehouse with years of closes, and not a row after a date."""
    shown = pl.lit(True) if through is None else pl.col("session_date") <= through
    price = market.index_bars.filter(shown, pl.col("index_name").is_in(INDICES)).select(
        *("session_date", "index_name", "open", "high", "low", "close"),
        *("points_change", "change_pct"),
        pl.lit("price").alias("return_variant"),
        pl.lit("niftyindices_price").alias("source_id"),
    )
    total = market.total_returns.filter(shown, pl.col("index_name").is_in(INDICES)).select(
        *("session_date", "index_name", pl.col("total_return").alias("close")),
        pl.lit("total_return").alias("return_variant"),
        pl.lit("niftyindices_total_return").alias("source_id"),
    )
    bars = pl.concat([price, total], how="diagonal").drop_nulls("close")
    told = {"published_at": AT, "recorded_at": AT, "published_basis": "schedule", "file_id": 1}
    filled = bars.with_columns(pl.lit(value).alias(name) for name, value in told.items())
    absent = set(schema(IndexBar)) - set(filled.columns)
    names = index_names(bars.select("index_name", "session_date").unique(), bars)
    days = market.sessions.filter(shown).select("session_date")
    sessions = days.with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("session_number"),
        pl.col("session_date").shift(1).alias("previous_session_date"),
        pl.lit("full").alias("kind"),
        pl.lit(False).alias("is_short"),
        pl.lit("evidence").alias("basis"),
        pl.lit("").alias("reason"),
    )
    warehouse = open_writer(path, ALL_TABLES)
    warehouse.append(IndexBar, filled.with_columns(pl.lit(None).alias(name) for name in absent))
    warehouse.append(IndexName, names)
    warehouse.append(TradingSession, sessions)
    return warehouse


@pytest.fixture(scope="module")
def long_held(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with closing(held(tmp_path_factory.mktemp("long") / "held.duckdb", market)) as warehouse:
        yield warehouse


def test_later_data_is_left_out(long_held: Warehouse, market: Market, tmp_path: Path) -> None:
    """Asked for a past day, it says to the letter what it would have said on it."""
    past = date(2024, 1, 31)
    then = study_report(long_held, past)
    assert "total return" in then
    assert "relative_strength_80" in then
    with closing(held(tmp_path / "then.duckdb", market, past)) as warehouse:
        assert study_report(warehouse, None) == then
