"""One id through changes of symbol and ISIN."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.transforms.filed import Document, filed, members
from transforms.companies import companies, issuer, latest_names, with_company

SPLIT_BEFORE, SPLIT_AFTER = "INE326B01027", "INE326B01035"
OTHER = "INE758T01015"
FIRST, SECOND, THIRD = date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30)
NO_MEMBERS = members()


def told(*documents: Document, listed: pl.DataFrame = NO_MEMBERS) -> pl.DataFrame:
    return companies(*filed(documents), listed)


def ids(named: pl.DataFrame, symbol: str) -> set[str]:
    return set(named.filter(pl.col("symbol") == symbol)["company_id"])


def test_a_split_keeps_the_company_even_when_the_symbol_changes_with_it() -> None:
    named = told(
        Document("ALM", FIRST, date(2024, 5, 1), isin=SPLIT_BEFORE),
        Document("ALMG", SECOND, date(2024, 8, 1), isin=SPLIT_AFTER),
        Document("ZOM", SECOND, date(2024, 8, 1), isin=OTHER),
    )
    pairs = named.select("company_id", "symbol", "isin").drop_nulls("isin")
    assert pairs.rows() == [
        ("INE326B", "ALM", SPLIT_BEFORE),
        ("INE326B", "ALMG", SPLIT_AFTER),
        ("INE758T", "ZOM", OTHER),
    ]
    assert ids(named, "ALM") == ids(named, "ALMG") == {"INE326B"}
    last = latest_names(named).filter(pl.col("company_id") == "INE326B").row(0, named=True)
    assert (last["symbol"], last["isin"]) == ("ALMG", SPLIT_AFTER)
    assert (last["first_seen"], last["last_seen"]) == (date(2024, 5, 1), date(2024, 8, 1))


def test_names_are_joined_over_several_steps() -> None:
    # A has no ISIN anywhere; its document says A where today's list says B; B has an ISIN, that
    # of C in a list of members.
    named = told(
        Document("A", FIRST, date(2024, 5, 1), listed_symbol="B"),
        Document("B", SECOND, date(2024, 8, 1), isin=SPLIT_BEFORE),
        listed=members(("nifty-500", THIRD, "C", SPLIT_BEFORE, "Textiles")),
    )
    assert ids(named, "A") == ids(named, "B") == ids(named, "C") == {"INE326B"}
    last = latest_names(named).row(0, named=True)
    assert (last["company_title"], last["industry"]) == ("C Ltd.", "Textiles")


def test_without_an_isin_the_symbol_first_seen_is_the_id() -> None:
    named = told(
        Document("OLD", FIRST, date(2024, 5, 1), listed_symbol="NEW"),
        Document("NEW", SECOND, date(2024, 8, 1)),
        Document("ALONE", SECOND, date(2024, 8, 1), isin="-", listed_isin="NA"),
    )
    assert ids(named, "OLD") == ids(named, "NEW") == {"NEW"}  # the list of 1 May says NEW
    assert ids(named, "ALONE") == {"ALONE"}
    assert named["isin"].null_count() == named.height


def test_an_id_is_not_changed_by_what_is_seen_later() -> None:
    early = [
        Document("A", FIRST, date(2024, 5, 1), isin=SPLIT_BEFORE),
        Document("B", FIRST, date(2024, 5, 2), isin=OTHER),
    ]
    later = [Document("A", THIRD, date(2024, 11, 1), isin="INE111A01010")]
    before, after = told(*early), told(*early, *later)
    assert ids(before, "A") == ids(after, "A") == {"INE326B"}
    assert ids(before, "B") == ids(after, "B") == {"INE758T"}
    assert set(after.filter(pl.col("isin") == "INE111A01010")["company_id"]) == {"INE326B"}


def test_the_order_of_rows_is_irrelevant() -> None:
    documents = [
        Document(f"S{n % 7}", FIRST, date(2024, 5, 1 + n), isin=f"INE{100 + n % 5}A01010")
        for n in range(20)
    ]
    filings, results = filed(documents)
    listed = members(*[("x", THIRD, f"S{n}", f"INE{200 + n}A01010", "I") for n in range(5)])
    one = companies(filings, results, listed)
    mixed = [frame.sample(fraction=1, shuffle=True, seed=3) for frame in (filings, results, listed)]
    assert_frame_equal(one, companies(*mixed))
    assert one["company_id"].n_unique() == 1  # all are linked through S0 to S6


def test_nothing_makes_no_company() -> None:
    assert told().height == 0
    assert latest_names(told()).height == 0


@pytest.mark.parametrize(
    ("isin", "expected"),
    [
        ("INE326B01027", "INE326B"),
        ("IN9397D01014", "INE397D"),  # partly paid shares of INE397D01024's issuer
        ("US0378331005", "US0378331005"),
        ("DUM879I01012", "DUM879I01012"),  # a placeholder of the lists stands alone
        ("INE326B0102", None),
        ("", None),
        (None, None),
    ],
)
def test_the_issuer_is_in_the_isin(isin: str | None, expected: str | None) -> None:
    frame = pl.DataFrame({"isin": [isin]}, schema={"isin": pl.String})
    assert frame.select(issuer("isin")).item() == expected


def test_rows_find_their_company_by_isin_before_symbol_and_keep_their_order() -> None:
    named = told(
        Document("A", FIRST, date(2024, 5, 1), isin=SPLIT_BEFORE),
        Document("B", FIRST, date(2024, 5, 1), isin=OTHER),
    )
    rows = pl.DataFrame({"symbol": ["A", "A", "X", None], "isin": [OTHER, None, None, SPLIT_AFTER]})
    assert with_company(rows, named)["company_id"].to_list() == [
        "INE758T",
        "INE326B",
        None,
        "INE326B",
    ]
