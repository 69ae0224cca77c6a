"""What groups add to a universe's move: published numbers, hand-made markets, plain Python."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.transforms.breadth_market import calendar, cross, weekdays
from tests.transforms.leadership_market import (
    INDEX,
    closes,
    member,
    memberships,
    quality,
    ranks,
)
from transforms.metrics.contribution import (
    CONTRIBUTION_COLUMNS,
    GROUPINGS,
    OLDEST_SECTION,
    chained,
    contributions,
)
from transforms.metrics.leadership_tables import Contribution
from warehouse.contribution_since import CONTRIBUTION_SINCE
from warehouse.tables.table import key, schema

DAYS = weekdays(6)
SESSIONS = calendar(DAYS)
NO_QUALITY, NO_RANKS = quality(DAYS[0], {}), ranks(DAYS[0], {})
NO_CLOSES = closes([], [])


def bar(
    day: date, share: str, change: float | None, cap: float | None, **more: Any
) -> dict[str, Any]:
    return {
        "session_date": day,
        "instrument_id": share,
        "return_1_pct": change,
        "market_cap_before_inr": cap,
        **more,
    }


def computed(
    rows: pl.DataFrame,
    spans: pl.DataFrame,
    index: pl.DataFrame = NO_CLOSES,
    *,
    scored: pl.DataFrame = NO_QUALITY,
    ranked: pl.DataFrame = NO_RANKS,
    sessions: pl.DataFrame = SESSIONS,
) -> pl.DataFrame:
    return contributions(rows, spans, index, quality=scored, ranks=ranked, sessions=sessions)


def groups(
    told: pl.DataFrame, grouping: str, column: str, universe: str = INDEX, day: date = DAYS[1]
) -> dict[str, Any]:
    rows = told.filter(session_date=day, universe=universe, grouping=grouping)
    return dict(rows.select("group_name", column).iter_rows())


def vector(archive: Path) -> Any:
    path = archive.parent / "vectors" / "constructed" / "attribution.json"
    if not path.is_file():
        pytest.skip("no reference vectors beside the archive: vectors/constructed/attribution.json")
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_constructed_attribution(archive: Path) -> None:
    want = vector(archive)
    shares = ["A", "B", "C"]
    rows = cross(
        *[
            bar(DAYS[1], share, 100 * moved, 1e10 * weight)
            for share, moved, weight in zip(shares, want["r"], want["w"], strict=True)
        ]
    )
    thirds = {"Q": 3, "N": 2, "S": 1}
    names = {"Q": "top third", "N": "middle third", "S": "bottom third"}
    scored = quality(
        DAYS[0], {one: thirds[tier] for one, tier in zip(shares, want["tier"], strict=True)}
    )
    told = computed(
        rows,
        memberships(*[member(one) for one in shares]),
        closes(DAYS[:2], [1000, 1000 * (1 + want["index_ret"])]),
        scored=scored,
    )
    points = groups(told, "quality", "contribution_points")
    for tier, part in zip(want["tier"], want["contrib"], strict=True):
        assert points[names[tier]] == pytest.approx(100 * part, abs=1e-12)
    assert groups(told, "whole", "residual_bps")["all"] == pytest.approx(0, abs=1e-9)
    shown = chained(told, DAYS[0], DAYS[1]).filter(universe=INDEX, grouping="quality")
    shares_of_move = dict(shown.select("group_name", "share_of_move_pct").iter_rows())
    for tier, part in want["share_of_move"].items():
        assert shares_of_move[names[tier]] == pytest.approx(100 * part, abs=1e-9)
    lifts = dict(shown.select("group_name", "lift").iter_rows())
    assert lifts["top third"] == pytest.approx(want["share_of_move"]["Q"] / want["w"][0])


# Six shares on the second of six days: weights, moves and groups.
SIX = cross(
    bar(DAYS[1], "A", 2.0, 4e9),
    bar(DAYS[1], "B", -1.0, 3e9),
    bar(DAYS[1], "C", 4.0, 2e9),
    bar(DAYS[1], "D", 10.0, None),  # of unknown size
    bar(DAYS[1], "E", -60.0, 1e9, is_quarantined=True),
    bar(DAYS[1], "F", 5.0, 8e9),  # outside the index
    bar(DAYS[1], "G", 5.0, 8e9, is_ordinary=False),  # a fund
)
SPANS = memberships(
    *[member(one) for one in "ABCDE"],
    *[member(one, "industry:Chemicals", "sector") for one in "AB"],
    member("C", "industry:Textiles", "sector"),
    member("A", "tier:large", "tier"),
    member("B", "tier:small", "tier"),
    member("C", "tier:small", "tier"),
)


def test_groups_by_hand() -> None:
    told = computed(SIX, SPANS, closes(DAYS[:2], [200.0, 203.0]))
    assert groups(told, "sector", "weight_pct") == pytest.approx(
        {"Chemicals": 700 / 9, "Textiles": 200 / 9, "unknown": 0}
    )
    assert groups(told, "sector", "return_pct") == {
        "Chemicals": pytest.approx(5 / 7),
        "Textiles": pytest.approx(4.0),
        "unknown": None,
    }
    assert groups(told, "sector", "contribution_points") == pytest.approx(
        {"Chemicals": 5 / 9, "Textiles": 8 / 9, "unknown": 0}
    )
    assert groups(told, "sector", "equal_return_pct") == pytest.approx(
        {"Chemicals": 0.5, "Textiles": 4.0, "unknown": 10.0}
    )
    assert groups(told, "tier", "compared") == {"large": 1, "small": 2, "unknown": 1}
    assert groups(told, "tier", "weighed") == {"large": 1, "small": 2, "unknown": 0}
    whole = told.row(
        by_predicate=(pl.col("universe") == INDEX) & (pl.col("grouping") == "whole"), named=True
    )
    assert whole["contribution_points"] == whole["return_pct"] == pytest.approx(13 / 9)
    assert (whole["weight_pct"], whole["index_close_before"]) == (100, 200)
    assert whole["index_return_pct"] == pytest.approx(1.5)
    assert whole["residual_bps"] == pytest.approx(100 * (1.5 - 13 / 9))
    assert whole["weight_coverage_pct"] == pytest.approx(90)
    market = groups(told, "whole", "contribution_points", "market")["all"]
    assert market == pytest.approx((13e9 + 40e9) / 17e9)


def test_the_rows_are_those_of_the_table() -> None:
    told = computed(SIX, SPANS)
    assert list(CONTRIBUTION_COLUMNS) == list(schema(Contribution)) == told.columns
    assert dict(told.schema) == schema(Contribution)
    assert key(Contribution) == ["session_date", "universe", "grouping", "group_name"]
    Contribution.validate(told)


def test_every_grouping_parts_the_universe_whole() -> None:
    told = computed(SIX, SPANS, scored=quality(DAYS[0], {"A": 1}), ranked=ranks(DAYS[0], {"B": 2}))
    sums = told.group_by("universe", "grouping").agg(
        pl.col("contribution_points", "weight_pct").sum(), pl.col("compared").sum()
    )
    for universe, points, compared in ((INDEX, 13 / 9, 4), ("market", 53 / 17, 5)):
        of_universe = sums.filter(universe=universe)
        assert sorted(of_universe["grouping"]) == sorted(GROUPINGS)
        assert of_universe["contribution_points"].to_list() == pytest.approx([points] * 5)
        assert of_universe["weight_pct"].to_list() == pytest.approx([100.0] * 5)
        assert of_universe["compared"].to_list() == [compared] * 5


def test_without_sizes_there_are_equal_weights_alone() -> None:
    rows = SIX.with_columns(market_cap_before_inr=pl.lit(None, dtype=pl.Float64))
    told = computed(rows, SPANS, closes(DAYS[:2], [200.0, 203.0]))
    for column in ("weight_pct", "return_pct", "contribution_points", "residual_bps"):
        assert told[column].null_count() == told.height, column
    assert told["weight_coverage_pct"].null_count() == told.height
    assert groups(told, "whole", "equal_return_pct")["all"] == pytest.approx(15 / 4)
    stretch = chained(told, DAYS[0], DAYS[1]).filter(universe=INDEX)
    assert stretch["contribution_points"].null_count() == stretch.height
    assert stretch["index_return_pct"].null_count() == stretch.height


def test_without_an_index_there_is_no_residual() -> None:
    told = computed(SIX, SPANS)
    assert told["residual_bps"].null_count() == told["index_return_pct"].null_count() == told.height
    assert told["contribution_points"].null_count() == 0


def test_no_move_at_all_leaves_the_row_of_all_members() -> None:
    rows = cross(bar(DAYS[1], "A", None, None, sessions_since_bar=None))
    told = computed(rows, SPANS)
    assert told.select("universe", "grouping", "compared").rows() == [
        ("market", "whole", 0),
        (INDEX, "whole", 0),
    ]


def test_thirds_are_those_drawn_before_the_session() -> None:
    rows = cross(*[bar(day, "A", 1.0, 1e9) for day in DAYS[1:4]])
    scored = pl.concat([quality(DAYS[0], {"A": 1}), quality(DAYS[2], {"A": 3})])
    ranked = pl.concat([ranks(DAYS[1], {"A": 2}), ranks(DAYS[2], {"A": 1})])
    told = computed(rows, SPANS, scored=scored, ranked=ranked).filter(universe=INDEX)
    assert told.filter(grouping="quality")["group_name"].to_list() == [
        "bottom third",
        "bottom third",  # the section of that evening holds from the next session on
        "top third",
    ]
    assert told.filter(grouping="speculative")["group_name"].to_list() == [
        "unknown",
        "middle third",
        "bottom third",
    ]


def test_a_company_left_out_of_the_last_section_and_a_section_too_old_are_unknown() -> None:
    long_ago = DAYS[1] - OLDEST_SECTION - timedelta(days=1)
    rows = cross(bar(DAYS[1], "A", 1.0, 1e9), bar(DAYS[1], "B", 1.0, 1e9))
    both = pl.concat([quality(long_ago, {"A": 3, "B": 2}), quality(DAYS[0], {"B": 1})])
    told = computed(rows, SPANS, scored=both)
    assert groups(told, "quality", "weighed") == {"unknown": 1, "bottom third": 1}
    told = computed(rows, SPANS, scored=quality(long_ago, {"A": 3, "B": 2}))
    assert groups(told, "quality", "weighed") == {"unknown": 2}


def test_members_known_from_a_later_list_are_told_of() -> None:
    spans = memberships(member("A", biased=True), member("B"))
    told = computed(SIX, spans)
    flags = dict(told.select("universe", "is_survivorship_biased").iter_rows())
    assert flags == {"market": False, INDEX: True}


MOVES = {
    "A": [1.0, -2.0, 3.0, 0.5, 1.0],
    "B": [2.0, 2.5, -4.0, 1.0, 0.0],
    "C": [-1.0, 5.0, 2.0, -3.0, 2.0],
    "D": [4.0, 0.0, 1.0, 2.0, -6.0],
}
STARTING = {"A": 4e9, "B": 3e9, "C": 2e9, "D": 1e9}
CHANGE = 3  # on the fourth day D takes the place of C


def whole_market() -> tuple[pl.DataFrame, pl.DataFrame, list[float], dict[str, float]]:
    """Bars of five sessions, memberships, the index by plain Python, and A's chained worth."""
    caps, rows, levels = dict(STARTING), [], [1000.0]
    worth = dict.fromkeys(MOVES, 0.0)
    for number, day in enumerate(DAYS[1:]):
        inside = ["A", "B", "C"] if number < CHANGE else ["A", "B", "D"]
        total = sum(caps[one] for one in inside)
        for one in inside:
            worth[one] += caps[one] / total * MOVES[one][number] * levels[-1] / 1000.0
        move = sum(caps[one] * MOVES[one][number] for one in inside) / total
        levels.append(levels[-1] * (1 + move / 100))
        rows += [bar(day, one, MOVES[one][number], caps[one]) for one in MOVES]
        caps = {one: round(cap * (1 + MOVES[one][number] / 100), -4) for one, cap in caps.items()}
    spans = memberships(
        member("A"),
        member("B"),
        member("C", until=DAYS[1 + CHANGE]),
        member("D", since=DAYS[1 + CHANGE]),
        *[member(one, f"industry:{one}", "sector") for one in MOVES],
    )
    return cross(*rows), spans, levels, worth


