"""How often luck alone is called evidence: grades, odds, zones and p-values on random walks.

    python -m tests.benchmarks.calibration [WALKS] [PROCESSES]

Each walk is a market of three driftless indices (small, mid and large caps) of 3,000 sessions; one
random evening of each is graded by the claims that take indices alone, as of that evening. Prints
the tables of `bi/proofs/calibration.md`; asserts nothing. A thousand walks take half an hour on
two cores.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context

import numpy as np
import polars as pl
from scipy.stats import beta, kstest

from transforms.metrics.earnings_tables import Earnings
from transforms.metrics.momentum import index_momentum
from transforms.metrics.tables import Flow
from transforms.signals.claim import Inputs
from transforms.signals.claims import CLAIMS
from transforms.signals.event_study.study import event_study
from transforms.signals.evidence import evidence
from transforms.signals.regime import Sources, regimes
from transforms.signals.zones import zones
from warehouse.tables.table import schema

SESSIONS, WARM = 3_000, 1_200
STEPS = 10
SIGMA = {"nifty-smallcap-100": 0.0125, "nifty-midcap-100": 0.0115, "nifty-50": 0.01}
COMMON = 0.8
"""Share of variance that the three have in common."""
SMALL = "nifty-smallcap-100"
_FLOW, _EARNINGS = (pl.DataFrame(schema=pl.Schema(schema(table))) for table in (Flow, Earnings))
ROWS = (1, 2, 3, 15, 16, 17, 19, 20)
"""Claims that closes alone can answer."""
INDEX_CLAIMS = tuple(one for one in CLAIMS if one.article_row in ROWS)


def walk(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sessions, and bars of the three indices, watched ten times a session."""
    random = np.random.default_rng(seed)
    shape = SESSIONS * STEPS
    common = random.standard_normal(shape)
    days = [date(2010, 1, 1) + timedelta(days=number) for number in range(SESSIONS)]
    sessions = pl.DataFrame(
        {
            "session_date": days,
            "session_number": range(1, SESSIONS + 1),
            "previous_session_date": [None, *days[:-1]],
            "kind": "full",
            "is_short": False,
            "basis": "evidence",
            "reason": "",
        }
    )
    bars = []
    for index_id, sigma in SIGMA.items():
        own = random.standard_normal(shape)
        moves = np.sqrt(COMMON) * common + np.sqrt(1 - COMMON) * own
        # Driftless in level: a coin's odds between two levels are then exact.
        steps = moves * sigma / np.sqrt(STEPS) - sigma**2 / STEPS / 2
        path = (10_000 * np.exp(np.cumsum(steps))).reshape(SESSIONS, STEPS)
        close = path[:, -1]
        start = np.concatenate([[10_000.0], close[:-1]])
        bars.append(
            pl.DataFrame(
                {
                    "index_id": index_id,
                    "session_date": days,
                    "open": start,
                    "high": np.maximum(path.max(axis=1), start),
                    "low": np.minimum(path.min(axis=1), start),
                    "close": close,
                    "turnover_inr": np.exp(random.standard_normal(SESSIONS) / 4),
                }
            )
        )
    return sessions, pl.concat(bars)


def evening(seed: int) -> dict[str, list[dict[str, object]]]:
    """What one walk shows at its random evening, and over its whole length."""
    sessions, bars = walk(seed)
    drawn = zones(bars.filter(index_id=SMALL), sessions)
    empty = pl.DataFrame()
    found = regimes(Sources(bars, sessions, drawn, empty, empty, _FLOW, _EARNINGS))
    chosen = int(np.random.default_rng(10**6 + seed).integers(WARM, SESSIONS - 260))
    day = sessions["session_date"][chosen]
    past = pl.col("session_date") <= day
    inputs = Inputs(
        sessions=sessions.filter(past),
        series=bars.filter(past),
        momentum=index_momentum(bars.filter(past), sessions.filter(past).select("session_date")),
        flow=_FLOW,
        published=pl.DataFrame(
            schema={
                "subject": pl.String,
                "session_date": pl.Date,
                "published_at": pl.Datetime("us", "UTC"),
            }
        ),
        zones=drawn.filter(past),
        # The claims ask the full rules; on closes alone those of the index stand in.
        regimes=_as_full(found.states.filter(past)),
        transitions=_as_full(found.transitions.filter(past)),
    )
    verdicts, _ = evidence(inputs, INDEX_CLAIMS)
    graded = verdicts.filter(session_date=day).select(
        "claim_id", "grade", "value", "null_probability"
    )
    near = drawn.filter(session_date=day, zone_rank=1).select("kind", "strength_percentile")
    closes = bars.select("index_id", "session_date", "close")
    studied = event_study(closes, closes.clear(), empty, sessions, [sessions["session_date"][-2]])
    return {
        "grades": graded.to_dicts(),
        "zones": near.to_dicts(),
        "rebounds": _rebounds(found.transitions, bars, found.states, seed),
        "tests": studied.studies.filter(pl.col("p_value").is_not_null())
        .select("event_id", "target", "horizon_sessions", "role", "p_value", "events")
        .to_dicts(),
    }


