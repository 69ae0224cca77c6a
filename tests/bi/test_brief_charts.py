"""The charts: what they compute for display, where they break, how they are drawn."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest

from bi.brief import drawings
from bi.brief.charts import (
    Panel,
    coverage_panel,
    flows_panel,
    panels,
    rebased,
    running_sums,
)
from bi.brief.facts import Facts, gather
from bi.brief.series import Lines
from tests.bi.brief_evening import build
from warehouse.store import open_reader

DAYS = [date(2026, 2, 2) + timedelta(days=number) for number in range(4)]


def lines(**series: list[float | None]) -> Lines:
    frame = pl.DataFrame(
        {
            "session_date": DAYS * len(series),
            "name": [name for name in series for _ in DAYS],
            "value": [value for values in series.values() for value in values],
        },
        schema_overrides={"value": pl.Float64},
    )
    return Lines(frame, tuple(series), ())


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    path = build(tmp_path_factory.mktemp("evening") / "riskon.duckdb")
    with open_reader(path) as reader:
        return gather(reader)


@pytest.fixture(scope="module")
def drawn(facts: Facts) -> tuple[Panel, ...]:
    return (*panels(facts), flows_panel(facts), coverage_panel(facts.season))


def test_rebasing_starts_where_all_have_a_close() -> None:
    frame, base = rebased(lines(a=[50.0, 100.0, None, 110.0], b=[None, 200.0, 210.0, 190.0]))
    assert base == DAYS[1]
    assert frame["value"].to_list() == [50.0, 100.0, None, 110.0, None, 100.0, 105.0, 95.0]


def test_lines_that_never_meet_have_no_base() -> None:
    assert rebased(lines(a=[1.0, None, None, None], b=[None, 1.0, None, None]))[1] is None


def test_a_running_sum_begins_again_after_a_hole() -> None:
    frame = running_sums(lines(FII=[5.0, -2.0, None, 7.0], DII=[1.0, 1.0, 1.0, 1.0]))
    assert frame["running"].to_list() == [5.0, 3.0, None, 7.0, 1.0, 2.0, 3.0, 4.0]


def paths(svg: str, colour: str) -> list[str]:
    """Outlines of lines in a colour, the legend's strokes left out."""
    found = re.findall(r'<path [^>]*?d="([^"]*)"[^>]*stroke="([^"]*)"', svg)
    return [outline for outline, stroke in found if stroke == colour and outline.count("L") > 1]


def test_a_hole_in_the_data_breaks_the_line(drawn: tuple[Panel, ...]) -> None:
    level = drawn[0]
    assert level.wide is not None
    (outline,) = paths(level.wide, "var(--line-3)")
    assert outline.count("M") == 2
    assert "no value on 2 of 120 sessions; the line breaks there." in " ".join(level.notes)


def test_bars_keep_a_place_for_every_session(drawn: tuple[Panel, ...]) -> None:
    assert drawn[2].wide is not None
    bars = re.findall(r'<path d="M([\d.]+),[^"]*" fill="var\(--line-3\)"', drawn[2].wide)
    places = sorted(float(place) for place in bars if place)
    assert len(places) == 58, "a session without a value has no bar"
    steps = [later - earlier for earlier, later in pairwise(places)]
    assert max(steps) == pytest.approx(3 * min(steps), rel=0.05)


def test_the_nine_sessions_are_shaded(drawn: tuple[Panel, ...]) -> None:
    assert drawn[0].wide is not None
    assert drawn[0].wide.count('fill="var(--shade)"') == 1
    # Ten closes are nine sessions: 29 January is the tenth weekday back from 11 February.
    assert drawn[0].notes[0] == "Shaded: the 9 sessions after the close of 29 January 2026."


def test_alternative_texts_hold_the_last_figures(drawn: tuple[Panel, ...]) -> None:
    levels, drawdown, flows, coverage = drawn
    assert "Smallcap 100 92.0" in levels.alt
    assert "each set to 100 on 28 August 2025" in levels.alt
    assert re.search(r"At the end: Smallcap 100 .\d+\.\d%", drawdown.alt)
    assert "The final count stands as ticks." in flows.alt
    # Day 42: 29 weekdays since the quarter's end, three companies more each but the first.
    assert coverage.alt.endswith("65% on day 42, due on day 45. A year before it was 96% by then.")
    assert "FII Rs 10,370 crore (Rs 103.7 bn)" in flows.alt
    assert flows.notes[0].startswith("Rs crore, NSE+BSE+MSEI, provisional.")
    assert "Not in the warehouse for these sessions: Microcap 250." in levels.notes


def test_drawings_take_their_colours_from_the_page(drawn: tuple[Panel, ...]) -> None:
    for panel in drawn:
        for svg in (panel.wide, panel.narrow):
            assert svg is not None
            colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg))
            fixed = {c for c in colours if not c.startswith("var(--")} - {"none", "transparent"}
            assert fixed == set()
            assert " id=" not in svg


def test_axes_count_in_lakh() -> None:
    lakhs = lines(FII=[5e5, -2e5, 1e5, 7e5])
    wide, _ = drawings.bars_with_sums(running_sums(lakhs), lakhs.names)
    assert "2,00,000" in wide
    assert "200,000" not in wide


def test_the_drawing_is_the_same_in_every_time_zone() -> None:
    # A zone whose clocks change inside the window, and west of Greenwich.
    script = (
        "from tests.bi.test_brief_charts import october; from bi.brief import drawings; "
        "print(drawings.lines(october(), ('FII',), 'x')[0], end='')"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TZ": "America/New_York"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert elsewhere == drawings.lines(october(), ("FII",), "x")[0]
    assert "Oct 2025" in elsewhere


def october() -> pl.DataFrame:
    """Sixty days around the end of summer time."""
    days = [date(2025, 9, 25) + timedelta(days=number) for number in range(60)]
    values = [float(number % 5) for number in range(60)]
    return pl.DataFrame({"session_date": days, "name": ["FII"] * 60, "value": values})
