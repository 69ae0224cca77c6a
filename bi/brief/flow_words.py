"""What the flows say in words; each sentence stands only where its figures do."""

from __future__ import annotations

from bi.brief.flow_facts import Absorption, FlowCount, FlowFacts, Position, Surprise
from bi.brief.numbers import (
    NOT_GIVEN,
    grouped,
    listed,
    ordinal,
    percent,
    percentile,
    rupees_crore,
    short_date,
    signed,
)
from bi.brief.series import DEPOSITORY, Flows

WHO = {
    "FII": "Foreign institutions",
    "DII": "Domestic institutions",
    "FII+DII": "Foreign and domestic institutions together",
}
CONTEXT = "Context only: index futures hedge books of large shares."
COUNTS = (
    "Counts are never mixed: the provisional one is the exchange's, of the evening itself; the "
    "depository tells a session's trades an evening later. p: percentile in the sum's own past."
)
SECTORS = (
    "Up to three most bought and three most sold, primary market included, so it does not add up "
    "to the exchange's figures."
)
_SHORT_VENUES = {"unstated": "venues not stated"}
_VENUES = {
    DEPOSITORY: "the depository's count, equity on the exchanges",
    "unstated": "venues not stated",
}


def venues(scope: str) -> str:
    """Whose count a scope is."""
    return _VENUES.get(scope, scope)


def short_venues(scope: str) -> str:
    """Whose count a scope is, in a table's cell."""
    return _SHORT_VENUES.get(scope, scope)


def paragraphs(flows: Flows, facts: FlowFacts) -> tuple[str, ...]:
    """The panel in words: foreign investors, domestic ones, what is read into it, the context."""
    counts = {(c.participant, c.scope, c.stage): c for c in facts.counts}
    foreign, domestic = (counts.get((who, flows.scope, flows.stage)) for who in ("FII", "DII"))
    told: list[list[str]] = [[], [], [], []]
    if foreign is not None:
        told[0].append(_bought(foreign))
        if foreign.is_stabilising is not None:
            verb = "are" if foreign.is_stabilising else "are not"
            told[2].append(f"By the declared test foreign flows {verb} stabilising.")
    told[0] += [_beside(count, facts.surprise) for count in _other_counts(flows, facts)]
    if domestic is not None:
        told[1].append(_bought(domestic))
        if foreign is not None and facts.absorption is not None:
            told[1] += _absorbed(facts.absorption, foreign, domestic)
    if facts.position is not None:
        told[3].append(_position(facts.position))
    return tuple(" ".join(part) for part in told if part)


def _other_counts(flows: Flows, facts: FlowFacts) -> list[FlowCount]:
    """The count of foreign investors that the chart draws beside the other, where there is one."""
    if flows.beside is None:
        return []
    return [
        count
        for count in facts.counts
        if count.participant == "FII"
        and count.scope == flows.beside_scope
        and count.stage != flows.stage
    ]


def deed(crore: float) -> str:
    """Net buying as a deed: `bought Rs 256 crore (Rs 2.6 bn) net`."""
    if float(f"{crore:.0f}") == 0:
        return "bought as much as they sold, to the crore"
    return f"{'bought' if crore > 0 else 'sold'} {rupees_crore(abs(crore))} net"


def streak(sessions: int | None) -> str:
    """How many sessions in a row it went this way; empty where nobody can say."""
    if not sessions:
        return ""
    way = "buying" if sessions > 0 else "selling"
    if abs(sessions) == 1:
        return f"the first session of net {way} after one without"
    return f"the {ordinal(abs(sessions))} session of net {way} in a row"


def crore(value: float | None) -> str:
    """A net sum in a table's cell, Rs crore."""
    return NOT_GIVEN if value is None else signed(value)


def ranked_crore(value: float | None, rank: float | None) -> str:
    """A net sum in a table's cell, Rs crore, with its percentile where it has one."""
    shown = "" if rank is None else f" (p {percentile(rank)})"
    return f"{crore(value)}{shown}"


