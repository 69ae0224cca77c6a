"""The simulated shares: what the exchange shows of them, what happens to them, what is true."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from flows.demo.world.companies import check_digit
from flows.demo.world.index_members import members
from flows.demo.world.market import Market, simulate
from flows.demo.world.share_weights import EXACT, members_in_force
from flows.demo.world.shares import Shares
from flows.demo.world.story import FIRST_SHARE_SESSION, LAST_SESSION

BARS = {
    "session_date": pl.Date,
    "symbol": pl.String,
    "series": pl.String,
    "isin": pl.String,
    "security_name": pl.String,
    "open": pl.Float64,
    "high": pl.Float64,
    "low": pl.Float64,
    "close": pl.Float64,
    "last": pl.Float64,
    "previous_close": pl.Float64,
    "average_price": pl.Float64,
    "volume_shares": pl.Int64,
    "turnover_inr": pl.Float64,
    "trades": pl.Int64,
    "delivery_shares": pl.Int64,
    "company": pl.Int32,
    "kind": pl.String,
}
SERIES = {
    "share": {"EQ", "BE", "BZ", "SM", "T0"},
    "sme share": {"SM", "ST"},
    "fund": {"EQ"},
    "reit": {"RR"},
    "invit": {"IV"},
    "partly paid share": {"E1"},
    "rights entitlement": {"BE"},
    "debt": {"GS", "GB", "N1"},
    "test": {"EQ"},
}
RECENT = date(2024, 12, 11)
"""Fourteen months before the story ends."""


@pytest.fixture(scope="module")
def shares(market: Market) -> Shares:
    return market.shares


def digest(market: Market) -> str:
    sums = hashlib.sha256()
    shares = market.shares
    for frame in (shares.bars, shares.caps, shares.actions, shares.extremes, shares.truth):
        sums.update(frame.write_csv().encode())
    return sums.hexdigest()


def bars_of(shares: Shares, company: int) -> pl.DataFrame:
    """A company's own bars, without those of the T0 series."""
    return shares.bars.filter(pl.col("company") == company, pl.col("series") != "T0")


def true_move(shares: Shares, company: int, day: date) -> float | None:
    [move] = shares.truth.filter(company=company, session_date=day)["adjusted_return"]
    assert move is None or isinstance(move, float)
    return move


def around(shares: Shares, company: int, day: date) -> tuple[dict[str, float], dict[str, float]]:
    """The bar of a session and the company's bar before it."""
    bars = bars_of(shares, company).filter(pl.col("session_date") <= day).tail(2)
    assert bars["session_date"][-1] == day
    return bars.row(1, named=True), bars.row(0, named=True)


def test_bars_are_as_agreed(shares: Shares) -> None:
    bars = shares.bars
    assert dict(bars.schema) == BARS
    assert bars.select("session_date", "symbol", "series").is_unique().all()
    assert bars.equals(bars.sort("session_date", "symbol", "series"))
    told = ("last", "previous_close", "delivery_shares", "company")
    assert bars.drop(told).null_count().sum_horizontal().item() == 0
    assert bars["session_date"].min() == FIRST_SHARE_SESSION
    assert bars["session_date"].max() == LAST_SESSION
    assert bars["session_date"].n_unique() == len(shares.sessions) > 756


def test_bars_trade_on_the_sessions_of_the_market(market: Market, shares: Shares) -> None:
    since = market.sessions.filter(pl.col("session_date") >= FIRST_SHARE_SESSION)
    assert since["session_date"].to_list() == list(shares.sessions)


def test_bars_are_possible(shares: Shares) -> None:
    main = shares.bars.filter(pl.col("series") != "T0")
    prices = ("open", "low", "close", "last", "average_price")
    assert main.filter(pl.col("high") < pl.max_horizontal(prices)).is_empty()
    assert main.filter(pl.col("low") > pl.min_horizontal("open", "high", *prices[2:])).is_empty()
    assert main.filter(pl.col("low") < 0.01).is_empty()
    assert main.filter(pl.col("delivery_shares") > pl.col("volume_shares")).is_empty()
    assert main.filter(pl.col("trades") > pl.col("volume_shares")).is_empty()
    assert main.filter(pl.min_horizontal("volume_shares", "trades") < 1).is_empty()
    value = pl.col("volume_shares") * pl.col("average_price")
    assert main.filter((pl.col("turnover_inr") - value).abs() > 0.0051).is_empty()


