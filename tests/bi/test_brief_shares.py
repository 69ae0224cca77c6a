"""The evening's shares by name: new extremes, jumps nobody explains, deliveries still to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bi.brief import share_words
from bi.brief.share_facts import Jump, PendingDeliveries, Share, Shares, shares
from tests.bi.brief_evening import EVENING, build, sessions
from warehouse.store import open_reader

MINUS = "\N{MINUS SIGN}"
DAYS = sessions()


@pytest.fixture(scope="module")
def warehouse_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("shares") / "riskon.duckdb")


@pytest.fixture(scope="module")
def told(warehouse_path: Path) -> Shares:
    with open_reader(warehouse_path) as reader:
        return shares(reader, EVENING)


def test_ten_are_named_by_value_traded_and_no_fund_is_among_them(told: Shares) -> None:
    assert [one.symbol for one in told.highs] == [f"HIGH{number}" for number in range(11, 1, -1)]
    assert told.highs[0] == Share("HIGH11", "Highest Limited")
    assert (told.high_count, told.low_count) == (12, 2)
    assert share_words.named(told.highs[:2], 3) == "HIGH11 (Highest Limited), HIGH10 and 1 other"
    assert share_words.named(told.highs[:1], 12).endswith("and 11 others")
    assert share_words.named(told.lows, told.low_count) == "LOW1, LOW0"
    assert share_words.named((), 0) == "none"


def test_jumps_of_twenty_sessions_are_listed_newest_first(told: Shares) -> None:
    assert told.jumps == (
        Jump(EVENING, "JUMPED", "", 400.0, 100.0),
        Jump(DAYS[-4], "LEAPT", "", 20.0, 50.0),
    )
    said = share_words.jumps(told)
    assert said.startswith(
        "Quarantined for an unexplained jump in the last 20 sessions: JUMPED on 11 February 2026, "
        f"{MINUS}75.0% from Rs 400.00 to Rs 100.00; LEAPT on 6 February 2026, +150.0% from Rs "
        "20.00 to Rs 50.00. No announced action"
    )
    many = replace(told, jumps=tuple(replace(told.jumps[0], symbol=f"S{n}") for n in range(12)))
    assert "S9 on" in share_words.jumps(many)
    assert "S10 on" not in share_words.jumps(many)
    assert "; and 2 others. No announced" in share_words.jumps(many)
    assert share_words.jumps(Shares()) == ""


def test_a_jump_without_a_close_before_has_no_move() -> None:
    first = Jump(EVENING, "NEW", "New Limited", None, 100.0)
    assert first.move_pct is None
    assert "NEW (New Limited) on 11 February 2026. No" in share_words.jumps(Shares(jumps=(first,)))


def test_deliveries_that_are_not_told_yet_are_counted_by_session(told: Shares) -> None:
    # Highs, lows and the one that jumped traded in EQ; the fund is no ordinary share.
    assert told.pending == (PendingDeliveries(EVENING, 2, 15),)
    assert share_words.pending(told) == (
        "Deliveries of series EQ not told yet: 2 of 15 shares on 11 February 2026. Figures of "
        "delivery wait for them."
    )
    assert share_words.pending(Shares()) == ""


def test_an_older_evening_has_its_own_shares(warehouse_path: Path) -> None:
    with open_reader(warehouse_path) as reader:
        earlier = shares(reader, DAYS[-4])
        before_all = shares(reader, date(2020, 1, 1))
    assert (earlier.highs, earlier.high_count) == ((), 0)
    assert [jump.symbol for jump in earlier.jumps] == ["LEAPT"]
    assert earlier.pending == ()
    assert before_all == Shares()
