"""Monitors and gauges: read from their session alone, told in words before colours."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import html

from bi.brief import appetite_words
from bi.brief.appetite_drawings import gauge
from bi.brief.appetite_facts import Appetite, Composite, Monitor, Pillar, appetite
from bi.brief.facts import Facts, gather
from bi.brief.page import render
from tests.bi import evening_appetite
from tests.bi.brief_evening import EVENING, build, sessions
from warehouse.store import open_reader

MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("evening") / "riskon.duckdb")


@pytest.fixture(scope="module")
def facts(warehouse: Path) -> Facts:
    with open_reader(warehouse) as reader:
        return gather(reader)


def composite(facts: Facts) -> Composite:
    found = facts.appetite.composite
    assert found is not None
    return found


def monitor(facts: Facts, monitor_id: str) -> Monitor:
    return next(one for one in facts.appetite.monitors if one.monitor_id == monitor_id)


def pillar(facts: Facts, name: str) -> Pillar:
    return next(one for one in facts.appetite.pillars if one.pillar == name)


def test_only_the_sessions_own_rows_are_read(warehouse: Path, facts: Facts) -> None:
    assert composite(facts).composite == 61.5
    before, earlier = sessions()[-2], sessions()[-3]
    with open_reader(warehouse) as reader:
        past, none = appetite(reader, before), appetite(reader, earlier)
    assert past.composite is not None
    assert past.composite.composite == 58.0
    assert max(one.changed_on for one in past.monitors) <= before
    assert none == Appetite()


def test_pillars_and_monitors_come_in_reading_order(facts: Facts) -> None:
    names = [one.pillar for one in facts.appetite.pillars]
    assert names == ["trend", "breadth", "flows", "leadership", "stress"]
    monitors = [one.monitor_id for one in facts.appetite.monitors]
    assert monitors[:3] == ["appetite", "level_holds", "fii_inflows"]
    assert set(monitors) == set(evening_appetite.MONITORS)
    assert [part.input_id for part in pillar(facts, "flows").parts] == ["fii_10", "fii_20"]


def test_the_composite_in_words(facts: Facts) -> None:
    whole = composite(facts)
    assert appetite_words.headline(whole) == (
        "62 of 100, on the side of appetite; 57 to 66 with any one pillar left out; +12.3 points "
        "over nine sessions (percentile 91.2 of such changes)."
    )
    assert appetite_words.coverage(whole) == (
        "4 of 5 pillars, 83% of 12 inputs fresh. Left out: low stress."
    )
    assert "percentile 79.0, more than 15 from the composite" in appetite_words.component(whole)
    near = replace(whole, is_first_component_apart=False)
    assert "close to the composite" in appetite_words.component(near)
    assert appetite_words.component(replace(whole, first_component_percentile=None)) == ""


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (60.0, "on the side of appetite"),
        (59.9, "near the middle of what has been seen"),
        (40.1, "near the middle of what has been seen"),
        (40.0, "on the side of caution"),
    ],
)
def test_sides_begin_at_sixty_and_forty(facts: Facts, value: float, where: str) -> None:
    bare = replace(
        composite(facts),
        composite=value,
        lowest_without_one=None,
        highest_without_one=None,
        change_9=None,
    )
    assert appetite_words.headline(bare) == f"{value:.0f} of 100, {where}."


def test_a_range_of_one_number_is_one_number(facts: Facts) -> None:
    level = replace(composite(facts), lowest_without_one=61.6, highest_without_one=62.4)
    assert "; 62 with any one pillar left out;" in appetite_words.headline(level)


def test_a_missing_composite_says_why(facts: Facts) -> None:
    none = replace(composite(facts), composite=None, pillars=3, fresh_pct=50.0, missing="stress")
    assert appetite_words.headline(none) == (
        "No composite: 3 of 5 pillars and 50% of 12 inputs are at hand; it takes 4 and 60%. "
        "Left out: low stress."
    )
    assert appetite_words.headline(None) == appetite_words.NO_APPETITE


def test_pillars_say_what_they_stand_on(facts: Facts) -> None:
    stress, flows = pillar(facts, "stress"), pillar(facts, "flows")
    assert appetite_words.pillar_value(stress) == "missing"
    assert appetite_words.pillar_note(stress) == (
        "0 of 2 inputs fresh; left out: US high-yield spread: 12 sessions old, India VIX: not held"
    )
    assert appetite_words.pillar_note(flows) == "2 of 2 inputs fresh; the oldest 1 session old"
    assert appetite_words.pillar_alt(flows) == "Flows: 74 of 100; its inputs from 58 to 91."
    assert appetite_words.pillar_alt(stress) == "Low stress: no value."
    ages = {part.input_id: appetite_words.input_age(part) for part in stress.parts}
    assert ages == {"hy_oas": "12 sessions old, not used", "india_vix": "not held"}
    assert appetite_words.input_rank(stress.parts[1]) == "62.0 (turned round)"


def test_monitors_say_colour_since_when_and_why(facts: Facts) -> None:
    line = appetite_words.monitor_line(monitor(facts, "fii_inflows"), EVENING)
    since = sessions()[-13]
    assert line == (
        f"Foreign inflows: green, since {since.day} {since:%B} {since.year}, before that red, "
        "Rs 2,250 crore (Rs 22.5 bn) net over 10 sessions, percentile 91.2. They buy."
    )
    assert appetite_words.since(monitor(facts, "appetite"), EVENING) == (
        "new tonight, before that amber"
    )
    first = replace(monitor(facts, "appetite"), previous_colour=None)
    assert appetite_words.since(first, EVENING) == "first known tonight"
    assert "before that" not in appetite_words.since(monitor(facts, "breadth"), EVENING)
    assert appetite_words.monitor_line(monitor(facts, "macro"), EVENING).startswith(
        "Macro: not known, since"
    )


def test_a_monitor_that_never_was_known_has_no_since(facts: Facts) -> None:
    never = replace(monitor(facts, "macro"), colour="unknown", previous_colour=None)
    assert appetite_words.since(never, EVENING) == "never known so far"
    lost = replace(never, previous_colour="green", changed_on=date(2026, 1, 5))
    assert appetite_words.since(lost, EVENING) == "since 5 January 2026, before that green"


@pytest.mark.parametrize(
    ("monitor_id", "measure", "percentile", "said"),
    [
        ("breadth", (35.6, "rank"), 35.6, "36 of 100"),
        ("midcap_participation", (-4.229, "percent"), None, f"{MINUS}4.23% from the high of 252"),
        ("level_holds", (1.24, "ATR"), None, "1.2 ATR above the support"),
        ("level_holds", (-3.08, "ATR"), None, ""),
        ("of_yours", (3.0, "sessions"), 12.34, "3 sessions, percentile 12.3"),
        ("macro", (None, "rank"), None, ""),
    ],
)
def test_a_monitors_figure_says_what_it_measures(
    facts: Facts,
    monitor_id: str,
    measure: tuple[float | None, str],
    percentile: float | None,
    said: str,
) -> None:
    value, unit = measure
    first = facts.appetite.monitors[0]
    one = replace(first, monitor_id=monitor_id, value=value, unit=unit, percentile=percentile)
    told = appetite_words.monitor_figure(one)
    assert told.startswith(said)
    assert bool(told) == bool(said)


def test_inputs_and_states_are_told_by_their_names(facts: Facts) -> None:
    one = replace(
        monitor(facts, "macro"),
        reasons="nifty 500 is in EARLY_RECOVERY since 2026-01-05; left out: us_vix: never held",
    )
    assert appetite_words.why(one) == (
        "Nifty 500 is in early recovery since 5 January 2026; left out: US VIX: never held."
    )


def test_the_tally_counts_each_colour(facts: Facts) -> None:
    tally = appetite_words.tally
    assert tally(facts.appetite.monitors) == (
        "Of 7 monitors: 3 green, 2 amber, 1 red and 1 not known."
    )
    assert tally(facts.appetite.monitors[:1]) == "Of 1 monitor: 1 green."
    assert tally(()) == appetite_words.NO_MONITORS


def test_a_gauge_puts_things_where_they_are() -> None:
    drawn = html.fromstring(gauge(61.5, [10.0, 100.0], (57.25, 66.4)))
    pointer = drawn.find_class("pointer")[0]
    assert pointer.get("cx") == "61.5%"
    assert [mark.get("x1") for mark in drawn.find_class("mark")] == ["10%", "100%"]
    span = drawn.find_class("span")[0]
    assert (span.get("x"), span.get("width")) == ("57.2%", "9.2%")
    assert [end.get("x1") for end in drawn.find_class("end")] == ["57.2%", "66.4%"]


def test_a_gauge_without_value_has_no_pointer() -> None:
    drawn = html.fromstring(gauge(None))
    assert not drawn.find_class("pointer")
    assert drawn.find_class("none")


@pytest.mark.parametrize(("value", "place"), [(-5.0, "0%"), (104.0, "100%")])
def test_a_gauge_never_points_outside(value: float, place: str) -> None:
    assert html.fromstring(gauge(value)).find_class("pointer")[0].get("cx") == place


def test_the_page_shows_colour_word_and_shape(facts: Facts) -> None:
    tree = html.fromstring(render(facts))
    rows = tree.find_class("monitor")
    told = [" ".join(row.find_class("colour")[0].text_content().split()) for row in rows]
    shown = [one.colour for one in facts.appetite.monitors]
    words = [f"{appetite_words.SHAPES[name]} {appetite_words.COLOURS[name]}" for name in shown]
    assert told == words
    assert len(set(appetite_words.SHAPES.values())) == len(appetite_words.COLOURS)
    assert "<surprises> are bad." in tree.text_content()


def test_every_gauge_has_its_words_and_its_number(facts: Facts) -> None:
    tree = html.fromstring(render(facts))
    gauges = tree.xpath("//ul[@class='gauges']/li")
    assert len(gauges) == 6
    for told, one in zip(gauges[1:], facts.appetite.pillars, strict=True):
        assert told.xpath(".//*[@role='img']/@aria-label") == [appetite_words.pillar_alt(one)]
        assert told.find_class("value")[0].text_content() == appetite_words.pillar_value(one)
        marks = told.find_class("mark")
        assert len(marks) == len(appetite_words.used(one))


def test_without_rows_the_page_says_what_is_missing(facts: Facts) -> None:
    page = render(replace(facts, appetite=Appetite()))
    text = " ".join(html.fromstring(page).text_content().split())
    assert f"Nothing coloured. {appetite_words.NO_MONITORS}" in text
    assert f"No gauges. {appetite_words.NO_APPETITE}" in text
    assert 'class="gauge"' not in page


def test_plain_lines_tell_the_same(facts: Facts) -> None:
    lines = appetite_words.lines(facts.appetite)
    assert lines[0] == appetite_words.headline(composite(facts))
    assert "Price and trend: 71 (3 of 3 inputs fresh)" in lines
    assert len(lines) == 3 + 5
    assert appetite_words.lines(Appetite()) == (appetite_words.NO_APPETITE,)
    assert appetite_words.monitor_lines(Appetite(), date(2026, 2, 11)) == (
        appetite_words.NO_MONITORS,
    )
    assert all(not re.search(r"None|nan", line) for line in lines)