def test_prices_stand_on_ticks(shares: Shares) -> None:
    paise = (pl.col("open", "high", "low", "close") * 100.0).round(6)
    bars = shares.bars.select(paise)
    assert bars.equals(bars.select(pl.all().round(0)))
    dear = shares.bars.filter(pl.col("previous_close") > 260.0, pl.col("close") > 260.0)
    assert dear.filter(((pl.col("close") * 20.0).round(6) % 1.0) > 0).is_empty()


def test_each_kind_trades_in_its_series(shares: Shares) -> None:
    seen = shares.bars.group_by("kind").agg(pl.col("series").unique())
    assert {kind: set(series) for kind, series in seen.iter_rows()} == SERIES


def test_numbers_of_securities_say_what_they_are(shares: Shares) -> None:
    isins = shares.bars.filter(pl.col("kind") != "test").select("isin", "kind").unique()
    for isin, kind in isins.iter_rows():
        assert len(isin) == 12
        if not isin.startswith("IN00"):
            assert int(isin[11]) == check_digit(isin[:11])
        if kind in {"share", "sme share"}:
            assert (isin[:4], isin[7:9]) == ("INEX", "01")
    prefix = {"fund": "INF", "partly paid share": "IN9", "reit": "INE", "invit": "INE"}
    for kind, start in prefix.items():
        assert all(isin.startswith(start) for isin in isins.filter(kind=kind)["isin"])


def test_names_are_cut_and_tell_securities_apart(shares: Shares) -> None:
    assert (shares.bars["security_name"].str.len_chars() <= 25).all()
    same_day = shares.bars.group_by("session_date", "security_name").agg(pl.n_unique("symbol"))
    assert (same_day["symbol"] == 1).all()


def test_deliveries_are_not_told_where_all_is_delivered(shares: Shares) -> None:
    untold = pl.col("delivery_shares").is_null()
    assert shares.bars.filter(untold != pl.col("series").is_in(["BE", "BZ"])).is_empty()
    assert set(shares.delivery_late) < set(shares.sessions)


def test_the_previous_close_is_the_last_close_whatever_the_series(shares: Shares) -> None:
    ours = shares.bars.filter(pl.col("company").is_not_null(), pl.col("series") != "T0")
    checked = ours.with_columns(before=pl.col("close").shift(1).over("company")).drop_nulls(
        "before"
    )
    assert (checked["previous_close"] == checked["before"]).all()
    assert checked.height > 60_000


def test_twins_have_the_closes_of_their_main_share(shares: Shares) -> None:
    twins = shares.bars.filter(series="T0")
    assert twins.height > 20
    main = twins.join(shares.bars.filter(series="EQ"), on=["session_date", "symbol"])
    assert main.height == twins.height
    for column in ("close", "previous_close", "isin"):
        assert (main[column] == main[f"{column}_right"]).all()
    assert (twins["volume_shares"] < 10).all()


# The story must not hang on a lucky seed.
@pytest.mark.parametrize("seed", [20260211, 3])
def test_members_add_up_to_their_index(market: Market, seed: int) -> None:
    """Recomputed from market values, lists and true moves, row by row."""
    here = market if seed == market.seed else simulate(seed=seed)
    worth: dict[date, dict[int, float]] = {}
    for day, close, issued, company in here.shares.caps.select(
        "session_date", "close", "issued_shares", "company"
    ).iter_rows():
        if company is not None:
            worth.setdefault(day, {})[company] = close * issued
    moves: dict[date, dict[int, float]] = {}
    for day, company, move in here.shares.truth.select(
        "session_date", "company", "adjusted_return"
    ).iter_rows():
        moves.setdefault(day, {})[company] = move or 0.0
    population = here.results.population
    old_name = {"NIFTY Microcap 250": "NIFTY MICROCAP250"}
    for name, listed in EXACT.items():
        levels = {
            day: close
            for shown in (name, old_name.get(name, name))
            for day, close in here.index_bars.filter(index_name=shown)
            .select("session_date", "close")
            .iter_rows()
        }
        inside: dict[date, list[int]] = {}
        for before, day in pairwise(here.shares.sessions):
            review = members_in_force(day)
            if review not in inside:
                symbols = {row[2] for row in members(listed, population, seed, review)}
                inside[review] = [c.number for c in population if c.symbol_on(review) in symbols]
            weights = [(k, worth[before].get(k, 0.0)) for k in inside[review]]
            whole = sum(weight for _, weight in weights)
            got = sum(weight * moves[day].get(k, 0.0) for k, weight in weights) / whole
            assert got == pytest.approx(levels[day] / levels[before] - 1.0, abs=1e-4), (name, day)


