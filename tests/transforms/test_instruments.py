"""One id for one security, through symbols, series, ISINs and time."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.transforms.traded import (
    bars,
    changes,
    filings,
    known,
    listings,
    members,
    name_changes,
    names,
)
from transforms.instrument_spans import instrument_spans, merged_spans
from transforms.instruments import Instruments, changed_instruments, with_instrument

# Invented issuers; the ISIN of a share changes behind its issuer when its face value does.
ALM, ALM_SPLIT = "INE901X01017", "INE901X01025"
BEE = "INE902X01015"
START, END = date(2020, 1, 1), date(2024, 12, 31)
# Other shares trade meanwhile, in BE too: without them no day counts as one the market traded.
MARKET = bars(("OTHER", "BE", "INE999X01016", START, END))


def holder(found: Instruments, symbol: str, day: date, series: str = "EQ", isin: str = "") -> str:
    """The instrument that a bar belongs to."""
    bar = bars((symbol, series, isin, day, day))
    (one,) = with_instrument(bar, found.names)["instrument_id"]
    assert one is not None, f"{symbol} {series} {isin} of {day} belongs to nothing"
    return str(one)


def market(*traded: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([MARKET, *traded])


def test_a_share_is_one_through_split_series_and_products_without_isin() -> None:
    found = known(
        market(
            bars(
                ("ALM", "EQ", "", START, date(2021, 6, 30)),
                ("ALM", "BE", "", date(2021, 7, 1), date(2021, 9, 30)),
                ("ALM", "EQ", ALM, date(2021, 10, 1), date(2022, 3, 31)),
                ("ALM", "EQ", ALM_SPLIT, date(2022, 4, 1), END),
                ("ALM", "T0", ALM_SPLIT, date(2024, 6, 3), date(2024, 6, 3)),
                ("BEE", "SM", BEE, START, date(2022, 12, 30)),
                ("BEE", "EQ", BEE, date(2023, 1, 2), END),
            )
        )
    )
    assert set(found.names["instrument_id"]) == {"INE901X", "INE902X", "INE999X"}
    (alm,) = found.instruments.filter(instrument_id="INE901X").to_dicts()
    assert alm["kind"] == "share"
    assert (alm["symbol"], alm["isin"]) == ("ALM", ALM_SPLIT)
    assert (alm["first_session"], alm["last_session"]) == (START, END)
    (bee,) = found.instruments.filter(instrument_id="INE902X").to_dicts()
    assert (bee["kind"], bee["first_session"]) == ("share", START)


def test_a_rename_joins_what_has_no_isin_to_what_has_one() -> None:
    on = date(2022, 7, 4)
    found = known(
        market(
            bars(("OLD", "EQ", "", START, date(2022, 7, 1)), ("NEW", "EQ", "", on, END)),
        ),
        changed=changes(("OLD", "NEW", on)),
        listed=listings(("NEW", ALM, date(2010, 5, 3), END)),
    )
    assert holder(found, "OLD", START) == holder(found, "NEW", END) == "INE901X"
    (one,) = found.instruments.filter(instrument_id="INE901X").to_dicts()
    assert (one["symbol"], one["title"], one["listed_on"]) == (
        "NEW",
        "New Limited",
        date(2010, 5, 3),
    )


def test_without_any_isin_the_first_symbol_of_the_chain_is_the_id() -> None:
    first, second = date(2021, 3, 1), date(2023, 3, 1)
    found = known(
        market(
            bars(
                ("ONE", "EQ", "", START, date(2021, 2, 26)),
                ("TWO", "BE", "", first, date(2023, 2, 28)),
                ("TRE", "EQ", "", second, END),
            )
        ),
        changed=changes(("TWO", "TRE", second), ("ONE", "TWO", first)),
    )
    ids = set(found.names.filter(pl.col("symbol") != "OTHER")["instrument_id"])
    assert ids == {"ONE"}
    (one,) = found.instruments.filter(instrument_id="ONE").to_dicts()
    assert (one["symbol"], one["isin"]) == ("TRE", None)


def test_a_chain_holds_through_a_symbol_whose_bars_are_missing() -> None:
    found = known(
        market(
            bars(
                ("ONE", "EQ", "", START, date(2021, 2, 26)),
                ("TRE", "EQ", "", date(2021, 9, 1), END),
            )
        ),
        changed=changes(("ONE", "TWO", date(2021, 3, 1)), ("TWO", "TRE", date(2021, 9, 1))),
    )
    assert holder(found, "TRE", END) == "ONE"


def test_a_symbol_and_back_again() -> None:
    away, back = date(2021, 3, 1), date(2022, 3, 1)
    found = known(
        market(
            bars(
                ("ONE", "EQ", "", START, date(2021, 2, 26)),
                ("TWO", "EQ", "", away, date(2022, 2, 28)),
                ("ONE", "EQ", "", back, END),
            )
        ),
        changed=changes(("ONE", "TWO", away), ("TWO", "ONE", back)),
    )
    assert {holder(found, "ONE", START), holder(found, "TWO", away), holder(found, "ONE", END)} == {
        "ONE"
    }


def test_a_symbol_that_another_takes_on_the_day_it_is_given_up() -> None:
    on = date(2022, 7, 4)
    found = known(
        market(
            bars(
                ("AAA", "EQ", "", START, END),  # two holders, without a day between them
                ("BBB", "EQ", BEE, on, END),
            )
        ),
        changed=changes(("AAA", "BBB", on)),
    )
    assert holder(found, "AAA", date(2022, 7, 1)) == "INE902X"
    assert holder(found, "AAA", on) == f"AAA {on}"
    spans = found.names.filter(symbol="AAA").select("first_session", "last_session").rows()
    assert spans == [(START, date(2022, 7, 3)), (on, END)]


def test_the_first_or_last_days_may_lie_across_the_date_of_a_rename() -> None:
    told = date(2022, 7, 4)
    for moved in (date(2022, 6, 28), date(2022, 7, 8)):
        found = known(
            market(
                bars(
                    ("OLD", "EQ", "", START, moved - timedelta(days=1)),
                    ("NEW", "EQ", ALM, moved, END),
                )
            ),
            changed=changes(("OLD", "NEW", told)),
        )
        assert set(found.names.filter(symbol="OLD")["instrument_id"]) == {"INE901X"}, moved
        assert set(found.names.filter(symbol="NEW")["instrument_id"]) == {"INE901X"}, moved


def test_a_reused_symbol_has_another_holder_whom_the_gap_parts() -> None:
    # Nobody's ISIN is in the bars; lists of both times have it. The bars before the gap are the
    # first holder's, those after it the second's, from before the list of its time.
    found = known(
        market(
            bars(
                ("SYM", "EQ", "", START, date(2021, 3, 31)),
                ("SYM", "EQ", "", date(2021, 8, 2), END),
            )
        ),
        listed=listings(
            ("SYM", ALM, START, date(2020, 6, 1)), ("SYM", BEE, START, date(2023, 6, 1))
        ),
    )
    assert holder(found, "SYM", date(2021, 3, 31)) == "INE901X"
    assert holder(found, "SYM", date(2021, 8, 2)) == "INE902X"


def test_without_a_gap_the_second_issuer_holds_from_its_first_isin_on() -> None:
    found = known(
        market(bars(("SYM", "EQ", "", START, END))),
        in_lists=members(
            ("nifty-500", date(2020, 6, 1), "SYM", ALM, ""),
            ("nifty-500", date(2023, 6, 1), "SYM", BEE, ""),
        ),
    )
    assert holder(found, "SYM", date(2023, 5, 31)) == "INE901X"
    assert holder(found, "SYM", date(2023, 6, 1)) == "INE902X"


def test_after_a_year_in_which_only_the_market_traded_nothing_joins_without_an_isin() -> None:
    gone, again = date(2021, 3, 31), date(2023, 3, 1)
    alone = bars(("SYM", "EQ", "", START, gone), ("SYM", "EQ", "", again, END))
    found = known(market(alone))
    assert holder(found, "SYM", START) == "SYM"
    assert holder(found, "SYM", END) == f"SYM {again}"
    # The second holder's ISIN says nothing of the first,
    found = known(market(alone), listed=listings(("SYM", BEE, again, END)))
    assert (holder(found, "SYM", START), holder(found, "SYM", END)) == ("SYM", "INE902X")
    # but the same ISIN on both sides of the gap does;
    found = known(
        market(alone),
        listed=listings(("SYM", BEE, again, END)),
        in_lists=members(("nifty-500", date(2020, 6, 1), "SYM", BEE, "")),
    )
    assert holder(found, "SYM", START) == holder(found, "SYM", END) == "INE902X"
    # and a time of which no bars are known at all parts nobody.
    half = MARKET.filter(~pl.col("session_date").is_between(gone, again, closed="none"))
    found = known(pl.concat([half, alone]))
    assert holder(found, "SYM", START) == holder(found, "SYM", END) == "SYM"


def test_two_issuers_are_not_joined_by_a_rename() -> None:
    on = date(2022, 7, 4)
    found = known(
        market(bars(("OLD", "EQ", ALM, START, date(2022, 7, 1)), ("NEW", "EQ", BEE, on, END))),
        changed=changes(("OLD", "NEW", on)),
    )
    assert holder(found, "OLD", START, isin=ALM) == "INE901X"
    assert holder(found, "NEW", END, isin=BEE) == "INE902X"
    # Nor over a symbol between them that has no ISIN: it goes with the older.
    middle, last = date(2021, 7, 5), date(2022, 7, 4)
    found = known(
        market(
            bars(
                ("OLD", "EQ", ALM, START, date(2021, 7, 2)),
                ("MID", "EQ", "", middle, date(2022, 7, 1)),
                ("NEW", "EQ", BEE, last, END),
            )
        ),
        changed=changes(("OLD", "MID", middle), ("MID", "NEW", last)),
    )
    assert holder(found, "MID", middle) == "INE901X"
    assert holder(found, "NEW", END, isin=BEE) == "INE902X"


def test_debt_and_entitlements_beside_a_share_are_securities_of_their_own() -> None:
    found = known(
        market(
            bars(
                ("ALM", "EQ", ALM, START, END),
                ("ALM", "N2", "", START, END),
                ("ALM", "N3", "INE901X07014", START, END),
                ("ALM", "P1", "", START, END),
                ("ALM-RE", "BE", "INE901X20017", date(2021, 3, 1), date(2021, 3, 5)),
                ("ALMPP", "E1", "IN9901X01015", START, date(2021, 3, 31)),
                ("ALMPP", "X1", "", date(2021, 4, 1), date(2021, 6, 30)),
            )
        )
    )
    told = found.instruments.filter(pl.col("symbol") != "OTHER").select("instrument_id", "kind")
    assert set(told.rows()) == {
        ("INE901X", "share"),
        ("ALM N2", "debt"),
        ("INE901X07014", "debt"),
        ("ALM P1", "preference share"),
        ("INE901X20017", "rights entitlement"),
        ("IN9901X01015", "partly paid share"),
    }
    assert holder(found, "ALMPP", date(2021, 5, 3), "X1") == "IN9901X01015"


def test_a_fund_is_one_when_another_house_takes_it_over() -> None:
    found = known(
        market(
            bars(
                ("GOLDX", "EQ", "INF901X01011", START, date(2021, 3, 31)),
                ("GOLDX", "EQ", "INF902X01019", date(2021, 4, 1), END),
                ("SILVX", "EQ", "INF902X01027", START, END),
            )
        )
    )
    assert holder(found, "GOLDX", END, isin="INF902X01019") == "INF901X01011"
    assert holder(found, "SILVX", END, isin="INF902X01027") == "INF902X01027"


def test_filings_tell_an_isin_where_nothing_else_does() -> None:
    traded = market(bars(("SYM", "EQ", "", START, END)))
    told = ("SYM", BEE, date(2023, 5, 3))
    assert holder(known(traded, filed=filings(told)), "SYM", START) == "INE902X"
    # Two issuers under one symbol: a list of filings shows today's symbols, so neither is believed.
    both = filings(told, ("SYM", ALM, date(2022, 5, 3)))
    assert holder(known(traded, filed=both), "SYM", START) == "SYM"
    # A list of that day goes before.
    listed = listings(("SYM", ALM, START, END))
    assert holder(known(traded, filed=filings(told), listed=listed), "SYM", START) == "INE901X"


def test_what_is_no_isin_is_none() -> None:
    found = known(
        market(bars(("SYM", "EQ", "DUM879I01012", START, END))),
        in_lists=members(("nifty-500", START, "SYM", "DUM879I01012", "")),
    )
    assert holder(found, "SYM", END, isin="DUM879I01012") == "SYM"


def test_the_title_is_the_last_name_of_the_lists() -> None:
    traded = bars(("ALM", "EQ", ALM, START, END), name="ALM GLOBAL SECURITIE")
    found = known(market(traded))
    assert found.instruments.filter(instrument_id="INE901X")["title"][0] == "ALM GLOBAL SECURITIE"
    found = known(
        market(traded),
        listed=listings(("ALM", ALM, START, date(2021, 1, 4))),
        renamed=name_changes(("ALM", "Alm Finserv Limited", date(2022, 5, 2))),
    )
    assert found.instruments.filter(instrument_id="INE901X")["title"][0] == "Alm Finserv Limited"


STORY = market(
    bars(
        ("OLD", "EQ", "", START, date(2022, 7, 1)),
        ("OLD", "EQ", ALM, date(2020, 6, 1), date(2022, 7, 1)),
        ("NEW", "EQ", "", date(2022, 7, 4), END),
        ("NEW", "BE", ALM_SPLIT, date(2023, 1, 2), END),
        ("OLD", "EQ", BEE, date(2022, 12, 1), END),
        ("OLD", "EQ", "", date(2022, 12, 1), END),
        ("ALONE", "BE", "", START, END),
        ("DEBT", "N1", "", date(2020, 3, 2), date(2020, 3, 6)),
    )
)
STORY_CHANGES = changes(("OLD", "NEW", date(2022, 7, 4)))


def test_row_order_is_nothing() -> None:
    straight = known(STORY, changed=STORY_CHANGES)
    mixed = known(STORY.sample(fraction=1, shuffle=True, seed=3), changed=STORY_CHANGES.reverse())
    assert_frame_equal(straight.instruments, mixed.instruments)
    assert_frame_equal(straight.names, mixed.names)


@pytest.mark.parametrize(
    "day", [date(2020, 6, 30), date(2022, 7, 1), date(2022, 7, 20), date(2023, 1, 31)]
)
def test_later_bars_leave_the_ids_of_earlier_ones(day: date) -> None:
    whole = with_instrument(STORY, known(STORY, changed=STORY_CHANGES).names)
    early = STORY.filter(pl.col("session_date") <= day)
    told = STORY_CHANGES.filter(pl.col("changed_on") <= day)
    before = with_instrument(early, known(early, changed=told).names)
    assert_frame_equal(before, whole.filter(pl.col("session_date") <= day))


def test_spans_of_parts_are_the_spans_of_the_whole() -> None:
    whole = instrument_spans(STORY)
    for seed in range(3):
        part = STORY.sample(fraction=0.5, seed=seed)
        rest = STORY.join(
            part, on=["symbol", "series", "isin", "session_date"], how="anti", nulls_equal=True
        )
        merged = merged_spans(instrument_spans(part), instrument_spans(rest))
        assert_frame_equal(merged, whole)
    assert_frame_equal(merged_spans(whole, whole), whole)
    # What rested for more than 60 days is two spans; 60 days is one.
    first = date(2021, 1, 4)
    for rest_days, count in ((60, 1), (61, 2)):
        then = first + timedelta(days=rest_days)
        alone = pl.concat([bars(("A", "EQ", "", first, first))] * 2).with_columns(
            session_date=pl.Series([first, then])
        )
        assert instrument_spans(alone).height == count


def test_a_span_has_the_name_last_seen() -> None:
    early = bars(("A", "EQ", ALM, START, START), name="A OLD NAME")
    late = bars(("A", "EQ", ALM, date(2020, 1, 3), date(2020, 1, 3)), name="A NAME")
    later = bars(("A", "EQ", ALM, date(2020, 1, 6), date(2020, 1, 6)))
    spans = instrument_spans(pl.concat([late, early, later]))
    assert spans.rows() == [("A", "EQ", ALM, "A NAME", START, date(2020, 1, 6))]


def test_with_instrument_keeps_rows_in_order_and_says_what_it_does_not_know() -> None:
    found = known(STORY, changed=STORY_CHANGES)
    asked = STORY.sample(fraction=1, shuffle=True, seed=5).with_row_index("n")
    told = with_instrument(asked, found.names)
    assert told.drop("instrument_id").equals(asked)
    assert told["instrument_id"].null_count() == 0
    # Against each row's own search.
    held = found.names.rows(named=True)
    for row in told.sample(n=300, seed=1).iter_rows(named=True):
        (one,) = [
            name["instrument_id"]
            for name in held
            if (name["symbol"], name["series"], name["isin"])
            == (row["symbol"], row["series"], row["isin"] or "")
            and name["first_session"] <= row["session_date"] <= name["last_session"]
        ]
        assert row["instrument_id"] == one
    strangers = bars(
        ("NOBODY", "EQ", "", START, START),
        ("ALONE", "EQ", "", START, START),
        ("ALONE", "BE", "", date(2025, 1, 1), date(2025, 1, 1)),
        ("OLD", "EQ", "", date(2022, 9, 1), date(2022, 9, 1)),
    )
    assert with_instrument(strangers, found.names)["instrument_id"].to_list() == [None] * 4


def test_nothing_traded() -> None:
    found = known(bars())
    assert found.instruments.is_empty()
    assert found.names.is_empty()
    assert with_instrument(bars(("A", "EQ", "", START, START)), found.names).height == 1


D1, D2, D3, D4 = date(2024, 1, 1), date(2024, 6, 28), date(2024, 7, 1), date(2024, 12, 31)
OF_A = ("A", "EQ", "", "INE901X", D1, D2)
OF_B = ("B", "EQ", "", "INE902X", D1, D2)


@pytest.mark.parametrize(
    ("fresh", "changed"),
    [
        ([OF_A, OF_B], []),
        ([("A", "EQ", "", "INE901X", D1, D4), OF_B], []),  # new sessions
        ([OF_A, OF_B, ("C", "EQ", "", "INE901X", D3, D4)], []),  # a new symbol from then on
        ([OF_A, OF_B, ("C", "EQ", "", "INE901X", D1, D1)], ["INE901X"]),  # an old one found late
        ([("A", "EQ", "", "INE903X", D1, D2), OF_B], ["INE901X", "INE903X"]),  # re-keyed
        ([("A", "EQ", "", "INE902X", D1, D2), OF_B], ["INE901X", "INE902X"]),  # joined
        (
            [("A", "EQ", "", "INE901X", D1, D1), ("A", "EQ", "", "INE904X", D2, D2), OF_B],
            ["INE901X", "INE904X"],  # cut in two
        ),
        ([OF_A], ["INE902X"]),  # gone
    ],
)
def test_changed_instruments(
    fresh: list[tuple[str, str, str, str, date, date]], changed: list[str]
) -> None:
    assert changed_instruments(names(OF_A, OF_B), names(*fresh)) == changed


def test_the_first_names_change_nothing() -> None:
    assert changed_instruments(names(), names(OF_A)) == []


def test_a_rename_known_late_tells_whose_history_is_to_be_made_anew() -> None:
    on = date(2022, 7, 4)
    traded = market(bars(("OLD", "EQ", "", START, date(2022, 7, 1)), ("NEW", "EQ", "", on, END)))
    before, after = known(traded), known(traded, changed=changes(("OLD", "NEW", on)))
    assert changed_instruments(before.names, after.names) == ["NEW", "OLD"]
    assert holder(after, "NEW", END) == "OLD"
