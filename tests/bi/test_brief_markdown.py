"""The brief as Markdown: the page's words, escaped, with a table that stays one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bi.brief import appetite_words, change_words, health_words, standing_words, words
from bi.brief.appetite_facts import Appetite
from bi.brief.card import card
from bi.brief.facts import Facts, gather
from bi.brief.markdown import escaped, markdown
from bi.brief.page import render
from bi.brief.standing_facts import Standing
from bi.brief.write import write_brief
from tests.bi.brief_evening import build
from warehouse.store import open_reader


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("evening") / "riskon.duckdb")


@pytest.fixture(scope="module")
def facts(warehouse: Path) -> Facts:
    with open_reader(warehouse) as reader:
        return gather(reader)


def table(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def test_it_says_what_the_page_says_in_its_order(facts: Facts) -> None:
    text = markdown(facts)
    said = words.verdict(facts)
    parts = [
        words.QUESTION,
        words.SIMULATED,
        said.answer,
        said.sentence,
        "## Where it stands",
        *standing_words.lines(facts.standing),
        change_words.title(facts.changes),
        *change_words.lines(facts.changes),
        appetite_words.WATCH_TITLE,
        *appetite_words.monitor_lines(facts.appetite, facts.session_date),
        appetite_words.APPETITE_TITLE,
        *appetite_words.lines(facts.appetite),
        "## The claims",
        *(claim.statement for claim in facts.claims),
        health_words.freshness(facts),
        words.DISCLAIMER,
    ]
    at = 0
    for part in parts:
        shown = part if part.startswith("##") else escaped(part)
        found = text.find(shown, at)
        assert found >= at, part
        at = found + len(shown)


def test_the_claims_are_a_table(facts: Facts) -> None:
    rows = table(markdown(facts))
    assert len(rows) == 2 + len(facts.claims)
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert "Rs 2,250 crore (Rs 22.5 bn)" in rows[5]
    assert (
        sum(
            f"Statement of bruising_year ({words.NOT_COUNTED}) |".replace("_", r"\_") in row
            for row in rows
        )
        == 1
    )
    assert " | 6.15% | 93.5, N = 1,412 | " in rows[2]


def test_marks_of_the_warehouse_are_text(facts: Facts) -> None:
    evil = "a | b *c* _d_ `e` [f](g)\n# h <script> ~x~"
    claims = (replace(facts.claims[0], statement=evil),)
    rows = table(markdown(replace(facts, claims=claims)))
    assert len(rows) == 3
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert r"a \| b \*c\* \_d\_ \`e\` \[f\](g) # h \<script> \~x\~" in rows[2]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("16,350 is near", "16,350 is near"),
        ("6.15%", "6.15%"),
        ("1. first", r"1\. first"),
        ("12) so", r"12\) so"),
        ("- a list", r"\- a list"),
        ("# a heading", r"\# a heading"),
        ("> quoted", r"\> quoted"),
        ("two\n\nlines", "two lines"),
        ("back\\slash &amp;", "back\\\\slash \\&amp;"),
    ],
)
def test_nothing_begins_a_block(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_simulated_only_then_and_terms_only_for_real_figures(facts: Facts) -> None:
    real = markdown(replace(facts, origin="real"))
    assert "SIMULATED" not in real
    assert "NSE Indices Ltd" in real
    assert "NSE Indices Ltd" not in markdown(facts)


def test_an_evening_without_anything_new_says_so(facts: Facts) -> None:
    text = markdown(replace(facts, standing=Standing(), appetite=Appetite(), claims=()))
    for missing in (
        standing_words.NO_STATE,
        appetite_words.NO_MONITORS,
        appetite_words.NO_APPETITE,
    ):
        assert escaped(missing) in text
    assert "\n\n\n" not in text


def test_three_files_are_written_and_are_the_facts(
    warehouse: Path, facts: Facts, tmp_path: Path
) -> None:
    page = write_brief(warehouse, tmp_path / "brief")
    assert page == tmp_path / "brief" / "2026-02-11.html"
    assert page.read_text(encoding="utf-8") == render(facts)
    assert page.with_suffix(".md").read_text(encoding="utf-8") == markdown(facts)
    assert page.with_suffix(".png").read_bytes() == card(facts)
    assert sorted(one.suffix for one in page.parent.iterdir()) == [".html", ".md", ".png"]


def test_a_brief_that_cannot_be_drawn_leaves_the_old_one(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = write_brief(warehouse, tmp_path)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    page.write_text("old", encoding="utf-8")
    before[page.name] = b"old"

    def fail(_: Facts) -> str:
        raise ArithmeticError

    monkeypatch.setattr("bi.brief.page.render", fail)
    with pytest.raises(ArithmeticError):
        write_brief(warehouse, tmp_path)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before
