"""The event study, whole, from a published warehouse."""

from __future__ import annotations

from datetime import date

from bi.study import report
from flows.derive import BARS
from transforms.series import index_series
from warehouse.store import Warehouse

BREADTH = "FROM mart.breadth WHERE universe = 'nifty-smallcap-250'"
CLOSE = ("index_id", "session_date", "close")


def study_report(warehouse: Warehouse, through: date | None) -> str:
    """The report in Markdown, with what was known at the end of a date, or of the last session.

    Raises:
        LookupError: no session is held by then.
    """
    sessions = warehouse.read("FROM core.trading_session ORDER BY session_date")
    first = sessions["session_date"].min()
    if not isinstance(first, date):
        message = "no session is held: bring index closes, `riskon import` or `riskon nightly`"
        raise LookupError(message)
    if through is not None and through < first:
        message = f"no session is held up to {through}: the first is {first}"
        raise LookupError(message)
    bars = warehouse.read(BARS)
    names = warehouse.read("FROM core.index_name")
    price, total = (
        index_series(bars, names, sessions, variant).select(CLOSE)
        for variant in ("price", "total_return")
    )
    return report(price, total, warehouse.read(BREADTH), sessions, through)
