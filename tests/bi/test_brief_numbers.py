"""Figures as Indian readers write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bi.brief import numbers


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 0, "0"),
        (999, 0, "999"),
        (1000, 0, "1,000"),
        (99999, 0, "99,999"),
        (100000, 0, "1,00,000"),
        (123456, 0, "1,23,456"),
        (12345678, 0, "1,23,45,678"),
        (1234567890.125, 2, "1,23,45,67,890.12"),
        (-1681, 0, "\N{MINUS SIGN}1,681"),
        (-123456.789, 1, "\N{MINUS SIGN}1,23,456.8"),
        (-0.004, 2, "0.00"),
        (999.999, 2, "1,000.00"),
    ],
)
def test_grouping_is_by_lakh_and_crore(value: float, decimals: int, text: str) -> None:
    assert numbers.grouped(value, decimals) == text


@pytest.mark.parametrize(
    ("crore", "text"),
    [
        (2250.0, "Rs 2,250 crore (Rs 22.5 bn)"),
        (-1681.0, "\N{MINUS SIGN}Rs 1,681 crore (\N{MINUS SIGN}Rs 16.8 bn)"),
        (-21105.86, "\N{MINUS SIGN}Rs 21,106 crore (\N{MINUS SIGN}Rs 211.1 bn)"),
        (100000.0, "Rs 1,00,000 crore (Rs 1,000.0 bn)"),
        (-0.2, "Rs 0 crore (Rs 0.0 bn)"),
    ],
)
def test_crore_comes_first_and_bn_in_brackets(crore: float, text: str) -> None:
    assert numbers.rupees_crore(crore) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (6.154, "percent", "6.15%"),
        (-21.3, "percent", "\N{MINUS SIGN}21.30%"),
        (2250.0, "Rs crore", "Rs 2,250 crore (Rs 22.5 bn)"),
        (9.0, "sessions", "9 sessions"),
        (1.0, "sessions", "1 session"),
        (3.0, "rank", "rank 3"),
        (28.984, "ratio", "28.98"),
        (0.175, "probability 0-1", "17.5%, about 1 in 6"),
        (1.0, "true or false", "yes"),
        (3.5, "see unit", "3.50"),
        (4.0, "legs of five", "4 legs of five"),
        (4.0, "monitors green", "4 monitors green"),
        (1.0, "measures", "1 measure"),
        (3.75, "sessions", "3.75 sessions"),
        (0.0, "yes or no", "no"),
        (None, "percent", "n/a"),
    ],
)
def test_a_figure_carries_its_unit(value: float | None, unit: str, text: str) -> None:
    assert numbers.figure(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "under 0.1%"),
        (0.046, "4.6%, about 1 in 22"),
        (0.175, "17.5%, about 1 in 6"),
        (0.73, "73.0%"),
        (None, "n/a"),
    ],
)
def test_odds_are_said_as_one_in_so_many(value: float | None, text: str) -> None:
    assert numbers.probability(value) == text


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "under 1%"),
        (0.004, "under 1%"),
        (0.006, "1%"),
        (0.3248, "32%"),
        (0.994, "99%"),
        (0.996, "over 99%"),
        (1.0, "over 99%"),
    ],
)
def test_odds_are_never_certain(value: float, said: str) -> None:
    assert numbers.odds(value) == said


def test_a_rank_is_never_rounded_up_to_a_hundred() -> None:
    assert numbers.percentile(99.97) == "99.9"
    assert numbers.percentile(93.56) == "93.6"
    assert numbers.percentile(100.0) == "100.0"
    assert numbers.percentile(None) == "n/a"


def test_dates_and_instants_are_said_without_a_locale() -> None:
    assert numbers.long_date(date(2026, 2, 1)) == "Sunday, 1 February 2026"
    assert numbers.instant(datetime(2026, 2, 11, 18, 45, tzinfo=UTC)) == (
        "12 February 2026, 00:15 IST"
    )
    assert numbers.instant(None) == "n/a"


def test_lists_and_counts_are_words() -> None:
    assert numbers.listed(["one"]) == "one"
    assert numbers.listed(["one", "two", "three"]) == "one, two and three"
    assert [numbers.count(n) for n in (0, 5, 11)] == ["none", "five", "11"]


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [
        (12.34, 1, "+12.3"),
        (-12.34, 1, "\N{MINUS SIGN}12.3"),
        (0.0, 1, "0.0"),
        (-0.04, 1, "0.0"),
        (0.04, 1, "0.0"),
        (123456.0, 0, "+1,23,456"),
        (100.0, 0, "+100"),
    ],
)
def test_a_signed_figure_says_its_sign_unless_it_is_nothing(
    value: float, decimals: int, said: str
) -> None:
    assert numbers.signed(value, decimals) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        *((1, "first"), (10, "tenth"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st")),
        *((22, "22nd"), (33, "33rd"), (41, "41st"), (111, "111th"), (112, "112th"), (121, "121st")),
    ],
)
def test_a_place_in_a_row(number: int, said: str) -> None:
    assert numbers.ordinal(number) == said


def test_a_count_has_its_noun() -> None:
    assert numbers.counted(1, "company", "companies") == "1 company"
    assert numbers.counted(0, "company", "companies") == "0 companies"
    assert numbers.counted(1204, "quarter") == "1,204 quarters"
