"""The page stands alone, escapes what it prints, and says what the facts say."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest
from lxml import html

from bi.brief import (
    appetite_words,
    breadth_words,
    change_words,
    health_words,
    leadership_words,
    outside_words,
    season_words,
    standing_words,
    words,
)
from bi.brief.appetite_facts import Appetite
from bi.brief.breadth_facts import Breadth
from bi.brief.charts import coverage_panel, flows_panel, panels
from bi.brief.facts import Facts, gather
from bi.brief.flow_facts import FlowFacts
from bi.brief.leadership_facts import Leadership
from bi.brief.outside_facts import Outside
from bi.brief.page import render
from bi.brief.season_facts import Season
from bi.brief.series import Flows, Lines
from bi.brief.share_charts import breadth_panel, extremes_panel
from bi.brief.standing_charts import standing_panel
from bi.brief.standing_facts import Standing
from tests.bi.brief_evening import build
from warehouse.store import open_reader

LOADING = {"src", "href", "srcset", "action", "data", "poster", "formaction", "background", "ping"}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    path = build(tmp_path_factory.mktemp("evening") / "riskon.duckdb")
    with open_reader(path) as reader:
        return gather(reader)


@pytest.fixture(scope="module")
def page(facts: Facts) -> str:
    return render(facts)


def told(page: str) -> str:
    """The page's visible text on one line."""
    body = html.fromstring(page).find("body")
    assert body is not None
    return " ".join(body.text_content().split())


def without_lines(lines: Lines) -> Lines:
    return Lines(lines.frame.clear(), (), (*lines.names, *lines.absent))


def test_same_facts_same_bytes(facts: Facts, page: str) -> None:
    assert render(facts) == page


def test_nothing_outside_is_referred_to(page: str) -> None:
    tree = html.fromstring(page)
    for element in tree.iter():
        assert element.tag not in {"script", "link", "iframe", "object", "embed", "img", "base"}
        for name, value in element.attrib.items():
            if name.rpartition(":")[2].rpartition("}")[2] in LOADING:
                assert value.startswith("#"), f"{element.tag} {name}={value}"
    assert not re.search(r"url\((?!#)|@import|image-set", page)


def test_the_page_is_small(page: str) -> None:
    assert len(page.encode()) < 400_000


