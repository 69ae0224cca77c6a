"""The brief as one self-contained HTML page: the same facts give the same bytes."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bi.brief import (
    breadth_words,
    flow_words,
    leadership_words,
    numbers,
    outside_words,
    season_words,
    share_words,
    words,
)
from bi.brief.charts import Panel, coverage_panel, flows_panel, panels
from bi.brief.facts import GOOD_STATES, Facts
from bi.brief.share_charts import breadth_panel, extremes_panel

_FOLDER = Path(__file__).parent
GRADE_MARKS = {
    "SUPPORTED": "\N{BLACK CIRCLE}",
    "PARTLY": "\N{CIRCLE WITH LEFT HALF BLACK}",
    "NOT SUPPORTED": "\N{WHITE CIRCLE}",
    "CONTRADICTED": "\N{MULTIPLICATION SIGN}",
    "UNTESTABLE": "?",
}


def render(facts: Facts) -> str:
    """The page, with no reference to anything outside itself."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sectors = facts.leadership.sectors
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    return environment.get_template("page.html.j2").render(
        facts=facts,
        verdict=words.verdict(facts),
        panels=[_Drawn(panel) for panel in panels(facts)],
        flows_panel=_Drawn(flows_panel(facts)),
        coverage_panel=_Drawn(coverage_panel(facts.season)),
        breadth_panel=_Drawn(breadth_panel(facts.breadth)),
        extremes_panel=_Drawn(extremes_panel(facts.breadth)),
        shaded_sectors=list(zip(sectors, leadership_words.shades(sectors), strict=True)),
        style=Markup(style),  # noqa: S704  our own file
        numbers=numbers,
        words=words,
        breadth_words=breadth_words,
        share_words=share_words,
        leadership_words=leadership_words,
        flow_words=flow_words,
        season_words=season_words,
        outside_words=outside_words,
        marks=GRADE_MARKS,
        troubled=[source for source in facts.sources if source.state not in GOOD_STATES],
        versions=sorted({(claim.claim_id, claim.definition_version) for claim in facts.claims}),
        known=max((c.published_at for c in facts.claims if c.published_at), default=None),
        graded=max((claim.recorded_at for claim in facts.claims), default=None),
    )


class _Drawn:
    """A panel whose drawings may stand in the page as they are.

    Vega has escaped the text in them; nothing else is let past the template's escaping.
    """

    def __init__(self, panel: Panel) -> None:
        self.title = panel.title
        self.alt = panel.alt
        self.notes = panel.notes
        self.wide = None if panel.wide is None else Markup(panel.wide)  # noqa: S704
        self.narrow = None if panel.narrow is None else Markup(panel.narrow)  # noqa: S704
