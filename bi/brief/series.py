"""The brief's time series: every session of the window has its row, null where data is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

import polars as pl

from bi.brief.numbers import IST
from warehouse.store import Warehouse

LEVEL_SESSIONS = 120
DRAWDOWN_SESSIONS = 756
FLOW_SESSIONS = 60

INDICES = {
    "nifty-50": "Nifty 50",
    "nifty-midcap-100": "Midcap 100",
    "nifty-smallcap-100": "Smallcap 100",
    "nifty-microcap-250": "Microcap 250",
}
DRAWN_DOWN = ("nifty-smallcap-100", "nifty-50")
PARTICIPANTS = ("FII", "DII")
WIDEST_SCOPE, DEPOSITORY = "NSE+BSE+MSEI", "depository"
_EVENING = time(22, 30)


@dataclass(frozen=True)
class Lines:
    """Named lines over the same sessions.

    `frame` has `session_date`, `name`, `value`, sorted by name (in declared order), then session;
    `value` is null on a session without data. `absent` names lines without a single value.
    """

    frame: pl.DataFrame
    names: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True)
class Flows:
    """Net buying, Rs crore, by one count: scope and stage are never mixed.

    `lines` as in `Lines`, the names being the kinds of investor. `scope` and `stage` are empty
    where there is no flow at all. `beside` is the other stage's count of foreign investors, named
    "FII, final" or "FII, provisional", None where there is none; `beside_scope` is whose it is.
    """

    lines: Lines
    scope: str
    stage: str
    imported_sessions: int
    beside: Lines | None = None
    beside_scope: str = ""


def levels(warehouse: Warehouse, session: date) -> Lines:
    """Closing levels, price return, of the four tiers; the exchange's own file first."""
    found = warehouse.read(
        """
        SELECT bar.session_date, name.index_id AS id, bar.close::DOUBLE AS value
        FROM core.index_bar bar JOIN core.index_name name USING (index_name)
        WHERE bar.return_variant = 'price' AND bar.session_date <= $1
          AND name.index_id IN (SELECT unnest($2::VARCHAR[]))
          AND bar.session_date IN (SELECT session_date FROM core.trading_session
            WHERE session_date <= $1 ORDER BY session_date DESC LIMIT $3)
        QUALIFY row_number() OVER (PARTITION BY bar.session_date, name.index_id
            ORDER BY bar.source_id = 'nse_index_close' DESC, bar.source_id, bar.index_name) = 1
        """,
        [session, list(INDICES), LEVEL_SESSIONS],
    )
    return _lines(_sessions(warehouse, session, LEVEL_SESSIONS), found, INDICES)


def drawdowns(warehouse: Warehouse, session: date) -> Lines:
    """Distance of the close from the highest close of 252 sessions, percent.

    The window begins with the first value in it: warm-up is no hole.
    """
    found = warehouse.read(
        """
        SELECT session_date, index_id AS id, drawdown_252_pct AS value FROM mart.index_momentum
        WHERE index_id IN (SELECT unnest($2::VARCHAR[])) AND session_date <= $1
        """,
        [session, list(DRAWN_DOWN)],
    )
    names = {index_id: INDICES[index_id] for index_id in DRAWN_DOWN}
    sessions = _sessions(warehouse, session, DRAWDOWN_SESSIONS)
    warm = found.drop_nulls("value").join(sessions, on="session_date", how="semi")
    if not warm.is_empty():
        sessions = sessions.filter(pl.col("session_date") >= warm["session_date"].min())
    return _lines(sessions, found, names)


def net_flows(warehouse: Warehouse, session: date) -> Flows:
    """Net buying by the provisional count, and the final one of foreign investors beside it.

    Of several counts the one that covers most of the window stands, all exchanges first. Where the
    provisional figures cover less than half of what the best count does, that one stands, and they
    are beside it: the exchange shows them on the day alone.
    """
    sessions = _sessions(warehouse, session, FLOW_SESSIONS)
    rows = warehouse.read(
        """
        SELECT session_date, participant AS id, scope, stage, is_imported, net_crore AS value
        FROM mart.flow WHERE session_date <= $1 AND net_crore IS NOT NULL
          AND participant IN (SELECT unnest($2::VARCHAR[]))
          AND (stage = 'provisional' OR coalesce(published_at <= $3, true))
        """,
        [session, list(PARTICIPANTS), evening(session)],
    ).join(sessions, on="session_date", how="semi")
    counts = (
        rows.group_by("scope", "stage")
        .agg(rows=pl.len(), widest=(pl.col("scope") == WIDEST_SCOPE).any())
        .sort("rows", "widest", "scope", "stage", descending=[True, True, False, False])
    )
    names = {participant: participant for participant in PARTICIPANTS}
    if counts.is_empty():
        return Flows(_lines(sessions, rows, names), "", "", 0)
    half = 0.5 * counts["rows"][0]
    is_enough = (pl.col("stage") == "provisional") & (pl.col("rows") >= half)
    scope, stage = (
        counts.sort(is_enough, descending=True, maintain_order=True).select("scope", "stage").row(0)
    )
    used = rows.filter(pl.col("scope") == scope, pl.col("stage") == stage)
    imported = used.filter("is_imported")["session_date"].n_unique()
    foreign = rows.filter(pl.col("id") == "FII", pl.col("stage") != stage)
    # The depository counts every exchange, as the widest provisional figure does.
    other = foreign.sort(
        pl.col("scope").is_in([WIDEST_SCOPE, DEPOSITORY]), "scope", descending=[True, False]
    )
    if other.is_empty():
        return Flows(_lines(sessions, used, names), scope, stage, imported)
    beside_scope, beside_stage = other.select("scope", "stage").row(0)
    beside = _lines(
        sessions,
        foreign.filter(pl.col("scope") == beside_scope),
        {"FII": f"FII, {beside_stage}"},
    )
    return Flows(_lines(sessions, used, names), scope, stage, imported, beside, beside_scope)


def evening(session: date) -> datetime:
    """The instant up to which a session's brief knows: final counts come a session later.

    So the brief of a past evening shows what that evening's did.
    """
    return datetime.combine(session, _EVENING, IST)


def _sessions(warehouse: Warehouse, session: date, count: int) -> pl.DataFrame:
    return warehouse.read(
        "SELECT session_date FROM core.trading_session WHERE session_date <= ? "
        "ORDER BY session_date DESC LIMIT ?",
        [session, count],
    ).sort("session_date")


def _lines(sessions: pl.DataFrame, found: pl.DataFrame, names: dict[str, str]) -> Lines:
    wanted = pl.DataFrame({"id": list(names), "name": list(names.values())})
    frame = (
        wanted.with_row_index("order")
        .join(sessions, how="cross")
        .join(found.select("session_date", "id", "value"), on=["session_date", "id"], how="left")
        .sort("order", "session_date")
        .select("session_date", "name", "value")
    )
    present = set(frame.drop_nulls("value")["name"])
    return Lines(
        frame.filter(pl.col("name").is_in(list(present))),
        tuple(name for name in names.values() if name in present),
        tuple(name for name in names.values() if name not in present),
    )
