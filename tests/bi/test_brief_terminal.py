"""The same brief in a terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from bi.brief import words
from bi.brief.facts import Facts, gather
from bi.brief.terminal import show
from tests.bi.brief_evening import build
from warehouse.store import open_reader


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    path = build(tmp_path_factory.mktemp("evening") / "riskon.duckdb")
    with open_reader(path) as reader:
        return gather(reader)


def printed(facts: Facts, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width)
    show(facts, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_terminal_says_what_the_page_says(facts: Facts) -> None:
    text = " ".join(printed(facts).replace("│", " ").split())
    said = words.verdict(facts)
    assert said.answer in text
    assert said.sentence in text
    for claim in facts.claims:
        assert claim.statement in text
        assert f"{claim.claim_id}: {words.reasons(claim)}" in text
    for leg in (leg for claim in facts.claims for leg in claim.legs):
        assert f"- {leg.leg}: {words.holds(leg)}" in text
    assert "Rs 2,250 crore (Rs 22.5 bn)" in text
    assert "got those of 10-Feb-2026" in text
    assert "6 rows say otherwise" in text
    assert words.DISCLAIMER in text


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
