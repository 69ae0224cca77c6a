"""What breadth says in words, and in the cells of its table; each stands only where it is known."""

from __future__ import annotations

from itertools import groupby

from bi.brief.breadth_facts import (
    CHANGE_SESSIONS,
    DIVERGENCES,
    MATCHED,
    THRUSTS,
    UNIVERSES,
    Breadth,
    Thrust,
    UniverseBreadth,
)
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

CELLS = (
    f"Above: share of the members with full history above their average, and in brackets its "
    f"change over {CHANGE_SESSIONS} sessions in points. Up-volume: share of the value traded in "
    "moving members that was in rising ones. McClellan figures are ratio-adjusted, neutral at 0."
)
UNIVERSE = (
    "The market is every ordinary share of the main board in series EQ and BE; funds, trusts, SME "
    "and partly paid shares are kept out. A share rises or falls against its close of the session "
    "before, adjusted for corporate actions; one that did not trade that session is not compared."
)
BIASED = (
    "\N{DAGGER} By the list's members of a later day: companies that have left it since are "
    "missing, which flatters the figures."
)
FITTED = "Thresholds as published, all fitted to New York."
_WHY_ABSENT = {
    "nifty-500": "a list of members",
    "nifty-smallcap-250": "a list of members",
    "tier:large": "market capitalisations of half a year",
    "tier:mid": "market capitalisations of half a year",
    "tier:small": "market capitalisations of half a year",
    "tier:micro": "market capitalisations of half a year",
}


def missing(breadth: Breadth) -> str:
    """Why there is no breadth this evening."""
    told = (
        "mart.breadth holds no row of the market for this session: it takes the bars of shares of "
        "the session and of the one before."
    )
    if breadth.latest is None:
        return told
    return f"{told} The last session it knows is that of {short_date(breadth.latest)}."


def sentences(breadth: Breadth) -> tuple[str, ...]:
    """The panel in words, from the market's row; what is not known is left out."""
    market = breadth.market
    if market is None:
        return ()
    told = [" ".join([_moved(market), *_volume(market)])]
    told += [text for text in (_above(market), _mcclellan(market)) if text]
    return (*told, _thrusts(breadth), *_divergences(breadth))


def lines(breadth: Breadth) -> tuple[str, ...]:
    """Three lines of breadth for a terminal."""
    market = breadth.market
    if market is None:
        return (missing(breadth),)
    second = " ".join(text for text in (_above(market), _mcclellan(market)) if text)
    return (
        " ".join([_moved(market), *_volume(market)]),
        second or "No share has the history that averages and summation index take.",
        " ".join([_thrusts(breadth), *_divergences(breadth)]),
    )


def notes(breadth: Breadth) -> tuple[str, ...]:
    """What the table's words and marks mean, and what is not in it."""
    is_biased = any(row.is_survivorship_biased for row in breadth.rows)
    told = [CELLS, UNIVERSE, *([BIASED] if is_biased else [])]
    why = {one: _WHY_ABSENT[one] for one in breadth.absent if one in _WHY_ABSENT}
    for reason, universes in groupby(why, key=lambda one: why[one]):
        names = listed([UNIVERSES[one] for one in universes])
        told.append(f"Not in the warehouse for this evening: {names}; it takes {reason}.")
    return tuple(told)


def mark(row: UniverseBreadth) -> str:
    """The mark of a list whose members are those of a later day."""
    return f" {BIASED[0]}" if row.is_survivorship_biased else ""


def traded_cell(row: UniverseBreadth) -> str:
    """How many of the members traded; of the market all did."""
    if row.members == row.traded:
        return counted(row.traded, "share")
    return f"{grouped(row.traded)} of {counted(row.members, 'share')}"


def above_cell(now: float | None, before: float | None) -> str:
    """A share of members in a table's cell, with its change in points where that is known."""
    if now is None:
        return NOT_GIVEN
    change = "" if before is None else f" ({signed(now - before, 1)})"
    return f"{percent(now)}{change}"


def extremes_cell(row: UniverseBreadth) -> str:
    """New highs and lows of a year; not given where no member has the history."""
    return f"{grouped(row.new_highs)} / {grouped(row.new_lows)}" if row.eligible_252 else NOT_GIVEN


def points_cell(value: float | None) -> str:
    """A McClellan figure in a table's cell."""
    return NOT_GIVEN if value is None else signed(value)


