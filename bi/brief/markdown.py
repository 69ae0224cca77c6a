"""The brief as Markdown for chat, e-mail and wiki: the page's facts and words in one screen."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bi.brief import (
    appetite_words,
    change_words,
    health_words,
    numbers,
    standing_words,
    words,
)
from bi.brief.facts import Facts

# What Markdown, tables included, would take for its own, and what HTML would.
_SPECIAL = re.compile(r"([\\`*_\[\]<|~&])")
# What would begin a list, a heading or a quotation.
_STARTS = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+=#>])")


def markdown(facts: Facts) -> str:
    """The evening in Markdown; the same facts give the same text."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # noqa: S701  not HTML: every text goes through `escaped`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    return environment.get_template("brief.md.j2").render(
        facts=facts,
        verdict=words.verdict(facts),
        numbers=numbers,
        words=words,
        standing_lines=standing_words.lines(facts.standing),
        changes_title=change_words.title(facts.changes),
        change_lines=change_words.lines(facts.changes),
        appetite_words=appetite_words,
        health_words=health_words,
    )


def _finalized(value: object) -> str:
    return escaped(str(value))


def escaped(text: str) -> str:
    """The text as Markdown prints it: on one line, nothing in it taken for a mark."""
    plain = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _STARTS.sub(lambda at: f"{at[1]}\\{at[2]}" if at[1] else f"\\{at[3]}", plain)
