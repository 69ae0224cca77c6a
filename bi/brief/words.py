"""What the figures say in words: templates that follow the counts, without certainty or advice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from bi.brief.facts import GOOD_STATES, Claim, Facts, Leg
from bi.brief.numbers import (
    NOT_GIVEN,
    count,
    figure,
    grouped,
    listed,
    long_date,
    percentile,
    probability,
)
from bi.brief.regime_words import in_text, named
from bi.brief.standing_facts import Standing, title
from bi.brief.verdict_words import (
    UNTESTABLE,
    answer_of_state,
    background_counts,
    lean,
    sentence_of_state,
)
from transforms.signals.size_indices import HEADLINE

QUESTION = "Is money rotating back into risk?"
DISCLAIMER = "Riskon describes; it gives no investment advice."
SIMULATED = (
    "SIMULATED: every figure here comes from Riskon's invented exchange, none from a market."
)
TERMS = (
    "Index levels, valuations and members are NSE Indices Ltd's; bars, sizes and corporate actions "
    "of shares, provisional flows, client categories and positions the National Stock Exchange of "
    "India's; final flows of foreign investors the "
    "depository's, NSDL; results the companies' own filings; rates, currencies and volatility come "
    "through FRED, of the Federal Reserve Bank of St. Louis, or from files you imported. Their "
    "terms are yours to keep; this page is for your own use."
)

# Grades as a sentence says them, best first; the last is not an answer.
_SAID = {
    "SUPPORTED": "supported",
    "PARTLY": "supported in part",
    "NOT SUPPORTED": "not supported",
    "CONTRADICTED": "contradicted",
}
BACKGROUND = "background"
NOT_COUNTED = "Background: counts for neither side"


@dataclass(frozen=True)
class Verdict:
    """The evening's answer: a few words, then the sentence that carries its evidence.

    `background` counts what went before, as a sentence of its own, and `background_list` has each
    of those claims with its grade; both are empty where no claim tells it.
    """

    answer: str
    sentence: str
    background: str = ""
    background_list: tuple[str, ...] = ()


def verdict(facts: Facts) -> Verdict:
    """The answer of an evening: the state of small caps, beside the counts of its grades.

    Only claims about rotation count: a year of falls is no sign that money returns, nor against it.
    Where no state is held, another index by size says its own, then the grades and their two most
    telling legs are all there is to say.
    """
    claims = [claim for claim in facts.claims if claim.bearing != BACKGROUND]
    tested = [claim for claim in claims if claim.grade != UNTESTABLE]
    day = long_date(facts.session_date)
    past = [claim for claim in facts.claims if claim.bearing == BACKGROUND]
    background = background_counts(past), tuple(_graded(claim) for claim in past)
    regime = facts.standing.regime
    if regime is not None:
        answer = answer_of_state(regime, claims)
        return Verdict(answer, sentence_of_state(regime, claims), *background)
    instead = instead_of_headline(facts.standing)
    if not tested:
        told = _open_question(len(claims), day)
        return Verdict("It cannot be said", f"{instead}{told}", *background)
    return Verdict(
        _ANSWERS[lean(claims)].format(claim=_claim_made(claims)),
        f"{instead}On the evidence of {day}, {_counts(claims)}{_telling(tested)}.",
        *background,
    )


_ANSWERS = {
    "all": "Every {claim} holds",
    "none": "No {claim} holds",
    "for": "More claims of rotation hold than fail",
    "against": "More claims of rotation fail than hold",
    "part": "The claims of rotation hold at least in part",
    "divided": "The claims of rotation are divided",
    "little": "Too little could be tested to lean either way",
}
"""The answer of the claims alone, by how they lean."""


def _claim_made(claims: Sequence[Claim]) -> str:
    untested = any(claim.grade == UNTESTABLE for claim in claims)
    return f"claim of rotation{' that could be tested' if untested else ''}"


def _graded(claim: Claim) -> str:
    """A claim with its grade: a line of the background's list."""
    return f"{claim.statement}: {_SAID.get(claim.grade, 'could not be tested')}"


