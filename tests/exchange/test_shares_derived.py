"""Shares through the whole pipeline, against an independent slow computation over the truth.

Riskon asks the simulated exchange on some evenings, over HTTP, as a user's would: what it then
holds of breadth is worked out again in `slow_breadth`, session by session, from what the generator
knows to be true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.demo.exchange import Exchange, draw_shares
from flows.demo.wire.faults import Fault, FaultKind
from flows.demo.world.market import Market, simulate
from tests.exchange import homes
from tests.exchange.conftest import small
from tests.exchange.homes import CLOSES, Home, Impatient
from tests.exchange.slow_breadth import (
    Bar,
    Row,
    SeenLists,
    breadth_rows,
    ordinary_bars,
    sector_contributions,
)
from warehouse.store import open_reader

FIRST = date(2025, 1, 1)
LATE, TOLD = date(2025, 6, 12), date(2025, 6, 13)
JUMP = date(2025, 10, 23)
LAST = date(2026, 2, 11)
REVIEWS = (date(2025, 3, 28), date(2025, 9, 30))
EVENINGS = (
    date(2025, 3, 27),
    LATE,
    TOLD,
    JUMP,
    date(2026, 2, 10),
    LAST,
)
"""On both sides of two reviews of the indices, at each step of a late delivery, and one by one."""
STOP = JUMP
"""An evening of which later ones are compared: splits, a demerger and a reset of tiers follow."""

LISTS = {
    "nifty-50": "ind_nifty50list",
    "nifty-smallcap-100": "ind_niftysmallcap100list",
    "nifty-smallcap-250": "ind_niftysmallcap250list",
}
INDICES = {
    "market": "Nifty 500",
    "nifty-50": "Nifty 50",
    "nifty-smallcap-100": "NIFTY Smallcap 100",
    "nifty-smallcap-250": "NIFTY Smallcap 250",
}
"""The index beside each universe."""
UNIVERSES = ("market", *LISTS)
BAR_SOURCES = ("nse_equity_bhavcopy", "nse_equity_full")
SOURCES = (
    *(*BAR_SOURCES, "nse_pr_set", "nse_corporate_actions"),
    *("nse_equity_list", "nse_name_changes", "nse_symbol_changes", "nse_index_members"),
)
HISTORIES = ("mart.equity_series", "mart.equity_momentum", "mart.equity_rank")
BREADTHS = ("mart.breadth_count", "mart.breadth")
ADJUSTMENTS = "core.price_adjustment"
MEMBERSHIP = "core.index_membership"
CONTRIBUTION = "mart.contribution"
LEADERSHIPS = ("mart.leadership", "mart.sector_rotation")
IDENTITIES = ("core.instrument", "core.instrument_name")
HELD = (
    *HISTORIES,
    *BREADTHS,
    CONTRIBUTION,
    *LEADERSHIPS,
    ADJUSTMENTS,
    MEMBERSHIP,
    *IDENTITIES,
)

SPLITS = {
    "consolidation": (36, date(2025, 5, 16), {"consolidation": "declared"}),
    "unannounced bonus": (30, date(2025, 7, 18), {"split": "inferred"}),
    "bonus": (24, date(2025, 8, 22), {"bonus": "declared"}),
    "bonus and split": (14, date(2025, 9, 12), {"bonus": "declared", "split": "declared"}),
    "unannounced split": (41, date(2025, 11, 7), {"split": "inferred"}),
}
"""Company, day, and how it is known; published closes say that it moved by half and more."""

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Nights:
    """A home after its nights, and what readers saw of it after each."""

    home: Home
    market: Market
    seen: Mapping[date, Tables]
    deliveries: Mapping[date, Mapping[str, Any]]
    """What the day state of the deliveries told late was on each evening from theirs on."""


def published(home: Home) -> Tables:
    with closing(open_reader(home.path / "published" / "riskon.duckdb")) as reader:
        return {name: reader.read(f"FROM {name} ORDER BY ALL") for name in HELD}


@pytest.fixture(scope="module")
def market() -> Market:
    drawn = small(simulate(start=FIRST))
    draw_shares(drawn)
    return drawn


@pytest.fixture(scope="module")
def exchange(market: Market) -> Iterator[Exchange]:
    with pytest.MonkeyPatch.context() as patch, Exchange(market) as running:
        patch.setitem(homes.FEW_ITEMS, "nse_index_members", tuple(LISTS.values()))
        # A month of files is written at once, when its first one is asked for.
        patch.setattr(Impatient, "silence_s", 30.0)
        yield running


@pytest.fixture(scope="module")
def nights(exchange: Exchange, market: Market, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    home = Home(tmp_path_factory.mktemp("nights") / "home", exchange, FIRST, (*CLOSES, *SOURCES))
    seen, deliveries = {}, {}
    for evening in EVENINGS:
        home.night(evening)
        seen[evening] = published(home)
        if evening >= LATE:
            deliveries[evening] = home.state("nse_equity_full", LATE)
    return Nights(home, market, seen, deliveries)


@pytest.fixture(scope="module")
def at_once(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """A home whose only night is the last."""
    home = Home(tmp_path_factory.mktemp("at_once") / "home", exchange, FIRST, (*CLOSES, *SOURCES))
    home.night(LAST)
    return published(home)


@pytest.fixture(scope="module")
def bars(market: Market) -> Mapping[date, Sequence[Bar]]:
    return ordinary_bars(market)


@pytest.fixture(scope="module")
def slow(market: Market, bars: Mapping[date, Sequence[Bar]]) -> Mapping[str, Mapping[date, Row]]:
    """Breadth by universe and session, from the truth."""
    seen = {name: SeenLists(market, item, EVENINGS) for name, item in LISTS.items()}
    return {name: breadth_rows(market, bars, seen.get(name)) for name in UNIVERSES}


def held_rows(tables: Tables, universe: str) -> dict[date, dict[str, Any]]:
    """Counts and series of a universe, by session."""
    rows: dict[date, dict[str, Any]] = {}
    for name in BREADTHS:
        for row in tables[name].filter(universe=universe).iter_rows(named=True):
            rows.setdefault(row["session_date"], {}).update(row)
    return rows


def is_near(true: Any, held: Any, name: str) -> bool:
    if true is None or held is None:
        return true is held
    # Returns of a share are stored with seven digits, of up to some tens of percent.
    rounded = 5e-6 if "return" in name or name.endswith("_9_pct") else 0.0
    return bool(abs(true - held) <= 1e-9 * max(1.0, abs(true)) + rounded)


@pytest.mark.parametrize("universe", UNIVERSES)
def test_the_index_stands_beside(nights: Nights, market: Market, universe: str) -> None:
    closes = market.index_bars.filter(index_name=INDICES[universe])
    true = dict(closes.select("session_date", "close").iter_rows())
    held = held_rows(nights.seen[LAST], universe)
    assert {day: row["index_close"] for day, row in held.items()} == true


@pytest.mark.parametrize("universe", UNIVERSES)
def test_every_session_is_as_the_slow_computation_has_it(
    nights: Nights, slow: Mapping[str, Mapping[date, Row]], universe: str
) -> None:
    true, held = slow[universe], held_rows(nights.seen[LAST], universe)
    assert held.keys() == true.keys()
    wrong = [
        (day, name, value, held[day][name])
        for day, row in true.items()
        for name, value in row.items()
        if name != "is_short" and not is_near(value, held[day][name], name)
    ]
    assert wrong == []
    warm = {name for row in true.values() for name, value in row.items() if value is not None}
    assert warm == set(next(iter(true.values()))), "a series that is never warm compares nothing"


@pytest.mark.parametrize("universe", LISTS)
def test_sectors_added_what_the_slow_computation_says(
    nights: Nights, bars: Mapping[date, Sequence[Bar]], universe: str
) -> None:
    lists = SeenLists(nights.market, LISTS[universe], EVENINGS)
    true = sector_contributions(nights.market, bars, lists)
    rows = nights.seen[LAST][CONTRIBUTION].filter(universe=universe, grouping="sector")
    held = {
        (day, group): points
        for day, group, points, weighed in rows.select(
            "session_date", "group_name", "contribution_points", "weighed"
        ).iter_rows()
        if weighed
    }
    assert len(true) > 500
    assert held == pytest.approx(true, abs=5e-6)


@pytest.mark.parametrize("universe", ["nifty-50", "nifty-smallcap-100"])
def test_members_explain_their_index(
    nights: Nights, bars: Mapping[date, Sequence[Bar]], universe: str
) -> None:
    """Where the list in force was known and all its members traded, they are the published return.

    Of the four indices that the generator makes of their members these are asked for. An index
    holds a share that does not trade at its last price.
    """
    market = nights.market
    pairs = {day: {bar.company for bar in traded if bar.is_pair} for day, traded in bars.items()}
    seen = SeenLists(market, LISTS[universe], EVENINGS)
    force = SeenLists(market, LISTS[universe], list(market.sessions["session_date"]))
    rows = nights.seen[LAST][CONTRIBUTION].filter(universe=universe, grouping="whole")
    added = dict(rows.select("session_date", "contribution_points").iter_rows())
    closes = market.index_bars.filter(index_name=INDICES[universe]).sort("session_date")
    levels = list(closes.select("session_date", "close").iter_rows())
    residuals = [
        added[day] - 100 * (close / before - 1.0)
        for (_, before), (day, close) in pairwise(levels)
        if seen.members(day) == force.members(day) <= pairs[day]
    ]
    assert len(residuals) > 80
    assert max(map(abs, residuals)) < 0.01


def counted(bars: pl.DataFrame, day: date) -> tuple[int, int]:
    """Advances and declines by published closes of the same symbol, actions or not."""
    kept = bars.filter(pl.col("series").is_in(["EQ", "BE"]), kind="share")
    days = kept["session_date"].unique().sort()
    before = days.filter(days < day).max()
    now, then = (
        kept.filter(session_date=one).select("symbol", "close").unique("symbol")
        for one in (day, before)
    )
    moves = now.join(then, on="symbol", suffix="_before").select(
        pl.col("close") - pl.col("close_before")
    )["close"]
    return int((moves > 0).sum()), int((moves < 0).sum())


@pytest.mark.parametrize("event", SPLITS)
def test_days_of_actions_are_hard_ones(
    nights: Nights, slow: Mapping[str, Mapping[date, Row]], event: str
) -> None:
    """Who compares published closes counts otherwise on these days, or returns something absurd."""
    company, day, known = SPLITS[event]
    market = nights.market
    adjusted = nights.seen[LAST][ADJUSTMENTS].filter(session_date=day)
    assert dict(adjusted.select("kind", "basis").iter_rows()) == known
    truth = market.shares.truth.filter(company=company).sort("session_date")
    raw = truth.select("session_date", move=pl.col("close").pct_change()).filter(session_date=day)
    true = truth.filter(session_date=day)["adjusted_return"].item()
    assert abs(raw["move"].item()) > 0.4
    assert abs(true) < 0.2
    row = slow["market"][day]
    assert row["quarantined"] == 0
    pairs = sum(int(row[name] or 0) for name in ("advances", "declines", "unchanged"))
    assert pairs > 50
    if raw["move"].item() * true < 0:
        assert counted(market.shares.bars, day) != (row["advances"], row["declines"])


def test_one_share_goes_on_under_its_new_symbol(nights: Nights, market: Market) -> None:
    """The day of a rename has a move; two symbols, one share, no hole."""
    company, day = 5, date(2025, 4, 9)
    truth = market.shares.truth.filter(company=company).sort("session_date")
    old, new = truth.filter(pl.col("session_date") <= day)["symbol"].tail(2)
    assert old != new
    series = nights.seen[LAST]["mart.equity_series"]
    ids = series.filter(pl.col("symbol").is_in([old, new]))["instrument_id"].unique()
    assert len(ids) == 1
    mine = series.filter(instrument_id=ids[0]).sort("session_date")
    assert mine["session_date"].to_list() == truth["session_date"].to_list()
    assert mine.filter(session_date=day)["sessions_since_bar"].item() == 1
    moved = nights.seen[LAST]["mart.equity_momentum"].filter(instrument_id=ids[0], session_date=day)
    true = truth.filter(session_date=day)["adjusted_return"].item()
    assert moved["return_1_pct"].item() == pytest.approx(100 * true, rel=1e-6)


def symbols(market: Market, company: int, day: date) -> str:
    return str(market.shares.truth.filter(company=company, session_date=day)["symbol"].item())


def test_a_jump_nobody_explains_is_kept_out(nights: Nights, market: Market) -> None:
    """Listed for the operator on its evening, counted nowhere, and in nobody's average."""
    symbol = symbols(market, 42, JUMP)
    for evening in (JUMP, LAST):
        tables = nights.seen[evening]
        at = tables["mart.equity_series"].filter(symbol=symbol, session_date=JUMP)
        assert at["is_quarantined"].to_list() == [True]
        adjusted = tables[ADJUSTMENTS].filter(session_date=JUMP)
        assert adjusted["basis"].to_list() == ["quarantined"]
        assert adjusted["price_factor"].to_list() == [None]
        momentum = tables["mart.equity_momentum"].filter(
            instrument_id=at["instrument_id"].item(), session_date=JUMP
        )
        assert momentum["return_1_pct"].to_list() == [None]
        assert momentum["is_above_sma_20"].to_list() == [None]


