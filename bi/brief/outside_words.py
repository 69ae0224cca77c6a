"""What the macro strip says, cell by cell, on the page and in the terminal."""

from __future__ import annotations

from bi.brief.numbers import (
    NOT_GIVEN,
    counted,
    grouped,
    listed,
    percent,
    percentile,
    short_date,
    signed,
)
from bi.brief.outside_facts import MacroFigure, Outside, Valuation

MISSING = "mart.macro holds no row of this evening: FRED's files, or a file of yours, bring it."
UNVALUED = (
    "mart.index_valuation holds no row of this evening: the exchange's file of index closes brings "
    "it."
)
CELLS = (
    "After each value: its change over 20 sessions; p, its percentile in its own past; its age. "
    "pp: percentage points."
)
_DECIMALS = 2


def value(figure: MacroFigure) -> str:
    """The figure with its unit."""
    if figure.value is None:
        return NOT_GIVEN
    return _with_unit(grouped(figure.value, _DECIMALS), figure.unit)


def change(figure: MacroFigure) -> str:
    """Its change over 20 sessions: of a rate in percentage points, of a level in percent."""
    if figure.change_20_pct is not None:
        moved = f"{signed(figure.change_20_pct, 1)}%"
    elif figure.change_20 is not None:
        moved = f"{signed(figure.change_20, _DECIMALS)}{' pp' if figure.unit else ''}"
    else:
        moved = f"change {NOT_GIVEN}"
    return moved


def rank(figure: MacroFigure) -> str:
    """Its percentile in its own past."""
    return f"p {percentile(figure.percentile)}"


def age(figure: MacroFigure) -> str:
    """How old it is, in sessions, and whether that is older than the series may be."""
    if figure.age_sessions is None or figure.observation_date is None:
        return "never known"
    if figure.age_sessions == 0:
        old = "of this session"
    else:
        old = f"{counted(figure.age_sessions, 'session')} old"
    return f"stale: {old}" if figure.is_stale else old


def line(figure: MacroFigure) -> str:
    """The cell as one line, for the terminal."""
    marks = [change(figure), rank(figure), age(figure)]
    if figure.is_imported:
        marks.append("imported")
    return f"{figure.title} {value(figure)} ({', '.join(marks)})"


def multiple(ratio: float | None, rank: float | None) -> str:
    """A ratio of price to something, with its percentile where it has one."""
    if ratio is None:
        return NOT_GIVEN
    return grouped(ratio, 2) + _ranked(rank)


def dividend_yield(valuation: Valuation) -> str:
    """The dividend yield with its percentile."""
    if valuation.dividend_yield_pct is None:
        return NOT_GIVEN
    ranked = _ranked(valuation.dividend_yield_pct_percentile)
    return percent(valuation.dividend_yield_pct, 2) + ranked


def valued(valuation: Valuation) -> str:
    """The valuation as one line, for the terminal."""
    return (
        f"{valuation.title}: P/E {pe(valuation)}, P/B {pb(valuation)}, "
        f"dividend yield {dividend_yield(valuation)}"
    )


def pe(valuation: Valuation) -> str:
    """Price to earnings."""
    return multiple(valuation.price_to_earnings, valuation.price_to_earnings_percentile)


def pb(valuation: Valuation) -> str:
    """Price to book."""
    return multiple(valuation.price_to_book, valuation.price_to_book_percentile)


def notes(outside: Outside) -> tuple[str, ...]:
    """What the cells hold, what is imported, stale and of which day, or known by its id alone."""
    said = [CELLS]
    imported = [figure.title for figure in outside.figures if figure.is_imported]
    if imported:
        said.append(f"Read from files you imported: {listed(imported)}.")
    stale = [
        f"{figure.title} ({short_date(figure.observation_date)})"
        for figure in outside.figures
        if figure.is_stale and figure.observation_date is not None
    ]
    if stale:
        said.append(f"Stale, older than the series may be: {listed(stale)}.")
    if unknown := [figure.title for figure in outside.figures if not figure.is_known]:
        said.append(
            f"Not a series Riskon knows, so without a unit: {listed(unknown)}. If the name is "
            "misspelt, the series that is meant goes stale."
        )
    return tuple(said)


def basis(outside: Outside) -> str:
    """Whose earnings the price is measured against; empty where nobody says."""
    bases = sorted({v.earnings_basis for v in outside.valuations if v.earnings_basis})
    if not bases:
        return ""
    return (
        f"P/E on {listed(bases)} earnings of four quarters, as the index provider publishes it; "
        "a percentile ranks only figures of the same basis."
    )


def _ranked(rank: float | None) -> str:
    return "" if rank is None else f" (p {percentile(rank)})"


def _with_unit(number: str, unit: str) -> str:
    return f"{number}%" if unit == "%" else f"{number} {unit}".strip()