def _as_full(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(rules="index").with_columns(rules=pl.lit("full"))


def _rebounds(
    transitions: pl.DataFrame, bars: pl.DataFrame, states: pl.DataFrame, seed: int
) -> list[dict[str, object]]:
    """Every rebound of small caps: the odds told when it began, and how it ended."""
    own = {"index_id": SMALL, "rules": "index"}
    entries = transitions.filter(**own, from_state="DRAWDOWN", to_state="REBOUND").join(
        states.filter(**own).select(
            "session_date",
            "low_close",
            "past_rebounds",
            "confirmed_probability_low",
            "confirmed_probability_high",
            "recovery_null_probability",
            "past_null_probability",
        ),
        on="session_date",
        suffix="_state",
    )
    after = states.filter(**own).select("session_date", "state", "close")
    told = []
    for row in entries.iter_rows(named=True):
        later = after.filter(pl.col("session_date") > row["session_date"])
        ends = {
            "confirmed": later.filter(pl.col("state").is_in(["CONFIRMED", "ADVANCE"])),
            "new low": later.filter(pl.col("close") < row["low_close"]),
            "risen a fifth": later.filter(pl.col("close") >= 1.2 * row["low_close"]),
        }
        first = {name: rows["session_date"].min() for name, rows in ends.items()}
        told.append(
            {
                "seed": seed,
                "confirmed": _before(first["confirmed"], first["new low"]),
                "risen_a_fifth": _before(first["risen a fifth"], first["new low"]),
                **{
                    name: row[name]
                    for name in (
                        "past_rebounds",
                        "confirmed_probability_low",
                        "confirmed_probability_high",
                        "recovery_null_probability",
                        "past_null_probability",
                    )
                },
            }
        )
    return told


def _before(one: date | None, other: date | None) -> bool | None:
    """Whether one came before the other; None where neither came."""
    if one is None or other is None:
        return None if one is other else other is None
    return one < other


def interval(hits: int, of: int) -> str:
    """Clopper and Pearson's 95% interval, in percent."""
    low = 0.0 if hits == 0 else beta.ppf(0.025, hits, of - hits + 1)
    high = 1.0 if hits == of else beta.ppf(0.975, hits + 1, of - hits)
    return f"{100 * low:.1f}-{100 * high:.1f}%"


def share(hits: int, of: int) -> str:
    """A share with its interval."""
    return f"{100 * hits / of:.1f}% ({interval(hits, of)}) | {of}" if of else "- | 0"


def tell(found: list[dict[str, list[dict[str, object]]]]) -> None:
    """Print the tables."""
    frames = {
        name: pl.DataFrame([row for one in found for row in one[name]], infer_schema_length=None)
        for name in found[0]
    }
    print(f"{len(found):,} walks of {SESSIONS:,} sessions\n")
    print("| claim | SUPPORTED (95% interval) | graded | PARTLY | untestable |")
    print("|---|---|---|---|---|")
    for claim_id, rows in frames["grades"].group_by("claim_id", maintain_order=True):
        grades = rows["grade"]
        tested = grades.filter(grades != "UNTESTABLE")
        told = share(int((tested == "SUPPORTED").sum()), tested.len())
        partly = share(int((tested == "PARTLY").sum()), tested.len()).split(" |")[0]
        print(f"| {claim_id[0]} | {told} | {partly} | {grades.len() - tested.len()} |")
    strength = frames["zones"].drop_nulls("strength_percentile")
    print("\n| zone | mean strength | at 90 or above | zones |\n|---|---|---|---|")
    for kind, rows in strength.group_by("kind", maintain_order=True):
        values = rows["strength_percentile"]
        error = values.std() / np.sqrt(values.len())  # type: ignore[operator]
        told = share(int((values >= 90).sum()), values.len())
        print(f"| {kind[0]} | {values.mean():.1f} ± {1.96 * error:.1f} | {told} |")
    rebounds = frames["rebounds"]
    print("\n| rebounds | share | decided |\n|---|---|---|")
    for name in ("confirmed", "risen_a_fifth"):
        ended = rebounds[name].drop_nulls()
        print(f"| {name} before a new low | {share(int(ended.sum()), ended.len())} |")
    null = 100 * rebounds["recovery_null_probability"].mean()  # type: ignore[operator]
    print(f"| the null told when they began, mean | {null:.1f}% | {rebounds.height} |")
    held = rebounds.filter(pl.col("past_rebounds") >= 3)
    luck = held["past_null_probability"]
    inside = luck.is_between(
        held["confirmed_probability_low"], held["confirmed_probability_high"]
    ).sum()
    print(f"| intervals of three or more past rebounds that hold what luck gave them | "
          f"{share(int(inside), held.height)} |")  # fmt: skip
    print("\n| event | target | sessions | p <= 5% (95% interval) | walks | uniform, p of KS |")
    print("|---|---|---|---|---|---|")
    names = ["event_id", "target", "horizon_sessions"]
    for key, rows in sorted(frames["tests"].group_by(names), key=lambda one: str(one[0])):
        p = rows["p_value"]
        told = share(int((p <= 0.05).sum()), p.len())
        print(f"| {' | '.join(map(str, key))} | {told} | {kstest(p, 'uniform').pvalue:.3f} |")


def main(walks: int, processes: int) -> None:
    """Walk, and tell."""
    # Polars does not survive a fork.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        found = []
        for one in pool.map(evening, range(walks), chunksize=4):
            found.append(one)
            print(f"\r{len(found)} of {walks}", end="", file=sys.stderr, flush=True)
    tell(found)


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:] or ("1000", "2")))