def test_a_suspension_and_a_series_move(nights: Nights, market: Market) -> None:
    """After six weeks without a trade windows begin anew; a change of series is no gap."""
    series, momentum = (
        nights.seen[LAST][name] for name in ("mart.equity_series", "mart.equity_momentum")
    )
    back = date(2025, 6, 16)
    suspended = series.filter(symbol=symbols(market, 47, back), session_date=back)
    assert suspended["sessions_since_bar"].item() > 21
    after = momentum.filter(
        pl.col("session_date") >= back, instrument_id=suspended["instrument_id"].item()
    ).sort("session_date")
    assert after["sma_20"].is_null().to_list()[:21] == [True] * 19 + [False] * 2
    first_be = date(2025, 7, 7)
    moved = series.filter(symbol=symbols(market, 33, first_be)).sort("session_date")
    kinds = dict(moved.select("session_date", "series").iter_rows())
    at = list(kinds).index(first_be)
    assert list(kinds.values())[at - 1 : at + 1] == ["EQ", "BE"]
    assert moved["sessions_since_bar"].to_list()[at] == 1
    assert moved["is_ordinary"].all()


def test_a_delivery_told_late_is_pending_then_filled(nights: Nights, market: Market) -> None:
    states = {evening: state["state"] for evening, state in nights.deliveries.items()}
    assert states.pop(LATE) == "late"
    assert set(states.values()) == {"loaded"}
    true = {
        (symbol, series): shares
        for symbol, series, shares in market.shares.bars.filter(session_date=LATE, kind="share")
        .select("symbol", "series", "delivery_shares")
        .iter_rows()
        if series == "EQ"
    }
    assert len(true) > 50
    for evening, expected in ((LATE, dict.fromkeys(true)), (TOLD, true), (LAST, true)):
        tables = nights.seen[evening]
        held = {
            (row["symbol"], row["series"]): row["delivery_shares"]
            for row in tables["mart.equity_series"].filter(session_date=LATE).iter_rows(named=True)
            if (row["symbol"], row["series"]) in true
        }
        assert held == expected
        is_known = evening != LATE
        row = held_rows(tables, "market")[LATE]
        assert (row["delivery_known"] > 0) == is_known
        assert (row["up_delivered_10_pct"] is not None) == is_known
        share = tables["mart.equity_momentum"].filter(session_date=LATE)["delivery_share_pct"]
        assert (share.count() > 50) == is_known
    # Prices did not wait for it.
    one, two = (held_rows(nights.seen[evening], "market")[LATE] for evening in (LATE, TOLD))
    assert (one["advances"], one["declines"]) == (two["advances"], two["declines"])