def instead_of_headline(standing: Standing) -> str:
    """The state of the index that comes nearest, as a sentence and a space; empty where none."""
    other = standing.nearest_size
    if standing.regime is not None or other is None:
        return ""
    return f"No close of the {title(HEADLINE)} is held; {other.title}: {in_text(other)}. "


def _counts(claims: Sequence[Claim]) -> str:
    grades = [claim.grade for claim in claims]
    said = [
        (grades.count(grade), words) for grade, words in _SAID.items() if grades.count(grade) > 0
    ]
    tested = sum(number for number, _ in said)
    untested = len(grades) - tested
    if len(said) == 1:
        words = said[0][1]
        if tested == 1:
            text = f"the one claim that could be tested is {words}"
        else:
            both = "both" if tested == 2 else f"all {count(tested)}"
            text = f"{both} claims that could be tested are {words}"
    else:
        parts = [
            f"{count(number)} {'is' if number == 1 else 'are'} {words}" for number, words in said
        ]
        text = f"of {count(tested)} claims that could be tested, {listed(parts)}"
    if not untested:
        return text.replace(" that could be tested", "")
    return f"{text} ({count(untested)} could not be tested)"


def _open_question(claims: int, day: str) -> str:
    if not claims:
        return f"No claim about rotation is graded for {day}, so the question stays open."
    if claims == 1:
        return f"The one claim of {day} could not be tested, so the question stays open."
    return (
        f"None of the {count(claims)} claims of {day} could be tested, so the question stays open."
    )


def _telling(claims: Sequence[Claim]) -> str:
    # A leg may fail for want of its very subject: then it has no figure, and tells nothing.
    legs = [(leg, claim) for claim in claims for leg in claim.legs if leg.value is not None]
    # What holds is a leg of a claim that does: one of a claim that fails tells the contrary.
    strongest = most_telling(
        [(leg, claim) for leg, claim in legs if leg.holds is True and claim.grade in FROM_BEST[:2]],
        FROM_BEST,
    )
    weakest = most_telling(
        [(leg, claim) for leg, claim in legs if leg.holds is False], FROM_BEST[::-1]
    )
    parts = [
        f"{does} most clearly is {_leg_said(*pair)}"
        for does, pair in (("what holds", strongest), ("what fails", weakest))
        if pair is not None
    ]
    return "; " + "; ".join(parts) if parts else ""


FROM_BEST = ("SUPPORTED", "PARTLY", "NOT SUPPORTED", "CONTRADICTED", "UNTESTABLE")


def most_telling(
    legs: Sequence[tuple[Leg, Claim]], grades: Sequence[str]
) -> tuple[Leg, Claim] | None:
    """The leg of the claim with the first of `grades` whose figure is furthest from its median.

    A threshold may ask for a high rank or a low one, so distance from the middle is what both have
    in common. A leg without a rank tells less than any with one; the first of equals stands.
    """
    if not legs:
        return None

    def telling(pair: tuple[Leg, Claim]) -> tuple[int, float]:
        rank = pair[0].percentile
        return -grades.index(pair[1].grade), -1.0 if rank is None else abs(rank - 50)

    return max(legs, key=telling)


def leg_title(leg: Leg) -> str:
    """What a leg measures: its metric's name where it is named after it, else its own beside it.

    A metric that is not declared is an id or is already in words.
    """
    own = leg.leg.replace("_", " ")
    if not leg.metric_name:
        return leg.metric if _is_in_words(leg) else own
    named = _lowered(leg.metric_name)
    return named if _is_its_metric(leg) else f"{own} ({named})"


def _is_its_metric(leg: Leg) -> bool:
    return bool(leg.metric_name) and leg.metric.startswith(leg.leg)


def _is_in_words(leg: Leg) -> bool:
    return not leg.metric_name and " " in leg.metric


