"""Leadership on the page: sectors beside the market, and who moved an index since its low."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from lxml import html

from bi.brief import leadership_words
from bi.brief.facts import gather
from bi.brief.leadership_facts import (
    ALIKE,
    BY_SIZE,
    LOW_SESSIONS,
    Group,
    Leadership,
    Move,
    Sector,
    leadership,
)
from bi.brief.page import render
from tests.bi.brief_evening import EVENING, EVERY_TABLE, build, sessions
from tests.bi.evening_leadership import INDEX
from transforms.metrics.contribution import chained
from transforms.metrics.leadership_tables import Contribution, SectorRotation
from transforms.signals.rebounds import LOOK_BACK
from warehouse.store import open_reader, open_writer

MINUS = "\N{MINUS SIGN}"
DAYS = sessions()


@pytest.fixture(scope="module")
def warehouse_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("leadership") / "riskon.duckdb")


@pytest.fixture(scope="module")
def told(warehouse_path: Path) -> Leadership:
    with open_reader(warehouse_path) as reader:
        return leadership(reader, EVENING)


@pytest.fixture(scope="module")
def move(told: Leadership) -> Move:
    (only,) = told.moves
    return only


def said(page: str) -> str:
    """The page's visible text on one line."""
    body = html.fromstring(page).find("body")
    assert body is not None
    return " ".join(body.text_content().split())


def test_sectors_go_from_the_best_over_21_sessions_down(told: Leadership) -> None:
    assert told.weights == BY_SIZE
    assert [one.title for one in told.sectors] == [
        *("Chemicals", "Capital Goods", "Healthcare", "Realty", "Media"),
    ]
    # 1.00% less the market's 0.25%.
    assert told.sectors[0] == Sector(
        "Chemicals", False, 40, (0.75, 1.2, 6.0, -3.0), 75.0, "leading"
    )
    assert told.sectors[-1].excess == (0.0, None, None, None)
    assert leadership_words.sector_sentence(told) == (
        "Of 4 sectors, two did better than the market over 21 sessions: furthest ahead Chemicals "
        f"(+6.0), furthest behind Realty ({MINUS}4.5). In points over the market's return, members "
        "weighed by market value."
    )
    assert leadership_words.sector_notes(told) == (
        leadership_words.QUADRANTS,
        leadership_words.SHADING,
        leadership_words.BIASED,
    )
    unplaced = tuple(replace(one, quadrant=None) for one in told.sectors[:1])
    assert leadership_words.sector_notes(Leadership(unplaced, BY_SIZE)) == (
        leadership_words.NO_QUADRANTS,
        leadership_words.SHADING,
    )
    assert [leadership_words.sector_mark(one) for one in told.sectors[-2:]] == ["", " \N{DAGGER}"]


def test_without_sizes_each_share_counts_alike(
    warehouse_path: Path, tmp_path: Path, told: Leadership
) -> None:
    path = tmp_path / "riskon.duckdb"
    path.write_bytes(warehouse_path.read_bytes())
    with open_writer(path, EVERY_TABLE) as store:
        rows = store.read_table(SectorRotation)
        sizes = [name for name in rows.columns if name.startswith("cap_excess")]
        store.replace(SectorRotation, rows.with_columns(pl.lit(None).alias(n) for n in sizes))
        store.execute("UPDATE mart.breadth SET cap_weight_return_pct = NULL")
        store.checkpoint()
    with open_reader(path) as reader:
        alike = leadership(reader, EVENING)
    assert alike.weights == ALIKE
    assert alike.sectors == told.sectors
    assert leadership_words.sector_sentence(alike).endswith(
        "each member alike, for sizes are not known."
    )