def test_bars_wait_for_the_proof_of_their_session(exchange: Exchange, tmp_path: Path) -> None:
    """Index files prove sessions. Where bars came and that did not, the night after heals."""
    since, broken, last = date(2026, 1, 29), date(2026, 2, 5), date(2026, 2, 6)
    asked = (*CLOSES, "nse_equity_bhavcopy")
    home = Home(tmp_path / "nights", exchange, since, asked)
    home.night(date(2026, 2, 1))
    home.night(broken, "22:30", Fault("ind_close_all_05022026", FaultKind.UNAVAILABLE))
    held = published(home)
    proven = {row["session_date"] for row in home.read("FROM core.trading_session")}
    assert broken not in proven
    for name in (*HISTORIES, *BREADTHS):
        assert set(held[name]["session_date"]) <= proven
    home.night(last)
    straight = Home(tmp_path / "straight", exchange, since, asked)
    straight.night(last)
    one, other = published(home), published(straight)
    for name in (*HISTORIES, *BREADTHS):
        assert other[name].filter(session_date=broken).height > 0
        assert differences(one[name], other[name], KEYS[name]) == []


def members_held(tables: Tables, universe: str, day: date) -> set[str]:
    return set(
        tables[MEMBERSHIP].filter(
            pl.col("valid_from") <= day, pl.col("valid_to") > day, universe=universe
        )["instrument_id"]
    )


