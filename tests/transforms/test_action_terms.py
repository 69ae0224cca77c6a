"""Announcements of invented companies, in the wordings exchanges have used since 2004."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from transforms.action_terms import TERM_SCHEMA, action_terms
from transforms.action_words import terms

PARTLY_PAID = (
    "Rights - 4:25 Fully Paid Up Shares @ Premium Rs 500/- Per Share / "
    "2:25 Partly Paid Up Shares @ Premium Rs 605/- Per Share"
)
REVISED = (
    "1st Interim Dividend Rs.2.50 Per Share And Face Value Split From "
    "Rs.10/- To Re.1/- (Purpose Revised)"
)
LONG = "Face Value Split (Sub-Division) - From Rs 10/- Per Share To Rs 2/- Per Share"


def told(purpose: str, face_value: float | None = 10.0) -> list[tuple[str, str]]:
    return [(term.kind, term.terms) for term in terms(purpose, face_value)]


def is_unread(purpose: str, face_value: float | None = 10.0) -> bool:
    (term,) = terms(purpose, face_value)
    return term.kind == "unread" and term.reason is not None and term.price_inr is None


@pytest.mark.parametrize(
    ("purpose", "faces"),
    [
        (LONG, "10:2"),
        ("Face Value Split (Sub-Division) - From Rs10/- Per Share To Re 1/- Per Share", "10:1"),
        ("Face Value Split (Sub-Division) - From Rs 10 /- Per Share To Re 1/- Per Share", "10:1"),
        ("Face Value Split (Sub-Division): From Rs 2/- Per Share To Re 1/- Per Share", "2:1"),
        ("Face Value Split From Rs.10/- To Rs.6/-", "10:6"),
        ("Face Value Split Rs.10/- To Re.1/- Per Share", "10:1"),
        ("Face Value Split From Re 1/- To Re 0.50", "1:0.5"),
        ("Face Valus Split (Sub-Division) - From Rs 10/- Per To Rs 2/- Per Share", "10:2"),
        ("Stock  Split From Rs.1,000/- to Rs.10/-", "1000:10"),
        ("Sub-Division From Rs 10/- Per Share To Rs 2/- Per Share", "10:2"),
        ("Sub-Division w.e.f. 12-08-2024 From Rs.10/- To Re.1/-", "10:1"),
        (" Fv Splt Frm Rs 10 To Re 1", "10:1"),
        ("Fv Split Rs.2/- To Re.1/-", "2:1"),
        ("FVSPLT FRM RS 10 TO RS 5", "10:5"),
        ("FV SPLT FRM RS.10 TO RS.2", "10:2"),
        ("FVSPLTFRM 761.25TO76.125", "761.25:76.125"),
        ("FVSPLTFRM100TO1", "100:1"),
        ("FVSPLT RS100 TO RS2PERSH", "100:2"),
        ("Fv Spl-10 To 5", "10:5"),
    ],
)
def test_face_values_of_a_split_are_read(purpose: str, faces: str) -> None:
    old, new = (float(value) for value in faces.split(":"))
    (term,) = terms(purpose, 10)
    assert (term.kind, term.terms) == ("split", faces)
    assert (term.shares_after, term.shares_before) == (old, new)


@pytest.mark.parametrize(
    ("purpose", "faces"),
    [
        ("Consolidation Of Equity Shares From Re 1 Per Share To Rs 10 Per Share", "1:10"),
        ("CONSOLIDATION FROM RE.1 TO RS.10", "1:10"),
        ("Capital Reduction Rs 10 To Rs 3.30 / Consolidation Rs 3.30 To Rs.10", "3.3:10"),
        ("Reverse Split From Rs 2/- To Rs 10/-", "2:10"),
    ],
)
def test_a_consolidation_leaves_fewer_shares(purpose: str, faces: str) -> None:
    (term,) = terms(purpose, 10)
    assert (term.kind, term.terms) == ("consolidation", faces)
    assert term.shares_after is not None
    assert term.shares_before is not None
    assert term.shares_after < term.shares_before


@pytest.mark.parametrize(
    ("purpose", "ratio", "after", "before"),
    [
        ("BONUS 4:1", "4:1", 5, 1),
        ("Bonus 1:2", "1:2", 3, 2),
        ("Bonus 3:2", "3:2", 5, 2),
        ("Bonus- 1:1", "1:1", 2, 1),
        ("Bonus-1:3", "1:3", 4, 3),
        ("Bon-1:1", "1:1", 2, 1),
        ("Bonus 1 : 1250", "1:1250", 1251, 1250),
        ("Bonus issue 29:50", "29:50", 79, 50),
        ("Bonus Issue of 1:1", "1:1", 2, 1),
        ("Bonus Shares In The Ratio Of 1:1", "1:1", 2, 1),
        ("Bonus 4:5 (Pursuant To Scheme Of Amalgamation)", "4:5", 9, 5),
        ("Bonus 1:10 (Record Date Revised)", "1:10", 11, 10),
    ],
)
def test_a_bonus_adds_new_to_held_shares(purpose: str, ratio: str, after: int, before: int) -> None:
    (term,) = terms(purpose, 10)
    assert (term.kind, term.terms) == ("bonus", ratio)
    assert (term.shares_after, term.shares_before) == (after, before)


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        ("Rights 1:2 @ Premium Rs 150/-", "1:2 at 160"),
        ("RIGHTS 1:2@PRM RS 150/-", "1:2 at 160"),
        ("RIGHTS 3:8@ PRM RS 14/-", "3:8 at 24"),
        ("Rights 10:121@ Premium Rs 38/-", "10:121 at 48"),
        ("Rights 11: 50 @ Premium Rs 0/-", "11:50 at 10"),
        ("Rights 3:2 @ Premium Re. 0.63/-", "3:2 at 10.63"),
        ("Rights 1:9 @ Premium 91", "1:9 at 101"),
        ("Rights 161:250 @ Premium Re 0.45 /-", "161:250 at 10.45"),
        ("Rights 1:19.07 @ Premium Rs 0", "1:19.07 at 10"),
        ("Rights-Eq 1:5@Prem Rs1580", "1:5 at 1590"),
        (" Rights 87:38 @ Premium Of Rs 2.50 Per Share", "87:38 at 12.5"),
        ("Rights At 2:1 At A Premium Of Rs.39.50 Per Share", "2:1 at 49.5"),
        ("Rights 3:25 @ Premium Rs 1,790/- With Right Of Renunciation", "3:25 at 1800"),
        ("Rights : 24:10 At Par", "24:10 at 10"),
        ("RGHTS 1:4 @ RS 80/-", "1:4 at 80"),
        ("Rights 1:5 at Issue Price Rs 125", "1:5 at 125"),
    ],
)
def test_rights_are_priced_at_premium_and_face_value(purpose: str, words: str) -> None:
    assert told(purpose) == [("rights", words)]


def test_a_premium_comes_on_top_of_the_face_value_announced() -> None:
    (of_one,) = terms("Rights 1:2 @ Premium Rs 150/-", Decimal("1.0000"))
    assert of_one.price_inr == 151
    assert is_unread("Rights 1:2 @ Premium Rs 150/-", None)
    assert told("Rights 1:5 at Issue Price Rs 125", None) == [("rights", "1:5 at 125")]


@pytest.mark.parametrize(
    "purpose",
    [
        "Demerger",
        "DE-MERGER",
        "Scheme Of Demerger",
        "Merger/Demerger",
        "Scheme Of Arrangement In The Nature Of Demerger",
        "SPIN OFF",
    ],
)
def test_a_demerger_names_no_terms(purpose: str) -> None:
    assert told(purpose) == [("demerger", "demerger")]


@pytest.mark.parametrize(
    "purpose",
    [
        "MERGER",
        "Scheme Of Arrangement",
        "Composite Scheme Of Arrangement",
        "Annual General Meeting/Scheme Of Arrangement",
        "Capital Reduction",
        "Capital Reduction Pursuant To Nclt Order",
        "Amalgamation",
        "Bonus Ncrps 3:1",
        "Scheme Of Arrangement - Bonus Ncrps 46:1",
        "Scheme Of Arangement- Bonus - 1 Debenture For 1 Equity Share Held",
        "Bonus 1 Dvr : 10 Eq Share",
        "Sch Of Agmt- Bonus Deb1:1",
        "Bonus Preference Shares 21:1",
        "For Distribution Of Alpha Sports Limited Shares To The Shareholders",
    ],
)
def test_schemes_are_left_to_the_prices_and_told(purpose: str) -> None:
    (term,) = terms(purpose, 10)
    assert term.kind == "scheme"
    assert term.reason
    assert term.shares_after is None


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        ("Special Dividend - Rs 40 Per Share", [("special dividend", "40")]),
        ("Special Interim Dividend - Rs 12 Per Share", [("special dividend", "12")]),
        (
            "Interim Dividend - Rs 5 Per Share/ Special Dividend - Rs 3",
            [("special dividend", "3"), ("dividend", "5")],
        ),
        (
            "Annual General Meeting/Dividend - Rs 8 Per Share/Special Dividend - Rs 4 Per Share",
            [("special dividend", "4"), ("dividend", "8")],
        ),
        ("AGM/Spl Div- Rs 5/- Div-Rs 3/-", [("special dividend", "5"), ("dividend", "3")]),
        ("DIV-RS 2/SPL DIV-RE 0.50", [("special dividend", "0.5"), ("dividend", "2")]),
        ("Div Fin-Rs.22 + Spl-Rs.18", [("special dividend", "18"), ("dividend", "22")]),
        ("AGM/DIV.170%/SPL DIV.600%", [("special dividend", "60"), ("dividend", "17")]),
        (
            "Dividend - Rs 20 Per Share (Including Special Dividend Rs 10)",
            [("special dividend", "10"), ("dividend", "10")],
        ),
        (
            "Final Dividend Rs 20/- Per Share and One Time Special Dividend Rs 10/- Per Share",
            [("special dividend", "10"), ("dividend", "20")],
        ),
        ("Dividend - Rs 1,000 Per Share", [("dividend", "1000")]),
        ("INTDIV - RS 4 PER SH", [("dividend", "4")]),
        ("AGM/DIV- RS 0.65 PER SH", [("dividend", "0.65")]),
        ("Interimdividend - Rs 1.30  Per Share", [("dividend", "1.3")]),
        ("2nd Interim Dividend - Rs 6 Per Share", [("dividend", "6")]),
    ],
)
def test_only_what_is_named_special_is_a_special_dividend(
    purpose: str, expected: list[tuple[str, str]]
) -> None:
    assert told(purpose) == expected


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        (f"Bonus 1:1/{LONG}", [("split", "10:2"), ("bonus", "1:1")]),
        (
            "Bonus 1:1 / Face Value Split From 10/- To Face Value 2/-",
            [("split", "10:2"), ("bonus", "1:1")],
        ),
        (
            "Bonus 22:1 And Face Value Split From Rs.10/- To Re.1/-",
            [("split", "10:1"), ("bonus", "22:1")],
        ),
        (
            "Face Value Split From Rs.5/- To Re.1/- And Bonus 1:1",
            [("split", "5:1"), ("bonus", "1:1")],
        ),
        ("BONUS 1:1/FV SPL 10 TO 2", [("split", "10:2"), ("bonus", "1:1")]),
        ("BON-1:25/SPLIT RS10TORS.5", [("split", "10:5"), ("bonus", "1:25")]),
        ("Fv Spl-Rs10tore1/Bon-1:1", [("split", "10:1"), ("bonus", "1:1")]),
        ("Bonus 1:1/Demerger", [("bonus", "1:1"), ("demerger", "demerger")]),
        (
            "Interim Dividend Rs 2/- Per Share And Face Value Split From Rs 10/- To Rs 2/-",
            [("split", "10:2"), ("dividend", "2")],
        ),
        (REVISED, [("split", "10:1"), ("dividend", "2.5")]),
        (
            "Annual General Meeting/ Dividend - Rs 29.50/- Per Share And Bonus 1:1",
            [("bonus", "1:1"), ("dividend", "29.5")],
        ),
    ],
)
def test_several_actions_in_one_line(purpose: str, expected: list[tuple[str, str]]) -> None:
    assert told(purpose) == expected


@pytest.mark.parametrize(
    "purpose",
    [
        "Annual General Meeting",
        "Annual General Meetig",
        "INTEREST PAYMENT",
        "INT PAYMNT/PART REDEMPTN",
        "REDEMPTION",
        "Buy Back-Tender Offer",
        "E-Voting",
        "Interim Dividend",
        "Return Of Capital",
    ],
)
def test_what_moves_no_price_gives_no_term(purpose: str) -> None:
    assert terms(purpose, 10) == []


@pytest.mark.parametrize(
    "purpose",
    [
        "Face Value Split",
        "Sub Division of Equity shares",
        "Split w.e.f. 05-09-2023",
        "FV SPLT FRM RS 299.92 TO",
        "SPLT-1:3",
        "Face Value Split From Rs 1/- To Rs 10/-",
        "Consolidation of Shares",
        "Consolidation From Rs 10/- To Re 1/-",
        "Bonus issue",
        "Bonus issue 28100",
        "Bonus issue 0:0",
        "Rights",
        "Rights 10:63",
        "Rights 0:5 @ Premium Rs 3/-",
        "Ratio Of The Rights Is 3:2",
        "Rights - 7 Ccps And 7 Warrants:40",
        PARTLY_PAID,
        "SPL DIV",
        "Words Nobody Has Seen",
        "",
    ],
)
def test_what_looks_like_an_action_and_cannot_be_read_is_told(purpose: str) -> None:
    assert is_unread(purpose)


def action(
    purpose: str,
    ex_date: date = date(2025, 6, 16),
    *,
    face: str | None = None,
    day: int = 1,
    instrument: str = "INE000A",
) -> dict[str, object]:
    return {
        "instrument_id": instrument,
        "ex_date": ex_date,
        "purpose": purpose,
        "face_value_inr": None if face is None else Decimal(face),
        "published_at": datetime(2025, 6, day, 12, tzinfo=UTC),
    }


def read(*rows: dict[str, object]) -> pl.DataFrame:
    schema = {
        "instrument_id": pl.String(),
        "ex_date": pl.Date(),
        "purpose": pl.String(),
        "face_value_inr": pl.Decimal(18, 4),
        "published_at": pl.Datetime("us", "UTC"),
    }
    found = action_terms(pl.DataFrame(rows, schema=schema, orient="row"))
    backwards = action_terms(pl.DataFrame(rows[::-1], schema=schema, orient="row"))
    assert found.equals(backwards), "row order decides nothing"
    return found


def pairs(found: pl.DataFrame) -> list[tuple[object, ...]]:
    return found.select("ex_date", "kind", "terms").rows()


def test_two_products_announcing_one_action_count_once() -> None:
    ex = date(2025, 6, 16)
    found = read(
        action(LONG, face="10"),
        action("FVSPLT FRM RS 10 TO RS 2", day=3),
        action("Bonus 4:1", day=3),
        action("BONUS 4:1"),
    )
    assert pairs(found) == [(ex, "bonus", "4:1"), (ex, "split", "10:2")]


def test_a_correction_replaces() -> None:
    ex = date(2025, 6, 16)
    assert pairs(read(action("Bonus 1:1"), action("Bonus 2:1", day=4))) == [(ex, "bonus", "2:1")]
    assert pairs(read(action("Bonus 1:1", day=4), action("Bonus 2:1"))) == [(ex, "bonus", "1:1")]


def test_a_moved_ex_date_replaces_the_one_announced_before() -> None:
    moved = date(2025, 6, 30)
    assert pairs(read(action("Bonus 1:1"), action("Bonus 1:1", moved, day=4))) == [
        (moved, "bonus", "1:1")
    ]
    back = read(action("Bonus 1:1", day=4), action("Bonus 1:1", moved))
    assert pairs(back) == [(date(2025, 6, 16), "bonus", "1:1")]


def test_a_date_announced_after_the_day_takes_nothing_back() -> None:
    ex, late = date(2025, 6, 10), date(2025, 6, 30)
    # Prices will tell on which of the two a bonus of 1:1 took place.
    both = read(action("Bonus 1:1", ex), action("Bonus 1:1", late, day=12))
    assert [row[0] for row in pairs(both)] == [ex, late]
    # A bonus of 1:10 they could not tell: what was known on the day stands.
    one = read(action("Bonus 1:10", ex), action("Bonus 1:10", late, day=12))
    assert [row[0] for row in pairs(one)] == [ex]


def test_equal_actions_of_other_years_and_dividends_stand_side_by_side() -> None:
    later = date(2027, 6, 16)
    assert read(action("Bonus 1:1"), action("Bonus 1:1", later, day=4)).height == 2
    monthly = read(
        action("Special Dividend - Rs 4"), action("Special Dividend - Rs 4", date(2025, 6, 30))
    )
    assert monthly.height == 2


def test_the_face_value_of_one_product_serves_the_others_words() -> None:
    found = read(
        action("RIGHTS 1:2@PRM RS 150/-", day=5), action("Rights 1:2 @ Premium Rs 150/-", face="10")
    )
    assert pairs(found) == [(date(2025, 6, 16), "rights", "1:2 at 160")]


def test_what_one_product_leaves_open_the_other_tells() -> None:
    found = read(action("Scheme Of Arrangement", day=5), action("DEMERGER"))
    assert pairs(found) == [(date(2025, 6, 16), "demerger", "demerger")]
    alone = read(action("Bonus issue"))
    assert alone.select("kind", "reason", "purpose").rows() == [
        ("unread", "bonus without a ratio", "Bonus issue")
    ]


def test_companies_are_kept_apart_and_nothing_gives_an_empty_frame() -> None:
    found = read(action("Bonus 1:1"), action("Bonus 2:1", instrument="INE000B"))
    assert found["instrument_id"].to_list() == ["INE000A", "INE000B"]
    assert read().schema == pl.Schema(TERM_SCHEMA)
