"""The verdict beside a state: an answer of a few words, and the sentence of its evidence."""

from __future__ import annotations

from collections.abc import Sequence

from bi.brief.facts import Claim
from bi.brief.regime_words import (
    is_after_rally,
    odds_clause,
    position,
    shortfall,
    state_and_day,
)
from bi.brief.standing_facts import Regime

UNTESTABLE = "UNTESTABLE"
STATE_ANSWERS = {
    "ADVANCE": ("An advance", 1),
    "DRAWDOWN": ("A drawdown", -1),
    "REBOUND": ("A rebound, not yet a recovery", 1),
    "EARLY_RECOVERY": ("An early recovery, not confirmed", 1),
    "CONFIRMED": ("A recovery confirmed by its rules", 1),
    "FAILED": ("A failed recovery", -1),
}
"""What each state answers, and whether it speaks for money in risk (1) or against (-1)."""
LEANS = {
    "all": ("every claim of rotation{tested} holds", 1),
    "none": ("no claim of rotation{tested} holds", -1),
    "for": ("more claims of rotation hold than fail", 1),
    "against": ("more claims of rotation fail than hold", -1),
    "part": ("the claims of rotation hold at least in part", 1),
    "divided": ("the claims of rotation are divided", 0),
    "little": ("too few claims of rotation could be tested to lean either way", 0),
    "nothing": ("no claim of rotation could be tested", 0),
}
"""The same beside a state, and the side each is on; 0 is neither."""


def answer_of_state(regime: Regime, claims: Sequence[Claim]) -> str:
    """State and evidence, joined by whether they agree; a state not known is on neither side."""
    state, side = STATE_ANSWERS.get(regime.state, ("The state is not known", 0))
    if is_after_rally(regime):
        state = "A drawdown after a bear-market rally"
    told, own = LEANS[lean(claims)]
    tested = " that could be tested" if any(c.grade == UNTESTABLE for c in claims) else ""
    return f"{state}, {'but' if own and own == -side else 'and'} {told.format(tested=tested)}"


def sentence_of_state(regime: Regime, claims: Sequence[Claim]) -> str:
    """State and day, where the close is, the odds, and how many claims hold."""
    parts = [
        position(regime) + shortfall(regime),
        odds_clause(regime),
        _holding(claims),
    ]
    said = "; ".join(part for part in parts if part)
    return f"{state_and_day(regime)}: {said}."


def _holding(claims: Sequence[Claim]) -> str:
    """How many claims hold of those that could be tested: `9 of 18 rotation claims hold`."""
    grades = [claim.grade for claim in claims]
    tested = len(grades) - grades.count(UNTESTABLE)
    full, part = grades.count("SUPPORTED"), grades.count("PARTLY")
    if not tested:
        return "no claim of rotation is graded" if not grades else "no rotation claim is testable"
    could = " that could be tested" if tested < len(grades) else ""
    if tested == 1:
        how = "holds" if full else "holds in part" if part else "does not hold"
        return f"the one rotation claim{could} {how}"
    the = "the " if could else ""
    of = f"of {the}{tested} rotation claims{could}"
    if not full:
        return f"none {of} holds{f' in full, {part} in part' if part else ''}"
    return f"{full} {of} hold{'s' * (full == 1)}{f', {part} in part' if part else ''}"


def background_counts(claims: Sequence[Claim]) -> str:
    """How the claims of the background stand, as one short sentence; empty where there is none."""
    grades = [claim.grade for claim in claims]
    untested = grades.count(UNTESTABLE)
    tested = len(grades) - untested
    if not grades:
        return ""
    if not tested:
        return f"Background: {untested} not testable."
    full, part = grades.count("SUPPORTED"), grades.count("PARTLY")
    told = [f"{full} of {tested} {'holds' if 1 in (full, tested) else 'hold'}"]
    told += [f"{part} in part"] if part else []
    told += [f"{untested} not testable"] if untested else []
    return f"Background: {', '.join(told)}."


def lean(claims: Sequence[Claim]) -> str:
    """Which way the claims about rotation lean, a key of LEANS.

    What is supported in part counts for neither side; with half of the claims untested or more
    nothing leans.
    """
    grades = [claim.grade for claim in claims]
    full, part = grades.count("SUPPORTED"), grades.count("PARTLY")
    against = grades.count("NOT SUPPORTED") + grades.count("CONTRADICTED")
    tested = full + part + against
    leanings = (
        (tested == 0, "nothing"),
        (2 * tested <= len(grades), "little"),
        (full == tested, "all"),
        (against == tested, "none"),
        (full > part + against, "for"),
        (against > full + part, "against"),
        (against == 0, "part"),
        (True, "divided"),
    )
    return next(name for is_so, name in leanings if is_so)
