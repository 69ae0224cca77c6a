"""A fortnight of the results season: revisions of flows and filings, each as it was known then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bi.brief.write import write_brief
from flows.demo.exchange import Exchange
from flows.demo.sites.answers import Answer, Request
from flows.demo.world.filings import Filing
from flows.demo.world.market import Market
from flows.night import as_of, rebuild
from flows.sources import SOURCES
from tests.exchange.homes import Home, Impatient, at, differing

SINCE = date(2026, 2, 2)
REVISED, AFTER, MONDAY, LAST = (date(2026, 2, day) for day in (5, 6, 9, 10))
DOCUMENTS = "nse_result_document"
FEW = 5
EVERY = tuple(
    source.id for source in SOURCES.values() if source.asks not in {"history", "import only"}
)
FILLED = (
    *("core.institutional_flow", "core.institutional_flow_superseded", "core.depository_flow"),
    *("core.depository_period", "core.sector_flow", "core.category_turnover"),
    *("core.participant_contracts", "core.filing", "core.quarterly_result", "core.index_member"),
    *("core.macro_observation", "mart.flow", "mart.flow_balance", "mart.flow_surprise"),
    *("mart.participant_position", "mart.sector_flow", "mart.company", "mart.company_result"),
    *("mart.earnings", "mart.macro", "mart.index_valuation", "ops.rejected_row"),
)
"""Tables that the fortnight puts rows into; quality is drawn when the season's results are due."""
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
HARMFUL: Mapping[str, tuple[bytes, str]] = {
    "an entity bomb": (
        HEAD + b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><xbrl>&b;</xbrl>',
        "document type declaration",
    ),
    "an external entity": (
        HEAD + b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xbrl>&e;</xbrl>',
        "document type declaration",
    ),
    "deep nesting": (HEAD + b"<xbrl>" + b"<a>" * 90_000, "no XML"),
}


@dataclass
class Season:
    """The home after the fortnight, and what was kept of single evenings."""

    home: Home
    market: Market
    pages: dict[date, bytes] = field(default_factory=dict)
    listed: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """State of the documents after each night, by its number."""
    evenings: dict[date, Any] = field(default_factory=dict)
    harmed: dict[str, tuple[Filing, str]] = field(default_factory=dict)
    """By kind of harm: the filing in whose place it was served, and words of the refusal."""

    def filings(self, first: date, last: date) -> list[Filing]:
        """Filings with a document that were broadcast from a date to the last evening's hour."""
        return [
            filing
            for filing in self.market.results.records
            if filing.document and at(first, "00:00") <= filing.broadcast_at <= at(last)
        ]


@contextmanager
def serving(exchange: Exchange, instead: Mapping[str, bytes]) -> Iterator[None]:
    """The exchange answers with other bytes for some documents."""
    true = exchange.publishers.answer

    def answer(request: Request, now: Any) -> Answer:
        found = true(request, now)
        name = request.path.rsplit("/", 1)[-1]
        if found.status == 200 and name in instead:
            return replace(found, body=instead[name])
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange.publishers, "answer", answer)
        yield


def harm(season: Season, exchange: Exchange) -> dict[str, bytes]:
    """What is served in place of five documents of the weekend, by document."""
    first, *others = season.filings(AFTER + timedelta(days=1), MONDAY)
    stranger = next(
        filing
        for filing in others
        if filing.company.number != first.company.number and filing.form == first.form
    )
    future, *rest = (filing for filing in others if filing is not stranger)
    end = future.quarter.isoformat().encode()
    told = {
        **dict(zip(HARMFUL, rest, strict=False)),
        "another company's": first,
        "of the future": future,
    }
    bodies = {
        **HARMFUL,
        "another company's": (document_of(exchange, stranger), "another company's"),
        "of the future": (
            document_of(exchange, future).replace(end, b"2026-12-31"),
            "got one to 2026-12-31",
        ),
    }
    instead = {}
    for kind, filing in told.items():
        body, words = bodies[kind]
        season.harmed[kind] = (filing, words)
        assert filing.document is not None
        instead[filing.document] = body
    return instead


def document_of(exchange: Exchange, filing: Filing) -> bytes:
    path = f"/nsearchives.nseindia.com/corporate/xbrl/{filing.document}"
    answer = exchange.publishers.answer(Request("GET", path), at(LAST))
    assert answer.status == 200
    return answer.body