def test_nobody_is_in_two_exact_indices(market: Market) -> None:
    review = members_in_force(LAST_SESSION)
    rows = [
        row[4]
        for listed in EXACT.values()
        for row in members(listed, market.results.population, market.seed, review)
    ]
    assert len(rows) == len(set(rows)) > 30


@pytest.mark.parametrize(
    ("company", "ex_date", "factor"),
    [
        (6, date(2023, 8, 18), 2 / 10),
        (14, date(2025, 9, 12), 2 / 10 * 1 / 2),
        (24, date(2025, 8, 22), 1 / 2),
        (30, date(2025, 7, 18), 1 / 2),
        (36, date(2025, 5, 16), 10 / 1),
        (41, date(2025, 11, 7), 5 / 10),
    ],
)
def test_a_true_move_takes_the_terms_out(
    shares: Shares, company: int, ex_date: date, factor: float
) -> None:
    bar, before = around(shares, company, ex_date)
    assert bar["previous_close"] == before["close"]
    by_hand = bar["close"] / (before["close"] * factor) - 1.0
    assert true_move(shares, company, ex_date) == pytest.approx(by_hand, abs=1e-9)
    assert abs(by_hand) <= 0.2


def test_rights_at_the_theoretical_price(shares: Shares) -> None:
    day = date(2025, 10, 10)
    bar, before = around(shares, 35, day)
    [words] = shares.actions.filter(company=35, ex_date=day)["purpose"]
    premium = float(words.removeprefix("Rights 1:5 @ Premium Rs ").removesuffix("/-"))
    [face] = shares.actions.filter(company=35, ex_date=day)["face_value_inr"]
    theoretical = (5 * before["close"] + 1 * (premium + face)) / 6
    by_hand = bar["close"] / theoretical - 1.0
    assert true_move(shares, 35, day) == pytest.approx(by_hand, abs=1e-9)
    entitled = shares.bars.filter(kind="rights entitlement")
    assert entitled["symbol"].unique().to_list() == ["QHILOMIA-RE"]
    first = entitled["session_date"].min()
    assert isinstance(first, date)
    assert day < first < day + timedelta(days=20)
    assert 4 <= entitled.height <= 12


def test_a_demerged_share_moves_from_its_opening(shares: Shares) -> None:
    day = date(2025, 12, 1)
    bar, before = around(shares, 3, day)
    assert bar["open"] < 0.85 * before["close"]
    by_hand = bar["close"] / bar["open"] - 1.0
    assert true_move(shares, 3, day) == pytest.approx(by_hand, abs=1e-9)


def test_a_special_dividend_counts_and_an_ordinary_one_does_not(shares: Shares) -> None:
    day = date(2025, 7, 25)
    bar, before = around(shares, 40, day)
    [words] = shares.actions.filter(company=40, ex_date=day)["purpose"]
    ordinary, special = words.split("/")
    assert ordinary == "Interim Dividend - Rs 4 Per Share"
    paid = float(special.removeprefix("Special Dividend - Rs ").removesuffix(" Per Share"))
    by_hand = bar["close"] / (before["close"] - paid) - 1.0
    assert true_move(shares, 40, day) == pytest.approx(by_hand, abs=1e-9)
    plain = shares.actions.filter(
        pl.col("company").is_not_null(), pl.col("session_date").is_not_null(), kind="dividend"
    ).row(0, named=True)
    bar, before = around(shares, plain["company"], plain["session_date"])
    by_hand = bar["close"] / before["close"] - 1.0
    got = true_move(shares, plain["company"], plain["session_date"])
    assert got == pytest.approx(by_hand, abs=1e-9)


def test_all_other_moves_are_those_of_the_closes(shares: Shares) -> None:
    """Where nothing happens the published close before is the base."""
    moved = shares.truth.join(
        bars := shares.bars.filter(pl.col("series") != "T0").drop("series", "symbol", "close"),
        on=["session_date", "company"],
    ).join(
        shares.actions.select("session_date", "company", "kind"),
        on=["session_date", "company"],
        how="anti",
    )
    assert bars.height > moved.height > 60_000
    known = moved.drop_nulls("adjusted_return")
    gap = known["close"] / known["previous_close"] - 1.0 - known["adjusted_return"]
    assert (gap.abs() < 1e-9).all()
    unknown = moved.filter(pl.col("adjusted_return").is_null())
    assert set(unknown["session_date"] == FIRST_SHARE_SESSION) == {True, False}
    assert unknown.filter(~pl.col("is_quarantined"), pl.col("sessions_since_bar") > 0).is_empty()


