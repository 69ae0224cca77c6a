"""What a reader sees of genuine evenings, against the same figures worked out by hand.

The hand is plain Python over the publishers' files: no parser, no frame and no formula of ours.
"""

from __future__ import annotations

import csv
import io
import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from bi.brief.facts import Claim, Facts, gather
from bi.brief.words import FROM_BEST, most_telling, reasons, verdict
from flows.bring import bring
from flows.settings import Settings
from warehouse.store import open_reader, query

pytestmark = pytest.mark.real

OLDER, RECENT = "2019-10_2022-12.tar.xz", "2024-06_2025-08.tar.xz"
NIFTY_50_HISTORY = "niftyindices/price/NIFTY_50.csv"
FLOWS = "fii_dii"
EVENINGS = (date(2022, 12, 7), date(2025, 7, 18))
# An evening on which the older flow file still runs, for the sums and the z-score.
LAST_OLDER_FLOW = date(2022, 8, 30)
# The weekend sessions of which the archive has no index file.
NOT_HELD = (date(2019, 10, 27), date(2020, 2, 1), date(2020, 11, 14), date(2025, 2, 1))
LEAST_HISTORY = 756

Closes = dict[date, float]


@dataclass(frozen=True)
class Hand:
    """The archive as read by hand: sessions in order, closes and foreign net by date."""

    sessions: list[date]
    smallcap: Closes
    midcap: Closes
    nifty: Closes
    foreign: Closes

    def upto(self, day: date) -> list[date]:
        return self.sessions[: bisect_right(self.sessions, day)]

    def window(self, values: Closes, day: date, steps: int) -> list[float] | None:
        """Values of a session and the `steps` before it; None where one is missing."""
        days = self.upto(day)[-(steps + 1) :]
        found = [values[one] for one in days if one in values]
        return found if len(found) == steps + 1 else None

    def risen(self, closes: Closes, day: date, steps: int) -> float | None:
        window = self.window(closes, day, steps)
        return None if window is None else 100 * (window[-1] / window[0] - 1)

    def summed(self, day: date, sessions: int) -> float | None:
        window = self.window(self.foreign, day, sessions - 1)
        return None if window is None else sum(window)


@pytest.fixture(scope="module")
def files(
    archive: Path, unpacked: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The archive's index and flow files, as the publishers named them."""
    needed = [OLDER, RECENT, NIFTY_50_HISTORY, FLOWS, "sessions_2004_2025.csv"]
    absent = [name for name in needed if not (archive / name).exists()]
    if absent:
        pytest.skip(f"genuine evenings: the archive lacks {', '.join(absent)}")
    folder = tmp_path_factory.mktemp("files")
    for name in (OLDER, RECENT):
        for path in unpacked[name.removesuffix(".tar.xz")].rglob("ind_close_all_*"):
            (folder / path.name).write_bytes(path.read_bytes())
    for path in (archive / NIFTY_50_HISTORY, *sorted((archive / FLOWS).glob("*.csv"))):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def hand(files: Path, archive: Path) -> Hand:
    smallcap: Closes = {}
    midcap: Closes = {}
    nifty: Closes = {}
    foreign: Closes = {}
    for row in _rows(files / "NIFTY_50.csv"):
        nifty[date.fromisoformat(row["Date"])] = float(row["Close"])
    wanted = {
        "nifty smallcap 100": smallcap,
        "nifty midcap 100": midcap,
        "nifty 50": nifty,
    }
    for path in files.glob("ind_close_all_*"):
        for row in _rows(path):
            closes = wanted.get(row["Index Name"].strip().lower())
            if closes is not None:
                day = datetime.strptime(row["Index Date"], "%d-%m-%Y").date()
                closes[day] = float(row["Closing Index Value"])
    for path in files.glob("fii_dii_net_*"):
        for row in _rows(path):
            foreign[date.fromisoformat(row["date"])] = float(row["fii_net_cr"])
    sessions = [
        date.fromisoformat(row["date"]) for row in _rows(archive / "sessions_2004_2025.csv")
    ]
    return Hand([day for day in sessions if day <= max(smallcap)], smallcap, midcap, nifty, foreign)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    return iter(list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))))


