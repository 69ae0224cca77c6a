"""What is in and what is not, in words: for the top of the page, for print, for chat."""

from __future__ import annotations

from collections.abc import Sequence

from bi.brief.facts import GOOD_STATES, Facts, SourceState
from bi.brief.numbers import counted, instant, listed

NO_SOURCES = "No source has a state noted, so nobody can say what is in."


def troubled(facts: Facts) -> list[SourceState]:
    """The sources that are not in, the worst first."""
    return [source for source in facts.sources if source.state not in GOOD_STATES]


def trouble(facts: Facts) -> str:
    """Every source that is late, blocked or worse, by name; empty where all are in."""
    by_state: dict[str, list[str]] = {}
    for source in troubled(facts):
        by_state.setdefault(source.state, []).append(source.source_id)
    parts = [
        f"{listed(names)} {'is' if len(names) == 1 else 'are'} {state}"
        for state, names in by_state.items()
    ]
    return f"Not all data is in: {'; '.join(parts)}." if parts else ""


def freshness(facts: Facts) -> str:
    """How many sources are in, which are not, and both times of knowing."""
    if not facts.sources:
        return f"{NO_SOURCES} {times(facts)}"
    lacking = trouble(facts)
    whole = len(facts.sources)
    held = whole - len(troubled(facts))
    head = f"All {whole} sources are in." if whole > 1 else "The one source is in."
    if lacking:
        head = f"{held} of {counted(whole, 'source')} {'is' if held == 1 else 'are'} in. {lacking}"
    return f"{head} {checks(facts)}{times(facts)}"


def checks(facts: Facts) -> str:
    """Which checks found offending rows, ending in a space; empty where none did."""
    names: Sequence[str] = [check.check_id for check in facts.failed_checks]
    if not names:
        return ""
    return f"{counted(len(names), 'check')} found offending rows: {listed(list(names))}. "


def times(facts: Facts) -> str:
    """When the last input could be known, and when the claims were graded."""
    known = max((c.published_at for c in facts.claims if c.published_at), default=None)
    graded = max((claim.recorded_at for claim in facts.claims), default=None)
    return f"The last input could be known at {instant(known)}; graded at {instant(graded)}."
