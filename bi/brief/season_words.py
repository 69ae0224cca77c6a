"""What the results season says in words, and in the cells of its table."""

from __future__ import annotations

from bi.brief.numbers import (
    NOT_GIVEN,
    count,
    counted,
    grouped,
    percent,
    percentile,
    short_date,
    signed,
)
from bi.brief.season_facts import Season, UniverseResults

PROXY = (
    "Diffusion is a proxy, no analyst's estimate: the share of companies whose profit beat their "
    "own seasonal pattern by half a standard deviation, less the share that fell as far short."
)
BIASED = (
    "\N{DAGGER} By the list's members of a later day: companies that have left it since are "
    "missing, which flatters the figures."
)
PROVISIONAL_BELOW_PCT = 80
"""As transforms.metrics.season_metrics has it, which the brief may not import."""
PROVISIONAL = (
    f"* Provisional: fewer than {PROVISIONAL_BELOW_PCT}% of the list's companies have filed, and "
    "those who file late tend to report worse."
)
MISSING = (
    "mart.earnings holds no row of this evening: it takes the companies' filings of the quarter "
    "and of the year before."
)
CELLS = (
    "Net profit and revenue: growth of the sum on a year before, over the companies that can be "
    "compared on the same basis; p: its percentile among earlier quarters. Diffusion in points. "
    "Accelerating: the share whose profit grew faster than in the quarter before. To profit / "
    "loss: companies that turned."
)


def sentences(season: Season) -> tuple[str, ...]:
    """The panel in words, from the market's row; what is not known is left out."""
    market = season.market
    if market is None:
        return ()
    said = [_filed(market)]
    said += [text for text in (_grew(market), _surprised(market), _turned(market)) if text]
    return tuple(said)


def groups(season: Season) -> list[list[UniverseResults]]:
    """The table's rows: the market, the lists of indices, the sectors; each where it has any."""
    kinds = dict.fromkeys(row.kind for row in season.rows)
    return [[row for row in season.rows if row.kind == kind] for kind in kinds]


def notes(season: Season) -> list[str]:
    """What the table's words and marks mean."""
    is_early = any(row.is_provisional for row in season.rows)
    is_biased = any(row.is_survivorship_biased for row in season.rows)
    market = season.market
    # The sentence of the market's surprises says it already where there is one.
    is_said = market is not None and bool(_surprised(market))
    told = ((CELLS, True), (PROXY, not is_said), (PROVISIONAL, is_early), (BIASED, is_biased))
    return [note for note, holds in told if holds]


def mark(row: UniverseResults) -> str:
    """The mark of a list whose members are those of a later day."""
    return f" {BIASED[0]}" if row.is_survivorship_biased else ""


def coverage_cell(row: UniverseResults) -> str:
    """Who has filed, in a table's cell."""
    early = PROVISIONAL[0] if row.is_provisional else ""
    if row.coverage_pct is None:
        return NOT_GIVEN
    return f"{percent(row.coverage_pct, 0)} of {grouped(row.companies)}{early}"


def growth_cell(value: float | None) -> str:
    """A growth rate in a table's cell."""
    return NOT_GIVEN if value is None else f"{signed(value, 1)}%"


def ranked_growth_cell(value: float | None, rank: float | None) -> str:
    """A growth rate in a table's cell, with its percentile where it has one."""
    shown = "" if rank is None else f" (p {percentile(rank)})"
    return f"{growth_cell(value)}{shown}"


def share_cell(value: float | None) -> str:
    """A share of companies in a table's cell."""
    return percent(value, 0)


def points_cell(value: float | None) -> str:
    """A diffusion in a table's cell, in points of a hundred."""
    return NOT_GIVEN if value is None else signed(value, 0)


def turned_cell(row: UniverseResults) -> str:
    """Companies that turned to profit and to loss, in a table's cell."""
    known = (row.turnarounds, row.to_losses)
    return " / ".join(NOT_GIVEN if number is None else str(number) for number in known)


def _filed(market: UniverseResults) -> str:
    share = "" if market.coverage_pct is None else f" ({percent(market.coverage_pct, 0)})"
    are = "has" if market.companies == 1 else "have"
    companies = counted(market.companies, "company", "companies")
    until = f" The figures are provisional until {PROVISIONAL_BELOW_PCT}% have filed."
    early = until if market.is_provisional else ""
    return (
        f"Of {companies}, {count(market.reported)}{share} {are} filed results of the quarter to "
        f"{short_date(market.quarter_end)}, due by {short_date(market.due_date)}.{early}"
    )


def _grew(market: UniverseResults) -> str:
    growth, without = market.net_profit_growth_pct, market.net_profit_growth_without_largest_pct
    if growth is None or not market.matched:
        return ""
    whose = (
        f"Net profit of the {counted(market.matched, 'company', 'companies')} that can be compared "
        "with a year before"
    )
    brackets = []
    if without is not None:
        brackets.append(f"{growth_cell(without)} without the largest contributor")
    if market.net_profit_growth_percentile is not None:
        among = _among(market.quarters_ranked)
        brackets.append(f"percentile {percentile(market.net_profit_growth_percentile)}{among}")
    text = f"{whose} {_moved(growth)}"
    if brackets:
        text += f" ({', '.join(brackets)})"
    if market.revenue_growth_pct is not None:
        text += f"; revenue {_moved(market.revenue_growth_pct)}"
    return f"{text}."


def _moved(growth: float) -> str:
    if float(f"{growth:.1f}") == 0:
        return "was unchanged"
    return f"{'rose' if growth > 0 else 'fell'} {percent(abs(growth))}"


def _among(quarters: int | None) -> str:
    return "" if quarters is None else f" among {counted(quarters, 'quarter')}"


def _surprised(market: UniverseResults) -> str:
    diffusion = market.surprise_diffusion_pct
    if diffusion is None or not market.surprised:
        return ""
    rank = market.surprise_diffusion_percentile
    ranked = (
        ""
        if rank is None
        else f", percentile {percentile(rank)}{_among(market.surprise_quarters_ranked)}"
    )
    points = signed(diffusion, 1)
    return (
        f"Surprise diffusion is {points} points over "
        f"{counted(market.surprised, 'company', 'companies')}{ranked}. {PROXY}"
    )


def _turned(market: UniverseResults) -> str:
    up, down = market.turnarounds, market.to_losses
    if up is None or down is None:
        return ""
    if not up and not down:
        return "No company turned from loss to profit or from profit to loss."
    who = "No company"
    if up:
        who = f"{count(up).capitalize()} {'company' if up == 1 else 'companies'}"
    return f"{who} turned from loss to profit, {count(down)} to loss."
