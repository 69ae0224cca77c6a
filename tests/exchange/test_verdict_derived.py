"""The verdict through whole nights: what several runs left is what all of history gives at once.

Riskon asks the simulated exchange on some evenings, misses a file, and is brought a restated one.
The functions that draw zones, tell states and study events are then run over the whole of what
it holds, and must give the rows that its runs wrote bit by bit.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from bi.brief.write import write_brief
from flows import cli, verdict
from flows import derive as deriving
from flows.bring import bring
from flows.demo.exchange import Exchange, draw_shares
from flows.demo.formats.market import flow_history_csv, index_close_csv, index_history_json
from flows.demo.wire.faults import Fault, FaultKind
from flows.demo.world.market import Market, simulate
from flows.derive import BARS
from flows.night import Window, rebuild
from tests.exchange import homes
from tests.exchange.homes import CLOSES, Home, Impatient, at, differing
from transforms.metrics.breadth_tables import Breadth
from transforms.metrics.earnings_tables import Earnings
from transforms.metrics.leadership_tables import Leadership
from transforms.metrics.macro_tables import IndexValuation, Macro
from transforms.metrics.momentum import index_momentum
from transforms.metrics.tables import Flow, IndexMomentum
from transforms.series import index_series
from transforms.signals.associations import LEAST_WEEKS, associations
from transforms.signals.claim import Inputs
from transforms.signals.event_study import study
from transforms.signals.monitors import monitors
from transforms.signals.regime import Sources, regimes
from transforms.signals.risk_appetite import risk_appetite
from transforms.signals.size_indices import HEADLINE, SIZE_INDICES
from transforms.signals.zone_thresholds import LEAST_PIVOTS
from transforms.signals.zones import zones
from warehouse import tables as marts
from warehouse.store import Warehouse, open_reader
from warehouse.tables.signals import PILLARS
from warehouse.tables.table import Table, key, schema

FIRST = date(2022, 4, 1)
SHARES_FROM = date(2025, 10, 6)
BEFORE, AFTER, BROUGHT = date(2025, 12, 30), date(2026, 1, 5), date(2026, 1, 6)
"""Evenings on both sides of the end of a quarter; the morning of an import."""
MISSED = date(2026, 1, 2)
RESTATED = date(2025, 8, 14)
INDICES = ("Nifty 50", "Nifty 500", "NIFTY Midcap 100", "NIFTY Smallcap 100", "India VIX")
INDEX = "nse_index_close"
HISTORY = ("niftyindices_price", "niftyindices_total_return")
SHARES = ("nse_equity_bhavcopy", "nse_equity_list", "nse_index_members")
LISTS = ("ind_niftysmallcap100list", "ind_niftysmallcap250list")
OF_SESSIONS: tuple[type[Table], ...] = (
    marts.Zone,
    marts.Regime,
    marts.RegimeTransition,
    marts.RegimeTrigger,
    marts.RiskAppetite,
    marts.RiskPillar,
    marts.RiskInput,
    marts.Monitor,
)
STUDIES: tuple[type[Table], ...] = (marts.EventStudy, marts.Association)
VERDICT: tuple[type[Table], ...] = (*OF_SESSIONS, marts.Event, *STUDIES)
EVIDENCE = ("mart.evidence", "mart.evidence_leg")

Tables = Mapping[str, pl.DataFrame]


def of_some(market: Market) -> Market:
    """The same market with five indices."""
    return replace(
        market,
        index_bars=market.index_bars.filter(pl.col("index_name").is_in(INDICES)),
        total_returns=market.total_returns.filter(pl.col("index_name").is_in(INDICES)),
    )


def stored(home: Home) -> Tables:
    """What readers see of the verdict, by key."""
    with closing(open_reader(home.path / "published" / "riskon.duckdb")) as reader:
        found = {table.table: reader.read_table(table) for table in VERDICT}
        return found | {name: reader.read(f"FROM {name} ORDER BY ALL") for name in EVIDENCE}


def told_at_once(held: Warehouse) -> dict[type[Table], pl.DataFrame]:
    """Every mart of the verdict from the whole of what is held, no night in between."""
    sessions = held.read_table(marts.TradingSession)
    bars, names = held.read(BARS), held.read_table(marts.IndexName)
    series = index_series(bars, names, sessions).drop("source_id")
    totals = index_series(bars, names, sessions, "total_return")
    inputs = Inputs(
        sessions=sessions,
        series=series,
        momentum=held.read_table(IndexMomentum),
        flow=held.read_table(Flow),
        earnings=held.read_table(Earnings),
        macro=held.read_table(Macro),
        valuation=held.read_table(IndexValuation),
        breadth=held.read_table(Breadth),
        leadership=held.read_table(Leadership),
        published=pl.DataFrame(),
    )
    of_size = series.filter(pl.col("index_id").is_in(SIZE_INDICES))
    drawn = zones(of_size, sessions)
    states = regimes(
        Sources(
            bars=of_size,
            sessions=sessions,
            zones=drawn,
            breadth=inputs.breadth,
            breadth_counts=held.read("FROM mart.breadth_count"),
            flow=inputs.flow,
            earnings=inputs.earnings,
        )
    )
    risk = risk_appetite(inputs)
    watched = monitors(replace(inputs, zones=drawn, regimes=states.states), risk)
    through = study.quarter_ends(sessions)
    studied = study.event_study(series, totals, inputs.breadth, sessions, through)
    found: dict[type[Table], pl.DataFrame] = {
        marts.Zone: drawn,
        marts.Regime: states.states,
        marts.RegimeTransition: states.transitions,
        marts.RegimeTrigger: states.triggers,
        marts.RiskAppetite: risk.appetite,
        marts.RiskPillar: risk.pillars,
        marts.RiskInput: risk.inputs,
        marts.Monitor: watched,
        marts.Event: studied.events,
        marts.EventStudy: studied.studies,
        marts.Association: associations(series, totals, inputs.flow, sessions, through),
    }
    return {
        table: rows.select(list(schema(table))).cast(pl.Schema(schema(table))).sort(key(table))
        for table, rows in found.items()
    }


@dataclass
class Reaches:
    """From when on a run drew zones and computed momentum, and which quarters it studied."""

    zones: list[date | None] = field(default_factory=list)
    momentum: list[date | None] = field(default_factory=list)
    quarters: list[Sequence[date]] = field(default_factory=list)


@contextmanager
def watching() -> Iterator[Reaches]:
    """Note what is asked of the pure functions; they answer as ever."""
    seen = Reaches()

    def noting(function: Callable[..., Any], into: list[Any], place: int) -> Callable[..., Any]:
        @wraps(function)
        def noted(*arguments: Any) -> Any:
            into.append(arguments[place])
            return function(*arguments)

        return noted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verdict, "zones", noting(zones, seen.zones, 2))
        patch.setattr(study, "event_study", noting(study.event_study, seen.quarters, 4))
        momentum = noting(index_momentum, seen.momentum, 2)
        patch.setattr(deriving, "index_momentum", momentum)
        yield seen


@dataclass(frozen=True)
class Lived:
    """A home after its runs; what readers saw after each, and how far each reached."""

    home: Home
    seen: Mapping[date, Tables]
    reached: Mapping[date, Reaches]


@pytest.fixture(scope="module")
def market() -> Market:
    drawn = of_some(simulate(start=FIRST))
    draw_shares(drawn)
    return drawn


@pytest.fixture(scope="module")
def exchange(market: Market) -> Iterator[Exchange]:
    with pytest.MonkeyPatch.context() as patch, Exchange(market) as running:
        patch.setitem(homes.FEW_ITEMS, "nse_index_members", LISTS)
        # A month of files is written at once, when its first one is asked for.
        patch.setattr(Impatient, "silence_s", 30.0)
        yield running


def restated_file(market: Market, day: date, factor: float) -> bytes:
    """The day's index closes once more: all of the market closed lower, and opened as it had."""
    bars = market.index_bars.filter(session_date=day)
    last = pl.col("close") - pl.col("points_change")
    close = (pl.col("close") * factor).round(2)
    return index_close_csv(
        bars.with_columns(
            close=close,
            low=pl.min_horizontal("low", close),
            points_change=(close - last).round(2),
            change_pct=(100 * (close / last - 1)).round(2),
        )
    )


