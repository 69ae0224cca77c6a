"""The brief in a terminal: the page's facts and words, without its charts."""

from __future__ import annotations

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bi.brief import numbers, words
from bi.brief.facts import GOOD_STATES, Claim, Facts

_GRADE_STYLES = {
    "SUPPORTED": "bold green",
    "PARTLY": "bold yellow",
    "NOT SUPPORTED": "bold red",
    "CONTRADICTED": "bold red",
    "UNTESTABLE": "bold",
}


def show(facts: Facts, console: Console) -> None:
    """Print the brief: banner, verdict, claims with their legs, data health, what this is."""
    if facts.is_simulated:
        console.print(Text(words.SIMULATED, style="bold yellow"))
    said = words.verdict(facts)
    heading = f"{words.QUESTION}  {numbers.long_date(facts.session_date)}"
    console.print(
        Panel(
            Group(Text(said.answer, style="bold"), Text(said.sentence)), title=heading, expand=False
        )
    )
    if facts.session_date != facts.latest_session:
        console.print(
            Text(f"Not the latest: {numbers.long_date(facts.latest_session)} is graded too.")
        )
    console.print(_claims(facts))
    for claim in facts.claims:
        console.print(_reasons(claim))
    console.print(_health(facts))
    if facts.failed_checks:
        console.print(Text(words.failed(facts)))
    for check in facts.failed_checks:
        rows = numbers.grouped(check.offending_rows)
        console.print(
            Text(f"  {check.check_id} ({check.severity}): expected “{check.statement}”; ")
            + Text(f"{rows} rows say otherwise, the first {check.first_rows}")
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


def _claims(facts: Facts) -> Table:
    table = Table(title="Claims", title_justify="left", expand=False)
    for heading in ("Claim", "Grade", "Figure", "Window", "In its own history", "By luck"):
        table.add_column(heading, overflow="fold")
    for claim in facts.claims:
        table.add_row(
            Text(claim.statement),
            Text(claim.grade, style=_GRADE_STYLES[claim.grade]),
            numbers.figure(claim.value, claim.unit),
            words.window(claim.window_sessions),
            words.rank(claim.percentile, claim.sample_size),
            words.luck(claim.null_probability, ""),
        )
    return table


def _reasons(claim: Claim) -> Group:
    coverage = numbers.percent(claim.coverage_pct, 0)
    lines = [
        Text(claim.claim_id, style="bold") + Text(f": {words.reasons(claim)}", style="not bold"),
        Text(f"  SUPPORTED takes: {claim.threshold}. Coverage {coverage}."),
    ]
    if claim.null_probability is not None:
        lines.append(Text(f"  Luck here means: {claim.null_model}."))
    for leg in claim.legs:
        figure = numbers.figure(leg.value, leg.unit)
        rank = words.rank(leg.percentile, leg.sample_size)
        lines.append(
            Text(
                f"  - {words.leg_title(leg)}: {words.holds(leg)}, {figure} "
                f"(must meet: {leg.threshold}; {rank})"
            )
        )
    return Group(*lines)


def _health(facts: Facts) -> Table:
    table = Table(title="Data health", title_justify="left", expand=False)
    for heading in ("Source", "State", "For", "Before", "Why"):
        table.add_column(heading, overflow="fold")
    for source in facts.sources:
        style = "green" if source.state in GOOD_STATES else "bold yellow"
        table.add_row(
            Text(source.source_id),
            Text(source.state, style=style),
            str(source.state_date),
            words.states(source.recent),
            Text(source.detail),
        )
    return table
