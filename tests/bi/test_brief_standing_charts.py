"""The chart of the index: everything drawn has its name, and what is missing is said."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from bi.brief.charts import Panel
from bi.brief.facts import Facts, gather
from bi.brief.standing_charts import standing_panel
from bi.brief.standing_facts import Chart, Span, Standing, Zone
from bi.brief.standing_labels import apart
from tests.bi.brief_evening import EVENING, build
from tests.bi.test_brief_words import REGIME
from warehouse.store import open_reader

DAYS = [EVENING - timedelta(days=age) for age in range(251, -1, -1)]
HEAVIEST = 120_000
ZONE = Zone(
    kind="support",
    zone_rank=1,
    lower=16_350.0,
    upper=16_500.0,
    pivots=3,
    touches=5,
    bounces=3,
    breakouts=0,
    failures=0,
    bounce_rate_pct=60.0,
    artificial_bounce_rate_pct=55.0,
    strength_percentile=61.0,
    volume_pct=None,
    is_volume_peak=None,
    distance_pct=2.9,
    distance_atr=1.8,
    distance_sessions=7.0,
    reach_first_probability=0.27,
)


def bars(closes: list[float | None], *, is_ranged: bool = True) -> pl.DataFrame:
    """One row a day up to the evening, its range 50 points on either side."""
    return pl.DataFrame(
        {
            "session_date": DAYS[-len(closes) :],
            "high": [None if c is None or not is_ranged else c + 50 for c in closes],
            "low": [None if c is None or not is_ranged else c - 50 for c in closes],
            "close": closes,
        },
        schema={
            "session_date": pl.Date,
            "high": pl.Float64,
            "low": pl.Float64,
            "close": pl.Float64,
        },
    )


CLOSES: list[float | None] = [
    *(17_500.0 - 6 * n for n in range(240)),
    *(16_060.0 + 75 * n for n in range(1, 13)),
]
WHOLE = Standing(
    regime=REGIME,
    zones=(ZONE, replace(ZONE, kind="resistance", lower=17_100.0, upper=17_250.0)),
    chart=Chart(
        bars(CLOSES),
        pl.DataFrame(
            {"session_date": [DAYS[200]], "kind": ["low"], "level": [16_250.0]},
            schema={"session_date": pl.Date, "kind": pl.String, "level": pl.Float64},
        ),
        (
            Span("DRAWDOWN", DAYS[0], DAYS[245]),
            Span("REBOUND", DAYS[246], DAYS[248]),
            Span("EARLY_RECOVERY", DAYS[249], DAYS[251]),
        ),
    ),
)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    path = build(
        tmp_path_factory.mktemp("chart") / "riskon.duckdb",
        with_verdict=False,
        with_levels=False,
    )
    with open_reader(path) as reader:
        return gather(reader)


@pytest.fixture(scope="module")
def panel(facts: Facts) -> Panel:
    return standing_panel(replace(facts, standing=WHOLE))


def drawn(drawing: str | None) -> list[str]:
    """The texts of a drawing."""
    assert drawing is not None
    return re.findall(r">([^<>]+)</text>", drawing)


def test_everything_drawn_has_its_name_beside_it(panel: Panel) -> None:
    for drawing in (panel.wide, panel.narrow):
        texts = drawn(drawing)
        for name in ("Sup 16,350-16,500", "Res 17,100-17,250", "Low 16,012", "Drawdown", "E"):
            assert name in texts
        assert drawing is not None
        assert len(drawing) < HEAVIEST
        # Support and resistance differ in their edge as well as in colour.
        assert "stroke-dasharray" in drawing


def test_the_words_tell_the_chart(panel: Panel) -> None:
    assert panel.alt == (
        "Closes of the Nifty Smallcap 100 from 5 June 2025 to 11 February 2026: they began at "
        "17,500, were highest at 17,500 on 5 June 2025 and lowest at 16,066 on 30 January 2026, "
        "and stand at 16,960. States: drawdown from 5 June 2025, rebound from 6 February 2026 and "
        "early recovery from 9 February 2026. Support at 16,350 to 16,500. Resistance at 17,100 to "
        "17,250. The low of the drawdown is 16,012 of 30 January 2026, 6.1% below the close. "
        "Marked as turning points: 0 highs and 1 low."
    )


def test_zones_are_said_to_be_tonights(panel: Panel) -> None:
    assert any("tonight's, drawn back over the year" in note for note in panel.notes)


def test_a_hole_breaks_the_line_and_is_said(facts: Facts) -> None:
    holed: list[float | None] = [*CLOSES[:100], None, None, *CLOSES[102:]]
    told = replace(WHOLE, chart=replace(WHOLE.chart, bars=bars(holed)))
    found = standing_panel(replace(facts, standing=told))
    assert (
        "No close on 2 of 252 sessions; the line breaks there. Missing: 13 September 2025 and "
        "14 September 2025."
    ) in found.notes


def test_an_index_without_highs_and_lows_is_drawn_by_its_closes(facts: Facts) -> None:
    told = replace(WHOLE, chart=replace(WHOLE.chart, bars=bars(CLOSES, is_ranged=False)))
    found = standing_panel(replace(facts, standing=told))
    assert found.wide is not None
    assert any(note.startswith("No session has a high and a low") for note in found.notes)


def test_without_closes_there_is_no_chart_but_a_sentence(facts: Facts) -> None:
    for empty in (Standing(), Standing(chart=Chart(bars([None] * 5)))):
        found = standing_panel(replace(facts, standing=empty))
        assert found.wide is None
        assert found.alt.startswith("No close of the Nifty Smallcap 100 is held")


def test_closes_alone_are_drawn_and_the_rest_said_to_be_missing(facts: Facts) -> None:
    found = standing_panel(replace(facts, standing=Standing(chart=Chart(bars([100.0])))))
    assert found.wide is not None
    assert found.notes[0].startswith("Not drawn: the states")


def test_a_level_too_far_away_is_said_instead_of_drawn(facts: Facts) -> None:
    far = replace(ZONE, lower=9_000.0, upper=9_100.0)
    found = standing_panel(replace(facts, standing=replace(WHOLE, zones=(far,))))
    assert "Too far to be drawn: Sup 9,000-9,100." in found.notes
    assert "Sup 9,000-9,100" not in drawn(found.wide)


def test_names_stand_apart_and_near_their_levels() -> None:
    wanted = [100.0, 99.0, 98.5, 60.0, 1.0, 0.5]
    found = apart(wanted, 5.0, (0.0, 100.0))
    assert found[:4] == [100.0, 95.0, 90.0, 60.0]
    assert all(above - below >= 5.0 for above, below in pairwise(found))
    assert found[-1] >= 0.0
    assert apart([], 5.0, (0.0, 100.0)) == []


def test_a_fresh_state_is_named_on_its_first_day(facts: Facts) -> None:
    first = Span("FAILED", DAYS[251], DAYS[251])
    spans = (Span("DRAWDOWN", DAYS[0], DAYS[250]), first)
    told = replace(WHOLE, chart=replace(WHOLE.chart, spans=spans))
    found = standing_panel(replace(facts, standing=told))
    assert "F" in drawn(found.wide)


def test_the_chart_of_the_hand_made_evening_is_drawn_from_its_file(tmp_path: Path) -> None:
    path = build(tmp_path / "riskon.duckdb")
    with open_reader(path) as reader:
        evening = gather(reader)
    found = standing_panel(evening)
    assert found.wide is not None
    # 300 falling closes, 0.07% a session, from 17,000: the last is 13,788.
    last = 17_000 * (1 - 0.0007) ** 299
    assert f"and stand at {last:,.0f}." in found.alt
    assert date(2025, 12, 15) not in evening.standing.chart.bars.drop_nulls("close")["session_date"]