def _moved(row: UniverseBreadth) -> str:
    if not row.compared:
        return "No share traded both in this session and in the one before."
    told = (
        f"Of {counted(row.compared, 'share')} that traded in this session and the one before, "
        f"{grouped(row.advances)} rose and {grouped(row.declines)} fell"
    )
    return f"{told}; {grouped(row.unchanged)} did not move." if row.unchanged else f"{told}."


def _volume(row: UniverseBreadth) -> list[str]:
    if row.up_volume_pct is None:
        return []
    share = percent(row.up_volume_pct)
    return [f"Of the value traded in shares that moved, {share} was in rising ones."]


def _above(row: UniverseBreadth) -> str:
    if row.above_50 is None:
        return ""
    told = f"{percent(row.above_50)} of the shares are above their 50-session average"
    if row.above_50_before is not None:
        told += f", {_changed(row.above_50 - row.above_50_before)}"
    if row.above_50_percentile is not None:
        told += f" (percentile {percentile(row.above_50_percentile)})"
    if row.above_200 is None:
        return f"{told}; none has the 200 sessions that its longer average takes."
    told += f"; {percent(row.above_200)} are above that of 200"
    if row.above_200_before is not None:
        told += f", {_changed(row.above_200 - row.above_200_before)}"
    return f"{told}."


def _changed(points: float) -> str:
    """A change over the window as it is printed: what rounds to nothing is no change."""
    size = f"{abs(points):.1f}"
    if float(size) == 0:
        return f"as many as {CHANGE_SESSIONS} sessions before"
    way = "more" if points > 0 else "fewer"
    noun = "point" if size == "1.0" else "points"
    return f"{size} {noun} {way} than {CHANGE_SESSIONS} sessions before"


def _mcclellan(row: UniverseBreadth) -> str:
    parts = []
    if row.summation is not None:
        side = float(f"{row.summation:.0f}")
        where = "above" if side > 0 else "below" if side < 0 else "at"
        parts.append(
            f"the summation index (RASI) stands at {signed(row.summation)}, {where} its neutral 0"
        )
    if row.oscillator is not None:
        verb = "" if parts else " stands"
        parts.append(f"the oscillator{verb} at {signed(row.oscillator)}")
    # A comma before the second: the first has one of its own.
    return f"Ratio-adjusted, {', and '.join(parts)}." if parts else ""


def _thrusts(breadth: Breadth) -> str:
    window = f"in the last {CHANGE_SESSIONS} sessions"
    told = []
    for (day, name), events in groupby(
        sorted(breadth.thrusts, key=_by_day_and_rule), key=lambda one: (one.session_date, one.name)
    ):
        where = listed([_universe(one.universe) for one in events])
        told.append(f"{THRUSTS[name]} of {where} on {short_date(day)}")
    raw = [name for name in breadth.judged if name not in MATCHED]
    if told:
        text = f"Thrusts and capitulations {window}: {'; '.join(told)}. {FITTED}"
        is_matched = any(one.name in MATCHED for one in breadth.thrusts)
        text = text if not is_matched else f"{text[:-1]}, but those matched for rarity here."
    elif not breadth.judged:
        return "No rule of thrusts can be told yet: the shares have too little history."
    else:
        text = (
            f"No rule of a thrust or capitulation was met {window}; {len(breadth.judged)} of "
            f"{len(THRUSTS)} can be told."
        )
    if raw and len(raw) == len(breadth.judged):
        text += " Thresholds matched for rarity here are not known yet: they take years."
    return text


def _by_day_and_rule(thrust: Thrust) -> tuple[int, int, int]:
    """Newest first, then as THRUSTS and UNIVERSES have them."""
    return (
        -thrust.session_date.toordinal(),
        list(THRUSTS).index(thrust.name),
        list(UNIVERSES).index(thrust.universe),
    )


def _universe(universe: str) -> str:
    title = UNIVERSES[universe]
    return title if universe.startswith("nifty") else title.lower()


def _divergences(breadth: Breadth) -> list[str]:
    below = [DIVERGENCES[name] for name in breadth.divergent]
    if not below:
        return []
    verb = "is" if len(below) == 1 else "are"
    high = "the Nifty 500 closed at its highest of 20 sessions"
    then = f"{verb} below where the index last made a swing high"
    return [f"Divergence: {high}, and {listed(below)} {then}."]
