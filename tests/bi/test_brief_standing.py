"""Where the index stands: read of one session, and said in words that follow the figures."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import html

from bi.brief import regime_words, standing_words
from bi.brief.facts import gather
from bi.brief.page import render
from bi.brief.standing_facts import Regime, Standing, standing
from tests.bi import evening_standing as evening
from tests.bi.brief_evening import EVENING, EVERY_TABLE, MART, build, frame, sessions
from warehouse.store import open_reader, open_writer
from warehouse.tables.signals import STATES

DAYS = sessions()
MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def warehouse_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build(tmp_path_factory.mktemp("standing") / "riskon.duckdb")
    with open_writer(path, EVERY_TABLE) as store:
        for name, rows in evening.marts(DAYS).items():
            store.replace(MART[name], frame(MART[name], rows))
        store.checkpoint()
    return path


@pytest.fixture(scope="module")
def told(warehouse_path: Path) -> Standing:
    with open_reader(warehouse_path) as reader:
        return standing(reader, EVENING)


@pytest.fixture(scope="module")
def regime(told: Standing) -> Regime:
    assert told.regime is not None
    return told.regime


def said(page: str) -> str:
    """The page's visible text on one line."""
    body = html.fromstring(page).find("body")
    assert body is not None
    return " ".join(body.text_content().split())


def test_the_evening_has_its_state_its_triggers_and_its_zones(told: Standing) -> None:
    assert told.regime is not None
    assert told.by_closes is not None
    assert (told.regime.state, told.regime.days_in_state) == ("EARLY_RECOVERY", 6)
    assert told.by_closes.state == "REBOUND"
    assert [leg.holds for leg in told.regime.early_legs] == [True, True, True, None, False]
    # The nearest first: 13,400 is 2.8% away, 13,000 is 5.7% and 16,020 is 16.1%.
    assert [one.trigger for one in told.triggers] == ["support", "new_low", "near_high"]
    assert [(one.kind, one.zone_rank) for one in told.zones] == [
        ("support", 1),
        ("support", 2),
        ("resistance", 1),
        ("resistance", 2),
    ]
    assert [one.index_id for one in told.sizes] == ["nifty-50", "nifty-midcap-100"]


def test_transitions_are_those_of_the_index_in_252_sessions(told: Standing) -> None:
    assert [one.session_date for one in told.transitions] == [DAYS[-6], DAYS[-10], DAYS[-30]]


def test_states_of_the_chart_are_stretches_of_sessions(told: Standing) -> None:
    assert [(span.state, span.first, span.last) for span in told.chart.spans] == [
        ("DRAWDOWN", DAYS[-30], DAYS[-11]),
        ("REBOUND", DAYS[-10], DAYS[-7]),
        ("EARLY_RECOVERY", DAYS[-6], EVENING),
    ]
    bars = told.chart.bars
    assert bars["session_date"].to_list() == DAYS[-252:]
    # The hand-made exchange has two sessions without a file.
    assert bars["close"].null_count() == 2


def test_a_past_evening_is_read_from_what_it_held(warehouse_path: Path, tmp_path: Path) -> None:
    """The rows of the sessions after it make no difference."""
    past = DAYS[-3]
    path = tmp_path / "earlier.duckdb"
    path.write_bytes(warehouse_path.read_bytes())
    path.chmod(0o644)
    with open_writer(path, EVERY_TABLE) as store:
        for table in ("mart.regime", "mart.regime_transition", "mart.regime_trigger", "mart.zone",
                      "core.index_bar", "core.trading_session"):  # fmt: skip
            store.execute(f"DELETE FROM {table} WHERE session_date > ?", [past])
        store.checkpoint()
    with open_reader(warehouse_path) as reader:
        now = standing(reader, past)
    with open_reader(path) as reader:
        then = standing(reader, past)
    assert now == then
    assert now.chart.bars.equals(then.chart.bars)
    assert now.chart.pivots.equals(then.chart.pivots)
    assert now.regime is not None
    assert now.regime.days_in_state == 4
    assert now.triggers == ()