def test_contributions_chain_over_a_change_of_members() -> None:
    rows, spans, levels, worth = whole_market()
    told = computed(rows, spans, closes(DAYS, levels))
    shown = chained(told, DAYS[0], DAYS[5]).filter(universe=INDEX)
    sectors = shown.filter(grouping="sector")
    assert dict(sectors.select("group_name", "contribution_points").iter_rows()) == pytest.approx(
        worth, abs=1e-9
    )
    move = 100 * (levels[-1] / levels[0] - 1)
    assert sectors["contribution_points"].sum() == pytest.approx(move, abs=1e-9)
    assert shown["index_return_pct"].to_list() == pytest.approx([move] * shown.height)
    assert shown["residual_points"].abs().max() == pytest.approx(0, abs=1e-9)
    weights = dict(sectors.select("group_name", "weight_pct").iter_rows())
    assert weights == {
        "A": pytest.approx(400 / 9),
        "B": pytest.approx(300 / 9),
        "C": pytest.approx(200 / 9),
        "D": None,
    }
    assert shown["sessions"].to_list() == [5] * shown.height
    assert dict(sectors.select("group_name", "lift").iter_rows())["A"] == pytest.approx(
        (100 * worth["A"] / move) / (400 / 9)
    )


def test_a_stretch_begins_at_the_close_of_its_date() -> None:
    rows, spans, levels, _ = whole_market()
    told = computed(rows, spans, closes(DAYS, levels))
    two = chained(told, DAYS[2], DAYS[4]).filter(universe=INDEX, grouping="whole")
    assert two["sessions"].item() == 2
    assert two["index_return_pct"].item() == pytest.approx(100 * (levels[4] / levels[2] - 1))
    weekend = DAYS[4] + timedelta(days=1)
    assert weekend.weekday() == 5
    later = chained(told, weekend, DAYS[5]).filter(universe=INDEX, grouping="whole")
    assert later["index_return_pct"].item() == pytest.approx(100 * (levels[5] / levels[4] - 1))
    assert chained(told, DAYS[5], DAYS[5]).is_empty()


