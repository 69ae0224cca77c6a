"""The verdict follows the numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from bi.brief import verdict_words, words
from bi.brief.facts import Claim, Facts, Leg, gather
from bi.brief.standing_facts import Regime, Standing
from tests.bi.brief_evening import build
from warehouse.store import open_reader
from warehouse.tables.signals import STATES

GRADES = ("SUPPORTED", "PARTLY", "NOT SUPPORTED", "CONTRADICTED", "UNTESTABLE")


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """An evening without a state."""
    path = build(tmp_path_factory.mktemp("evening") / "riskon.duckdb", with_verdict=False)
    with open_reader(path) as reader:
        return gather(reader)


REGIME = Regime(
    index_id="nifty-smallcap-100",
    rules="full",
    state="EARLY_RECOVERY",
    days_in_state=6,
    entered_on=date(2026, 2, 4),
    is_bear_rally=False,
    held_by_data="",
    close=16_989.0,
    drawdown_252_pct=-17.8,
    low_close=16_012.2,
    low_date=date(2026, 1, 30),
    rise_from_low_pct=6.1,
    day_count=8,
    follow_through_on=None,
    above_sma_200_of_7=6,
    early_held=3,
    early_tested=5,
    confirmed_held=1,
    confirmed_tested=5,
    past_rebounds=14,
    past_confirmed=9,
    confirmed_probability=9 / 14,
    confirmed_probability_low=0.388,
    confirmed_probability_high=0.837,
    past_null_probability=0.4512,
    recovery_null_probability=0.3248,
)


def standing(facts: Facts, **changed: object) -> Facts:
    """The evening with a state."""
    regime = replace(REGIME, **changed)  # type: ignore[arg-type]
    return replace(facts, standing=Standing(regime=regime))


def graded(facts: Facts, *grades: str) -> Facts:
    """The evening with claims of these grades and no legs."""
    claims = tuple(
        replace(facts.claims[0], claim_id=f"c{number}", grade=grade, legs=())
        for number, grade in enumerate(grades)
    )
    return replace(facts, claims=claims)


@pytest.mark.parametrize(
    ("grades", "answer", "counts"),
    [
        (
            ("SUPPORTED", "SUPPORTED", "SUPPORTED"),
            "Every claim of rotation holds",
            "all three claims are supported",
        ),
        (
            ("SUPPORTED", "SUPPORTED", "PARTLY"),
            "More claims of rotation hold than fail",
            "of three claims, two are supported and one is supported in part",
        ),
        (
            ("SUPPORTED", "PARTLY", "NOT SUPPORTED", "CONTRADICTED"),
            "The claims of rotation are divided",
            (
                "of four claims, one is supported, one is supported in part, one is not supported "
                "and one is contradicted"
            ),
        ),
        (
            ("PARTLY", "PARTLY"),
            "The claims of rotation hold at least in part",
            "both claims are supported in part",
        ),
        (
            ("SUPPORTED", "NOT SUPPORTED", "CONTRADICTED"),
            "More claims of rotation fail than hold",
            "of three claims, one is supported, one is not supported and one is contradicted",
        ),
        (
            ("CONTRADICTED", "CONTRADICTED"),
            "No claim of rotation holds",
            "both claims are contradicted",
        ),
        (
            ("SUPPORTED", "SUPPORTED", "UNTESTABLE"),
            "Every claim of rotation that could be tested holds",
            "both claims that could be tested are supported (one could not be tested)",
        ),
        (
            ("SUPPORTED", "UNTESTABLE", "UNTESTABLE"),
            "Too little could be tested to lean either way",
            "the one claim that could be tested is supported (two could not be tested)",
        ),
    ],
)
def test_the_answer_and_the_counts_follow_the_grades(
    facts: Facts, grades: tuple[str, ...], answer: str, counts: str
) -> None:
    said = words.verdict(graded(facts, *grades))
    assert said.answer == answer
    assert said.sentence == f"On the evidence of Wednesday, 11 February 2026, {counts}."


def test_nothing_tested_leaves_the_question_open(facts: Facts) -> None:
    said = words.verdict(graded(facts, "UNTESTABLE", "UNTESTABLE"))
    assert said.answer == "It cannot be said"
    assert said.sentence == (
        "None of the two claims of Wednesday, 11 February 2026 could be tested, "
        "so the question stays open."
    )


@pytest.mark.parametrize(
    ("grade", "told"),
    [
        ("SUPPORTED", "1 of 1 holds|supported"),
        ("PARTLY", "0 of 1 holds, 1 in part|supported in part"),
        ("NOT SUPPORTED", "0 of 1 holds|not supported"),
        ("CONTRADICTED", "0 of 1 holds|contradicted"),
        ("UNTESTABLE", "1 not testable|could not be tested"),
    ],
)
def test_background_is_told_apart_and_counts_for_neither_side(
    facts: Facts, grade: str, told: str
) -> None:
    """A bruising year is where a rotation begins, and no sign of one."""
    for grades in (("SUPPORTED", "PARTLY", "NOT SUPPORTED"), ("UNTESTABLE",)):
        alone = graded(facts, *grades)
        past = replace(
            facts.claims[0], statement="The past year bruised", grade=grade, bearing="background"
        )
        said = words.verdict(replace(alone, claims=(past, *alone.claims)))
        without = words.verdict(alone)
        assert (said.answer, said.sentence) == (without.answer, without.sentence)
        assert without.background == ""
        counts, grade_said = told.split("|")
        assert said.background == f"Background: {counts}."
        assert said.background_list == (f"The past year bruised: {grade_said}",)


def test_the_background_is_counted_in_one_short_sentence(facts: Facts) -> None:
    grades = ["SUPPORTED"] * 5 + ["PARTLY"] * 2 + ["NOT SUPPORTED"] * 4 + ["UNTESTABLE"] * 3
    past = tuple(replace(claim, bearing="background") for claim in graded(facts, *grades).claims)
    said = words.verdict(replace(facts, claims=past))
    assert said.background == "Background: 5 of 11 hold, 2 in part, 3 not testable."
    assert len(said.background_list) == 14


def test_background_alone_answers_nothing(facts: Facts) -> None:
    past = replace(facts.claims[0], bearing="background")
    said = words.verdict(replace(facts, claims=(past,)))
    assert said.answer == "It cannot be said"
    assert said.sentence.startswith("No claim about rotation is graded for Wednesday")


CERTAIN = r"\b(will|must|should|certain\w*|proves?|guarantee\w*|buy|sell|expect\w*|likely)\b"


def test_every_combination_reads_as_one_careful_sentence(facts: Facts) -> None:
    certain = re.compile(CERTAIN, re.I)
    for grades in product(GRADES, repeat=3):
        said = words.verdict(graded(facts, *grades))
        text = f"{said.answer}. {said.sentence}"
        assert not certain.search(text), text
        assert said.sentence.count(".") == 1
        assert said.sentence.endswith(".")
        assert "  " not in text
        assert not re.search(r"\b(one are|two is|three is|one claims)\b", text), text


def test_a_better_grade_never_makes_a_worse_answer(facts: Facts) -> None:
    order = [
        "No claim of rotation holds",
        "More claims of rotation fail than hold",
        "The claims of rotation are divided",
        "The claims of rotation hold at least in part",
        "More claims of rotation hold than fail",
        "Every claim of rotation holds",
    ]
    tested = GRADES[:4]
    for grades in product(tested, repeat=4):
        here = order.index(words.verdict(graded(facts, *grades)).answer)
        for place, better in ((i, tested[: tested.index(g)]) for i, g in enumerate(grades)):
            for grade in better:
                changed = [*grades[:place], grade, *grades[place + 1 :]]
                assert order.index(words.verdict(graded(facts, *changed)).answer) >= here


def test_the_verdict_beside_a_state_is_one_sentence_of_state_odds_and_claims(facts: Facts) -> None:
    grades = ["SUPPORTED"] * 9 + ["NOT SUPPORTED"] * 9
    said = words.verdict(standing(graded(facts, *grades)))
    assert said.answer == "An early recovery, not confirmed, and the claims of rotation are divided"
    assert said.sentence == (
        "Early recovery, day 6: the Nifty Smallcap 100 is 6.1% above its low of 30 January 2026, "
        "short of confirmation by 2 legs; 9 of 14 past rebounds recovered before a new low "
        "(95% interval 39-84%; by luck 45%); 9 of 18 rotation claims hold."
    )


LEANING = {
    "all": ("SUPPORTED", "SUPPORTED"),
    "none": ("CONTRADICTED", "NOT SUPPORTED"),
    "for": ("SUPPORTED", "SUPPORTED", "PARTLY"),
    "against": ("SUPPORTED", "CONTRADICTED", "NOT SUPPORTED"),
    "part": ("SUPPORTED", "PARTLY"),
    "divided": ("SUPPORTED", "CONTRADICTED"),
    "little": ("SUPPORTED", "UNTESTABLE"),
    "nothing": ("UNTESTABLE", "UNTESTABLE"),
}
TOLD_LEANS = {
    "all": "every claim of rotation holds",
    "none": "no claim of rotation holds",
    "for": "more claims of rotation hold than fail",
    "against": "more claims of rotation fail than hold",
    "part": "the claims of rotation hold at least in part",
    "divided": "the claims of rotation are divided",
    "little": "too few claims of rotation could be tested to lean either way",
    "nothing": "no claim of rotation could be tested",
}
TOLD_STATES = {
    "ADVANCE": "An advance",
    "DRAWDOWN": "A drawdown",
    "REBOUND": "A rebound, not yet a recovery",
    "EARLY_RECOVERY": "An early recovery, not confirmed",
    "CONFIRMED": "A recovery confirmed by its rules",
    "FAILED": "A failed recovery",
}
FOR_RISK = {"ADVANCE", "REBOUND", "EARLY_RECOVERY", "CONFIRMED", "all", "for", "part"}
AGAINST_RISK = {"DRAWDOWN", "FAILED", "none", "against"}


@pytest.mark.parametrize("state", [state for state in STATES if state != "UNKNOWN"])
@pytest.mark.parametrize("leaning", list(LEANING))
def test_the_answer_follows_state_and_evidence(facts: Facts, state: str, leaning: str) -> None:
    """Joined by `but` only where the two are on opposite sides."""
    said = words.verdict(standing(graded(facts, *LEANING[leaning]), state=state))
    opposed = any(
        {state, leaning} & FOR_RISK == {one} and {state, leaning} & AGAINST_RISK == {other}
        for one, other in ((state, leaning), (leaning, state))
    )
    link = "but" if opposed else "and"
    assert said.answer == f"{TOLD_STATES[state]}, {link} {TOLD_LEANS[leaning]}"
    assert said.sentence.endswith(".")
    assert not re.search(CERTAIN, f"{said.answer} {said.sentence}", re.I)
    assert "  " not in said.sentence
    assert "None" not in said.sentence


def test_what_could_not_be_tested_is_said_beside_a_state(facts: Facts) -> None:
    claims = graded(facts, "SUPPORTED", "SUPPORTED", "UNTESTABLE")
    said = words.verdict(standing(claims))
    assert said.answer.endswith("and every claim of rotation that could be tested holds")
    assert said.sentence.endswith("; 2 of the 2 rotation claims that could be tested hold.")


@pytest.mark.parametrize(
    ("grades", "told"),
    [
        (("SUPPORTED", "NOT SUPPORTED"), "1 of 2 rotation claims holds"),
        (("SUPPORTED", "SUPPORTED", "PARTLY"), "2 of 3 rotation claims hold, 1 in part"),
        (("PARTLY", "CONTRADICTED"), "none of 2 rotation claims holds in full, 1 in part"),
        (("CONTRADICTED", "CONTRADICTED"), "none of 2 rotation claims holds"),
        (("SUPPORTED",), "the one rotation claim holds"),
        (("PARTLY",), "the one rotation claim holds in part"),
        (("NOT SUPPORTED",), "the one rotation claim does not hold"),
        (
            ("SUPPORTED", "UNTESTABLE"),
            "the one rotation claim that could be tested holds",
        ),
        (("UNTESTABLE",), "no rotation claim is testable"),
        ((), "no claim of rotation is graded"),
    ],
)
def test_claims_that_hold_are_counted(facts: Facts, grades: tuple[str, ...], told: str) -> None:
    said = words.verdict(standing(graded(facts, *grades)))
    assert said.sentence.endswith(f"; {told}.")


def test_an_unknown_state_is_said_to_be_so(facts: Facts) -> None:
    claims = graded(facts, "SUPPORTED", "CONTRADICTED")
    said = words.verdict(
        standing(claims, state="UNKNOWN", close=None, last_close_on=date(2026, 1, 5))
    )
    assert said.answer == "The state is not known, and the claims of rotation are divided"
    assert said.sentence == (
        "State not known, 6 sessions: no close of the Nifty Smallcap 100 since 5 January 2026; "
        "1 of 2 rotation claims holds."
    )


def test_without_the_headline_the_nearest_index_is_told_before_the_claims(facts: Facts) -> None:
    other = replace(REGIME, index_id="nifty-smallcap-250", state="DRAWDOWN", days_in_state=28)
    claims = replace(graded(facts, "UNTESTABLE"), standing=Standing(sizes=(other,)))
    said = words.verdict(claims)
    assert said.answer == "It cannot be said"
    assert said.sentence.startswith(
        "No close of the Nifty Smallcap 100 is held; Nifty Smallcap 250: drawdown, day 28. The one"
    )


def test_what_holds_is_never_a_leg_of_a_claim_that_fails(facts: Facts) -> None:
    """A calmer flow of a claim that does not hold is no good news."""
    calm = replace(facts.claims[0].legs[0], leg="calmer", holds=True, percentile=99.0)
    claims = graded(facts, "NOT SUPPORTED", "CONTRADICTED").claims
    failing = replace(facts, claims=tuple(replace(one, legs=(calm,)) for one in claims))
    assert "what holds" not in words.verdict(failing).sentence
    better = tuple(replace(one, grade="PARTLY") for one in failing.claims)
    assert "what holds most clearly" in words.verdict(replace(facts, claims=better)).sentence


def test_reasons_have_names_and_dates_as_people_read_them(facts: Facts) -> None:
    told = replace(
        facts.claims[0],
        reasons="EARLY_RECOVERY for 3 sessions (rules: index), after the low of 2026-01-30",
    )
    assert words.reasons(told) == (
        "Early recovery for 3 sessions (by closes alone), after the low of 30 January 2026."
    )


def test_a_claims_figure_says_what_it_measures(facts: Facts) -> None:
    one = replace(facts.claims[0], value=28.98, unit="ratio", claim_id="valuations_are_a_concern")
    assert words.claim_figure(one) == "P/E 28.98"
    bounced = replace(one, claim_id="resistance_stands", value=22.22, unit="percent")
    assert words.claim_figure(bounced) == "22.22% of touches bounced"
    assert words.claim_figure(replace(one, value=None)) == "n/a"
    assert words.claim_figure(replace(one, claim_id="of_yours")) == "28.98"


def test_a_bear_market_rally_is_named_only_once_its_low_is_broken(facts: Facts) -> None:
    claims = graded(facts, "CONTRADICTED", "CONTRADICTED")
    fell = words.verdict(standing(claims, state="DRAWDOWN", is_bear_rally=True))
    assert fell.answer == ("A drawdown after a bear-market rally, and no claim of rotation holds")
    assert fell.sentence.startswith("Drawdown after a bear-market rally, day 6: ")
    for state in set(STATES) - {"DRAWDOWN", "UNKNOWN"}:
        said = words.verdict(standing(claims, state=state, is_bear_rally=False))
        assert "bear" not in f"{said.answer} {said.sentence}"


def test_each_state_has_an_answer_but_the_unknown_one() -> None:
    assert set(verdict_words.STATE_ANSWERS) == set(STATES) - {"UNKNOWN"}


def test_the_sentence_names_the_clearest_leg_on_either_side(facts: Facts) -> None:
    sentence = words.verdict(facts).sentence
    assert sentence.endswith(
        "(one could not be tested); what holds most clearly is “Smallcap 100 over 9 sessions” of "
        "“Statement of small_caps_rebound”: 6.15%, percentile 93.5; what fails most clearly is "
        "“Midcap 100 over 9 sessions” of “Statement of mid_caps_follow”: 5.30%, percentile 71.0."
    )


def test_legs_of_untestable_claims_tell_nothing(facts: Facts) -> None:
    loud = replace(facts.claims[0].legs[0], leg="loud", percentile=100.0)
    claims = (replace(facts.claims[4], legs=(loud,)), *facts.claims[:4])
    assert "loud" not in words.verdict(replace(facts, claims=claims)).sentence


def pair(facts: Facts, name: str, percentile: float | None) -> tuple[Leg, Claim]:
    one = facts.claims[0]
    return replace(one.legs[0], leg=name, percentile=percentile), one


def test_a_leg_is_clear_by_its_distance_from_the_middle(facts: Facts) -> None:
    legs = [pair(facts, "none", None), pair(facts, "low", 4.0), pair(facts, "high", 93.0)]
    found = words.most_telling(legs, words.FROM_BEST)
    assert found is not None
    assert found[0].leg == "low"
    assert words.most_telling([], words.FROM_BEST) is None
    assert words.most_telling(legs[:1], words.FROM_BEST) == legs[0]


def test_a_leg_of_a_contradicted_claim_fails_more_clearly_than_one_of_a_claim_that_holds(
    facts: Facts,
) -> None:
    fast, one = pair(facts, "fast", 82.0)
    slow, _ = pair(facts, "slow", 55.0)
    legs = [(fast, replace(one, grade="PARTLY")), (slow, replace(one, grade="CONTRADICTED"))]
    failing = words.most_telling(legs, words.FROM_BEST[::-1])
    holding = words.most_telling(legs, words.FROM_BEST)
    assert failing is not None
    assert holding is not None
    assert (failing[0].leg, holding[0].leg) == ("slow", "fast")


def test_a_leg_says_whether_it_holds(facts: Facts) -> None:
    one = facts.claims[0].legs[0]
    assert words.holds(one) == "holds"
    assert words.holds(replace(one, holds=False)) == "does not hold"
    assert words.holds(replace(one, holds=None, missing="nsdl_fpi")) == (
        "not testable: nsdl_fpi missing"
    )


def test_a_leg_is_titled_by_its_name_and_its_metrics(facts: Facts) -> None:
    one = replace(facts.claims[0].legs[0], leg="midcap_150")
    assert words.leg_title(one) == "midcap 150"
    named = replace(one, metric_name="Return over 9 sessions")
    assert words.leg_title(replace(named, leg="return_9")) == "return over 9 sessions"
    assert words.leg_title(named) == "midcap 150 (return over 9 sessions)"
    assert words.leg_title(replace(one, metric_name="RSI 14")) == "midcap 150 (RSI 14)"


def test_a_leg_named_after_its_metric_is_said_by_the_metrics_name(facts: Facts) -> None:
    one = facts.claims[0]
    leg = replace(one.legs[0], leg="return_9", metric_name="Return over 9 sessions")
    sentence = words.verdict(replace(facts, claims=(replace(one, legs=(leg,)),))).sentence
    assert "is the return over 9 sessions of “Statement of small_caps_rebound”: 6.15%" in sentence


def test_reasons_are_a_sentence(facts: Facts) -> None:
    one = facts.claims[0]
    assert words.reasons(replace(one, reasons="rose 6% in 9")) == "Rose 6% in 9."
    assert words.reasons(replace(one, reasons="It rose.")) == "It rose."


def test_missing_figures_are_said() -> None:
    assert words.ranked(None, 5, "low is deep") == "n/a"
    assert words.ranked(80.0, None) == "80.0"
    assert words.ranked(93.46, 1412) == "93.5, N = 1,412"
    assert words.ranked(3.1, 1412, "low is deep") == "3.1 (low is deep), N = 1,412"
    assert words.window(None) == "no window"
    assert words.window(1) == "1 session"
    assert words.luck(None, "walk") == "n/a"
    assert words.luck(0.175, "walk") == "17.5%, about 1 in 6 (walk)"


def test_recent_states_name_each_day_that_is_not_loaded() -> None:
    assert words.states([]) == "none before"
    recent = [("d4", "late"), ("d3", "loaded"), ("d2", "holiday"), ("d1", "stale")]
    assert words.states(recent) == "1 of the last 4 loaded, 1 holiday; d4 late; d1 stale"
    assert words.states([("d2", "loaded"), ("d1", "loaded")]) == "the last 2 loaded"
    assert words.states([("d1", "loaded")]) == "1 of the last 1 loaded"