def test_the_sentences_of_the_evening(told: Standing, regime: Regime) -> None:
    low = f"{DAYS[-21].day} January 2026"
    assert standing_words.headline(told) == "Early recovery, day 6"
    assert standing_words.where(told) == (
        f"The Nifty Smallcap 100 closed at 13,793.00, 6.1% above its low of {low} and 18.2% below "
        "its highest close of 252 sessions. In this state since 4 February 2026. By closes alone, "
        "without breadth, flows and results, it is a rebound, day 10."
    )
    assert standing_words.odds(told) == (
        "Of 14 rebounds of the Nifty Smallcap 100 that are decided, 9 were confirmed, or back near "
        "the old high, before a new low: 64%, 95% interval 39-84%; luck alone gives 45%. From "
        "tonight's close a walk without drift is 20% above the low, or near the old high, before "
        "it is below the low in 32% of cases."
    )
    assert standing_words.short_odds(told) == "9 of 14 past rebounds, by luck 45%"
    early, confirmation = standing_words.leg_sentences(regime)
    assert early.startswith("Of the five legs of an early recovery three hold (")
    assert early.count(" one fails (") == early.count(" one could not be tested (") == 1
    assert confirmation.startswith("Of the six legs of confirmation one holds (")
    assert " four fail (" in confirmation


def test_what_would_change_the_state_is_said_with_its_distance(told: Standing) -> None:
    support, new_low, near_high = told.triggers
    assert standing_words.condition(support) == "Close below 13,400.00"
    assert standing_words.distance(support) == f"{MINUS}2.8%"
    assert standing_words.trigger_line(support) == (
        f"To failed recovery: close below 13,400.00 ({MINUS}2.8%); a second close in a row."
    )
    assert standing_words.trigger_line(new_low) == (
        f"New low: close below 13,000.00 ({MINUS}5.7%)."
    )
    assert standing_words.distance(near_high) == "+16.1%"
    met = replace(support, level=13_900.0, is_met=True, needs="")
    assert standing_words.trigger_line(met) == (
        "To failed recovery: close below 13,900.00 (holds already); the same at the next session."
    )
    legs = replace(
        support, quantity="legs held", comparison="above", level=3.0, current=2.0, unit="count"
    )
    assert standing_words.condition(legs) == "Legs held: at least 3"
    lost = replace(legs, comparison="below", level=1.0)
    assert standing_words.condition(lost) == "Legs held: at most 1"
    assert standing_words.distance(replace(legs, distance_pct=50.0)) == "2 now, not met"
    bare = replace(support, level=None, current=None, distance_pct=None)
    assert (standing_words.current(bare), standing_words.distance(bare)) == ("n/a", "n/a")
    assert standing_words.shown(replace(told, triggers=(bare, support))) == (support,)


def test_zones_are_said_with_distance_history_and_odds(told: Standing) -> None:
    support = told.zones[0]
    assert standing_words.zone_range(support) == "13,705-13,765"
    assert standing_words.zone_distance(support) == "0.2% below, 1.3 ATR, about 3 sessions"
    assert standing_words.zone_history(support) == "5 touches, 3 bounces, strength 61.2"
    assert standing_words.zone_odds(support) == "73%"
    assert standing_words.zone_distance(replace(support, distance_pct=0.0)) == "inside it"
    assert standing_words.zone_history(replace(support, touches=0)) == "not touched since"
    one = replace(support, touches=1, bounces=1, strength_percentile=None)
    assert standing_words.zone_history(one) == "1 touch, 1 bounce"
    assert standing_words.nearest_zones(told).startswith("Nearest support 13,705-13,765 (0.2% ")
    alone = replace(told, zones=told.zones[:2])
    assert standing_words.nearest_zones(alone).endswith("No resistance is known.")
    assert standing_words.nearest_zones(Standing()) == standing_words.NO_ZONES


def test_the_other_indices_are_grouped_by_state(told: Standing) -> None:
    assert standing_words.sizes_line(told) == (
        "The other indices by size: drawdown: Nifty 50; advance: Nifty Midcap 100."
    )
    assert standing_words.size_cells(told.sizes[1]) == ("Advance, day 40", "n/a", f"{MINUS}18.2%")
    assert standing_words.sizes_line(Standing()) == ""