@pytest.fixture(scope="module")
def published(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    done = bring(settings, files, {})
    assert not done.unrecognised
    return settings.published


@pytest.fixture(scope="module")
def evenings(published: Path) -> dict[date, Facts]:
    with closing(open_reader(published)) as reader:
        return {day: gather(reader, day) for day in (*EVENINGS, LAST_OLDER_FLOW)}


def claim(facts: Facts, claim_id: str) -> Claim:
    (found,) = [one for one in facts.claims if one.claim_id == claim_id]
    return found


def mid_rank(value: float, values: list[float]) -> float:
    ordered = sorted(values)
    middle = (bisect_left(ordered, value) + bisect_right(ordered, value)) / 2
    return 100 * middle / len(ordered)


def luck_fixed(log_rise: float, sigma: float, steps: int) -> float:
    return math.erfc(log_rise / sigma / math.sqrt(2 * steps)) / 2


def luck_from_low(log_rise: float, sigma: float, steps: int) -> float:
    """Odds of a walk that never closes below its start, by summing over a lattice of heights."""
    height, lattice = 0.05, 400
    bell = [math.exp(-((one * height) ** 2) / 2) for one in range(lattice)]
    density = list(bell)
    for _ in range(steps - 1):
        halved = [density[0] / 2, *density[1:]]
        density = [
            sum(halved[other] * bell[abs(one - other)] for other in range(lattice))
            for one in range(lattice)
        ]
    at = log_rise / sigma / height
    whole = sum(density) - density[0] / 2
    start = int(at)
    below = sum(density[: start + 1]) - density[0] / 2 - density[start] / 2
    share = at - start
    below += share * (density[start] * (2 - share) + density[start + 1] * share) / 2
    return 1 - below / whole


def test_sessions_are_those_on_which_the_market_traded(published: Path, hand: Hand) -> None:
    held = query(published, "SELECT session_date FROM core.trading_session ORDER BY 1")
    days = [day for day in held["session_date"] if day >= hand.sessions[0]]
    assert days == hand.sessions
    for day in NOT_HELD:
        assert day in days, "a weekend session without an index file is a session all the same"


@pytest.mark.parametrize("day", EVENINGS, ids=str)
@pytest.mark.parametrize(
    ("claim_id", "index"),
    [("smallcap_rise_9_sessions", "smallcap"), ("midcap_rise_same_window", "midcap")],
)
def test_a_rise_its_rank_and_its_odds(
    evenings: dict[date, Facts], hand: Hand, day: date, claim_id: str, index: str
) -> None:
    closes: Closes = getattr(hand, index)
    told = claim(evenings[day], claim_id)
    rises = [rise for one in hand.upto(day) if (rise := hand.risen(closes, one, 9)) is not None]
    rise = rises[-1]
    assert told.value == pytest.approx(rise, rel=1e-9)
    assert told.sample_size == len(rises)
    if len(rises) < LEAST_HISTORY:
        assert (told.grade, told.percentile) == ("UNTESTABLE", None)
        assert f"{len(rises)} such returns, 756 are needed" in told.reasons
    else:
        rank = mid_rank(rise, rises)
        assert told.percentile == pytest.approx(rank, abs=1e-9)
        steps = {80: "SUPPORTED", 60: "PARTLY", 40: "NOT SUPPORTED", 0: "CONTRADICTED"}
        assert told.grade == next(grade for least, grade in steps.items() if rank >= least)
        assert f"percentile {rank:.1f} of {len(rises):,} such returns" in told.reasons
    window = hand.window(closes, day, 69)
    assert window is not None
    logs = [math.log(later / earlier) for earlier, later in pairwise(window)]
    sigma = statistics.stdev(logs[:60])
    starts_at_low = window[60] <= min(window[:60]) and window[60] < min(window[61:])
    odds = (luck_from_low if starts_at_low else luck_fixed)(sum(logs[60:]), sigma, 9)
    assert told.null_probability == pytest.approx(odds, abs=2e-3 if starts_at_low else 1e-9)


def test_no_window_reaches_across_the_hole(published: Path, hand: Hand) -> None:
    rows = query(
        published,
        """
        SELECT session_date, return_9_pct, return_21_pct, return_252_pct
        FROM mart.index_momentum WHERE index_id = 'nifty-smallcap-100'
        """,
    )
    assert rows.height == len(hand.smallcap)
    for day, *returns in rows.iter_rows():
        for steps, told in zip((9, 21, 252), returns, strict=True):
            by_hand = hand.risen(hand.smallcap, day, steps)
            assert (told is None) == (by_hand is None), (day, steps)
            assert told is None or told == pytest.approx(by_hand, rel=1e-9), (day, steps)
    assert hand.risen(hand.smallcap, date(2024, 6, 3), 9) is None


def months_behind(hand: Hand, day: date) -> tuple[int, float]:
    """Of the last twelve whole months, those behind the Nifty 50, and the return over all."""
    days = hand.upto(day)
    ends = [
        one for one, later in pairwise(days) if (one.year, one.month) != (later.year, later.month)
    ][-13:]
    small, large = ([closes[one] for one in ends] for closes in (hand.smallcap, hand.nifty))
    behind = sum(small[n + 1] / small[n] < large[n + 1] / large[n] for n in range(12))
    return behind, 100 * (small[-1] / small[0] - 1)


def test_the_bruising_year_of_2022(evenings: dict[date, Facts], hand: Hand) -> None:
    day = EVENINGS[0]
    told = claim(evenings[day], "year_was_bruising")
    legs = {leg.leg: leg.value for leg in told.legs}
    window = hand.window(hand.smallcap, day, 251)
    strength = hand.window(
        {one: hand.smallcap[one] / hand.nifty[one] for one in hand.smallcap}, day, 199
    )
    assert window is not None
    assert strength is not None
    falls = [100 * (close / max(window[: n + 1]) - 1) for n, close in enumerate(window)]
    behind, year = months_behind(hand, day)
    assert told.value == pytest.approx(min(falls), rel=1e-9)
    assert legs["bear_252"] == legs["correction_252"] == told.value
    assert legs["ulcer_252"] == pytest.approx(
        math.sqrt(statistics.fmean(fall**2 for fall in falls)), rel=1e-9
    )
    assert legs["months_behind"] == behind
    assert legs["return_12_months"] == pytest.approx(year, rel=1e-9)
    assert legs["return_252"] == pytest.approx(hand.risen(hand.smallcap, day, 252), rel=1e-9)
    assert legs["mansfield"] == pytest.approx(
        100 * (strength[-1] / statistics.fmean(strength) - 1), rel=1e-9
    )
    assert told.grade == ("SUPPORTED" if min(falls) <= -20 and behind >= 7 else "PARTLY")


def test_the_year_to_july_2025_lacks_one_saturday_and_says_which(
    evenings: dict[date, Facts], hand: Hand
) -> None:
    day = EVENINGS[1]
    missing = [one for one in hand.upto(day)[-252:] if one not in hand.smallcap]
    assert missing == [date(2025, 2, 1)]
    told = claim(evenings[day], "year_was_bruising")
    assert (told.grade, told.value) == ("UNTESTABLE", None)
    assert "nse_index_close lacks closes" in told.reasons
    assert "the last missing is 2025-02-01" in told.reasons
    legs = {leg.leg: leg.value for leg in told.legs}
    behind, year = months_behind(hand, day)
    assert legs["months_behind"] == behind
    assert legs["return_12_months"] == pytest.approx(year, rel=1e-9)
    assert legs["bear_12_months"] is None


def rebounds(hand: Hand, day: date) -> list[tuple[date, float]]:
    """End and speed of every rebound of nine sessions from a low of sixty, up to a day."""
    found = []
    for end in hand.upto(day):
        window = hand.window(hand.smallcap, end, 69)
        if window is None:
            continue
        low = window[60]
        if low <= min(window[:60]) and low < min(window[61:]):
            logs = [math.log(b / a) for a, b in pairwise(window)]
            found.append((end, sum(logs[60:]) / (3 * statistics.stdev(logs[:60]))))
    return found


def test_every_rebound_from_a_low(published: Path, hand: Hand) -> None:
    told = query(
        published,
        """
        SELECT session_date, value, sample_size FROM mart.evidence
        WHERE claim_id = 'rebound_is_fast' AND value IS NOT NULL ORDER BY 1
        """,
    )
    by_hand = rebounds(hand, hand.sessions[-1])
    first_told = {row[2]: row[:2] for row in reversed(told.rows())}
    assert len(by_hand) > 5
    assert sorted(first_told) == list(range(1, len(by_hand) + 1))
    for number, (end, speed) in enumerate(by_hand, start=1):
        assert first_told[number] == (end, pytest.approx(speed, rel=1e-9))


@pytest.mark.parametrize("day", EVENINGS, ids=str)
def test_no_rebound_was_under_way(evenings: dict[date, Facts], hand: Hand, day: date) -> None:
    recent = hand.upto(day)[-22]
    assert not [end for end, _ in rebounds(hand, day) if end >= recent]
    told = claim(evenings[day], "rebound_is_fast")
    assert (told.grade, told.value) == ("NOT SUPPORTED", None)


@pytest.mark.parametrize("day", [LAST_OLDER_FLOW, EVENINGS[1]], ids=str)
def test_foreign_flows(published: Path, evenings: dict[date, Facts], hand: Hand, day: date) -> None:
    told = claim(evenings[day], "foreign_buying_renewed")
    legs = {leg.leg: leg for leg in told.legs}
    for sessions in range(1, 16):
        value = hand.summed(day, sessions)
        assert legs[f"net_sum_{sessions}"].value == pytest.approx(value, abs=1e-6)
    sums = [one for end in hand.upto(day) if (one := hand.summed(end, 10)) is not None]
    past = sums[-LEAST_HISTORY - 1 : -1]
    z = (sums[-1] - statistics.fmean(past)) / statistics.stdev(past)
    before = hand.summed(hand.upto(day)[-11], 20)
    assert before is not None
    assert told.value == pytest.approx(sums[-1], abs=1e-6)
    assert told.sample_size == len(sums)
    assert told.percentile == pytest.approx(mid_rank(sums[-1], sums), abs=1e-6)
    assert legs["above_usual"].value == pytest.approx(z, rel=1e-6)
    assert legs["sold_before"].value == pytest.approx(before, abs=1e-6)
    assert (told.grade == "SUPPORTED") == (sums[-1] > 0 and before < 0 and z >= 0.5)
    for leg in told.legs:
        assert (leg.percentile is None) == (leg.sample_size is None), leg.leg

    streak, sign = 0, math.copysign(1, hand.foreign[day])
    for end in reversed(hand.upto(day)):
        if math.copysign(1, hand.foreign.get(end, -sign)) != sign:
            break
        streak += 1
    assert legs["streak"].value == sign * streak
    row = query(
        published,
        f"""
        SELECT financial_year_net_crore FROM mart.flow
        WHERE participant = 'FII' AND session_date = DATE '{day}'
        """,
    )
    year = [one for one in hand.upto(day) if one >= date(day.year, 4, 1)]
    is_whole = all(one in hand.foreign for one in year)
    assert row.item() == (
        pytest.approx(sum(hand.foreign[one] for one in year), abs=1e-6) if is_whole else None
    )


def test_a_session_without_a_flow_names_its_source_and_the_last_held(
    evenings: dict[date, Facts], hand: Hand
) -> None:
    day = EVENINGS[0]
    last = max(one for one in hand.foreign if one <= day)
    told = claim(evenings[day], "foreign_buying_renewed")
    assert last == LAST_OLDER_FLOW
    assert (told.grade, told.value) == ("UNTESTABLE", None)
    assert reasons(told).startswith("NSE's file of institutions has no FII figure")
    assert str(last) in told.reasons


@pytest.mark.parametrize("day", EVENINGS, ids=str)
def test_every_untested_leg_names_its_source_and_the_verdict_has_figures(
    evenings: dict[date, Facts], day: date
) -> None:
    for one in evenings[day].claims:
        for leg in one.legs:
            assert (leg.holds is None) == bool(leg.missing), leg.leg
    said = verdict(evenings[day])
    assert "n/a" not in said.sentence
    tested = [one for one in evenings[day].claims if one.grade != "UNTESTABLE"]
    told = [(leg, one) for one in tested for leg in one.legs if leg.value is not None]
    assert most_telling(told, FROM_BEST) is not None


def test_the_sql_of_a_claim_gives_its_figure(published: Path, hand: Hand) -> None:
    """Sessions of every era, the evenings above, and the end of each rebound."""
    days = {*hand.sessions[::200], *EVENINGS, LAST_OLDER_FLOW}
    days |= {end for end, _ in rebounds(hand, hand.sessions[-1])}
    listed = ", ".join(f"DATE '{day}'" for day in sorted(days))
    rows = query(
        published,
        "SELECT session_date, claim_id, value, sql FROM mart.evidence "
        f"WHERE session_date IN ({listed})",
    )
    with_value = 0
    for day, claim_id, value, sql in rows.iter_rows():
        found = query(published, sql)
        got = found["value"][0] if found.height else None
        assert got == (None if value is None else pytest.approx(value, rel=1e-9)), (day, claim_id)
        with_value += value is not None
    assert with_value > len(EVENINGS) * 3
