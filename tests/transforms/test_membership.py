"""Who is in an index or industry on a date, known when, and how."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.transforms.traded import announced, members, names, rows
from transforms.membership import first_membership_change, memberships
from transforms.universes import ALWAYS, NEVER
from warehouse.tables.instruments import IndexMembership

LIST = "nifty-smallcap-250"
ALM, BEE, CAT = "INE901X01017", "INE902X01015", "INE903X01013"
MARCH, MAY, OCTOBER = date(2024, 3, 28), date(2024, 5, 15), date(2024, 10, 1)
START = date(2020, 1, 1)
NAMES = names(
    ("ALM", "EQ", "", "INE901X", START, date(2024, 12, 31)),
    ("BEE", "EQ", BEE, "INE902X", START, date(2024, 12, 31)),
    ("CAT", "EQ", "", "INE903X", START, date(2022, 12, 30)),
    ("CAT", "EQ", "", "CAT 2023-06-01", date(2023, 6, 1), date(2024, 12, 31)),
    ("VOTES", "EQ", "IN9904X01016", "IN9904X01008", START, date(2024, 12, 31)),
)
NOBODY = announced()


def snapshot(on: date, *held: str, industry: str = "", list_id: str = LIST) -> pl.DataFrame:
    symbols = {ALM: "ALM", BEE: "BEE", CAT: "CAT"}
    return members(*((list_id, on, symbols[isin], isin, industry) for isin in held))


def spans(found: pl.DataFrame, universe: str = LIST) -> list[tuple[object, ...]]:
    return (
        found.filter(universe=universe)
        .select("instrument_id", "valid_from", "valid_to", "basis", "is_survivorship_biased")
        .rows()
    )


def inside(found: pl.DataFrame, day: date, universe: str = LIST) -> set[str]:
    held = found.filter(pl.col("universe") == universe, pl.col("valid_from") <= day).filter(
        pl.col("valid_to") > day
    )
    assert held["instrument_id"].is_unique().all()
    return set(held["instrument_id"])


def test_a_list_holds_from_the_day_it_was_first_seen_to_the_next() -> None:
    seen = pl.concat([snapshot(MARCH, ALM, BEE), snapshot(OCTOBER, BEE, CAT)])
    found = memberships(seen, NOBODY, NAMES)
    assert spans(found) == [
        ("INE901X", ALWAYS, MARCH, "first list", True),
        ("INE901X", MARCH, OCTOBER, "seen", False),
        ("INE902X", ALWAYS, MARCH, "first list", True),
        ("INE902X", MARCH, NEVER, "seen", False),
        ("INE903X", OCTOBER, NEVER, "seen", False),
    ]
    assert set(found["universe_title"]) == {"Nifty Smallcap 250"}
    assert set(found["universe_kind"]) == {"index"}
    IndexMembership.validate(found)


def test_a_security_that_comes_back_has_two_spans() -> None:
    third = date(2025, 3, 28)
    seen = pl.concat([snapshot(MARCH, ALM, BEE), snapshot(OCTOBER, BEE), snapshot(third, ALM, BEE)])
    of_alm = [span for span in spans(memberships(seen, NOBODY, NAMES)) if span[0] == "INE901X"]
    assert of_alm[1:] == [
        ("INE901X", MARCH, OCTOBER, "seen", False),
        ("INE901X", third, NEVER, "seen", False),
    ]


def test_an_announced_change_takes_effect_on_its_day_and_is_confirmed() -> None:
    seen = snapshot(MARCH, ALM, BEE)
    told = announced((LIST, MAY, "ALM", "removed", None), (LIST, MAY, "CATS", "added", CAT))
    found = memberships(seen, told, NAMES)
    assert inside(found, MAY - timedelta(days=1)) == {"INE901X", "INE902X"}
    assert inside(found, MAY) == {"INE902X", "INE903X"}
    assert ("INE903X", MAY, NEVER, "announced", False) in spans(found)
    # Seen as announced, some days later: nothing changes.
    confirmed = pl.concat([seen, snapshot(OCTOBER, BEE, CAT)])
    assert_frame_equal(memberships(confirmed, told, NAMES), found)


def test_the_next_snapshot_corrects_what_was_announced() -> None:
    told = announced((LIST, MAY, "ALM", "removed", ALM), (LIST, MAY, "CAT", "added", CAT))
    seen = pl.concat([snapshot(MARCH, ALM, BEE), snapshot(OCTOBER, ALM)])
    assert [span for span in spans(memberships(seen, told, NAMES)) if not span[4]] == [
        ("INE901X", MARCH, MAY, "seen", False),
        ("INE901X", OCTOBER, NEVER, "seen", False),
        ("INE902X", MARCH, OCTOBER, "seen", False),
        ("INE903X", MAY, OCTOBER, "announced", False),
    ]


def test_what_is_announced_for_the_day_of_a_snapshot_or_before_the_first_is_in_it() -> None:
    seen = pl.concat([snapshot(MARCH, ALM, BEE), snapshot(OCTOBER, ALM, BEE, CAT)])
    told = announced(
        (LIST, OCTOBER, "ALM", "removed", ALM),
        (LIST, date(2023, 5, 2), "BEE", "added", BEE),
        ("nifty-50", MAY, "BEE", "added", BEE),  # a list that was never seen
    )
    expected = memberships(seen, NOBODY, NAMES)
    assert_frame_equal(memberships(seen, told, NAMES), expected)


def test_an_announced_symbol_is_whoever_holds_it_by_then() -> None:
    told = announced((LIST, MAY, "CAT", "added", None), (LIST, MAY, "GHOST", "added", None))
    found = memberships(snapshot(MARCH, ALM), told, NAMES)
    assert inside(found, MAY) == {"INE901X", "CAT 2023-06-01"}


def test_the_members_are_securities() -> None:
    seen = members(
        (LIST, MARCH, "DUMMYALM", "DUM879I01012", "Realty"),
        (LIST, MARCH, "DUMMYBEE", "INE905X01018", "Realty"),
        (LIST, MARCH, "VOTES", "IN9904X01016", "Realty"),  # a split since its first ISIN
        (LIST, MARCH, "NEWCO", "INE906X01016", "Realty"),  # to be listed next week
        (LIST, MARCH, "ALM", "", "Realty"),
    )
    found = memberships(seen, NOBODY, NAMES)
    assert inside(found, MARCH) == {"IN9904X01008", "INE906X", "INE901X"}
    assert inside(found, MARCH, "industry:Realty") == inside(found, MARCH)


def test_an_industry_is_that_of_the_last_list() -> None:
    seen = pl.concat(
        [
            snapshot(MARCH, ALM, BEE, industry="Textiles"),
            snapshot(MARCH, ALM, industry="Chemicals", list_id="nifty-100"),  # the first by id
            snapshot(OCTOBER, ALM, CAT, industry="Textiles"),
        ]
    )
    found = memberships(seen, NOBODY, NAMES)
    assert spans(found, "industry:Chemicals") == [
        ("INE901X", ALWAYS, MARCH, "first list", True),
        ("INE901X", MARCH, OCTOBER, "seen", False),
    ]
    assert spans(found, "industry:Textiles") == [
        ("INE901X", OCTOBER, NEVER, "seen", False),
        ("INE902X", ALWAYS, MARCH, "first list", True),
        ("INE902X", MARCH, NEVER, "seen", False),  # gone from the list, still a textile company
        ("INE903X", OCTOBER, NEVER, "seen", False),  # not among the survivors of the first list
    ]
    of_industries = found.filter(pl.col("universe").str.starts_with("industry:"))
    assert set(of_industries["universe_kind"]) == {"sector"}


SEEN = pl.concat(
    [
        snapshot(MARCH, ALM, BEE, industry="Textiles"),
        snapshot(OCTOBER, BEE, CAT, industry="Chemicals"),
        snapshot(date(2024, 10, 9), BEE, ALM, industry="Chemicals"),
        snapshot(MAY, CAT, industry="Realty", list_id="nifty-50"),
        snapshot(date(2025, 1, 6), ALM, industry="Realty", list_id="nifty-50"),
    ]
)
TOLD = announced(
    (LIST, MAY, "ALM", "removed", ALM),
    (LIST, date(2024, 9, 30), "CAT", "added", CAT),
    (LIST, date(2024, 10, 4), "BEE", "removed", BEE),
    ("nifty-50", date(2024, 12, 2), "CAT", "removed", CAT),
)


def test_row_order_is_nothing() -> None:
    mixed = memberships(
        SEEN.sample(fraction=1, shuffle=True, seed=1), TOLD.reverse(), NAMES.reverse()
    )
    assert_frame_equal(mixed, memberships(SEEN, TOLD, NAMES))


@pytest.mark.parametrize("day", [MARCH, MAY, date(2024, 9, 30), OCTOBER, date(2024, 10, 4)])
def test_later_lists_and_announcements_change_no_earlier_day(day: date) -> None:
    whole = memberships(SEEN, TOLD, NAMES)
    known_by_then = memberships(
        SEEN.filter(pl.col("seen_on") <= day), TOLD.filter(pl.col("effective_on") <= day), NAMES
    )
    for universe in known_by_then["universe"].unique():
        for back in range(0, 200, 3):
            then = max(day - timedelta(days=back), MARCH)
            assert inside(known_by_then, then, universe) == inside(whole, then, universe), universe


def one(universe: str, who: str, since: date, until: date, *, biased: bool = False) -> pl.DataFrame:
    return rows(
        IndexMembership,
        [
            {
                "universe": universe,
                "universe_kind": "index",
                "universe_title": universe.title(),
                "instrument_id": who,
                "valid_from": since,
                "valid_to": until,
                "basis": "seen",
                "is_survivorship_biased": biased,
            }
        ],
    )


def test_the_first_date_on_which_two_memberships_differ() -> None:
    stored = memberships(SEEN, TOLD, NAMES)
    assert first_membership_change(stored, stored.reverse()) is None
    assert first_membership_change(stored.clear(), stored.clear()) is None
    a, b = one("x", "A", MARCH, NEVER), one("x", "B", MARCH, NEVER)
    both = pl.concat([a, b])
    # A leaves in October; B came in May already; B is gone; another universe begins.
    left = pl.concat([one("x", "A", MARCH, OCTOBER), b])
    assert first_membership_change(both, left) == OCTOBER
    assert first_membership_change(left, both) == OCTOBER
    assert first_membership_change(both, pl.concat([a, one("x", "B", MAY, NEVER)])) == MARCH
    assert first_membership_change(both, a) == MARCH
    assert first_membership_change(both, pl.concat([both, one("y", "A", MAY, NEVER)])) == MAY
    # One span or two that meet, and how they are known, are the same answer; biased is not.
    halves = pl.concat([one("x", "A", MARCH, MAY), one("x", "A", MAY, NEVER), b])
    assert first_membership_change(both, halves) is None
    assert first_membership_change(both, both.with_columns(basis=pl.lit("announced"))) is None
    doubted = pl.concat([one("x", "A", MARCH, MAY), one("x", "A", MAY, NEVER, biased=True), b])
    assert first_membership_change(both, doubted) == MAY


def test_the_first_difference_is_the_first_day_a_slow_comparison_finds() -> None:
    stored = memberships(SEEN, TOLD, NAMES)
    fresh = memberships(SEEN.filter(pl.col("seen_on") != OCTOBER), TOLD, NAMES)
    days = [MARCH + timedelta(days=n) for n in range(230)]
    universes = sorted({*stored["universe"], *fresh["universe"]})
    differ = [
        day
        for day in days
        if any(inside(stored, day, u) != inside(fresh, day, u) for u in universes)
    ]
    assert first_membership_change(stored, fresh) == differ[0]