def test_a_transition_is_told_with_its_reason_and_what_was_missing(told: Standing) -> None:
    newest = told.transitions[0]
    assert standing_words.arrow(newest) == "Rebound \N{RIGHTWARDS ARROW} early recovery"
    assert standing_words.reason(newest) == "Rebound ended at 13,650.00. Not tested: flows."
    dated = replace(newest, reason="closed below the low of 2026-01-30", legs_missing="leg_results")
    assert standing_words.reason(dated) == (
        "Closed below the low of 30 January 2026. Not tested: results."
    )
    rally = replace(newest, from_state="FAILED", to_state="DRAWDOWN", is_bear_rally=True)
    assert standing_words.arrow(rally).endswith("drawdown after a bear-market rally")


def test_what_missing_data_holds_is_said(regime: Regime) -> None:
    holding = replace(regime, held_by_data="CONFIRMED: breadth, flows are missing")
    assert standing_words.held(Standing(regime=holding)) == (
        "Held by missing data: Confirmed recovery: breadth, flows are missing."
    )
    assert standing_words.held(Standing(regime=regime)) == ""


@pytest.mark.parametrize(
    ("changed", "position"),
    [
        ({"state": "ADVANCE"}, "18.2% below its highest close of 252 sessions"),
        (
            {"state": "ADVANCE", "drawdown_252_pct": -0.01},
            "at its highest close of 252 sessions",
        ),
        (
            {"state": "DRAWDOWN", "rise_from_low_pct": 0.0, "low_date": date(2026, 2, 11)},
            "18.2% below its highest close of 252 sessions and at its low of 11 February 2026",
        ),
        (
            {"state": "FAILED", "low_date": date(2026, 1, 30)},
            "6.1% above its low of 30 January 2026",
        ),
    ],
)
def test_the_close_is_placed_as_the_state_asks(
    regime: Regime, changed: dict[str, object], position: str
) -> None:
    one = replace(regime, **changed)  # type: ignore[arg-type]
    assert regime_words.position(one) == f"the Nifty Smallcap 100 is {position}"


@pytest.mark.parametrize(
    ("changed", "lacking"),
    [
        (
            {"confirmed_held": 1, "above_sma_200_of_7": 0},
            ", short of confirmation by 2 legs and 5 closes above the 200-session mean",
        ),
        (
            {"confirmed_held": 2, "above_sma_200_of_7": 6},
            ", short of confirmation by 1 leg",
        ),
        (
            {"confirmed_held": 3, "above_sma_200_of_7": 4},
            ", short of confirmation by 1 close above the 200-session mean",
        ),
        ({"confirmed_held": 3, "above_sma_200_of_7": 6}, ""),
        ({"state": "REBOUND", "early_held": 2}, " and 1 leg short of an early recovery"),
        (
            {"state": "REBOUND", "early_held": 3, "early_tested": 3},
            ", with the legs of an early recovery but too few that could be tested",
        ),
        ({"state": "DRAWDOWN"}, ""),
        ({"close": None}, ""),
    ],
)
def test_what_is_lacking_to_the_next_state(
    regime: Regime, changed: dict[str, object], lacking: str
) -> None:
    assert regime_words.shortfall(replace(regime, **changed)) == lacking  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("past", "confirmed", "clause"),
    [
        (14, 9, "9 of 14 past rebounds recovered {}"),
        (14, 1, "1 of 14 past rebounds recovered {}"),
        (5, 0, "0 of 5 past rebounds recovered {}"),
        (1, 1, "the one past rebound recovered {}"),
        (1, 0, "the one past rebound did not recover {}"),
        (0, 0, "no past rebound is decided (by luck 32% recover from here)"),
    ],
)
def test_odds_of_any_count_are_grammatical(
    regime: Regime, past: int, confirmed: int, clause: str
) -> None:
    one = replace(regime, past_rebounds=past, past_confirmed=confirmed)
    beside = "before a new low (95% interval 39-84%; by luck 45%)"
    assert regime_words.odds_clause(one) == clause.format(beside)
    bare = replace(one, confirmed_probability_low=None, past_null_probability=None)
    assert not past or regime_words.odds_clause(bare) == clause.format("before a new low")