def test_of_a_move_below_one_percent_no_shares_are_told() -> None:
    def share(level: float) -> Any:
        told = computed(SIX, SPANS, closes(DAYS[:2], [1000.0, level]))
        stretch = chained(told, DAYS[0], DAYS[1]).filter(universe=INDEX, grouping="whole")
        return stretch.select("share_of_move_pct", "lift", "residual_points").row(0)

    assert share(1009.9)[:2] == share(990.1)[:2] == (None, None)
    assert share(1020.0)[0] == pytest.approx(100 * 13 / 9 / 2)
    assert share(980.0)[0] == pytest.approx(-100 * 13 / 9 / 2)
    assert share(1020.0)[2] == pytest.approx(2 - 13 / 9)


def test_a_session_without_its_index_leaves_the_stretch_untold() -> None:
    rows, spans, levels, _ = whole_market()
    holed: list[float | None] = [*levels[:3], None, *levels[4:]]
    told = computed(rows, spans, closes(DAYS, holed))
    shown = chained(told, DAYS[0], DAYS[5]).filter(universe=INDEX)
    assert shown["contribution_points"].null_count() == shown.height
    before = chained(told, DAYS[0], DAYS[2]).filter(universe=INDEX)
    assert before["contribution_points"].null_count() == 0


def in_sql(told: pl.DataFrame, since: date, until: date) -> pl.DataFrame:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA mart; CREATE SCHEMA bi")
        connection.register("given", told)
        connection.execute("CREATE TABLE mart.contribution AS FROM given")
        connection.execute(CONTRIBUTION_SINCE)
        return connection.execute("FROM bi.contribution_since(?, ?, ?)", [INDEX, since, until]).pl()