def test_shades_are_thirds_of_the_largest_of_a_column() -> None:
    def sector(first: float | None, above: float | None) -> Sector:
        return Sector("S", False, 1, (first, None, 0.04, 0.0), above, None)

    values = ((-9.0, 50.0), (3.0, 66.6), (3.1, 67.0), (6.0, 100.0), (-6.1, 0.0), (None, None))
    shades = leadership_words.shades([sector(*pair) for pair in values])
    assert [row[0] for row in shades] == ["down-3", "up-1", "up-2", "up-2", "down-3", ""]
    assert [row[4] for row in shades] == ["", "up-1", "up-2", "up-3", "down-3", ""]
    # What is printed as nothing has no shade, though it is the column's largest.
    assert {row[at] for row in shades for at in (1, 2, 3)} == {""}
    # Three tenths are a third of nine tenths, whatever the last bit says.
    thirds = leadership_words.shades([sector(0.3, None), sector(0.1 + 0.8, None)])
    assert thirds[0][0] == "up-1"


def test_a_move_is_told_apart_by_hand(move: Move) -> None:
    # 15,000 at the low, 15,400 now; each session 0.6 points of 15,000, 15,100, 15,200, 15,300.
    assert (move.low_date, move.sessions, move.known_sessions) == (DAYS[-5], 4, 4)
    assert move.index_return_pct == pytest.approx(100 * 400 / 15_000)
    assert move.residual_points == pytest.approx(100 * 400 / 15_000 - 0.6 * 60_600 / 15_000)
    points = {one.name: one.contribution_points for one in move.groups}
    assert points["Chemicals"] == pytest.approx(0.5 * 60_600 / 15_000)
    assert points["Micro caps"] == pytest.approx(-0.1 * 60_600 / 15_000)
    assert [one.name for one in move.groups][:4] == [
        *("Chemicals", "Realty", "Small caps", "Micro caps"),
    ]
    assert leadership_words.move_sentence(move) == (
        "Smallcap 100: +2.7% in the 4 sessions after its low of 5 February 2026, the lowest close "
        "of 60 sessions; its members by market value leave +0.24 points of that unexplained."
    )


def test_the_stretch_is_chained_as_the_transform_does(warehouse_path: Path, move: Move) -> None:
    with open_reader(warehouse_path) as reader:
        rows = reader.read_table(Contribution)
    expected = chained(rows, move.low_date, EVENING).filter(universe=INDEX)
    by_name = {(one.grouping, one.name): one for one in move.groups}
    for row in expected.filter(pl.col("grouping") != "whole").iter_rows(named=True):
        group = by_name.pop((row["grouping"], row["group_name"]))
        assert group.contribution_points == pytest.approx(row["contribution_points"])
        assert group.weight_pct == row["weight_pct"]
        assert move.residual_points == pytest.approx(row["residual_points"])
        assert move.index_return_pct == pytest.approx(row["index_return_pct"])
        share = f"{row['share_of_move_pct']:.0f}%".replace("-", MINUS)
        assert leadership_words.share_cell(group, move) == share
    assert not by_name


def test_an_older_evening_knows_nothing_later(warehouse_path: Path) -> None:
    with open_reader(warehouse_path) as reader:
        earlier = leadership(reader, DAYS[-3])
    assert earlier.sectors == ()
    (move,) = earlier.moves
    assert (move.low_date, move.sessions, move.known_sessions) == (DAYS[-5], 2, 2)
    assert move.index_return_pct == pytest.approx(100 * 200 / 15_000)


def test_the_low_looks_back_as_far_as_a_rebound_does() -> None:
    assert LOW_SESSIONS == LOOK_BACK


def changed(path: Path, folder: Path, sql: str) -> Leadership:
    copy = folder / "riskon.duckdb"
    copy.write_bytes(path.read_bytes())
    with open_writer(copy, EVERY_TABLE) as store:
        store.execute(sql)
        store.checkpoint()
    with open_reader(copy) as reader:
        return leadership(reader, EVENING)


def test_an_evening_that_is_the_low_has_no_move(warehouse_path: Path, tmp_path: Path) -> None:
    lowest = f"UPDATE mart.breadth SET index_close = 1 WHERE session_date = DATE '{EVENING}'"
    (move,) = changed(warehouse_path, tmp_path, f"{lowest} AND universe = '{INDEX}'").moves
    assert (move.low_date, move.sessions, move.groups) == (EVENING, 0, ())
    assert "close is the lowest of 60 sessions, so there is no move" in (
        leadership_words.move_sentence(move)
    )