@pytest.mark.parametrize("state", sorted(set(STATES) - {"REBOUND", "EARLY_RECOVERY"}))
def test_no_odds_of_a_rebound_that_is_not_under_way(regime: Regime, state: str) -> None:
    assert standing_words.odds(Standing(regime=replace(regime, state=state))) == ""


def test_without_closes_the_state_is_said_to_be_unknown_for_want_of_them(regime: Regime) -> None:
    lost = replace(
        regime,
        state="UNKNOWN",
        days_in_state=107,
        close=None,
        held_by_data="no close",
        last_close_on=date(2022, 12, 8),
    )
    assert regime_words.position(lost) == "no close of the Nifty Smallcap 100 since 8 December 2022"
    assert standing_words.where(Standing(regime=lost)).startswith(
        "No close of the Nifty Smallcap 100 since 8 December 2022. In this state since "
    )
    text = " ".join(standing_words.lines(Standing(regime=lost)))
    assert "stands as it was" not in text
    assert "Held by missing data" not in text
    never = replace(lost, last_close_on=None)
    assert regime_words.position(never).startswith("no close of the Nifty Smallcap 100 is held")
    back = replace(lost, close=16_289.4)
    assert regime_words.position(back).startswith("a state takes 252 sessions with closes")
    one_day = replace(regime, close=None, held_by_data="no close")
    assert standing_words.held(Standing(regime=one_day)) == (
        "Held by missing data: no close of this session."
    )


def test_the_last_close_is_that_of_the_bars(regime: Regime) -> None:
    assert regime.last_close_on == EVENING


def test_where_the_headline_has_no_state_the_nearest_index_says_its_own(told: Standing) -> None:
    small = replace(told.sizes[0], index_id="nifty-smallcap-250")
    bare = Standing(sizes=(*told.sizes, small))
    assert bare.nearest_size == small
    assert "Nifty Smallcap 250: drawdown, day 1." in standing_words.lines(bare)
    assert Standing(sizes=told.sizes[:1]).nearest_size is None
    assert Standing(sizes=(replace(small, state="UNKNOWN"),)).nearest_size is None


def test_odds_are_told_only_while_the_outcome_is_open(regime: Regime) -> None:
    told = {state: bool(regime_words.odds_clause(replace(regime, state=state))) for state in STATES}
    assert {state for state, is_told in told.items() if is_told} == {"REBOUND", "EARLY_RECOVERY"}


def test_any_state_without_any_figure_reads_well(regime: Regime) -> None:
    empty = {
        name: None
        for name, value in vars(regime).items()
        if isinstance(value, float) or name in ("low_date", "last_close_on", "day_count",
                                                "above_sma_200_of_7",
                                                "early_held", "early_tested", "confirmed_held",
                                                "confirmed_tested")
    }  # fmt: skip
    for state in STATES:
        bare = replace(regime, state=state, past_rebounds=0, past_confirmed=0, **empty)  # type: ignore[arg-type]
        text = " ".join(standing_words.lines(Standing(regime=bare)))
        assert "None" not in text
        assert "  " not in text
        assert not re.search(r"\(\)|[:;,]\.|\.\.", text), text
        unknown = "is held in the last 252 sessions"
        missing = "is missing, so its state stands as it was"
        assert (unknown if state == "UNKNOWN" else missing) in text


def test_a_warehouse_without_states_says_what_is_missing(tmp_path: Path) -> None:
    path = build(tmp_path / "riskon.duckdb", with_verdict=False)
    with open_reader(path) as reader:
        facts = gather(reader)
    assert facts.standing.regime is None
    assert standing_words.lines(facts.standing) == (
        standing_words.NO_STATE,
        standing_words.NO_ZONES,
    )
    text = said(render(facts))
    assert f"No state. {standing_words.NO_STATE}" in text
    assert standing_words.TRIGGERS_TITLE not in text


def test_the_page_shows_where_it_stands(warehouse_path: Path) -> None:
    with open_reader(warehouse_path) as reader:
        text = said(render(gather(reader)))
    assert "Early recovery, day 6. The Nifty Smallcap 100 closed at 13,793.00" in text
    assert (
        f"Close below 13,400.00 also: a second close in a row Failed recovery {MINUS}2.8%" in text
    )
    assert "What changed This is the first graded session" in text