def _lowered(text: str) -> str:
    """Without its capital, unless that is an abbreviation's: RSI and SMA stay."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _leg_said(leg: Leg, claim: Claim) -> str:
    ranked = "" if leg.percentile is None else f", percentile {percentile(leg.percentile)}"
    shown = figure(leg.value, leg.unit)
    own = leg.leg.replace("_", " ")
    title = f"“{own}”"
    if _is_its_metric(leg) or _is_in_words(leg):
        title = leg_title(leg)
        title = title if title.startswith("the ") else f"the {title}"
    return f"{title} of “{claim.statement}”: {shown}{ranked}"


_MEASURED = {
    "year_was_bruising": "deepest fall",
    "earnings_momentum_improves": "of companies sped up",
    "earnings_strong": "net profit on the year",
    "breadth_has_improved": "better",
    "rise_is_broad": "of members are up",
    "quality_leads": "rank correlation",
    "institutions_buy": "unusually high",
    "named_sectors_lead": "in the mean",
    "trade_deals_triggered_rally": "exporters ahead",
    "small_caps_react_first": "ahead",
    "support_holds": "of touches bounced",
    "resistance_stands": "of touches bounced",
    "failure_is_a_bear_rally": "made a new low",
    "next_weeks_decide": "odds of a decision",
    "valuations_are_a_concern": "P/E",
    "high_beta_rotates": "of high beta over low",
    "rate_cut_expectations_alive": "2-year less policy rate",
    "pessimism_was_extreme": "in the worst decile",
}
"""What a claim's figure measures, where its statement leaves it open; a claim of yours has none."""


def claim_figure(claim: Claim) -> str:
    """A claim's figure with its unit and, where that is not plain, what it measures."""
    shown = figure(claim.value, claim.unit)
    measures = _MEASURED.get(claim.claim_id, "")
    if claim.value is None or not measures:
        return shown
    return f"{measures} {shown}" if claim.unit == "ratio" else f"{shown} {measures}"


def reasons(claim: Claim) -> str:
    """Why a claim has its grade, as a sentence."""
    text = named(claim.reasons)
    first = text.split(" ", maxsplit=1)[0]
    # An identifier keeps its spelling.
    text = text if "_" in first else text[:1].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."


def ranked(value: float | None, sample_size: int | None, low: str = "") -> str:
    """A percentile with what a low one means, where that is not plain, and what it stands on."""
    if value is None:
        return NOT_GIVEN
    meaning = f" ({low})" if low else ""
    observations = "" if sample_size is None else f", N = {grouped(sample_size)}"
    return f"{percentile(value)}{meaning}{observations}"


def window(sessions: int | None) -> str:
    """A window in sessions."""
    if sessions is None:
        return "no window"
    return f"{grouped(sessions)} session{'' if sessions == 1 else 's'}"


def luck(null_probability: float | None, null_model: str) -> str:
    """The odds of seeing as much by luck, and what luck means."""
    if null_probability is None:
        return NOT_GIVEN
    model = f" ({null_model})" if null_model else ""
    return probability(null_probability) + model


def holds(leg: Leg) -> str:
    """Whether a leg holds, in words."""
    if leg.holds is None:
        if leg.value is not None and leg.percentile is None and "percentile" in leg.threshold:
            return f"not testable: too little history of {leg.missing} to rank it"
        return f"not testable: {leg.missing} missing" if leg.missing else "not testable"
    return "holds" if leg.holds else "does not hold"


def states(recent: Sequence[tuple[object, str]]) -> str:
    """Recent day states: how many loaded, how many holidays, each other one by its dates."""
    if not recent:
        return "none before"
    counted = Counter(state for _, state in recent)
    head = f"the last {len(recent)} loaded"
    if not counted["loaded"] == len(recent) > 1:
        head = f"{counted['loaded']} of {head}"
    if counted["holiday"]:
        head += f", {counted['holiday']} holiday{'' if counted['holiday'] == 1 else 's'}"
    others = []
    for state, run in groupby(recent, key=lambda one: one[1]):
        days = [day for day, _ in run]
        if state not in GOOD_STATES:
            span = f"{days[-1]} to {days[0]}" if len(days) > 1 else f"{days[0]}"
            others.append(f"{span} {state}")
    return "; ".join([head, *others])


def failed(facts: Facts) -> str:
    """How many checks found rows that say otherwise."""
    found = len(facts.failed_checks)
    return (
        f"{count(found).capitalize()} of {count(facts.checks)} "
        f"check{'' if facts.checks == 1 else 's'} found offending rows."
    )