def restated_total_return(market: Market, day: date, factor: float) -> bytes:
    """The same of small caps with dividends, which the study of events watches."""
    rows = market.total_returns.filter(session_date=day, index_name="NIFTY Smallcap 100")
    return index_history_json(
        rows.with_columns(total_return=pl.col("total_return") * factor),
        index_name="NIFTY Smallcap 100",
        layout="total_return",
    )


@pytest.fixture(scope="module")
def lived(exchange: Exchange, market: Market, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Years of indices and months of shares, a file that came late, a session told otherwise."""
    folder = tmp_path_factory.mktemp("lived")
    home = Home(folder / "home", exchange, date(2025, 12, 22), (*CLOSES, *HISTORY, *SHARES))
    inbox = folder / "inbox"
    inbox.mkdir()
    flows = market.flows.filter(pl.col("session_date") < BEFORE)
    (inbox / "flows.csv").write_bytes(flow_history_csv(flows))
    exchange.now = at(BEFORE, "09:00")
    bring(home.settings(exchange.now), inbox, {})
    since = dict.fromkeys(home.sources, home.since) | {SHARES[0]: SHARES_FROM}
    window = Window(FIRST, BEFORE, INDICES[:-1], {**since, INDEX: SHARES_FROM})
    seen, reached = {}, {}
    with watching() as reached[BEFORE]:
        home.night(BEFORE, window=window)
    seen[BEFORE] = stored(home)
    missed = Fault(f"ind_close_all_{MISSED:%d%m%Y}", FaultKind.UNAVAILABLE)
    with watching() as reached[AFTER]:
        home.night(AFTER, "22:30", missed)
    seen[AFTER] = stored(home)
    (inbox / "restated.csv").write_bytes(restated_file(market, RESTATED, 0.97))
    (inbox / "total.json").write_bytes(restated_total_return(market, RESTATED, 0.97))
    late = market.index_bars.filter(session_date=MISSED)
    (inbox / "late.csv").write_bytes(index_close_csv(late))
    exchange.now = at(BROUGHT, "09:00")
    with watching() as reached[BROUGHT]:
        bring(home.settings(exchange.now), inbox, {})
    seen[BROUGHT] = stored(home)
    return Lived(home, seen, reached)


@pytest.fixture(scope="module")
def at_once(lived: Lived) -> dict[type[Table], pl.DataFrame]:
    with closing(open_reader(lived.home.path / "published" / "riskon.duckdb")) as reader:
        return told_at_once(reader)


@pytest.mark.parametrize("table", VERDICT, ids=lambda table: str(table.table))
def test_runs_one_by_one_left_what_all_of_history_gives(
    lived: Lived, at_once: Mapping[type[Table], pl.DataFrame], table: type[Table]
) -> None:
    held = lived.seen[BROUGHT][table.table]
    assert held.height > 0
    assert_frame_equal(held, at_once[table], check_exact=True)


def test_what_is_compared_is_no_empty_history(lived: Lived) -> None:
    """Every state by the closes alone, both kinds of zone, studies with a p-value, every leg."""
    tables = lived.seen[BROUGHT]
    states = tables["mart.regime"].filter(index_id=HEADLINE)
    assert len(set(states.filter(rules="index")["state"])) >= 5
    assert states["leg_flows"].drop_nulls().len() > 0
    assert states["leg_breadth_turns"].drop_nulls().len() > 0
    assert set(tables["mart.zone"]["kind"]) == {"support", "resistance"}
    assert tables["mart.zone"]["strength_percentile"].drop_nulls().len() > 0
    studies = tables["mart.event_study"]
    assert studies["p_value"].drop_nulls().len() > 0
    assert studies["events"].sum() > 0
    assert "total_return" in set(tables["mart.event"]["return_variant"])
    assert tables["mart.association"]["value"].drop_nulls().len() > 0
    assert tables["mart.risk_input"]["percentile"].drop_nulls().len() > 0
    assert len(set(tables["mart.monitor"]["colour"])) > 1


def up_to(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    return rows.filter(pl.col("session_date") < day)


@pytest.mark.parametrize("table", OF_SESSIONS, ids=lambda table: str(table.table))
def test_a_night_adds_sessions_and_changes_none(lived: Lived, table: type[Table]) -> None:
    before, after = (lived.seen[day][table.table] for day in (BEFORE, AFTER))
    # The last session of a night is told anew by the next one: its figures may have come late.
    assert_frame_equal(up_to(before, BEFORE), up_to(after, BEFORE), check_exact=True)
    # Not every night has a transition; behind the hole an average true range begins anew.
    if table not in {marts.RegimeTransition, marts.Zone}:
        assert after["session_date"].max() == AFTER


def test_a_session_whose_file_is_late_keeps_the_state_until_it_comes(lived: Lived) -> None:
    """The calendar expects the session; nothing of it decides anything before its file is here."""
    late, told = (
        lived.seen[day]["mart.regime"].filter(session_date=MISSED, index_id=HEADLINE)
        for day in (AFTER, BROUGHT)
    )
    assert late["close"].to_list() == [None, None]
    before = lived.seen[AFTER]["mart.regime"].filter(
        session_date=date(2026, 1, 1), index_id=HEADLINE
    )
    assert late["state"].to_list() == before["state"].to_list()
    assert late.filter(rules="full")["held_by_data"].item()
    assert told["close"].null_count() == 0
    for seen, drawn in ((AFTER, 0), (BROUGHT, 1)):
        of_day = lived.seen[seen]["mart.zone"].filter(session_date=MISSED)
        assert (of_day.height > 0) == bool(drawn)


def test_a_night_reaches_no_farther_back_than_its_files(lived: Lived) -> None:
    reached = lived.reached[AFTER]
    assert [since for since in reached.zones if since is not None] == reached.zones
    assert min(day for day in reached.zones if day) >= BEFORE
    ended = date(2025, 12, 31)
    assert [list(quarters) for quarters in reached.quarters] == [[ended]]
    for table in STUDIES:
        one, other = (lived.seen[day][table.table] for day in (BEFORE, AFTER))
        assert_frame_equal(one, other.filter(pl.col("through_date") < ended), check_exact=True)


@pytest.mark.parametrize("table", OF_SESSIONS, ids=lambda table: str(table.table))
def test_a_restated_session_changes_it_and_later_ones_alone(
    lived: Lived, table: type[Table]
) -> None:
    before, after = (lived.seen[day][table.table] for day in (AFTER, BROUGHT))
    assert_frame_equal(up_to(before, RESTATED), up_to(after, RESTATED), check_exact=True)
    if table in {marts.Zone, marts.Regime, marts.RegimeTrigger, marts.RiskInput}:
        of_day = [rows.filter(session_date=RESTATED) for rows in (before, after)]
        assert not of_day[0].equals(of_day[1]), "the restated close is told"


def test_a_restated_session_is_studied_from_its_quarter_on(lived: Lived) -> None:
    reached = lived.reached[BROUGHT]
    assert reached.zones == [RESTATED]
    assert reached.momentum == [RESTATED]
    (quarters,) = reached.quarters
    assert list(quarters) == [date(2025, 9, 30), date(2025, 12, 31)]
    for table in STUDIES:
        one, other = (lived.seen[day][table.table] for day in (AFTER, BROUGHT))
        earlier = pl.col("through_date") < RESTATED
        assert one.filter(earlier).height > 0
        assert_frame_equal(one.filter(earlier), other.filter(earlier), check_exact=True)
        assert not one.filter(~earlier).equals(other.filter(~earlier))


def test_evidence_of_earlier_runs_stands(lived: Lived) -> None:
    """A restatement grades again what it reaches, beside what was said before it."""
    for earlier, later in ((BEFORE, AFTER), (AFTER, BROUGHT)):
        for name in EVIDENCE:
            one, other = lived.seen[earlier][name], lived.seen[later][name]
            assert one.join(other, on=one.columns, how="anti", nulls_equal=True).is_empty()
            assert other.height > one.height
    graded = lived.seen[BROUGHT]["mart.evidence"]
    new = graded.filter(pl.col("recorded_at") == graded["recorded_at"].max())
    assert new["session_date"].min() == RESTATED


def test_the_same_night_again_adds_nothing(lived: Lived, tmp_path: Path) -> None:
    home = lived.home.copy(tmp_path / "home")
    home.night(AFTER, "22:40")
    assert differing(dict(stored(home)), dict(lived.seen[BROUGHT])) == []


LAST = date(2026, 2, 11)
BARE_FROM = date(2024, 12, 1)


@pytest.fixture(scope="module")
def bare(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with closes of indices and nothing else."""
    path = tmp_path_factory.mktemp("bare") / "home"
    home = Home(path, exchange, date(2026, 2, 2), (INDEX, "nse_holidays", HISTORY[0]))
    window = Window(BARE_FROM, LAST, INDICES[:-1], dict.fromkeys(home.sources, home.since))
    home.night(LAST, window=window)
    return home


def test_indices_alone_have_a_state_by_their_closes(bare: Home) -> None:
    rows = bare.read(
        "FROM mart.regime WHERE index_id = ? AND session_date >= ? ORDER BY ALL",
        *(HEADLINE, date(2026, 2, 9)),
    )
    by_index, full = ([row for row in rows if row["rules"] == one] for one in ("index", "full"))
    assert [row["session_date"] for row in by_index] == [date(2026, 2, 9), date(2026, 2, 10), LAST]
    assert None not in {row["close"] for row in by_index}
    assert not {row["state"] for row in by_index} & {"UNKNOWN"}
    lacking = ("leg_breadth_turns", "leg_flows", "leg_summation", "leg_results")
    assert {row[leg] for row in full for leg in lacking} == {None}
    recovering = [row for row in full if row["state"] in {"DRAWDOWN", "REBOUND"}]
    assert recovering, "the story is one of a rebound"
    assert any(row["held_by_data"] for row in full), "what lacks is told"


def test_indices_alone_have_no_composite_and_say_why(bare: Home) -> None:
    (row,) = bare.read("FROM mart.risk_appetite WHERE session_date = ?", LAST)
    assert row["composite"] is None
    assert [pillar for pillar in PILLARS if f"{pillar}: " not in row["missing"]] == []
    colours = {
        row["monitor_id"]: row["colour"]
        for row in bare.read("FROM mart.monitor WHERE session_date = ?", LAST)
    }
    for lacking in ("fii_inflows", "filings", "macro", "breadth", "appetite"):
        assert colours[lacking] == "unknown"
    assert colours["midcap_participation"] != "unknown"


def test_indices_alone_make_a_brief(bare: Home, tmp_path: Path) -> None:
    page = write_brief(bare.path / "published" / "riskon.duckdb", tmp_path)
    text = page.with_suffix(".md").read_text(encoding="utf-8")
    (row,) = bare.read(
        "SELECT close FROM mart.regime WHERE session_date = ? AND index_id = ? AND rules = 'full'",
        *(LAST, HEADLINE),
    )
    for told in (text, page.read_text(encoding="utf-8")):
        assert "SIMULATED" in told.upper()
        assert f"{row['close']:,.0f}" in told
        assert re.findall(r"\b(?:None|nan|NaN)\b|\{\{|\}\}", told) == []
    picture = page.with_suffix(".png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    assert width > height > 300


@pytest.fixture
def asked(bare: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line in that home, on a wide terminal."""
    monkeypatch.setenv("RISKON_HOME", str(bare.path))
    for name in ("console", "complaints"):
        monkeypatch.setattr(getattr(cli, name), "width", 300)


@pytest.mark.usefixtures("asked")
def test_indices_alone_can_be_studied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["study", "--through", "2025-12-31"]) == cli.DONE
    printed = capsys.readouterr().out
    assert "2025-12-31" in printed
    for definition in ("relative_strength_80", "risen_10_after_15", "breadth_30_to_70"):
        assert definition in printed
    target = tmp_path / "study.md"
    assert cli.run(["study", "--through", "2025-12-31", "--output", str(target)]) == cli.DONE
    assert target.read_text(encoding="utf-8").strip() == printed.strip()


@pytest.mark.usefixtures("asked")
def test_every_row_of_the_article_is_graded(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["case", "smallcap-rebound-2026"]) == cli.DONE
    lines = capsys.readouterr().out.splitlines()
    grades = ("SUPPORTED", "PARTLY", "NOT SUPPORTED", "CONTRADICTED", "UNTESTABLE")
    assert sum(line.startswith(grades) for line in lines) == 33


def test_the_same_rows_in_other_bytes_add_nothing_and_a_rebuild_tells_the_same(
    bare: Home, market: Market, tmp_path: Path
) -> None:
    """The file is new, so that all of the verdict is derived again; nothing it says is."""
    home = bare.copy(tmp_path / "home")
    again = tmp_path / "again.csv"
    of_day = market.index_bars.filter(session_date=date(2026, 2, 9))
    again.write_bytes(index_close_csv(of_day).replace(b"\n", b"\r\n"))
    home.exchange.now = at(LAST, "22:50")
    with watching() as reached:
        assert bring(home.settings(home.exchange.now), again, {}).landed == 1
    assert reached.zones == [LAST]
    assert differing(dict(stored(home)), dict(stored(bare))) == []
    before = home.tables()
    assert before["mart.zone"].height > 0
    assert before["mart.event_study"].height > 0
    _, differences = rebuild(home.settings(at(LAST, "23:00")))
    assert differences.filter((pl.col("only_old") != 0) | (pl.col("only_new") != 0)).is_empty()
    assert differing(before, home.tables()) == []


def test_another_threshold_tells_all_anew_but_no_momentum(
    bare: Home, market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the next run that brings a file: a run that brings none leaves all as it was."""
    home = bare.copy(tmp_path / "home")
    before = stored(home)
    assert before["mart.zone"]["pivots"].min() == 2
    monkeypatch.setitem(vars(LEAST_PIVOTS), "value", 3.0)
    monkeypatch.setitem(vars(LEAST_WEEKS), "value", 1000.0)
    with watching() as reached:
        home.night(LAST, "22:50")
    assert reached.zones == []
    again = tmp_path / "again.csv"
    of_day = market.index_bars.filter(session_date=date(2026, 2, 9))
    again.write_bytes(index_close_csv(of_day).replace(b"\n", b"\r\n"))
    with watching() as reached:
        bring(home.settings(at(LAST, "22:55")), again, {})
    assert (reached.zones, reached.momentum) == ([None], [LAST])
    after = stored(home)
    assert after["mart.zone"]["pivots"].min() == 3
    assert set(after["mart.zone"]["session_date"]) > {date(2025, 12, 31), LAST}
    told = after["mart.association"].filter(pl.col("missing").str.contains("of 1000 weeks"))
    quarters = set(before["mart.association"]["through_date"])
    assert len(quarters) >= 4
    assert set(told["through_date"]) == quarters
    (quarter,) = reached.quarters
    assert set(quarter) == quarters
    (held,) = home.read(
        "SELECT value FROM ops.definition WHERE kind = 'threshold' AND definition_id = ?",
        LEAST_PIVOTS.id,
    )
    assert held == {"value": 3.0}
