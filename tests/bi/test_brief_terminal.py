"""The same brief in a terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from bi.brief import (
    appetite_words,
    breadth_words,
    change_words,
    share_words,
    standing_words,
    words,
)
from bi.brief.appetite_facts import Appetite
from bi.brief.breadth_facts import Breadth
from bi.brief.facts import Facts, gather
from bi.brief.standing_facts import Standing
from bi.brief.terminal import show
from tests.bi.brief_evening import build
from warehouse.store import open_reader


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    path = build(tmp_path_factory.mktemp("evening") / "riskon.duckdb")
    with open_reader(path) as reader:
        return gather(reader)


def printed(facts: Facts, width: int = 200, *, legs: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width)
    show(facts, console, legs=legs)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_terminal_says_what_the_page_says(facts: Facts) -> None:
    text = " ".join(printed(facts, legs=True).replace("│", " ").split())
    said = words.verdict(facts)
    assert said.answer in text
    assert said.sentence in text
    assert said.background in text
    for claim in facts.claims:
        assert claim.statement in text
        assert f"{claim.statement} {words.reasons(claim)}" in text
        assert f"{claim.claim_id}: SUPPORTED takes {claim.threshold}" in text
    for leg in (leg for claim in facts.claims for leg in claim.legs):
        assert f"- {leg.leg}: {words.holds(leg)}" in text
    assert "Rs 2,250 crore (Rs 22.5 bn)" in text
    assert "got those of 10-Feb-2026" in text
    assert "6 rows say otherwise" in text
    assert words.DISCLAIMER in text


def test_breadth_is_told_in_three_lines_and_with_what_is_missing(facts: Facts) -> None:
    text = " ".join(printed(facts).split())
    lines = breadth_words.lines(facts.breadth)
    assert len(lines) == 3
    assert " ".join(["Breadth", *lines, share_words.jumps(facts.shares)]) in text
    assert share_words.pending(facts.shares) in text
    bare = printed(replace(facts, breadth=Breadth()))
    assert f"Breadth\n  {breadth_words.missing(Breadth())}\n" in bare
    assert "Quarantined" not in bare


def test_the_terminal_tells_state_changes_monitors_and_pillars_before_the_claims(
    facts: Facts,
) -> None:
    text = " ".join(printed(facts).split())
    parts = [
        "Where it stands",
        *standing_words.lines(facts.standing),
        change_words.title(facts.changes),
        *change_words.lines(facts.changes),
        appetite_words.WATCH_TITLE,
        *appetite_words.monitor_lines(facts.appetite, facts.session_date),
        appetite_words.APPETITE_TITLE,
        *appetite_words.lines(facts.appetite),
        "Claims",
    ]
    at = 0
    for part in parts:
        at = text.find(" ".join(part.split()), at)
        assert at >= 0, part


def test_each_colour_has_its_shape_in_the_terminal(facts: Facts) -> None:
    shown = printed(facts)
    for one in facts.appetite.monitors:
        assert f"{appetite_words.SHAPES[one.colour]} {one.title}: " in shown


def test_an_evening_without_a_state_says_so(facts: Facts) -> None:
    text = " ".join(printed(replace(facts, standing=Standing(), appetite=Appetite())).split())
    assert standing_words.NO_STATE in text
    assert appetite_words.NO_MONITORS in text
    assert appetite_words.NO_APPETITE in text


def test_legs_are_told_on_request_alone(facts: Facts) -> None:
    plain, whole = printed(facts), printed(facts, legs=True)
    for claim in facts.claims:
        assert words.reasons(claim) in plain
        assert claim.claim_id not in plain.replace(claim.statement, "")
    assert "(must meet: " not in plain
    assert whole.count("(must meet: ") == sum(len(claim.legs) for claim in facts.claims)
    assert len(plain.splitlines()) < 140
    untested = next(line for line in whole.splitlines() if "Surprises" in line)
    assert untested.strip() == (
        "- Surprises: not testable: quarterly results missing (must meet: percentile >= 80)"
    )


def test_a_percentile_is_never_called_a_rank(facts: Facts) -> None:
    text = printed(facts, legs=True)
    assert "rank" not in text.lower()
    assert "percentile 93.5, N = 1,412" in text
    assert "22.0 (low is deep), N = 1,412" in text


def test_background_is_labelled(facts: Facts) -> None:
    assert printed(facts).count(words.NOT_COUNTED) == 1


@pytest.mark.parametrize("width", [40, 60, 78, 80, 109, 110])
def test_no_word_of_the_claims_is_broken(facts: Facts, width: int) -> None:
    statement = "Foreign institutions: uncharacteristic stabilisation"
    claims = tuple(
        replace(facts.claims[0], statement=statement, grade=grade, value=value, unit=unit)
        for grade, value, unit in (
            ("CONTRADICTED", -123456.0, "Rs crore"),
            ("NOT SUPPORTED", 1.95, "sigmas of nine sessions"),
            ("UNTESTABLE", -12.5, "standard deviations"),
        )
    )
    text = printed(replace(facts, claims=claims), width)
    table = text[text.index("Claims") : text.index("└", text.index("Claims"))]
    shown = set(table.replace("│", " ").split())
    for word in (*statement.split(), "CONTRADICTED", "NOT", "SUPPORTED", "UNTESTABLE"):
        assert word in shown, word
    if width >= 78:
        for word in (
            *("1,23,456", "1,234.6", "sigmas", "sessions", "deviations", "Percentile"),
            *("93.5,", "1,412", "17.5%,"),
        ):
            assert word in shown, word


def test_no_source_id_is_broken_where_the_claims_are_whole(facts: Facts) -> None:
    longest = "nse_participant_open_interest"
    told = [replace(facts.sources[0], source_id=longest, detail="bytes as before", state="loaded")]
    told.append(replace(told[0], source_id="nse_short", detail="no answer", state="failed"))
    narrow, wide = (printed(replace(facts, sources=tuple(told)), width) for width in (80, 120))
    for text in (narrow, wide):
        assert f"│ {longest} │ loaded │" in text
        assert "no answer" in text
    assert "bytes as before" not in narrow
    assert "bytes as before" in wide


def test_simulated_stands_on_top_and_only_then(facts: Facts) -> None:
    assert printed(facts).startswith(words.SIMULATED)
    assert "SIMULATED" not in printed(replace(facts, origin="real"))


def test_markup_in_the_warehouse_is_text(facts: Facts) -> None:
    evil = "[red]not markup[/red] [/]"
    claims = (replace(facts.claims[0], statement=evil, reasons=evil),)
    sources = (replace(facts.sources[0], detail=evil),)
    assert printed(replace(facts, claims=claims, sources=sources)).count(evil) >= 3


@pytest.mark.parametrize("width", [40, 80])
def test_a_narrow_terminal_is_never_overrun(facts: Facts, width: int) -> None:
    assert max(len(line) for line in printed(facts, width).splitlines()) <= width