def test_a_session_without_sizes_leaves_the_move_untold(
    warehouse_path: Path, tmp_path: Path
) -> None:
    sql = (
        "UPDATE mart.contribution SET contribution_points = NULL, weight_pct = NULL "
        f"WHERE session_date = DATE '{DAYS[-2]}'"
    )
    (move,) = changed(warehouse_path, tmp_path, sql).moves
    assert move.index_return_pct is None
    assert {one.contribution_points for one in move.groups} == {None}
    assert "cannot be told apart" in leadership_words.move_sentence(move)


def test_sessions_that_are_not_known_are_said(warehouse_path: Path, tmp_path: Path) -> None:
    sql = f"DELETE FROM mart.contribution WHERE session_date = DATE '{DAYS[-2]}'"
    (move,) = changed(warehouse_path, tmp_path, sql).moves
    assert (move.sessions, move.known_sessions) == (4, 3)
    assert leadership_words.move_sentence(move).endswith(
        "Members are known on 3 of these sessions alone."
    )
    biased = replace(move, is_survivorship_biased=True)
    assert leadership_words.move_sentence(biased).endswith("a later list: survivors alone.")


def test_many_sectors_are_shortened_and_add_up() -> None:
    groups = tuple(Group("sector", f"S{n}", 5.0, 2.0 - n / 10) for n in range(20))
    move = Move(INDEX, DAYS[-5], 4, 4, 2.0, 0.0, False, groups)
    ((title, rows),) = leadership_words.groupings(move)
    assert title == "By sector"
    assert [one.name for one in rows] == [
        *("S0", "S1", "S2", "S3", "S4", "12 other sectors", "S17", "S18", "S19"),
    ]
    assert sum(one.contribution_points or 0 for one in rows) == pytest.approx(
        sum(one.contribution_points or 0 for one in groups)
    )
    assert rows[5].weight_pct == 60.0
    assert leadership_words.absent_groupings(move) == (
        "Not known of these members: their size, quality and speculation."
    )


def test_bars_share_one_scale_and_start_at_zero(move: Move) -> None:
    bars = {one.name: leadership_words.bar(one, move) for one in move.groups}
    # From -0.1 to 0.7 points a session: an eighth of the cell lies below zero.
    assert bars["Small caps"] == ("up", 12.5, 87.5)
    assert bars["Micro caps"] == ("down", 0.0, 12.5)
    assert bars["Realty"] == ("up", 12.5, 12.5)
    unknown = replace(move.groups[0], contribution_points=None)
    assert leadership_words.bar(unknown, move) is None


def test_of_a_small_move_no_parts_are_told(move: Move) -> None:
    small = replace(move, index_return_pct=-0.99)
    assert leadership_words.share_cell(move.groups[0], small) == "n/a"
    assert leadership_words.share_cell(replace(move.groups[0], contribution_points=None), move) == (
        "n/a"
    )


def test_the_page_shows_numbers_in_every_cell(warehouse_path: Path, told: Leadership) -> None:
    with open_reader(warehouse_path) as reader:
        facts = gather(reader)
    assert facts.leadership == told
    page = render(facts)
    tree = html.fromstring(page)
    (heat,) = tree.find_class("map")
    cells = list(heat.iter("td"))
    assert len(cells) == 6 * 5
    assert all(cell.text_content().strip() for cell in cells)
    assert [cell.get("scope") for cell in heat.iter("th")].count("row") == 5
    assert "number up-3" in {cell.get("class") for cell in cells}
    text = said(page)
    assert leadership_words.move_sentence(told.moves[0]) in text
    assert "Not known of these members: their quality." in text
    assert "Not in the warehouse for this evening: contributions to Nifty 500." in text
    assert len(tree.find_class("up-bar") + tree.find_class("down-bar")) == 6


def test_what_is_missing_is_said(warehouse_path: Path) -> None:
    with open_reader(warehouse_path) as reader:
        facts = replace(gather(reader), leadership=Leadership())
        assert leadership(reader, DAYS[10]).sectors == ()
    page = said(render(facts))
    assert leadership_words.NO_SECTORS in page
    assert leadership_words.NO_MOVES in page
    assert leadership_words.absent_moves(Leadership()) == ""