@pytest.fixture(scope="module")
def season(
    new_home: Callable[..., Home], market: Market, tmp_path_factory: pytest.TempPathFactory
) -> Season:
    home = new_home(SINCE, *EVERY)
    found = Season(home, market)
    briefs = tmp_path_factory.mktemp("briefs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Impatient, "silence_s", 10.0)
        home.documents_per_run = FEW
        home.night(REVISED - timedelta(days=1))
        found.listed[1] = documents_told(home)
        home.night(REVISED, "19:30")
        found.listed[2] = documents_told(home)
        home.documents_per_run = 2000
        # The fortnight to 31 January is due on the 10th, and began before this home does.
        fortnight = replace(home, sources=("nsdl_fpi_sectors",), since=date(2026, 1, 31))
        fortnight.documents_per_run = 0
        for number, evening in enumerate((REVISED, AFTER, MONDAY, LAST), start=3):
            instead = harm(found, home.exchange) if evening == MONDAY else {}
            if evening == LAST:
                fortnight.night(LAST, "21:00")
            with serving(home.exchange, instead):
                home.night(evening)
            found.listed[number] = documents_told(home)
            found.evenings[evening] = home.tables()
            published = home.path / "published" / "riskon.duckdb"
            found.pages[evening] = write_brief(published, briefs, evening).read_bytes()
    return found


def documents_told(home: Home) -> list[dict[str, Any]]:
    return home.read(
        "SELECT session_date, state, asked, detail FROM ops.day_state WHERE source_id = ? "
        "ORDER BY session_date",
        DOCUMENTS,
    )


# Flows: first seen, revised, final.


@pytest.mark.parametrize(
    ("source", "scope"), [("nse_fii_dii", "NSE+BSE+MSEI"), ("nse_fii_dii_nse", "NSE")]
)
def test_a_restated_flow_is_answered_as_it_was_known(
    season: Season, source: str, scope: str
) -> None:
    sql = (
        "SELECT net_crore FROM core.institutional_flow_as_of(?, clock := ?) WHERE source_id = ? "
        "AND scope = ? AND session_date = ? AND participant = 'FII'"
    )

    def known(clock: str, which: str) -> list[float]:
        rows = season.home.read(sql, at(REVISED, clock), which, source, scope, REVISED)
        return [float(row["net_crore"]) for row in rows]

    for which in ("published", "recorded"):
        before, between, after = (known(clock, which) for clock in ("19:00", "19:59", "22:45"))
        assert before == []
        assert len(between) == len(after) == 1
        assert between != after
    if scope != "NSE":
        true = season.market.flows.filter(session_date=REVISED, participant="FII").sort("stage")
        assert [*between, *after] == true["net_crore"].to_list()
    kept = season.home.read(
        "SELECT net_crore FROM core.institutional_flow_superseded "
        "WHERE source_id = ? AND session_date = ? AND participant = 'FII'",
        source,
        REVISED,
    )
    assert [float(row["net_crore"]) for row in kept] == between, "the first figure is kept"


def test_the_depositorys_final_figure_is_known_an_evening_later(season: Season) -> None:
    """And stands beside the provisional ones: it replaces neither."""
    sql = (
        "SELECT net_crore FROM core.depository_flow_as_of(?, clock := 'recorded') "
        "WHERE reporting_date = ? AND asset_class = 'equity' AND route = 'stock_exchange'"
    )
    assert season.home.read(sql, at(REVISED), AFTER) == []
    (final,) = season.home.read(sql, at(AFTER), AFTER)
    told = season.home.read(
        "SELECT stage, net_crore FROM mart.flow WHERE session_date = ? AND participant = 'FII' "
        "AND scope IN ('NSE+BSE+MSEI', 'depository')",
        REVISED,
    )
    nets = {row["stage"]: row["net_crore"] for row in told}
    assert set(nets) == {"provisional", "final"}
    assert nets["final"] == pytest.approx(float(final["net_crore"]))
    assert nets["final"] != nets["provisional"]
    evening = season.evenings[REVISED]["mart.flow"].filter(session_date=REVISED, stage="final")
    assert evening.is_empty(), "the evening itself did not know it"


# Results: knowable from the broadcast.


def test_a_filing_after_the_evening_is_not_in_that_evening(season: Season) -> None:
    midnight = at(AFTER + timedelta(days=1), "00:00")
    late = [
        filing
        for filing in season.market.results.records
        if filing.document and at(AFTER) < filing.broadcast_at < midnight
    ]
    assert late, "the season has a filing of that night"
    names = [filing.document for filing in late]
    for table in ("core.filing", "core.quarterly_result"):
        documents = set(season.evenings[AFTER][table]["document"])
        assert not documents & set(names)
        assert set(names) <= set(season.evenings[MONDAY][table]["document"])
    # Later nights do not put it into that evening's season either.
    before, after = (
        season.evenings[evening]["mart.earnings"].filter(pl.col("session_date") <= AFTER)
        for evening in (AFTER, LAST)
    )
    assert before.height > 0
    assert after.equals(before)
    known = season.evenings[LAST]["mart.company_result"].filter(
        pl.col("known_from") > at(AFTER).astimezone(UTC),
        pl.col("known_from") < midnight.astimezone(UTC),
    )
    assert {filing.symbol for filing in late} == set(known["symbol"])


def test_a_refiled_result_keeps_both_vintages(season: Season) -> None:
    filed = [one for one in season.filings(REVISED, REVISED) if one.vintage]
    assert {filing.basis for filing in filed} == {"consolidated", "standalone"}
    for filing in filed:
        rows = season.evenings[LAST]["core.filing"].filter(
            symbol=filing.symbol, period_end=filing.quarter, basis=filing.basis
        )
        assert filing.document in rows.filter(is_revision=True)["document"].to_list()
        early = season.evenings[REVISED]["core.quarterly_result"]
        assert filing.document in early["document"].to_list(), "broadcast at 20:41, read at 22:30"


# Documents.


def test_documents_come_few_a_run_until_none_is_left(season: Season) -> None:
    total = len(season.filings(date(2026, 2, 1), REVISED - timedelta(days=1)))
    assert total > 2 * FEW
    log = season.home.exchange.log
    asked = [record.path for record in log if "/corporate/xbrl/" in record.path]
    assert len(asked) > 10
    assert [path for path in asked if path.endswith("/-")] == []


def test_a_document_is_asked_for_once(season: Season) -> None:
    fetched = season.home.read(
        "SELECT url, count(*) AS times FROM ops.fetch WHERE source_id = ? GROUP BY ALL", DOCUMENTS
    )
    assert {row["times"] for row in fetched} == {1}


@pytest.mark.parametrize("kind", [*HARMFUL, "another company's", "of the future"])
def test_a_harmful_document_is_refused_and_the_night_goes_on(season: Season, kind: str) -> None:
    filing, words = season.harmed[kind]
    (fetch,) = season.home.read(
        "SELECT outcome, load_state, detail FROM ops.fetch WHERE url LIKE ?", f"%{filing.document}"
    )
    assert (fetch["outcome"], fetch["load_state"]) == ("landed", "malformed")
    assert words in fetch["detail"]
    held = season.evenings[LAST]["core.quarterly_result"]["document"].to_list()
    assert filing.document not in held
    day = filing.broadcast_at.date()
    (told,) = [row for row in season.listed[5] if row["session_date"] == day]
    assert told["state"] == "malformed"
    assert "refused" in told["detail"]
    whole = {one.document for one in season.filings(date(2026, 2, 1), MONDAY)}
    harmed = {one.document for one, _ in season.harmed.values()}
    assert whole - harmed <= set(held), "the others are read"
    (session,) = season.home.read("SELECT max(session_date) AS last FROM core.trading_session")
    assert session["last"] == LAST


# The past, again.


def test_a_page_of_a_past_evening_is_the_one_written_that_evening(
    season: Season, tmp_path: Path
) -> None:
    """Byte for byte, after two nights of revisions, final flows, refusals and late filings."""
    settings = season.home.settings(at(LAST, "23:00"))
    with as_of(settings, at(REVISED)) as past:
        again = write_brief(past, tmp_path, REVISED).read_bytes()
        assert again == season.pages[REVISED]
    assert not past.exists()
    now = write_brief(season.home.path / "published" / "riskon.duckdb", tmp_path, REVISED)
    assert now.read_bytes() != season.pages[REVISED], "what came later is on today's page of it"


def test_no_run_had_begun(season: Season) -> None:
    settings = season.home.settings(at(LAST, "23:00"))
    with (
        pytest.raises(LookupError, match="no run had begun"),
        as_of(settings, at(date(2026, 1, 1))),
    ):
        pass


def test_a_rebuild_of_everything_is_equal_row_for_row(season: Season, tmp_path: Path) -> None:
    home = season.home.copy(tmp_path / "home")
    before = home.tables()
    assert [name for name in FILLED if before[name].is_empty()] == []
    _, differences = rebuild(home.settings(at(LAST, "23:30")))
    assert differences.filter((pl.col("only_old") > 0) | (pl.col("only_new") > 0)).is_empty()
    assert differences["only_old"].null_count() == 0
    assert differing(before, home.tables()) == []
