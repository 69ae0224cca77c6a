"""The flow panel: which count is drawn, what stood beside it that evening, and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from bi.brief import flow_words
from bi.brief.charts import flows_panel
from bi.brief.facts import Facts, gather
from bi.brief.flow_facts import Absorption, FlowFacts, Surprise
from bi.brief.series import evening
from tests.bi.brief_evening import EVENING, MART, build, frame, sessions
from transforms.metrics.tables import MART_TABLES
from warehouse.store import Warehouse, open_reader, open_writer
from warehouse.tables import TABLES

BEFORE = date(2026, 2, 10)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("flows") / "riskon.duckdb")


@pytest.fixture(scope="module")
def facts(path: Path) -> Facts:
    with open_reader(path) as reader:
        return gather(reader)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Warehouse]:
    path = build(tmp_path / "w.duckdb", with_flows=False)
    with open_writer(path, [*TABLES, *MART_TABLES]) as store:
        yield store


def flow_row(day: date, participant: str, scope: str, stage: str, net: float) -> dict[str, object]:
    return {
        "session_date": day,
        "participant": participant,
        "scope": scope,
        "stage": stage,
        "is_imported": False,
        "net_crore": net,
    }


def store(writer: Warehouse, rows: list[dict[str, object]]) -> None:
    writer.append(MART["mart.flow"], frame(MART["mart.flow"], rows))


def test_the_provisional_count_is_drawn_with_the_depositorys_beside_it(facts: Facts) -> None:
    flows = facts.flows
    assert (flows.scope, flows.stage) == ("NSE+BSE+MSEI", "provisional")
    assert flows.beside is not None
    assert (flows.beside.names, flows.beside_scope) == (("FII, final",), "depository")
    last = flows.beside.frame.tail(2)
    assert last["session_date"].to_list() == [BEFORE, EVENING]
    # 250 + 298 % 7 provisional, ten more; the evening's own final figure is out tomorrow.
    assert last["value"].to_list() == [264.0, None]


def test_a_final_figure_told_later_is_no_part_of_an_earlier_evening(path: Path) -> None:
    """The warehouse holds it now; that evening nobody had it."""
    with open_reader(path) as reader:
        counts = gather(reader).institutions.counts
        held = reader.read("SELECT max(session_date) FROM mart.flow WHERE stage = 'final'").item()
    assert held == EVENING
    assert [c.session_date for c in counts if c.stage == "final"] == [BEFORE]


def test_an_evening_ends_at_half_past_ten_in_india() -> None:
    assert evening(EVENING) == datetime(2026, 2, 11, 17, 0, tzinfo=UTC)


def test_counts_stand_in_reading_order_and_are_never_mixed(facts: Facts) -> None:
    assert [(c.participant, c.stage, c.scope) for c in facts.institutions.counts] == [
        ("FII", "provisional", "NSE+BSE+MSEI"),
        ("FII", "provisional", "NSE"),
        ("FII", "final", "depository"),
        ("DII", "provisional", "NSE+BSE+MSEI"),
        ("DII", "provisional", "NSE"),
    ]


def test_a_count_that_ended_long_ago_is_not_this_evenings(writer: Warehouse) -> None:
    old = EVENING - timedelta(days=200)
    rows = [flow_row(day, "FII", "unstated", "provisional", 5.0) for day in (old, EVENING)]
    rows.append(flow_row(old, "FII", "NSE", "provisional", 7.0))
    store(writer, rows)
    counts = gather(writer).institutions.counts
    assert [(c.scope, c.session_date) for c in counts] == [("unstated", EVENING)]


def test_where_hardly_any_day_was_seen_the_final_count_is_drawn(writer: Warehouse) -> None:
    days = sessions()[-60:]
    rows = [flow_row(day, who, "NSE", "final", 3.0) for day in days[:-1] for who in ("FII", "DII")]
    rows += [
        flow_row(day, who, "NSE+BSE+MSEI", "provisional", 4.0)
        for day in days[-5:]
        for who in ("FII", "DII")
    ]
    store(writer, rows)
    facts = gather(writer)
    assert (facts.flows.scope, facts.flows.stage) == ("NSE", "final")
    assert facts.flows.beside is not None
    assert facts.flows.beside.names == ("FII, provisional",)
    panel = flows_panel(facts)
    assert panel.wide is not None
    assert "ticks: provisional count" in panel.wide
    assert "Ticks and dotted line: provisional, NSE+BSE+MSEI." in panel.notes[0]


def test_the_sum_of_both_investors_is_not_drawn(writer: Warehouse) -> None:
    rows = [flow_row(EVENING, who, "NSE", "provisional", 1.0) for who in ("FII", "DII", "FII+DII")]
    store(writer, rows)
    facts = gather(writer)
    assert facts.flows.lines.names == ("FII", "DII")
    assert [c.participant for c in facts.institutions.counts] == ["FII", "DII", "FII+DII"]


def test_ticks_stand_for_every_session_that_has_a_final_figure(facts: Facts) -> None:
    panel = flows_panel(facts)
    assert panel.wide is not None
    # Sixty sessions, two holes, and tonight's, which is told tomorrow.
    assert len(re.findall(r'<path d="[^"]+" fill="var\(--ink\)"', panel.wide)) == 57
    assert "FII, net each session; ticks: final count" in panel.wide
    assert "DII, net each session" in panel.wide


def test_sectors_are_the_most_bought_and_the_most_sold_and_no_total(facts: Facts) -> None:
    institutions = facts.institutions
    assert [row.sector for row in institutions.most_bought] == [
        "Financial Services",
        "Capital Goods",
        "Automobile",
    ]
    assert [row.sector for row in institutions.most_sold] == [
        "Information Technology",
        "Fast Moving Consumer Goods",
        "Power",
    ]


def test_a_fortnight_is_told_from_the_evening_it_came_out(writer: Warehouse) -> None:
    table = MART["mart.sector_flow"]
    told = {date(2026, 1, 15): EVENING, date(2026, 1, 31): EVENING + timedelta(days=1)}
    rows = [
        {
            "fortnight_end": end,
            "sector": "Power",
            "net_crore": 5.0,
            "published_at": datetime(day.year, day.month, day.day, 14, tzinfo=UTC),
        }
        for end, day in told.items()
    ]
    writer.append(table, frame(table, rows))
    bought = gather(writer).institutions.most_bought
    assert [row.fortnight_end for row in bought] == [date(2026, 1, 15)]


def test_paragraphs_say_each_count_once(facts: Facts) -> None:
    foreign, domestic, read, context = flow_words.paragraphs(facts.flows, facts.institutions)
    assert foreign == (
        "Foreign institutions bought Rs 255 crore (Rs 2.5 bn) net on 11 February 2026, the 41st "
        "session of net buying in a row (provisional, NSE+BSE+MSEI); over 10 sessions they bought "
        "Rs 2,250 crore (Rs 22.5 bn) net, percentile 91.2; since 1 April they sold Rs 84,250 crore "
        "(Rs 842.5 bn) net. The final count (the depository's count, equity on the exchanges) ends "
        "on 10 February 2026: that session they bought Rs 264 crore (Rs 2.6 bn) net, Rs 10 crore "
        "above the provisional figure (under 0.1% of what they traded); over 10 sessions they "
        "bought Rs 2,250 crore (Rs 22.5 bn) net."
    )
    assert domestic.startswith("Domestic institutions sold Rs 255 crore (Rs 2.5 bn) net on 11 Feb")
    assert domestic.endswith(
        "Over 20 sessions domestic institutions sold 98% of what foreign ones bought net."
    )
    assert read == "By the declared test foreign flows are stabilising."
    assert context == (
        "Of the index futures foreign institutions held on 11 February 2026, 31.2% were long "
        "(percentile 12.3), net short by 1,23,456 contracts. Context only: index futures hedge "
        "books of large shares."
    )


def test_nothing_held_is_nothing_said(facts: Facts) -> None:
    assert flow_words.paragraphs(facts.flows, FlowFacts()) == ()
    assert flow_words.missing(FlowFacts()).endswith(
        "final figures, positions in index futures and flows by sector."
    )
    assert flow_words.missing(facts.institutions) == ""


def test_what_is_null_is_left_out(facts: Facts) -> None:
    count = replace(
        facts.institutions.counts[0],
        streak_sessions=None,
        net_sum_10_crore=None,
        financial_year_net_crore=None,
        is_stabilising=None,
    )
    alone = FlowFacts(counts=(count,))
    assert flow_words.paragraphs(replace(facts.flows, beside=None), alone) == (
        (
            "Foreign institutions bought Rs 255 crore (Rs 2.5 bn) net on 11 February 2026 "
            "(provisional, NSE+BSE+MSEI)."
        ),
    )


@pytest.mark.parametrize(
    ("crore", "said"),
    [
        (2250.0, "bought Rs 2,250 crore (Rs 22.5 bn) net"),
        (-2250.0, "sold Rs 2,250 crore (Rs 22.5 bn) net"),
        (0.4, "bought as much as they sold, to the crore"),
        (-0.4, "bought as much as they sold, to the crore"),
    ],
)
def test_a_deed_follows_its_sign(crore: float, said: str) -> None:
    assert flow_words.deed(crore) == said


@pytest.mark.parametrize(
    ("sessions_", "said", "cell"),
    [
        (1, "the first session of net buying after one without", "1 buying"),
        (-1, "the first session of net selling after one without", "1 selling"),
        (-3, "the third session of net selling in a row", "3 selling"),
        (12, "the 12th session of net buying in a row", "12 buying"),
        (0, "", "even"),
        (None, "", "n/a"),
    ],
)
def test_a_streak_is_counted(sessions_: int | None, said: str, cell: str) -> None:
    assert flow_words.streak(sessions_) == said
    assert flow_words.streak_cell(sessions_) == cell


@pytest.mark.parametrize(
    ("by", "gross", "said"),
    [
        (120.0, 0.51, "Rs 120 crore above the provisional figure (0.5% of what they traded)"),
        (-1250.0, -2.0, "Rs 1,250 crore below the provisional figure (2.0% of what they traded)"),
        (3.0, 0.01, "Rs 3 crore above the provisional figure (under 0.1% of what they traded)"),
        (3.0, None, "Rs 3 crore above the provisional figure"),
        (0.2, 0.0, "as the provisional count had it, to the crore"),
    ],
)
def test_a_surprise_is_told_with_its_size(by: float, gross: float | None, said: str) -> None:
    assert flow_words.differs(Surprise(BEFORE, by, gross, None)) == said


@pytest.mark.parametrize(
    ("foreign", "domestic", "share", "said"),
    [
        (-1000.0, 850.0, 85.0, "domestic institutions bought 85% of what foreign ones sold net"),
        (-1000.0, 1200.0, 120.0, "domestic institutions bought 120% of what foreign ones sold net"),
        (1000.0, -300.0, 30.0, "domestic institutions sold 30% of what foreign ones bought net"),
        (1000.0, 300.0, -30.0, "both kinds bought net"),
        (-1000.0, -300.0, -30.0, "both kinds sold net"),
        (-1000.0, 850.0, None, ""),
        (None, 850.0, 85.0, ""),
        (-1000.0, None, 85.0, ""),
    ],
)
def test_absorption_follows_both_signs(
    facts: Facts, foreign: float | None, domestic: float | None, share: float | None, said: str
) -> None:
    both = {count.participant: count for count in facts.institutions.counts[::-1]}
    counts = (
        replace(both["FII"], net_sum_20_crore=foreign),
        replace(both["DII"], net_sum_20_crore=domestic),
    )
    scope, stage = facts.flows.scope, facts.flows.stage
    balance = Absorption(EVENING, scope, stage, None, share)
    text = " ".join(
        flow_words.paragraphs(facts.flows, FlowFacts(counts=counts, absorption=balance))
    )
    assert (f"Over 20 sessions {said}." in text) if said else ("Over 20" not in text)


def test_running_sums_of_the_other_count_are_its_own(facts: Facts) -> None:
    assert facts.flows.beside is not None
    values = facts.flows.beside.frame
    assert values["name"].unique().to_list() == ["FII, final"]
    assert values.filter(pl.col("value").is_null()).height == 3  # two holes, and tonight
