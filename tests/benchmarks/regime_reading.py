"""What a reader sees in the regimes of two indices, and what looks odd: words with their figures.

Sentences name what happened, figures are looked up: what a changed rule makes untrue has to be
read again.
"""

from __future__ import annotations

import re
from datetime import date

import polars as pl

from tests.real.verdict_history import History
from transforms.signals.regime_table import CONFIRMED_LEGS

_POINTS = r"\d[\d,]*\.\d\d"
_REWORDED = (
    (rf"closed at {_POINTS}, the highest", "closed at the highest"),
    (rf"closed at {_POINTS}, the second close in a row below {_POINTS}: ", "two closes below "),
    (rf"support from {_POINTS} less", "the support less"),
    (rf"closed at {_POINTS}, ", "closed "),
    (rf"closed at {_POINTS}; ", ""),
    (rf"below {_POINTS}, the low of", "below the low of"),
    (rf"sessions, {_POINTS} of", "sessions, that of"),
    (rf"{_POINTS} of (\S+), the high before", r"that of \1, the high before"),
    (rf"ATR of {_POINTS} below {_POINTS}, the low of", "ATR below the low of"),
    (rf", now {_POINTS}", ""),
    (rf"below {_POINTS} of (\S+), the highest", r"below that of \1, the highest"),
    (rf"above {_POINTS}, the (\S+) that had", r"above the \1 that had"),
)


def without_levels(reason: str) -> str:
    """A reason as it may be published: percentages and dates.

    Raises:
        ValueError: what is left still has a figure that looks like a level.
    """
    for pattern, words in _REWORDED:
        reason = re.sub(pattern, words, reason)
    if re.search(rf"{_POINTS}(?![\d%])", reason):
        message = f"expected a reason without levels, got: {reason}"
        raise ValueError(message)
    return reason


class Read:
    """Transitions of one index as sentences ask for them."""

    def __init__(self, moves: pl.DataFrame, history: History) -> None:
        self.moves = moves.sort("session_date")
        self.closes = history.bars.select("session_date", "close")

    def first(self, state: str, since: date) -> date:
        """First session on or after a day that enters a state."""
        is_it = (pl.col("to_state") == state) & (pl.col("session_date") >= since)
        day: date = self.moves.filter(is_it)["session_date"][0]
        return day

    def rise(self, day: date) -> str:
        """Rise off the low at a transition."""
        risen: float = self.moves.filter(session_date=day)["rise_from_low_pct"].item()
        return f"{risen:.0f}%"

    def below_high(self, day: date) -> str:
        """How far a close stands below the highest before it, of all history."""
        so_far = self.closes.filter(pl.col("session_date") <= day)["close"]
        return f"{100 * (1 - so_far[-1] / so_far.max()):.0f}%"

    def lowest(self, first: date, last: date) -> date:
        span = self.closes.filter(pl.col("session_date").is_between(first, last))
        day: date = span.sort("close")["session_date"][0]
        return day

    def within(self, first: date, last: date) -> pl.DataFrame:
        return self.moves.filter(pl.col("session_date").is_between(first, last))

    def bear_rallies(self, first: date, last: date) -> int:
        return self.within(first, last).filter("is_bear_rally").height

    def swings(self) -> int:
        """Times an early recovery began or was taken back within five sessions."""
        states = {"REBOUND", "EARLY_RECOVERY"}
        return self.moves.filter(
            pl.col("from_state").is_in(states)
            & pl.col("to_state").is_in(states)
            & (pl.col("days_in_state") <= 5)
            & (pl.col("from_state") == "EARLY_RECOVERY")
        ).height

    def falls_when_confirmed(self, least: float) -> list[tuple[date, float]]:
        """The deepest fall under the best close of each stay in CONFIRMED, from so many percent."""
        deepest = []
        for first, until in self._confirmed():
            stay = self.closes.filter(pl.col("session_date").is_between(first, until))
            below = 100 * (1 - pl.col("close") / pl.col("close").cum_max())
            deepest.append(stay.select("session_date", below=below).sort("below").row(-1))
        return [(day, fall) for day, fall in deepest if fall >= least]

    def _confirmed(self) -> list[tuple[date, date]]:
        """First session of each stay, and the last before the next state."""
        ends = self.moves.with_columns(until=pl.col("session_date").shift(-1) - pl.duration(days=1))
        stays = ends.filter(to_state="CONFIRMED").select("session_date", "until")
        last = self.closes["session_date"][-1]
        return [(first, until or last) for first, until in stays.iter_rows()]

    def fate(self, state: str, since: date) -> str:
        """What became of the first entry of a state."""
        later = self.moves.filter(pl.col("session_date") > self.first(state, since))
        if later.is_empty():
            return "holds to the end of the file"
        row = later.row(0, named=True)
        return f"becomes {row['to_state']} {row['days_in_state']} sessions later"


