"""The brief as one self-contained HTML page: the same facts give the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bi.brief import (
    appetite_words,
    artist,
    breadth_words,
    change_words,
    flow_words,
    health_words,
    leadership_words,
    numbers,
    outside_words,
    season_words,
    share_words,
    standing_words,
    words,
)
from bi.brief.appetite_drawings import gauge
from bi.brief.appetite_facts import Appetite, Pillar
from bi.brief.charts import (
    Panel,
    coverage_panel,
    drawdown_panel,
    flows_panel,
    levels_panel,
)
from bi.brief.facts import Facts
from bi.brief.share_charts import breadth_panel, extremes_panel
from bi.brief.standing_charts import standing_panel

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
    drawn = _panels(facts)
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    return environment.get_template("page.html.j2").render(
        facts=facts,
        verdict=words.verdict(facts),
        **drawn,
        composite_gauge=_composite_gauge(facts.appetite),
        pillar_gauges=_pillar_gauges(facts.appetite),
        panels=[drawn["levels_panel"], drawn["drawdown_panel"]],
        shaded_sectors=list(zip(sectors, leadership_words.shades(sectors), strict=True)),
        style=Markup(style),  # noqa: S704  our own file
        numbers=numbers,
        words=words,
        standing_words=standing_words,
        change_words=change_words,
        appetite_words=appetite_words,
        health_words=health_words,
        breadth_words=breadth_words,
        share_words=share_words,
        leadership_words=leadership_words,
        flow_words=flow_words,
        season_words=season_words,
        outside_words=outside_words,
        marks=GRADE_MARKS,
        troubled=health_words.troubled(facts),
        versions=sorted({(claim.claim_id, claim.definition_version) for claim in facts.claims}),
        known=max((c.published_at for c in facts.claims if c.published_at), default=None),
        graded=max((claim.recorded_at for claim in facts.claims), default=None),
    )


def _panels(facts: Facts) -> dict[str, _Drawn]:
    """Every chart of the page by its name there."""
    tasks: dict[str, Callable[[], Panel]] = {
        "standing_panel": lambda: standing_panel(facts),
        "flows_panel": lambda: flows_panel(facts),
        "drawdown_panel": lambda: drawdown_panel(facts),
        "breadth_panel": lambda: breadth_panel(facts.breadth),
        "levels_panel": lambda: levels_panel(facts),
        "extremes_panel": lambda: extremes_panel(facts.breadth),
        "coverage_panel": lambda: coverage_panel(facts.season),
    }
    made = artist.side_by_side(list(tasks.values()))
    return {name: _Drawn(panel) for name, panel in zip(tasks, made, strict=True)}


def _composite_gauge(appetite: Appetite) -> Markup:
    """The whole's gauge: the pillars as ticks, the range without any one of them as a band."""
    composite = appetite.composite
    if composite is None:
        return Markup("")
    low, high = composite.lowest_without_one, composite.highest_without_one
    pillars = [pillar.value for pillar in appetite.pillars if pillar.value is not None]
    span = None if low is None or high is None else (low, high)
    return Markup(gauge(composite.composite, pillars, span))  # noqa: S704  numbers alone


def _pillar_gauges(appetite: Appetite) -> list[tuple[Pillar, Markup]]:
    """Each pillar with its gauge: the inputs used as ticks."""
    found = []
    for pillar in appetite.pillars:
        ranks = [part.percentile for part in appetite_words.used(pillar)]
        drawn = gauge(pillar.value, [rank for rank in ranks if rank is not None])
        found.append((pillar, Markup(drawn)))  # noqa: S704  numbers alone
    return found


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