def test_sessions_since_the_bar_before(shares: Shares) -> None:
    """Counted by hand for a suspended share, one absent for a session, and one seldom traded."""
    calendar = list(shares.sessions)
    for company in (47, 9, 17):
        rows = shares.truth.filter(company=company)
        days = rows["session_date"].to_list()
        counted = [calendar.index(day) for day in days]
        gaps = [after - before for before, after in pairwise(counted)]
        assert rows["sessions_since_bar"].to_list() == [None, *gaps]
    waited = shares.truth.filter(company=47, session_date=date(2025, 6, 16))
    assert waited["sessions_since_bar"].item() > 25
    back = shares.truth.filter(company=9, session_date=date(2025, 10, 9))
    assert back["sessions_since_bar"].item() == 2


def test_a_jump_that_nothing_explains(shares: Shares) -> None:
    [jump] = shares.truth.filter("is_quarantined").iter_rows(named=True)
    assert (jump["company"], jump["session_date"]) == (42, date(2025, 10, 23))
    bar, before = around(shares, 42, date(2025, 10, 23))
    assert bar["close"] / before["close"] > 1.4
    assert jump["adjusted_return"] is None
    assert shares.actions.filter(
        pl.col("ex_date").is_between(date(2025, 10, 16), date(2025, 10, 30)), company=42
    ).is_empty()


def test_some_actions_are_not_announced(shares: Shares) -> None:
    silent = shares.actions.filter(~pl.col("is_announced"))
    assert set(silent.select("company", "kind").iter_rows()) == {(30, "bonus"), (41, "split")}
    ahead = shares.actions.filter(pl.col("session_date").is_null())
    assert ahead["ex_date"].to_list() == [date(2026, 2, 20)]
    assert ahead["announced_on"].item() <= LAST_SESSION
    assert (shares.actions["announced_on"] < shares.actions["ex_date"]).all()


def test_words_of_the_exchange(shares: Shares) -> None:
    day = date(2025, 9, 12)
    said = shares.actions.filter(company=14, ex_date=day).select("purpose", "purpose_short")
    assert set(said.iter_rows()) == {
        (
            "Face Value Split (Sub-Division) - From Rs 10/- Per Share To Rs 2/- Per Share",
            "FVSPLT FRM RS 10 TO RS 2",
        ),
        ("Bonus 1:1", "BONUS 1:1"),
    }
    fund = shares.actions.filter(symbol="ZN50").row(0, named=True)
    assert fund["purpose"].endswith("From Rs 10/- Per Unit To Re 1/- Per Unit")
    assert fund["price_factor"] == 0.1


def test_market_values_carry_on_through_an_action(shares: Shares) -> None:
    """Ten shares for one at a tenth of the price: the value moves as the share truly does."""
    day = date(2025, 9, 12)
    rows = shares.caps.filter(pl.col("session_date") <= day, company=14).tail(2)
    before, after = rows.rows(named=True)
    assert (before["face_value_inr"], after["face_value_inr"]) == (10.0, 2.0)
    assert after["issued_shares"] == 10 * before["issued_shares"]
    value = after["issued_shares"] * after["close"] / before["issued_shares"] / before["close"]
    assert value - 1.0 == pytest.approx(true_move(shares, 14, day), abs=1e-9)


def test_listed_shares_have_a_value_whether_they_trade_or_not(shares: Shares) -> None:
    day = date(2025, 5, 20)
    row = shares.caps.filter(company=47, session_date=day).row(0, named=True)
    assert row["last_trade_date"] == date(2025, 5, 2)
    [close] = bars_of(shares, 47).filter(session_date=date(2025, 5, 2))["close"]
    assert row["close"] == close
    assert shares.bars.filter(company=47, session_date=day).is_empty()


