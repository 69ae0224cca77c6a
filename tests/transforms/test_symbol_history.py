"""Which symbols a company had, and which were another's before or after."""

from __future__ import annotations

from datetime import date

import pytest

from transforms.symbol_history import symbol_history, symbols_of

TODAY = date(2026, 2, 11)


def day(year: int) -> date:
    return date(year, 7, 1)


def asked(
    changes: list[tuple[str, str, int]], symbol: str, broadcast: int = 2024, listed: date = TODAY
) -> tuple[str, ...]:
    history = symbol_history((old, new, day(year)) for old, new, year in reversed(changes))
    return symbols_of(history, symbol, day(broadcast), listed)


def test_a_company_that_never_changed_has_one() -> None:
    assert asked([], "ABC") == ("ABC",)
    assert asked([("X", "Y", 2020)], "ABC") == ("ABC",)


@pytest.mark.parametrize("symbol", ["A", "B", "C"])
def test_a_chain_is_walked_to_both_ends(symbol: str) -> None:
    """A list that was had between the changes shows the symbol of then."""
    had = {"A": date(2009, 1, 1), "B": date(2015, 1, 1), "C": TODAY}[symbol]
    chain = [("A", "B", 2010), ("B", "C", 2020)]
    assert asked(chain, symbol, 2005, had) == ("A", "B", "C")


def test_todays_list_shows_todays_symbol_for_old_filings() -> None:
    assert asked([("ZOMATO", "ETERNAL", 2025)], "ETERNAL", 2022) == ("ZOMATO", "ETERNAL")


def test_a_kept_list_shows_the_symbol_of_its_day() -> None:
    """Brought in 2026, made before the change of 2025: nobody else had the symbol by then."""
    assert asked([("ZOMATO", "ETERNAL", 2025)], "ZOMATO", 2022) == ("ZOMATO", "ETERNAL")


def test_a_symbol_given_up_before_the_filing_is_anothers() -> None:
    """S was Alpha's from 2010 to 2015; who lists under it in 2018 is new."""
    alpha = [("X", "S", 2010), ("S", "Y", 2015)]
    assert asked(alpha, "S", 2018) == ("S",)
    assert asked(alpha, "Y", 2018) == ("X", "S", "Y")


def test_a_symbol_that_another_took_leads_to_that_one_alone() -> None:
    """Beta took S in 2020: its are the filings since, and those before that S names today."""
    both = [("X", "S", 2010), ("S", "Y", 2015), ("Z", "S", 2020)]
    assert asked(both, "S", 2024) == ("Z", "S")
    assert asked(both, "S", 2012) == ("Z", "S")
    assert asked(both, "Y", 2012) == ("X", "S", "Y")
    assert asked(both, "Z", 2012, day(2018)) == ("Z", "S")


def test_a_former_symbol_does_not_lead_to_its_later_holder() -> None:
    """Alpha was S until 2015; whoever was S later became W: not Alpha."""
    later = [("S", "Y", 2015), ("S", "W", 2022)]
    assert asked(later, "Y", 2012) == ("S", "Y")
    assert asked(later, "W", 2024) == ("S", "W")


def test_two_companies_that_swap_symbols_on_one_day_stay_apart() -> None:
    swap = [("A", "B", 2020), ("B", "A", 2020)]
    history = symbol_history((old, new, day(year)) for old, new, year in swap)
    for symbol in ("A", "B"):
        other = "B" if symbol == "A" else "A"
        assert symbols_of(history, symbol, day(2024), TODAY) == (other, symbol)
    three = [*swap, ("C", "A", 2010), ("D", "B", 2011)]
    assert asked(three, "B") == ("C", "A", "B")
    assert asked(three, "A") == ("D", "B", "A")


def test_a_company_may_go_back_to_its_symbol() -> None:
    assert asked([("A", "B", 2015), ("B", "A", 2020)], "A") == ("A", "B")


def test_an_announced_change_counts_already() -> None:
    history = symbol_history([("NOW", "SOON", date(2026, 2, 16))])
    assert symbols_of(history, "NOW", day(2025), TODAY) == ("NOW", "SOON")


def test_filings_of_the_very_day_of_a_change() -> None:
    """The night of the change still lists what was filed at midnight under the old symbol."""
    history = symbol_history([("A", "B", day(2020))])
    assert symbols_of(history, "A", day(2020), day(2020)) == ("A", "B")
    assert symbols_of(history, "B", day(2020), day(2020)) == ("A", "B")


def test_the_order_of_the_list_does_not_matter() -> None:
    changes = [("X", "S", 2010), ("S", "Y", 2015), ("Z", "S", 2020), ("S", "T", 2022)]
    assert asked(changes, "T") == asked(changes[::-1], "T") == ("Z", "S", "T")
