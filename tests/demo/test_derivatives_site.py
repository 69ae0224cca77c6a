"""The simulated files of who holds and trades derivatives."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from flows.calendar import IST
from flows.demo.formats.flows import PARTICIPANT_HEADER, participant_csv
from flows.demo.sites.answers import Answer, Request, Visitors
from flows.demo.sites.derivatives import DerivativesSite
from flows.demo.world.latent import latent
from flows.demo.world.market import Market

FOLDER = "/nsearchives.nseindia.com/content/nsccl"
NIGHT = datetime(2026, 2, 11, 22, 30, tzinfo=IST)
LAST = date(2026, 2, 11)


@pytest.fixture(scope="module")
def site(market: Market) -> DerivativesSite:
    return DerivativesSite(market, Visitors())


def path(day: date, measure: str = "oi") -> str:
    return f"{FOLDER}/fao_participant_{measure}_{day:%d%m%Y}.csv"


def ask(site: DerivativesSite, where: str, now: datetime = NIGHT) -> Answer:
    answer = site.answer(Request("GET", where), now)
    assert answer is not None
    return answer


def table(body: bytes) -> dict[str, dict[str, int]]:
    """Counts by participant and column, read without our writer."""
    _, header, *rows = csv.reader(body.decode().splitlines())
    names = [name.strip() for name in header[1:]]
    return {row[0]: dict(zip(names, map(int, row[1:]), strict=True)) for row in rows}


@pytest.mark.real
def test_genuine_rows_come_back(genuine: Callable[[str], list[Path]]) -> None:
    """The sample is a join of days with a date of its own at the end of each row."""
    [file] = genuine("samples/fao_participant_oi_*.csv")
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    assert header == f"{PARTICIPANT_HEADER},Date"
    days = dict.fromkeys(line.rpartition(",")[2] for line in lines)
    assert len(days) == 19
    for text in days:
        of_day = [line.removesuffix(f",{text}") for line in lines if line.endswith(text)]
        parts = [line.split(",") for line in of_day]
        rows = [(part[0], [int(count) for count in part[1:]]) for part in parts]
        day = datetime.strptime(text, "%d-%m-%Y").replace(tzinfo=IST).date()
        written = participant_csv(day, "open_interest", rows).decode().splitlines()
        assert written[2:] == of_day


@pytest.mark.parametrize(
    ("day", "measure", "title"),
    [
        (
            LAST,
            "oi",
            "Open Interest (no. of contracts) in Equity Derivatives as on Feb 11, 2026",
        ),
        (
            date(2021, 6, 15),
            "vol",
            "Trading Volume (no. of contracts) in Equity Derivatives as on Jun 15,2021",
        ),
    ],
)
def test_title_and_header(site: DerivativesSite, day: date, measure: str, title: str) -> None:
    first, second, *rest = ask(site, path(day, measure)).body.decode().splitlines()
    assert first == f'""Participant wise {title}""' + 14 * ","
    assert second == PARTICIPANT_HEADER
    assert [line.split(",")[0] for line in rest] == ["Client", "DII", "FII", "Pro", "TOTAL"]


@pytest.mark.parametrize("measure", ["oi", "vol"])
def test_every_contract_has_two_sides(site: DerivativesSite, market: Market, measure: str) -> None:
    """Genuine counts are rounded each for itself: sums of options miss by one at most."""
    misses = 0
    for day in market.sessions["session_date"].to_list()[::60]:
        rows = table(ask(site, path(day, measure)).body)
        total = rows.pop("TOTAL")
        assert all(count >= 0 for row in rows.values() for count in row.values())
        for name in total:
            miss = abs(total[name] - sum(row[name] for row in rows.values()))
            assert miss <= (1 if name.startswith("Option Index") else 0)
            misses += miss
            assert total[name] == total[name.replace("Long", "Short")]
        for row in (*rows.values(), total):
            sides = [(n, c) for n, c in row.items() if not n.startswith("Total")]
            for side in ("Long", "Short"):
                told = row[f"Total {side} Contracts"]
                assert abs(sum(c for n, c in sides if n.endswith(side)) - told) <= 1
    assert 5 < misses < 20


def test_foreigners_lean_with_their_appetite(site: DerivativesSite, market: Market) -> None:
    state = latent(market.seed)
    shares, other, moods = [], [], []
    for t, day in list(enumerate(state.sessions))[40::10]:
        row = table(ask(site, path(day)).body)["FII"]
        shares.append(
            row["Future Index Long"] / (row["Future Index Long"] + row["Future Index Short"])
        )
        other.append(
            row["Future Stock Long"] / (row["Future Stock Long"] + row["Future Stock Short"])
        )
        moods.append(float(np.mean(state.factors.appetite[t - 14 : t + 1])))
    assert np.corrcoef(shares, moods)[0, 1] > 0.9
    assert abs(np.corrcoef(other, moods)[0, 1]) < 0.4
    assert min(shares) < 0.2
    assert max(shares) > 0.6


def test_out_at_half_past_seven_on_sessions_alone(site: DerivativesSite) -> None:
    assert ask(site, path(LAST), NIGHT.replace(hour=19, minute=29)).status == 404
    shown = ask(site, path(LAST), NIGHT.replace(hour=19, minute=30))
    assert shown.status == 200
    assert shown.modified == datetime(2026, 2, 11, 19, 30, tzinfo=IST)
    assert ask(site, path(date(2026, 2, 7))).status == 404
    assert ask(site, f"{FOLDER}/fao_participant_oi_31022026.csv").status == 404


def test_another_day(site: DerivativesSite) -> None:
    answer = site.another_day(Request("GET", path(LAST)), NIGHT)
    assert answer is not None
    assert answer.body == ask(site, path(date(2026, 2, 10))).body
    assert site.another_day(Request("GET", "/elsewhere"), NIGHT) is None