def test_other_names_and_numbers(shares: Shares) -> None:
    renamed = bars_of(shares, 5)
    assert renamed.filter(symbol="Q-MUSTER")["session_date"].max() == date(2025, 4, 8)
    assert renamed.filter(symbol="QM&SIM")["session_date"].min() == date(2025, 4, 9)
    assert renamed["isin"].n_unique() == 1
    [change] = shares.name_changes.iter_rows(named=True)
    assert change["changed_on"] == date(2025, 6, 23)
    named = bars_of(shares, 19)
    old = named.filter(pl.col("session_date") < change["changed_on"])["security_name"].unique()
    new = named.filter(pl.col("session_date") >= change["changed_on"])["security_name"].unique()
    assert (len(old), len(new)) == (1, 1)
    assert change["old_name"].upper().startswith(old[0])
    assert change["new_name"].upper().startswith(new[0].removesuffix(" L"))
    assert old[0] != new[0]
    faced = bars_of(shares, 41)
    split = date(2025, 11, 7)
    before, after = (
        set(faced.filter((pl.col("session_date") < split) == is_before)["isin"])
        for is_before in (True, False)
    )
    assert len(before | after) == 2
    assert not before & after
    assert next(iter(before))[:7] == next(iter(after))[:7]


@pytest.mark.parametrize(("company", "other"), [(33, "BE"), (37, "BZ")])
def test_moves_between_series(shares: Shares, company: int, other: str) -> None:
    spells = bars_of(shares, company)["series"].rle().struct.field("value").to_list()
    recent = bars_of(shares, company).filter(pl.col("session_date") >= RECENT)
    assert ["EQ", other, "EQ"] == recent["series"].rle().struct.field("value").to_list()
    assert set(spells) <= {"EQ", "BE", other}
    away = shares.truth.filter(company=company, series=other)
    assert away["is_ordinary"].unique().to_list() == [other == "BE"]
    assert (away["adjusted_return"].abs() <= 0.05 + 1e-9).all()


def test_lists_show_the_series_in_which_members_trade(market: Market, shares: Shares) -> None:
    wrong = 0
    restricted = 0
    for review in sorted({members_in_force(day) for day in shares.sessions[200:]}):
        traded = shares.bars.filter(pl.col("series") != "T0", session_date=review)
        series = dict(traded.select("symbol", "series").iter_rows())
        for row in members(
            "ind_niftytotalmarket_list", market.results.population, 20260211, review
        ):
            if row[2] in series:
                wrong += series[row[2]] != row[3]
                restricted += row[3] == "BE"
    assert wrong == 0
    assert restricted > 0


def test_peers_come_and_go(shares: Shares) -> None:
    reused = shares.bars.filter(symbol="QREUSED")
    gone, heir = reused["company"].unique(maintain_order=True)
    assert reused.filter(company=gone)["session_date"].max() == date(2023, 6, 28)
    assert reused.filter(company=heir)["session_date"].min() == date(2025, 3, 10)
    assert reused.group_by("company").agg(pl.n_unique("isin"))["isin"].to_list() == [1, 1]
    assert reused["isin"].n_unique() == 2
    listings = shares.listings
    last = {
        company: shares.bars.filter(company=company)["session_date"].max()
        for company in listings.filter(pl.col("delisted_on") > FIRST_SHARE_SESSION)["company"]
    }
    assert date(2025, 8, 28) in last.values()
    moved = listings.filter(pl.col("main_board_from") > pl.col("listed_on")).row(0, named=True)
    spells = bars_of(shares, moved["company"])["series"].rle().struct.field("value")
    assert spells.to_list() == ["SM", "EQ"]
    first = shares.truth.filter(company=moved["company"]).row(0, named=True)
    assert first["session_date"] == moved["main_board_from"] == date(2025, 6, 18)
    assert first["adjusted_return"] is not None


def test_first_days(shares: Shares) -> None:
    """An offer has its issue price before it, what a demerger left has nothing."""
    known = {day: company for company, day in _first_days(shares).items()}
    offer = bars_of(shares, known[date(2025, 11, 12)]).row(0, named=True)
    assert offer["previous_close"] is not None
    left = bars_of(shares, known[date(2026, 1, 12)]).row(0, named=True)
    assert left["previous_close"] is None
    for row in (offer, left):
        truth = shares.truth.filter(company=row["company"]).row(0, named=True)
        assert (truth["adjusted_return"], truth["sessions_since_bar"]) == (None, None)


def _first_days(shares: Shares) -> dict[int, date]:
    first = shares.bars.drop_nulls("company").group_by("company").agg(pl.min("session_date"))
    return dict(first.iter_rows())