def share_cell(bps: float | None) -> str:
    """A share of assets in a table's cell, in hundredths of a percent."""
    return NOT_GIVEN if bps is None else f"{signed(bps, 1)} bp"


def streak_cell(sessions: int | None) -> str:
    """A streak in a table's cell."""
    if sessions is None:
        return NOT_GIVEN
    if sessions == 0:
        return "even"
    return f"{abs(sessions)} {'buying' if sessions > 0 else 'selling'}"


def _bought(count: FlowCount) -> str:
    told = [f"{WHO[count.participant]} {deed(count.net_crore)} on {short_date(count.session_date)}"]
    if row := streak(count.streak_sessions):
        told.append(row)
    text = f"{', '.join(told)} ({count.stage}, {venues(count.scope)})"
    sums = []
    if count.net_sum_10_crore is not None:
        rank = count.net_sum_10_crore_percentile
        ranked = "" if rank is None else f", percentile {percentile(rank)}"
        sums.append(f"over 10 sessions they {deed(count.net_sum_10_crore)}{ranked}")
    if count.financial_year_net_crore is not None:
        sums.append(f"since 1 April they {deed(count.financial_year_net_crore)}")
    return "; ".join([text, *sums]) + "."


def _beside(count: FlowCount, surprise: Surprise | None) -> str:
    day = short_date(count.session_date)
    whose = f"The {count.stage} count ({venues(count.scope)})"
    told = f"{whose} ends on {day}: that session they {deed(count.net_crore)}"
    if surprise is not None and surprise.session_date == count.session_date:
        told += f", {differs(surprise)}"
    parts = [told]
    if count.net_sum_10_crore is not None:
        parts.append(f"over 10 sessions they {deed(count.net_sum_10_crore)}")
    return "; ".join(parts) + "."


def differs(surprise: Surprise) -> str:
    """How the final count stands to the provisional one of the same session."""
    by, gross = surprise.surprise_crore, surprise.surprise_pct_of_gross
    if float(f"{by:.0f}") == 0:
        return "as the provisional count had it, to the crore"
    way = "above" if by > 0 else "below"
    share = ""
    if gross is not None:
        shown = "under 0.1%" if abs(gross) < 0.05 else percent(abs(gross))
        share = f" ({shown} of what they traded)"
    return f"Rs {grouped(abs(by))} crore {way} the provisional figure{share}"


def _absorbed(balance: Absorption, foreign: FlowCount, domestic: FlowCount) -> list[str]:
    """What one side took of the other's, over 20 sessions; both figures say which way it was."""
    theirs, ours = foreign.net_sum_20_crore, domestic.net_sum_20_crore
    share = balance.absorption_20_pct
    if theirs is None or ours is None or share is None:
        return []
    if theirs * ours >= 0:
        way = "bought" if theirs > 0 else "sold"
        return [f"Over 20 sessions both kinds {way} net."] if theirs * ours > 0 else []
    if theirs < 0:
        text = f"domestic institutions bought {percent(share, 0)} of what foreign ones sold net"
    else:
        text = f"domestic institutions sold {percent(share, 0)} of what foreign ones bought net"
    return [f"Over 20 sessions {text}."]


def _position(position: Position) -> str:
    rank = position.percentile
    ranked = "" if rank is None else f" (percentile {percentile(rank)})"
    net = position.net_contracts
    side = "long" if net >= 0 else "short"
    return (
        f"Of the index futures foreign institutions held on {short_date(position.session_date)}, "
        f"{percent(100 * position.long_share)} were long{ranked}, net {side} by "
        f"{grouped(abs(net))} contract{'' if abs(net) == 1 else 's'}. {CONTEXT}"
    )


def missing(facts: FlowFacts) -> str:
    """What of the panel the warehouse does not hold, as a sentence; empty where all is there."""
    has_final = any(count.stage == "final" for count in facts.counts)
    parts = [
        name
        for name, is_there in (
            ("final figures", has_final),
            ("positions in index futures", facts.position is not None),
            ("flows by sector", bool(facts.most_bought or facts.most_sold)),
        )
        if not is_there
    ]
    return f"Not in the warehouse for this evening: {listed(parts)}." if parts else ""
