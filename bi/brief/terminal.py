"""The brief in a terminal: the page's facts and words, without its charts."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bi.brief import (
    appetite_words,
    breadth_words,
    change_words,
    flow_words,
    numbers,
    outside_words,
    season_words,
    share_words,
    standing_words,
    words,
)
from bi.brief.appetite_facts import Monitor
from bi.brief.facts import GOOD_STATES, Claim, Facts

_GRADE_STYLES = {
    "SUPPORTED": "bold green",
    "PARTLY": "bold yellow",
    "NOT SUPPORTED": "bold red",
    "CONTRADICTED": "bold red",
    "UNTESTABLE": "bold",
}
_COLOUR_STYLES = {"green": "bold green", "amber": "bold yellow", "red": "bold red"}


# Below this the table keeps the grades alone: a figure broken inside cannot be read.
_LEAST_WIDTH = 78
_WIDE = 110
_GRADE_WIDTH = max(len(word) for grade in _GRADE_STYLES for word in grade.split())
_FIGURE_WIDTHS = {"Figure": 12, "Percentile": 10, "By luck": 9}
"""Columns of figures, and the widths that break none of their words."""


def show(facts: Facts, console: Console, legs: bool = False) -> None:
    """Print the brief in the page's order and words, from the verdict to data health.

    Args:
        facts: the evening.
        console: where to print; a narrow one is told the grades without the table of figures.
        legs: print each claim's threshold, null and legs too.
    """
    if facts.is_simulated:
        console.print(Text(words.SIMULATED, style="bold yellow"))
    said = words.verdict(facts)
    day = numbers.long_date(facts.session_date)
    lines = [Text(said.answer, style="bold"), Text(said.sentence)]
    if said.background:
        lines.append(Text(said.background, style="dim"))
    console.print(Panel(Group(*lines), title=words.QUESTION, subtitle=day, expand=False))
    if facts.session_date != facts.latest_session:
        console.print(
            Text(f"Not the latest: {numbers.long_date(facts.latest_session)} is graded too.")
        )
    for block in _head(facts):
        console.print(block)
    console.print(_claims(facts, console.width))
    for claim in facts.claims:
        console.print(_reasons(claim))
        if legs:
            console.print(_legs(claim))
    for block in _blocks(facts):
        console.print(block)
    console.print(_health(facts, console.width))
    if facts.failed_checks:
        console.print(Text(words.failed(facts)))
    for check in facts.failed_checks:
        count = numbers.grouped(check.offending_rows)
        rows = "row says" if check.offending_rows == 1 else "rows say"
        first = json.loads(check.first_rows)[0]
        console.print(
            Text(f"  {check.check_id} ({check.severity}): expected “{check.statement}”; ")
            + Text(f"{count} {rows} otherwise, the first ")
            + Text(", ".join(f"{name} {value}" for name, value in first.items()))
        )
    graded = max((claim.recorded_at for claim in facts.claims), default=None)
    known = max((c.published_at for c in facts.claims if c.published_at), default=None)
    console.print(
        Text(
            f"The last of these inputs could be known at {numbers.instant(known)}; graded at "
            f"{numbers.instant(graded)}. {words.DISCLAIMER}",
            style="dim",
        )
    )


def _claims(facts: Facts, width: int) -> Table:
    table = Table(title="Claims", title_justify="left", expand=False)
    table.add_column("Claim", overflow="fold")
    table.add_column("Grade", overflow="fold", min_width=_GRADE_WIDTH)
    if width >= _LEAST_WIDTH:
        for heading, narrow in _FIGURE_WIDTHS.items():
            table.add_column(heading, overflow="fold", max_width=narrow if width < _WIDE else None)
    for claim in facts.claims:
        statement = Text(claim.statement)
        if claim.bearing == words.BACKGROUND:
            statement.append(f"\n{words.NOT_COUNTED}", style="dim")
        figures = (
            words.claim_figure(claim),
            words.ranked(claim.percentile, claim.sample_size, claim.low_percentile),
            words.luck(claim.null_probability, ""),
        )
        grade = Text(claim.grade, style=_GRADE_STYLES[claim.grade])
        table.add_row(statement, grade, *(figures if width >= _LEAST_WIDTH else ()))
    return table


def _reasons(claim: Claim) -> Group:
    return Group(
        Text(claim.statement, style="bold"),
        Padding(Text(words.reasons(claim)), (0, 0, 0, 2), expand=False),
    )


def _legs(claim: Claim) -> Padding:
    """The claim's id, rule and null, and a line for each leg, without what it does not have."""
    coverage = numbers.percent(claim.coverage_pct, 0)
    lines = [f"{claim.claim_id}: SUPPORTED takes {claim.threshold}. Coverage {coverage}."]
    if claim.null_probability is not None:
        lines.append(f"Luck here means: {claim.null_model}.")
    for leg in claim.legs:
        said = [f"- {words.leg_title(leg)}: {words.holds(leg)}"]
        if leg.value is not None:
            said.append(numbers.figure(leg.value, leg.unit))
        if leg.percentile is not None:
            said.append(f"percentile {words.ranked(leg.percentile, leg.sample_size)}")
        lines.append(f"{', '.join(said)} (must meet: {leg.threshold})")
    return Padding(Group(*[Text(line) for line in lines]), (0, 0, 0, 2), expand=False)