def test_the_verdict_comes_first_and_is_the_words(facts: Facts, page: str) -> None:
    said = words.verdict(facts)
    text = told(page)
    assert f"{said.answer} {said.sentence} {said.background}" in text
    order = [
        said.answer,
        "Where it stands",
        change_words.title(facts.changes),
        appetite_words.WATCH_TITLE,
        appetite_words.APPETITE_TITLE,
        "The claims Claim",
        "The charts",
        "Data health Source",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert html.fromstring(page).findtext(".//h1") == words.QUESTION


def test_every_claim_is_told_whole(facts: Facts, page: str) -> None:
    text = told(page)
    for claim in facts.claims:
        for shown in (
            claim.statement,
            claim.grade,
            words.reasons(claim),
            claim.threshold,
            claim.sql,
            words.ranked(claim.percentile, claim.sample_size, claim.low_percentile),
            words.window(claim.window_sessions),
            words.luck(claim.null_probability, claim.null_model),
            *(leg.leg for leg in claim.legs),
        ):
            assert " ".join(shown.split()) in text
    assert "Rs 2,250 crore (Rs 22.5 bn)" in text
    assert "not testable: quarterly results missing" in text


def test_background_is_labelled_and_only_where_it_is(facts: Facts, page: str) -> None:
    labels = html.fromstring(page).find_class("bearing")
    assert [label.text_content() for label in labels] == [words.NOT_COUNTED]
    row = labels[0].getparent()
    assert row is not None
    assert row.text_content().startswith("Statement of bruising_year")
    assert "22.0 (low is deep), N = 1,412" in told(page)
    alike = tuple(replace(claim, bearing="rotation") for claim in facts.claims)
    assert not html.fromstring(render(replace(facts, claims=alike))).find_class("bearing")


def test_what_the_warehouse_says_is_escaped(facts: Facts) -> None:
    evil = '<script>alert("x")</script>&"\'>'
    claims = (replace(facts.claims[0], statement=evil, reasons=evil, sql=evil),)
    sources = (replace(facts.sources[0], detail=evil, source_id=evil),)
    checks = (replace(facts.failed_checks[0], first_rows=evil, check_id=evil),)
    page = render(replace(facts, claims=claims, sources=sources, failed_checks=checks))
    assert "<script" not in page
    assert told(page).count(evil) >= 6


def test_simulated_is_said_on_top_and_only_then(facts: Facts, page: str) -> None:
    assert words.SIMULATED in told(page)
    assert html.fromstring(page).findtext(".//title").startswith("SIMULATED")
    real = render(replace(facts, origin="real"))
    assert "SIMULATED" not in real
    assert "NSE Indices Ltd" in told(real)


def test_trouble_is_announced_before_the_claims(facts: Facts, page: str) -> None:
    text = told(page)
    assert text.index("nse_fii_dii is late") < text.index("The claims Claim")
    assert "got those of 10-Feb-2026" in text
    assert "6 rows say otherwise" in text
    calm = replace(facts, sources=facts.sources[1:], failed_checks=())
    quiet = told(render(calm))
    assert "Not all data is in" not in quiet
    assert "none found an offending row" in quiet


def test_every_source_that_is_not_in_is_named_on_top_by_its_state(facts: Facts) -> None:
    late = facts.sources[0]
    blocked = [replace(late, source_id=name, state="blocked") for name in ("nse_a", "nse_b")]
    sources = (*blocked, late, *facts.sources[1:])
    text = told(render(replace(facts, sources=sources)))
    expected = "Not all data is in: nse_a and nse_b are blocked; nse_fii_dii is late."
    assert expected in text[: text.index("Where it stands")]
    assert health_words.trouble(replace(facts, sources=facts.sources[1:])) == ""


def test_freshness_in_one_line(facts: Facts) -> None:
    times = (
        "The last input could be known at 11 February 2026, 19:30 IST; graded at 11 February 2026, "
        "21:00 IST."
    )
    assert health_words.freshness(facts) == (
        "2 of 3 sources are in. Not all data is in: nse_fii_dii is late. 1 check found offending "
        f"rows: one_bar_a_session. {times}"
    )
    calm = replace(facts, sources=facts.sources[1:], failed_checks=())
    assert health_words.freshness(calm) == f"All 2 sources are in. {times}"
    assert health_words.freshness(replace(calm, sources=facts.sources[1:2])) == (
        f"The one source is in. {times}"
    )
    none = health_words.freshness(replace(calm, sources=()))
    assert none == f"{health_words.NO_SOURCES} {times}"


def test_the_printed_page_carries_freshness_and_disclaimer_and_names_the_full_one(
    facts: Facts, page: str
) -> None:
    printed = html.fromstring(page).xpath("//section[@class='print']")[0].text_content()
    text = " ".join(printed.split())
    assert health_words.freshness(facts) in text
    assert words.DISCLAIMER in text
    assert "2026-02-11.html" in text


def test_the_footer_says_what_it_is_and_both_times_of_knowing(page: str) -> None:
    text = told(page)
    assert words.DISCLAIMER in text
    assert "could be known at 11 February 2026, 19:30 IST" in text
    assert "graded at 11 February 2026, 21:00 IST" in text
    assert "small_caps_rebound v1" in text


def test_an_older_or_odd_session_is_named_as_such(facts: Facts) -> None:
    earlier = replace(
        facts,
        session_kind="muhurat",
        session_reason="Diwali",
        session_basis="calendar",
        latest_session=facts.session_date.replace(day=12),
    )
    text = told(render(earlier))
    assert "11 February 2026, muhurat: Diwali." in text
    assert "Expected by the calendar" in text
    assert "Not the latest: Thursday, 12 February 2026" in text


def test_charts_have_words_and_no_grade_is_colour_alone(facts: Facts, page: str) -> None:
    tree = html.fromstring(page)
    images = tree.xpath("//figure//*[@role='img']")
    drawn = [
        standing_panel(facts),
        breadth_panel(facts.breadth),
        extremes_panel(facts.breadth),
        flows_panel(facts),
        coverage_panel(facts.season),
        *panels(facts),
    ]
    assert len(images) == len(drawn) == 7
    for image, panel in zip(images, drawn, strict=True):
        assert image.get("aria-label") == panel.alt
        assert len(image.findall(".//svg")) == 2
    grades = [" ".join(found.text_content().split()) for found in tree.find_class("grade")]
    assert [grade.split(maxsplit=1)[1] for grade in grades] == [c.grade for c in facts.claims]


def test_missing_series_are_said_instead_of_drawn(facts: Facts) -> None:
    bare = replace(
        facts,
        levels=without_lines(facts.levels),
        drawdowns=without_lines(facts.drawdowns),
        flows=Flows(without_lines(facts.flows.lines), "", "", 0),
        institutions=FlowFacts(),
        season=Season(),
        outside=Outside(),
        breadth=Breadth(),
        leadership=Leadership(),
        standing=Standing(),
        appetite=Appetite(),
    )
    page = render(bare)
    assert "<svg" not in page
    text = told(page)
    assert text.count("Not drawn.") == 4
    assert f"No state. {standing_words.NO_STATE}" in text
    assert f"Nothing coloured. {appetite_words.NO_MONITORS}" in text
    assert f"No results. {season_words.MISSING}" in text
    assert f"No breadth. {breadth_words.missing(Breadth())}" in text
    assert f"No sectors. {leadership_words.NO_SECTORS}" in text
    assert f"No contributions. {leadership_words.NO_MOVES}" in text
    assert f"No figures. {outside_words.MISSING}" in text
    assert f"No valuation. {outside_words.UNVALUED}" in text
    assert (
        "Not in the warehouse for this evening: final figures, positions in index futures and "
        "flows by sector." in text
    )
    assert "Every count" not in text
    assert "core.index_bar holds no price close of Nifty 50, Midcap 100" in text
    assert "mart.index_momentum holds no drawdown for Smallcap 100 and Nifty 50" in text
    assert "mart.flow holds no net buying for FII and DII" in text


def test_indices_without_a_common_session_are_not_rebased(facts: Facts) -> None:
    days = pl.date_range(facts.session_date.replace(day=9), facts.session_date, eager=True)
    frame = pl.DataFrame(
        {
            "session_date": [*days, *days],
            "name": ["Nifty 50"] * 3 + ["Smallcap 100"] * 3,
            "value": [1.0, None, None, None, 2.0, None],
        }
    )
    lines = Lines(frame, ("Nifty 50", "Smallcap 100"), ())
    panel = panels(replace(facts, levels=lines))[0]
    assert panel.wide is None
    assert "share no session" in panel.alt


class _Balance(HTMLParser):
    """Elements opened and not closed, beyond those HTML never closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in {"meta", "br", "hr", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_element_is_closed_and_every_id_is_one(page: str) -> None:
    balance = _Balance()
    balance.feed(page)
    assert balance.open == []
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