def seen(read: Read) -> str:
    """What a reader sees in the history of closes, with its figures."""
    low_2009 = read.lowest(date(2008, 1, 1), date(2010, 12, 31))
    low_2011 = read.lowest(date(2011, 1, 1), date(2012, 6, 30))
    low_2013 = read.lowest(date(2013, 1, 1), date(2013, 12, 31))
    low_2020 = read.lowest(date(2018, 1, 1), date(2022, 12, 31))
    down_2008 = read.first("DRAWDOWN", date(2008, 1, 1))
    sure_2009 = read.first("CONFIRMED", low_2009)
    down_2010 = read.first("DRAWDOWN", date(2010, 11, 1))
    sure_2012 = read.first("CONFIRMED", low_2011)
    sure_2013 = read.first("CONFIRMED", low_2013)
    down_2018 = read.first("DRAWDOWN", date(2018, 1, 1))
    sure_2020 = read.first("CONFIRMED", date(2019, 7, 1))
    again_2020 = read.first("CONFIRMED", low_2020)
    down_2022 = read.first("DRAWDOWN", date(2022, 1, 1))
    low_2022 = read.lowest(date(2022, 1, 1), date(2022, 12, 31))
    sure_2022 = read.first("CONFIRMED", low_2022)
    return (
        f"**2008-09.** The advance ends on {down_2008}. {read.bear_rallies(down_2008, low_2009)} "
        f"recoveries before the low of {low_2009} give way to a new low and are called "
        "bear-market rallies; through October 2008 none is even tried. Then it is "
        f"REBOUND on {read.first('REBOUND', low_2009)}, EARLY_RECOVERY on "
        f"{read.first('EARLY_RECOVERY', low_2009)}, CONFIRMED on {sure_2009}, "
        f"{read.rise(sure_2009)} above the low, and ADVANCE on "
        f"{read.first('ADVANCE', low_2009)}. "
        f"**2011-13.** From {down_2010} on the index grinds down, with "
        f"{read.bear_rallies(down_2010, low_2013)} bear-market rallies up to the low of "
        f"{low_2013}; the recovery from the low of {low_2011} is confirmed on {sure_2012} and "
        f"{read.fate('CONFIRMED', low_2011)}. The one confirmed on {sure_2013} "
        "began the bull market of 2014. "
        f"**2018-20.** DRAWDOWN on {down_2018}, then no ADVANCE before "
        f"{read.first('ADVANCE', down_2018)}; {read.bear_rallies(down_2018, low_2020)} bear-market "
        f"rallies, and a confirmation on {sure_2020}, weeks before "
        f"the crash, which {read.fate('CONFIRMED', date(2019, 7, 1))}. **2020.** From the low of "
        f"{low_2020}: REBOUND on "
        f"{read.first('REBOUND', low_2020)}, EARLY_RECOVERY on "
        f"{read.first('EARLY_RECOVERY', low_2020)}, CONFIRMED on {again_2020} "
        f"({read.rise(again_2020)} above the low), ADVANCE on "
        f"{read.first('ADVANCE', low_2020)}. **2022.** DRAWDOWN on {down_2022}, an ADVANCE on "
        f"{read.first('ADVANCE', down_2022)} that lasts weeks, the low of {low_2022}, and "
        f"CONFIRMED on {sure_2022}, which {read.fate('CONFIRMED', low_2022)}."
    )