def _head(facts: Facts) -> list[Group]:
    """Where it stands, what changed, what to watch, appetite for risk."""
    monitors = facts.appetite.monitors
    watched = [_monitor(monitor, facts) for monitor in monitors]
    return [
        _block("Where it stands", standing_words.lines(facts.standing)),
        _block(change_words.title(facts.changes), change_words.lines(facts.changes)),
        _block(appetite_words.WATCH_TITLE, watched or [appetite_words.NO_MONITORS]),
        _block(appetite_words.APPETITE_TITLE, appetite_words.lines(facts.appetite)),
    ]


def _monitor(monitor: Monitor, facts: Facts) -> Text:
    """A monitor's line behind its shape; the word says the colour where none is shown."""
    text = Text(f"{appetite_words.SHAPES[monitor.colour]} ")
    text.stylize(_COLOUR_STYLES.get(monitor.colour, "bold"))
    return text.append(appetite_words.monitor_line(monitor, facts.session_date), style="default")


def _blocks(facts: Facts) -> list[Group]:
    """Breadth, flows, results season and the world outside, in the page's words."""
    institutions, outside = facts.institutions, facts.outside
    flows = [*flow_words.paragraphs(facts.flows, institutions), flow_words.missing(institutions)]
    season = season_words.sentences(facts.season) or (season_words.MISSING,)
    world = [outside_words.line(figure) for figure in outside.figures] or [outside_words.MISSING]
    priced = [outside_words.valued(valuation) for valuation in outside.valuations]
    notes = outside_words.notes(outside) if outside.figures else ()
    breadth = [*breadth_words.lines(facts.breadth)]
    if facts.breadth.market is not None:
        breadth += [share_words.jumps(facts.shares), share_words.pending(facts.shares)]
    return [
        _block("Breadth", breadth),
        _block("Flows of institutions", flows),
        _block("Results season", season),
        _block("The world outside", [*world, *(priced or [outside_words.UNVALUED]), *notes]),
    ]


def _block(title: str, lines: Iterable[str | Text]) -> Group:
    told = [
        Padding(Text(line) if isinstance(line, str) else line, (0, 0, 0, 2), expand=False)
        for line in lines
        if line
    ]
    return Group(Text(title, style="bold"), *told)


def _health(facts: Facts, width: int) -> Table:
    """A row a source; a narrow table tells the reasons of trouble alone, or ids would be broken."""
    table = Table(title="Data health", title_justify="left", expand=False)
    is_wide = width >= _WIDE
    whole = ("Source", "For") if width >= _LEAST_WIDTH else ()
    for heading in ("Source", "State", "For", "Before", *(("Why",) if is_wide else ())):
        table.add_column(heading, overflow="fold", no_wrap=heading in whole)
    for source in facts.sources:
        style = "green" if source.state in GOOD_STATES else "bold yellow"
        before = [words.states(source.recent)]
        if source.detail and (is_wide or source.state not in GOOD_STATES):
            before.append(source.detail)
        cells = before if is_wide else ["\n".join(before)]
        state = Text(source.state, style=style)
        table.add_row(source.source_id, state, str(source.state_date), *map(Text, cells))
    return table