@pytest.mark.parametrize("universe", LISTS)
def test_members_are_those_of_the_lists_it_saw(
    nights: Nights, market: Market, universe: str
) -> None:
    issuers = {one.number: one.isin_on(LAST)[:7] for one in market.results.population}
    lists = SeenLists(market, LISTS[universe], EVENINGS)
    sessions = list(market.sessions["session_date"])
    for day in sessions:
        true = {issuers[number] for number in lists.members(day)}
        assert members_held(nights.seen[LAST], universe, day) == true, day
    for review in REVIEWS:
        earlier = max(day for day in EVENINGS if day <= review)
        later = min(day for day in EVENINGS if day > review)
        if universe != "nifty-50":
            assert lists.members(earlier) != lists.members(later)


def without_lists(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that do not depend on when somebody asked for a list."""
    if table in BREADTHS:
        return rows.filter(~pl.col("universe_kind").is_in(["index", "sector"]))
    if table == CONTRIBUTION:
        return rows.filter(pl.col("grouping") != "sector", universe="market")
    return rows.clear() if table in LEADERSHIPS else rows


def differences(one: pl.DataFrame, other: pl.DataFrame, key: Sequence[str]) -> list[str]:
    """What differs, column by column."""
    one, other = one.sort(key), other.sort(key)
    if not one.select(key).equals(other.select(key)):
        return [f"rows: {one.height} and {other.height}"]
    return [name for name in one.columns if not one[name].equals(other[name])]


KEYS = {
    **dict.fromkeys(HISTORIES, ("instrument_id", "session_date")),
    **dict.fromkeys((*BREADTHS, *LEADERSHIPS), ("universe", "session_date")),
    CONTRIBUTION: ("universe", "session_date", "grouping", "group_name"),
    ADJUSTMENTS: ("instrument_id", "session_date", "kind", "terms"),
}


@pytest.mark.parametrize("table", KEYS)
def test_nothing_looks_ahead(nights: Nights, at_once: Tables, table: str) -> None:
    """Who knows nothing after a date has the same rows up to it as who knows all."""
    until = pl.col("session_date") <= STOP
    short = nights.seen[STOP][table]
    assert short.height > 0
    assert short.filter(~until).is_empty()
    for longer in (nights.seen[LAST][table], at_once[table]):
        assert longer.height >= short.height
        one, other = short, longer.filter(until)
        if longer is at_once[table]:
            one, other = without_lists(table, one), without_lists(table, other)
        assert differences(one, other, KEYS[table]) == []


@pytest.mark.parametrize("table", [name for name in KEYS if name not in LEADERSHIPS])
def test_night_by_night_is_the_same_as_at_once(nights: Nights, at_once: Tables, table: str) -> None:
    one, other = (without_lists(table, rows[table]) for rows in (nights.seen[LAST], at_once))
    if table in BREADTHS:
        assert {"market", "tier:small"} <= set(other["universe"])
    assert other.height > 0
    assert differences(one, other, KEYS[table]) == []


def test_identity_does_not_depend_on_the_nights(nights: Nights, at_once: Tables) -> None:
    """Titles and dates of listing do: they are those of the lists that were seen."""
    told = ["title", "listed_on"]
    for table in IDENTITIES:
        one, other = (
            tables[table].drop(told, strict=False) for tables in (nights.seen[LAST], at_once)
        )
        assert other.height > 60
        assert differences(one, other, other.columns) == []


def test_membership_of_past_sessions_stands(nights: Nights) -> None:
    """What an evening knew of who belonged where is what later ones say of its days."""
    universes = sorted(set(nights.seen[LAST][MEMBERSHIP]["universe"]))
    assert len(universes) > 10
    for earlier, later in pairwise(EVENINGS):
        sessions = [
            day for day in nights.market.sessions["session_date"] if EVENINGS[0] <= day <= earlier
        ]
        for universe in universes:
            for day in sessions[-10:]:
                one, other = (
                    members_held(nights.seen[evening], universe, day)
                    for evening in (earlier, later)
                )
                assert one == other, (universe, day, earlier, later)


@pytest.mark.parametrize("universe", LISTS)
def test_days_before_the_first_list_say_so(at_once: Tables, universe: str) -> None:
    """Who asks once has today's survivors for all of the past, and a flag on every row of it."""
    rows = at_once["mart.breadth"].filter(universe=universe).sort("session_date")
    flags = dict(rows.select("session_date", "is_survivorship_biased").iter_rows())
    assert flags.pop(LAST) is False
    assert len(flags) > 250
    assert all(flags.values())
    members = {frozenset(members_held(at_once, universe, day)) for day in (*flags, LAST)}
    assert len(members) == 1
