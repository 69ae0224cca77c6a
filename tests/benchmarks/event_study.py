"""Time of the event study and the associations: 24 quarters at once, and a night without one.

python tests/benchmarks/event_study.py [SESSIONS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import polars as pl

from tests.transforms.studied_market import levels, sessions, walks
from transforms.signals.associations import associations
from transforms.signals.event_study.relation_series import CYCLICAL, DEFENSIVE
from transforms.signals.event_study.study import event_study, quarter_ends

QUARTERS = 24


def timed(name: str, run: Callable[[], object]) -> None:
    began = time.perf_counter()
    run()
    print(f"{name:<44}{time.perf_counter() - began:8.2f} s")


def main(length: int) -> None:
    rng = np.random.default_rng(1)
    days = sessions(length)
    closes = pl.concat(
        [
            walks(length, 1),
            *(levels(one, rng.normal(0, 0.01, length)) for one in (*DEFENSIVE, *CYCLICAL)),
        ]
    )
    nothing = pl.DataFrame()
    flow = days.with_columns(
        participant=pl.lit("FII"),
        scope=pl.lit("NSE+BSE+MSEI"),
        stage=pl.lit("provisional"),
        net_crore=pl.Series(rng.normal(0, 900, length)),
    )
    quarters = quarter_ends(days)
    last, many = quarters[-1:], quarters[-QUARTERS:]
    print(f"{length} sessions")
    timed("a night: events alone", lambda: event_study(closes, nothing, nothing, days, []))
    timed("first quarter, with imports", lambda: event_study(closes, nothing, nothing, days, last))
    timed(f"{len(many)} quarters", lambda: event_study(closes, nothing, nothing, days, many))
    timed("associations, first", lambda: associations(closes, nothing, flow, days, last))
    timed(
        f"associations, {len(many)} quarters",
        lambda: associations(closes, nothing, flow, days, many),
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1500)
