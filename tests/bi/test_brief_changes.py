"""What changed since the session before: each change a sentence, and nothing one as well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bi.brief import change_words
from bi.brief.change_facts import (
    Changes,
    ColourChange,
    GradeChange,
    SourceChange,
    StateChange,
    ZoneChange,
    changes,
)
from tests.bi.brief_evening import CLAIMS, EVENING, EVERY_TABLE, build, claim, frame, sessions
from tests.bi.evening_standing import regime, zone
from warehouse.store import open_reader, open_writer
from warehouse.tables import Evidence
from warehouse.tables.signals import Monitor, Regime, RiskAppetite
from warehouse.tables.signals import Zone as ZoneTable

DAYS = sessions()
BEFORE = DAYS[-2]
LATER = datetime(2026, 2, 12, 3, 0, tzinfo=UTC)
SAME = [dict(one, session_date=BEFORE) for one in CLAIMS]
QUIET = Changes(previous=BEFORE, composite_before=50.0, composite_after=50.0)


def regraded(claim_id: str, grade: str, **others: Any) -> list[dict[str, Any]]:
    """The claims of the session before, one of them of another grade."""
    return [
        dict(one, grade=grade, **others) if one["claim_id"] == claim_id else one for one in SAME
    ]


def built(path: Path, before: Iterable[dict[str, Any]], *, with_verdict: bool = True) -> Path:
    """The evening with claims of the session before."""
    return build(path, claims=[*before, *CLAIMS], with_verdict=with_verdict)


def read(path: Path, session: date = EVENING) -> Changes:
    with open_reader(path) as reader:
        return changes(reader, session)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Changes:
    folder = tmp_path_factory.mktemp("changes")
    return read(built(folder / "riskon.duckdb", regraded("mid_caps_follow", "NOT SUPPORTED")))


def test_a_grade_that_differs_is_a_change(told: Changes) -> None:
    assert told.previous == BEFORE
    assert told.grades == (
        GradeChange("mid_caps_follow", "Statement of mid_caps_follow", "NOT SUPPORTED", "PARTLY"),
    )
    assert "“Statement of mid_caps_follow” is supported in part, was not supported." in (
        change_words.lines(told)
    )


def test_the_grade_last_recorded_is_compared(tmp_path: Path) -> None:
    """The session before was graded again after its revision came."""
    first = regraded("mid_caps_follow", "CONTRADICTED")
    again = [dict(one, recorded_at=LATER) for one in SAME if one["claim_id"] == "mid_caps_follow"]
    path = built(tmp_path / "riskon.duckdb", [*first, *again], with_verdict=False)
    assert read(path).grades == ()


def test_claims_that_come_and_go_are_told(tmp_path: Path) -> None:
    old = [one for one in SAME if one["claim_id"] != "foreigners_buy"]
    gone = claim("gone", "PARTLY", 9, session_date=BEFORE)
    path = built(tmp_path / "riskon.duckdb", [*old, gone], with_verdict=False)
    lines = change_words.lines(read(path))
    assert "“Statement of foreigners_buy” is graded for the first time: supported." in lines
    assert "“Statement of gone” is graded no more; it was supported in part." in lines


def test_a_transition_of_any_index_by_size_is_told_with_its_reason(told: Changes) -> None:
    assert [(one.index_id, one.before, one.after) for one in told.states] == [
        ("nifty-50", "ADVANCE", "DRAWDOWN")
    ]
    assert change_words.lines(told)[0] == (
        "The Nifty 50 went from advance to drawdown: closed at 22,400.00, 10.4% below its highest "
        "close of 252 sessions."
    )


def test_zones_passed_and_new_ones_are_told(told: Changes) -> None:
    """The close of 13,793 is above the resistance of the session before, which ends at 13,760."""
    assert told.zones == (
        ZoneChange("above", "resistance", 13_700.0, 13_760.0),
        ZoneChange("new", "resistance", 13_900.0, 13_950.0),
    )
    lines = change_words.lines(told)
    assert "The resistance 13,700-13,760 has a close above it; to break takes two." in lines
    assert "New resistance 13,900-13,950: two of its turning points are known now." in lines


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ({"failures": 0}, {"failures": 1}, "failed"),
        ({"breakouts": 0}, {"breakouts": 1}, "broke"),
        ({}, {}, None),
        # Counted from another session on, counts say nothing of tonight.
        ({"failures": 0}, {"failures": 4, "known_from": date(2025, 6, 2)}, None),
    ],
)
def test_a_zone_is_broken_when_its_count_rises(
    tmp_path: Path, before: dict[str, Any], after: dict[str, Any], what: str | None
) -> None:
    path = built(tmp_path / "riskon.duckdb", SAME, with_verdict=False)
    with open_writer(path, EVERY_TABLE) as store:
        zones = [
            zone(BEFORE, "support", 1, 13_500.0, 13_600.0, **before),
            zone(EVENING, "support", 1, 13_520.0, 13_610.0, **after),
        ]
        store.replace(ZoneTable, frame(ZoneTable, zones))
        store.replace(Regime, frame(Regime, [regime(DAYS, 0, "REBOUND", 3)]))
        store.checkpoint()
    found = [one.what for one in read(path).zones]
    assert found == ([] if what is None else [what])


def test_a_support_that_the_close_left_has_not_failed_yet(tmp_path: Path) -> None:
    path = built(tmp_path / "riskon.duckdb", SAME, with_verdict=False)
    with open_writer(path, EVERY_TABLE) as store:
        zones = [
            zone(BEFORE, "support", 1, 13_900.0, 13_950.0),
            zone(EVENING, "resistance", 1, 13_900.0, 13_950.0),
        ]
        store.replace(ZoneTable, frame(ZoneTable, zones))
        store.replace(Regime, frame(Regime, [regime(DAYS, 0, "REBOUND", 3)]))
        store.checkpoint()
    assert "The support 13,900-13,950 has a close below it; to fail takes two." in (
        change_words.lines(read(path))
    )


def test_monitors_and_the_composite_are_compared(tmp_path: Path) -> None:
    path = built(tmp_path / "riskon.duckdb", SAME, with_verdict=False)
    with open_writer(path, EVERY_TABLE) as store:
        rows = [
            {
                "session_date": day,
                "monitor_id": name,
                "title": f"Monitor of {name}",
                "colour": colour,
                "unit": "percent",
                "changed_on": day,
                "reasons": "Percentile 41.0.",
            }
            for day, name, colour in (
                (BEFORE, "flows", "red"),
                (EVENING, "flows", "amber"),
                (BEFORE, "macro", "green"),
                (EVENING, "macro", "green"),
            )
        ]
        store.replace(Monitor, frame(Monitor, rows))
        appetite = [
            {"session_date": day, "composite": value, "pillars": 5, "inputs": 20, "missing": ""}
            for day, value in ((BEFORE, 54.26), (EVENING, 58.94))
        ]
        store.replace(RiskAppetite, frame(RiskAppetite, appetite))
        store.checkpoint()
    lines = change_words.lines(read(path))
    assert "Monitor “Monitor of flows” is amber, was red. Percentile 41.0." in lines
    assert not any("macro" in line for line in lines)
    # 58.9 less 54.3, as they are printed.
    assert "Risk appetite stands at 58.9 of 100, +4.6 on the session before." in lines


def test_a_source_that_is_late_since_is_told(told: Changes) -> None:
    """The hand-made evening lacks the figures of the institutions, loaded the session before."""
    assert told.sources == (SourceChange("nse_fii_dii", "loaded", "late"),)
    assert "Source nse_fii_dii is late, was loaded." in change_words.lines(told)


def test_a_source_that_recovers_is_told() -> None:
    quiet = replace(QUIET, sources=(SourceChange("nse_fii_dii", "blocked", "loaded"),))
    assert change_words.lines(quiet) == ("Source nse_fii_dii is loaded again, was blocked.",)


def test_a_past_session_is_compared_with_the_one_before_it(told: Changes, tmp_path: Path) -> None:
    path = built(tmp_path / "riskon.duckdb", regraded("mid_caps_follow", "UNTESTABLE"))
    then = read(path, BEFORE)
    assert then == Changes()
    assert change_words.lines(then) == (change_words.FIRST,)
    assert change_words.title(then) == "What changed"
    assert change_words.title(told) == "What changed since Tuesday, 10 February 2026"


def test_nothing_changed_is_a_sentence() -> None:
    assert change_words.lines(QUIET) == (
        (
            "Nothing changed since 10 February 2026: no grade, no state, no zone, no monitor and "
            "no source."
        ),
    )


def test_a_composite_that_moves_less_than_is_printed_is_no_change() -> None:
    still = replace(QUIET, composite_before=50.01, composite_after=50.04)
    assert change_words.lines(still)[0].startswith("Nothing changed")


def test_what_cannot_be_compared_is_said(tmp_path: Path) -> None:
    path = built(tmp_path / "riskon.duckdb", SAME, with_verdict=False)
    with open_writer(path, EVERY_TABLE) as store:
        store.execute("DELETE FROM ops.day_state WHERE source_id = 'nse_fii_dii'")
        store.checkpoint()
    assert change_words.lines(read(path)) == (
        "Nothing changed since 10 February 2026: no grade and no source.",
        (
            "Not compared, for want of rows on one of the two sessions: the states of the indices, "
            "the zones, the monitors and risk appetite."
        ),
    )


def test_what_people_look_for_first_stands_first() -> None:
    full = Changes(
        previous=BEFORE,
        grades=(GradeChange("c", "Small caps rose", "PARTLY", "SUPPORTED"),),
        states=(StateChange("nifty-smallcap-100", "REBOUND", "EARLY_RECOVERY", "3 legs hold"),),
        colours=(ColourChange("flows", "Flows", None, "green", ""),),
        zones=(ZoneChange("broke", "resistance", 17_100.0, 17_250.0),),
        sources=(SourceChange("nse_fii_dii", None, "blocked"),),
        composite_before=60.0,
        composite_after=55.0,
    )
    assert change_words.lines(full) == (
        "The Nifty Smallcap 100 went from rebound to early recovery: 3 legs hold.",
        "“Small caps rose” is supported, was supported in part.",
        "The resistance 17,100-17,250 was passed upward by two closes.",
        "Monitor “Flows” is green.",
        "Risk appetite stands at 55.0 of 100, \N{MINUS SIGN}5.0 on the session before.",
        "Source nse_fii_dii is blocked.",
    )


def test_evidence_of_the_evening_alone_is_read(tmp_path: Path) -> None:
    """Rows of later sessions make no difference to a past evening."""
    path = built(tmp_path / "riskon.duckdb", regraded("mid_caps_follow", "UNTESTABLE"))
    now = read(path)
    with open_writer(path, EVERY_TABLE) as store:
        later = [dict(one, session_date=date(2026, 2, 12), grade="PARTLY") for one in CLAIMS]
        store.append(Evidence, frame(Evidence, later))
        store.checkpoint()
    assert read(path) == now