@pytest.mark.parametrize(("since", "until"), [(0, 5), (2, 4), (1, 2), (3, 5), (5, 5)])
@pytest.mark.parametrize("hole", [None, 3, 5])
def test_the_macro_says_the_same(since: int, until: int, hole: int | None) -> None:
    rows, spans, levels, _ = whole_market()
    published = [
        None if number == hole else 1.01**number * one for number, one in enumerate(levels)
    ]
    told = computed(rows, spans, closes(DAYS, published))
    want = chained(told, DAYS[since], DAYS[until]).filter(universe=INDEX)
    seen = in_sql(told, DAYS[since], DAYS[until])
    assert seen.columns == want.columns
    assert_frame_equal(seen, want, check_row_order=False, check_dtypes=False, abs_tol=1e-9)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), last=st.integers(1, 5))
def test_order_and_the_future_change_nothing(seed: int, last: int) -> None:
    rows, spans, levels, _ = whole_market()
    index = closes(DAYS, [one + 1 for one in levels])
    scored = pl.concat([quality(day, {"A": n % 3 + 1}) for n, day in enumerate(DAYS)])
    ranked = pl.concat([ranks(day, {"B": n % 3 + 1}) for n, day in enumerate(DAYS)])
    told = computed(rows, spans, index, scored=scored, ranked=ranked)
    frames = [
        frame.sample(fraction=1, shuffle=True, seed=seed)
        for frame in (rows, spans, index, scored, ranked)
    ]
    assert_frame_equal(
        computed(*frames[:3], scored=frames[3], ranked=frames[4]), told, rel_tol=0, abs_tol=0
    )
    known = [
        frame.filter(pl.col("session_date") <= DAYS[last])
        for frame in (rows, index, scored, ranked, SESSIONS)
    ]
    early = computed(known[0], spans, known[1], scored=known[2], ranked=known[3], sessions=known[4])
    assert_frame_equal(
        early, told.filter(pl.col("session_date") <= DAYS[last]), rel_tol=0, abs_tol=0
    )
    alone = rows.filter(pl.col("session_date") == DAYS[last])
    assert_frame_equal(
        computed(alone, spans, index, scored=scored, ranked=ranked),
        told.filter(session_date=DAYS[last]),
        rel_tol=0,
        abs_tol=0,
    )


def test_nothing_gives_the_right_columns() -> None:
    told = computed(SIX.clear(), SPANS)
    assert dict(told.schema) == schema(Contribution)