def odd(read: Read) -> str:
    """What looks wrong or odd in it, with its figures."""
    after = read.moves.with_columns(
        next_state=pl.col("to_state").shift(-1), stay=pl.col("days_in_state").shift(-1)
    )
    sure = after.filter(pl.col("to_state") == "CONFIRMED")
    ended = sure.drop_nulls("next_state")
    failed = ended.filter(pl.col("next_state") == "FAILED")
    rebounds = after.filter(
        (pl.col("from_state") == "DRAWDOWN") & (pl.col("to_state") == "REBOUND")
    )
    lost = after.filter("is_bear_rally").height
    skipped = read.moves.filter(
        (pl.col("from_state") == "DRAWDOWN") & (pl.col("to_state") == "ADVANCE")
    )["session_date"]
    unconfirmed = read.first("ADVANCE", date(2012, 1, 1))
    came_from = read.moves.filter(session_date=unconfirmed)["from_state"].item()
    falls = [f"{fall:.0f}% by {day}" for day, fall in read.falls_when_confirmed(10)]
    waits = "the mean of 200 sessions is slow to turn after a crash"
    early = ", ".join(
        f"{row['session_date']} ({row['rise_from_low_pct']:.0f}%)"
        for row in sure.sort("session_date").iter_rows(named=True)
    )
    return (
        f"**Confirmation is late, and no promise.** The {sure.height} confirmations, with the "
        f"rise off the low by then: {early}; {waits}. Of the {ended.height} that ended within "
        f"the file {failed.height} ended in FAILED, after "
        f"{' and '.join(str(n) for n in failed['stay'])} sessions. Of {rebounds.height} rebounds "
        f"out of a drawdown {lost} fell back below a low: REBOUND alone says little, as its "
        "odds say. "
        "**A confirmation outlives falls.** The state stayed CONFIRMED through falls from its best "
        f"close of {', '.join(falls) or 'no tenth'}: the support it fails by is the one held since "
        "the early recovery began, which the index has left far below. "
        f"**An advance nobody confirmed.** On {unconfirmed} {came_from} becomes ADVANCE "
        f"because the close is within 5% of the highest of 252 sessions; it stood "
        f"{read.below_high(unconfirmed)} below the highest close of all. A slow bear market rolls "
        "out of the window, as the rules say, and a reader would not call that an advance. "
        f"**Drawdowns that end without a rebound** ({', '.join(str(day) for day in skipped)}): "
        "after the crash of 2008 the median of past rebounds asked for a rise of more than 9%, so "
        "that the old high was near before a rebound was granted; the same bar left the whole of "
        "autumn 2011 in DRAWDOWN. "
        f"**Back and forth.** {read.swings()} early recoveries were taken back within five "
        "sessions, because the means of 20 and 50 sessions lie close together when an index moves "
        "sideways. **The file itself** has most sessions twice, one print with its close cut to a "
        "tenth; we keep the whole one. It has no high or low before 2019, so that ranges are those "
        "of closes, zones narrower than later ones, and a support is sooner broken."
    )


def full(moves: pl.DataFrame, by_closes: pl.DataFrame) -> str:
    """The same of the index by the full rules."""
    moves = moves.sort("session_date")
    counts = {
        name: moves["legs_missing"].str.contains(leg, literal=True).sum()
        for leg, name in CONFIRMED_LEGS.items()
    }
    lacking = ", ".join(f"{name} ({count})" for name, count in counts.items() if count)
    longest = (
        moves.filter(pl.col("from_state") == "EARLY_RECOVERY")
        .sort("days_in_state")
        .row(-1, named=True)
    )
    unknown = moves.filter(pl.col("to_state") == "UNKNOWN")["session_date"].to_list()
    sure = by_closes.filter(to_state="CONFIRMED")["session_date"].sort()
    is_confirmed = "CONFIRMED" in set(moves["to_state"])
    return (
        f"{'Some recoveries are' if is_confirmed else 'No recovery is'} confirmed here. Of "
        f"{moves.height} transitions so many lack a leg of confirmation: {lacking}. Breadth needs "
        "members' prices without a hole: a single missing file of shares (the archive lacks those "
        "of 2021-11-04, a Muhurat hour, and of 2022-08-08) begins its windows anew, so that "
        "legs go missing for most of a year after it; results were not imported at all. "
        "What is missing triggers nothing, so the state is more cautious than with all data; by "
        f"closes alone, confirmed: {', '.join(str(one) for one in sure) or 'none either'}. The "
        f"longest early recovery, of {longest['days_in_state']} sessions, ended on "
        f"{longest['session_date']} ({without_levels(longest['reason'])}), "
        f"{longest['rise_from_low_pct']:.0f}% above the low. UNKNOWN from "
        f"{', '.join(str(day) for day in unknown)}: the archive has no index file until a year "
        "and a half later, and 252 sessions have to be seen before a state is told again."
    )