def test_days_at_the_limit(shares: Shares) -> None:
    run = bars_of(shares, 59).filter(pl.col("session_date") >= date(2025, 12, 10)).head(5)
    for row in run.iter_rows(named=True):
        assert row["close"] == row["high"]
        limit = row["previous_close"] * 1.05
        assert limit - 0.05 < row["close"] <= limit + 1e-9


def test_some_do_not_trade_every_day(shares: Shares) -> None:
    absent = shares.truth.filter(pl.col("sessions_since_bar") > 1)["company"].value_counts()
    assert absent.filter(pl.col("count") > 30).height >= 2


def test_extremes_are_of_the_published_prices(shares: Shares) -> None:
    """A split makes a new low of what is none; highs are those of 252 sessions before."""
    split = date(2025, 9, 12)
    low = shares.extremes.filter(session_date=split, extreme="low")
    own = bars_of(shares, 14)
    [name] = own.filter(session_date=split)["security_name"]
    row = low.filter(security_name=name).row(0, named=True)
    before = own.filter(pl.col("session_date") < split).tail(252)
    assert before.height == 252
    assert row["previous_price"] == before["low"].min()
    assert row["new_price"] == own.filter(session_date=split)["low"].item()
    day = date(2025, 12, 1)
    expected = set()
    listed = shares.bars.filter(
        pl.col("kind").is_in(["share", "fund"]), pl.col("series").is_in(["EQ", "BE", "BZ"])
    )
    for [symbol], all_bars in listed.filter(pl.col("session_date") <= day).group_by("symbol"):
        bars = all_bars.sort("session_date").tail(253)
        if bars["session_date"][-1] == day and bars.height == 253 and symbol != "QM&SIM":
            highs = bars["high"].to_list()
            if highs[-1] > max(highs[:-1]):
                expected.add(bars["security_name"][-1])
    found = shares.extremes.filter(session_date=day, extreme="high")["security_name"]
    assert expected
    assert expected == set(found) - set(bars_of(shares, 5).tail(1)["security_name"])


def test_the_small_and_doubtful_swing_more(market: Market, shares: Shares) -> None:
    spread = shares.truth.group_by("company").agg(pl.std("adjusted_return"))
    tiers = market.results.companies.select(pl.col("number").cast(pl.Int32), "tier")
    by_tier = dict(
        spread.join(tiers, left_on="company", right_on="number")
        .group_by("tier")
        .agg(pl.mean("adjusted_return"))
        .iter_rows()
    )
    assert by_tier["large"] < by_tier["mid"] < by_tier["small"] < by_tier["micro"]
    excess = shares.truth["adjusted_return"].kurtosis()
    assert excess is not None
    assert excess > 1.5


def test_a_window_shows_the_figures_of_the_whole(shares: Shares) -> None:
    start, end = date(2025, 8, 1), date(2025, 8, 29)
    window = simulate(start=start, end=end).shares
    inside = pl.col("session_date").is_between(start, end)
    assert window.bars.equals(shares.bars.filter(inside))
    assert window.truth.equals(shares.truth.filter(inside))
    assert window.actions.equals(shares.actions)


def test_more_companies_leave_the_first_their_names_days_and_actions(shares: Shares) -> None:
    more = simulate(share_count=128).shares
    ours = pl.col("company") < 64
    what = ["session_date", "symbol", "series", "isin", "security_name", "company"]
    assert more.bars.filter(ours).select(what).equals(shares.bars.filter(ours).select(what))
    terms = ["company", "ex_date", "kind", "share_factor", "session_date"]
    assert more.actions.filter(ours).select(terms).equals(shares.actions.filter(ours).select(terms))
    assert more.bars["symbol"].n_unique() > 1.8 * shares.bars["symbol"].n_unique()


def test_same_seed_same_figures_on_another_machine(market: Market) -> None:
    """As near to another machine as one machine gets: no vector units, another hash seed."""
    vector_units = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    here = Path(__file__)
    program = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('told', {str(here)!r})\n"
        "told = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(told)\n"
        "print(told.digest(told.simulate()))\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=here.parents[2],
        env={
            **os.environ,
            "NPY_DISABLE_CPU_FEATURES": " ".join(vector_units),
            "PYTHONHASHSEED": "11",
            "POLARS_MAX_THREADS": "1",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == digest(market)
