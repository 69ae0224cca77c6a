"""Breadth on the page: what is read of an evening, the words its figures take, and the drawing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from bi.brief import breadth_words, share_drawings
from bi.brief.breadth_facts import (
    DIVERGENCES,
    MATCHED,
    THRUSTS,
    Breadth,
    Thrust,
    UniverseBreadth,
    breadth,
)
from bi.brief.share_charts import breadth_panel, extremes_panel
from tests.bi.brief_evening import EVENING, HOLES, build, sessions
from transforms.metrics.breadth_tables import Breadth as BreadthTable
from warehouse.store import open_reader
from warehouse.tables.table import schema

MINUS = "\N{MINUS SIGN}"
DAYS = sessions()
MARKET = UniverseBreadth(
    universe="market",
    is_survivorship_biased=False,
    members=2000,
    traded=2000,
    advances=1200,
    declines=600,
    unchanged=200,
    above_20=80.0,
    above_50=70.0,
    above_200=45.5,
    above_20_before=80.0,
    above_50_before=60.0,
    above_200_before=45.5,
    above_50_percentile=91.26,
    new_highs=12,
    new_lows=2,
    eligible_252=2000,
    net_new_highs_pct=0.5,
    summation=612.4,
    oscillator=-18.2,
    up_volume_pct=66.6,
)


@pytest.fixture(scope="module")
def warehouse_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("breadth") / "riskon.duckdb")


def at(path: Path, session: date) -> Breadth:
    with open_reader(path) as reader:
        return breadth(reader, session)


@pytest.fixture(scope="module")
def told(warehouse_path: Path) -> Breadth:
    return at(warehouse_path, EVENING)


def of(row: UniverseBreadth, **others: object) -> Breadth:
    return Breadth(rows=(replace(row, **others),))  # type: ignore[arg-type]


def test_the_evening_is_read_whole_and_compared_with_twenty_sessions_before(
    told: Breadth,
) -> None:
    assert [row.universe for row in told.rows] == ["market", "nifty-500", "tier:large"]
    assert told.market == MARKET
    assert [row.is_survivorship_biased for row in told.rows] == [False, True, False]
    assert told.absent == ("nifty-smallcap-250", "tier:mid", "tier:small", "tier:micro")
    assert told.latest == EVENING


def test_events_of_twenty_sessions_are_told_and_no_older(told: Breadth) -> None:
    day = DAYS[-5]
    assert told.thrusts == (
        Thrust(day, "market", "is_zweig_thrust"),
        Thrust(day, "market", "is_deemer_thrust"),
        Thrust(day, "nifty-500", "is_deemer_thrust"),
    )
    assert told.judged == ("is_zweig_thrust", "is_deemer_thrust", "is_summation_go")
    assert told.divergent == ("is_ad_line_divergent",)


def test_an_older_evening_knows_nothing_later(warehouse_path: Path) -> None:
    day = DAYS[-26]
    earlier = at(warehouse_path, day)
    assert earlier.latest == day
    assert earlier.year["session_date"].max() == day
    assert earlier.thrusts == (Thrust(day, "market", "is_deemer_thrust"),)
    assert earlier.divergent == ()
    assert earlier.market is not None
    assert earlier.market.above_50 == 57.5
    # The holes are no sessions that can be compared with.
    hole = max(HOLES)
    after = DAYS[DAYS.index(hole) + 20]
    compared = at(warehouse_path, after).market
    assert compared is not None
    assert compared.above_50_before is None


def test_a_session_without_bars_says_so_and_which_was_the_last(warehouse_path: Path) -> None:
    hole = at(warehouse_path, min(HOLES))
    assert hole.market is None
    assert hole.latest == date(2025, 12, 12)
    assert breadth_words.sentences(hole) == ()
    assert breadth_words.missing(hole).endswith("that of 12 December 2025.")
    assert breadth_words.lines(hole) == (breadth_words.missing(hole),)
    assert "last session" not in breadth_words.missing(Breadth())


def test_the_year_has_every_session_and_no_extremes_before_a_share_has_a_year(
    told: Breadth,
) -> None:
    year = told.year
    assert year["session_date"].to_list() == DAYS[-252:]
    assert set(year.filter(pl.col("ad_line").is_null())["session_date"]) == HOLES
    assert year.drop_nulls("new_highs")["session_date"][0] == DAYS[250]


def test_every_flag_of_the_table_is_a_thrust_a_divergence_or_the_high_beside_it() -> None:
    flags = {name for name, kind in schema(BreadthTable).items() if kind == pl.Boolean}
    told = {*THRUSTS, *DIVERGENCES, "is_index_high_20", "is_survivorship_biased"}
    assert flags == told


def test_the_words_follow_the_figures(told: Breadth) -> None:
    moved, above, mcclellan, thrusts, divergence = breadth_words.sentences(told)
    assert moved == (
        "Of 2,000 shares that traded in this session and the one before, 1,200 rose and 600 fell; "
        "200 did not move. Of the value traded in shares that moved, 66.6% was in rising ones."
    )
    assert above == (
        "70.0% of the shares are above their 50-session average, 10.0 points more than 20 sessions "
        "before (percentile 91.3); 45.5% are above that of 200, as many as 20 sessions before."
    )
    assert mcclellan == (
        "Ratio-adjusted, the summation index (RASI) stands at +612, above its neutral 0, and the "
        f"oscillator at {MINUS}18."
    )
    assert thrusts == (
        "Thrusts and capitulations in the last 20 sessions: Zweig thrust of the market on 5 "
        "February 2026; Deemer thrust of the market and Nifty 500 on 5 February 2026. Thresholds "
        "as published, all fitted to New York. Thresholds matched for rarity here are not known "
        "yet: they take years."
    )
    assert divergence == (
        "Divergence: the Nifty 500 closed at its highest of 20 sessions, and the advance-decline "
        "line is below where the index last made a swing high."
    )
    assert len(breadth_words.lines(told)) == 3


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (70.0, 71.0, ", 1.0 point fewer than 20 sessions before"),
        (70.0, 68.74, ", 1.3 points more than 20 sessions before"),
        (70.0, 70.04, ", as many as 20 sessions before"),
        (70.0, None, "average (percentile"),
    ],
)
def test_a_change_is_said_as_it_is_printed(now: float, before: float | None, said: str) -> None:
    _, above, *_ = breadth_words.sentences(of(MARKET, above_50=now, above_50_before=before))
    assert said in above


def test_what_is_not_warm_is_left_out() -> None:
    young = of(
        MARKET,
        above_50=None,
        above_200=None,
        summation=None,
        oscillator=None,
        up_volume_pct=None,
        unchanged=0,
    )
    assert breadth_words.sentences(young) == (
        "Of 1,800 shares that traded in this session and the one before, 1,200 rose and 600 fell.",
        "No rule of thrusts can be told yet: the shares have too little history.",
    )
    assert breadth_words.lines(young)[1].startswith("No share has the history")
    first = of(MARKET, advances=0, declines=0, unchanged=0)
    assert breadth_words.sentences(first)[0].startswith("No share traded both")
    without_200 = breadth_words.sentences(of(MARKET, above_200=None))[1]
    assert without_200.endswith("none has the 200 sessions that its longer average takes.")


@pytest.mark.parametrize(
    ("summation", "oscillator", "said"),
    [
        (-1101.3, -32.7, f"stands at {MINUS}1,101, below its neutral 0, and the oscillator at"),
        (0.3, 4.0, "stands at 0, at its neutral 0, and the oscillator at +4."),
        (None, 12.0, "Ratio-adjusted, the oscillator stands at +12."),
        (501.0, None, "stands at +501, above its neutral 0."),
    ],
)
def test_the_summation_index_is_placed(
    summation: float | None, oscillator: float | None, said: str
) -> None:
    row = of(MARKET, summation=summation, oscillator=oscillator)
    assert said in breadth_words.sentences(row)[2]


def test_thrusts_that_were_met_by_none_or_by_a_matched_threshold() -> None:
    quiet = Breadth(rows=(MARKET,), judged=("is_zweig_thrust", *MATCHED))
    assert breadth_words.sentences(quiet)[-1] == (
        "No rule of a thrust or capitulation was met in the last 20 sessions; 5 of 14 can be told."
    )
    rare = replace(quiet, thrusts=(Thrust(EVENING, "tier:small", MATCHED[1]),))
    assert breadth_words.sentences(rare)[-1] == (
        "Thrusts and capitulations in the last 20 sessions: Deemer thrust matched for rarity of "
        "small caps on 11 February 2026. Thresholds as published, all fitted to New York, but "
        "those matched for rarity here."
    )


def test_cells_and_notes_say_what_is_missing(told: Breadth) -> None:
    assert breadth_words.above_cell(70.0, 60.0) == "70.0% (+10.0)"
    assert breadth_words.above_cell(70.0, None) == "70.0%"
    assert breadth_words.above_cell(None, 60.0) == "n/a"
    assert breadth_words.extremes_cell(MARKET) == "12 / 2"
    assert breadth_words.extremes_cell(replace(MARKET, eligible_252=0)) == "n/a"
    assert breadth_words.points_cell(-18.2) == f"{MINUS}18"
    assert breadth_words.points_cell(None) == "n/a"
    assert [breadth_words.traded_cell(row) for row in told.rows] == [
        "2,000 shares",
        "495 of 500 shares",
        "100 shares",
    ]
    assert [breadth_words.mark(row) for row in told.rows] == ["", " \N{DAGGER}", ""]
    notes = breadth_words.notes(told)
    assert breadth_words.BIASED in notes
    assert notes[-2:] == (
        "Not in the warehouse for this evening: Smallcap 250; it takes a list of members.",
        (
            "Not in the warehouse for this evening: Mid caps, Small caps and Micro caps; it takes "
            "market capitalisations of half a year."
        ),
    )
    assert breadth_words.BIASED not in breadth_words.notes(Breadth(rows=(MARKET,)))


def test_the_panel_says_what_it_draws(told: Breadth) -> None:
    panel = breadth_panel(told)
    assert panel.wide is not None
    assert panel.alt.endswith(
        "At the end: 70.0% above the average of 50 sessions, 45.5% above that of 200, the index at "
        "20,000.00 and the advance-decline line +1,50,600 on where it began."
    )
    holes = "2 of 252 sessions; the drawing breaks there. Missing: 15 December 2025 and 16"
    assert [note for note in panel.notes if holes in note] == [panel.notes[-1]]


def test_a_panel_without_data_is_not_drawn(told: Breadth) -> None:
    for panel in (breadth_panel(Breadth()), extremes_panel(Breadth())):
        assert panel.wide is None
        assert panel.alt
    young = replace(told, year=told.year.with_columns(new_highs=None, new_lows=None))
    assert extremes_panel(young).wide is None
    bare = told.year.with_columns(
        above_200=pl.lit(None, pl.Float64), index_close=pl.lit(None, pl.Float64)
    )
    panel = breadth_panel(replace(told, year=bare))
    assert panel.wide is not None
    assert ">Nifty 500<" not in panel.wide
    assert ">Advance-decline line<" in panel.wide
    assert "which no share has the history for" in " ".join(panel.notes)
    assert "the Nifty 500, of which no close" in " ".join(panel.notes)


def test_extremes_are_told_with_their_most(told: Breadth) -> None:
    days, counts = DAYS[-3:], pl.DataFrame({"highs": [40, 7, 40], "lows": [0, 90, 3]})
    year = told.year.tail(3).with_columns(
        new_highs=pl.Series(counts["highs"]), new_lows=pl.Series(counts["lows"])
    )
    panel = extremes_panel(replace(told, year=year))
    assert panel.alt.startswith(
        "New highs of the market's shares as bars up and new lows as bars down, from 9 February "
        "2026 to 11 February 2026. At the end: 40 highs and 3 lows."
    )
    assert "Most highs 40 on 11 February 2026, most lows 90 on 10 February 2026." in panel.alt
    assert days[0] == date(2026, 2, 9)


def test_bars_are_strokes_that_a_hole_takes_the_place_of() -> None:
    year = pl.DataFrame(
        {
            "session_date": [date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 11)],
            "place": [0, 1, 2],
            "new_highs": [4, None, 6],
            "new_lows": [1, None, 0],
        },
        schema_overrides={"place": pl.Int64},
    )
    strokes = share_drawings.bar_strokes(year)
    by_name = {name: strokes.filter(name=name)["value"].to_list() for name in ("High", "Low")}
    assert by_name == {
        "High": [0, 4, None, None, None, None, 0, 6, None],
        "Low": [0, -1, None, None, None, None, 0, 0, None],
    }


def test_a_bar_is_drawn_a_session_and_none_in_a_hole(told: Breadth) -> None:
    year = told.year.filter(
        pl.col("new_highs").is_not_null() | (pl.col("session_date") > DAYS[250])
    )
    wide, _ = share_drawings.extreme_bars(year)
    paths = re.findall(r'd="([^"]+)"[^>]*stroke="var\(--line-[23]\)"', wide)
    bars = year["new_highs"].drop_nulls().len()
    assert year.height == bars + len(HOLES)
    # Vega names the colour before or after the path; each bar begins with a move of its own.
    found = paths or re.findall(r'stroke="var\(--line-[23]\)"[^>]*d="([^"]+)"', wide)
    assert [len(re.findall("M", path)) for path in found] == [bars, bars]
