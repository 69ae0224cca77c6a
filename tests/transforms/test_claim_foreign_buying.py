"""Row 5: foreign buying, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from transforms.metrics.flows_of_funds import flow
from transforms.signals.claim import Inputs
from transforms.signals.claims.foreign_buying import foreign_buying_renewed
from transforms.signals.flow_series import depository_by_evening

START = date(2022, 1, 1)
COMBINED = "NSE+BSE+MSEI"


def rows(
    nets: Sequence[float | None], scope: str = COMBINED, stage: str = "provisional"
) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (START + timedelta(days=n), "FII", scope, stage, "x", None, None, Decimal(str(net)))
            for n, net in enumerate(nets)
            if net is not None
        ],
        schema={
            "session_date": pl.Date,
            "participant": pl.String,
            "scope": pl.String,
            "stage": pl.String,
            "source_id": pl.String,
            "buy_crore": pl.Decimal(18, 2),
            "sell_crore": pl.Decimal(18, 2),
            "net_crore": pl.Decimal(18, 2),
        },
        orient="row",
    ).with_columns(is_imported=pl.lit(scope == "unstated"))


def inputs(count: int, *flows: pl.DataFrame) -> Inputs:
    days = pl.DataFrame({"session_date": [START + timedelta(days=n) for n in range(count)]})
    nothing = pl.DataFrame()
    known = pl.concat([rows([]), *flows], how="diagonal")
    return Inputs(days, nothing, nothing, flow(known, days), nothing)


def verdicts(count: int, *flows: pl.DataFrame) -> list[dict[str, Any]]:
    return foreign_buying_renewed(inputs(count, *flows)).verdict.to_dicts()


def history(*ends: float) -> list[float | None]:
    """Alternating weeks of buying and selling, then thirty sessions as told: twenty, then ten."""
    past = [100.0 if n // 7 % 2 else -100.0 for n in range(800)]
    return [*past, *[ends[0]] * 20, *[ends[1]] * 10]


@pytest.mark.parametrize(
    ("before", "now", "grade"),
    [
        (-50.0, 100.0, "SUPPORTED"),
        (50.0, 100.0, "PARTLY"),  # more than usual, but they bought before
        (-50.0, 1.0, "PARTLY"),  # they buy again, but hardly
        (50.0, 1.0, "NOT SUPPORTED"),
        (-100.0, -1.0, "NOT SUPPORTED"),  # sell less and less
        (-50.0, -100.0, "CONTRADICTED"),
    ],
)
def test_buying_now_selling_before_and_more_than_usual(
    before: float, now: float, grade: str
) -> None:
    row = verdicts(830, rows(history(before, now)))[-1]
    assert row["grade"] == grade
    assert row["value"] == 10 * now
    assert row["sample_size"] == 821
    assert "scope NSE+BSE+MSEI" in row["reasons"]


def test_legs_show_each_sum_and_what_cannot_be_tested() -> None:
    legs = foreign_buying_renewed(inputs(830, rows(history(-50.0, 100.0)))).legs
    last = {
        row["leg"]: row
        for row in legs.filter(pl.col("session_date") == legs["session_date"].max()).to_dicts()
    }
    assert [last[f"net_sum_{n}"]["value"] for n in (1, 9, 10, 11, 15)] == [
        100,
        900,
        1000,
        950,
        750,
    ]
    assert last["sold_before"]["value"] == -1000
    assert last["streak"]["value"] == 10
    assert last["stabilising"]["value"] == pytest.approx(150)  # 150 more each session
    # 1000 is above every 10-session sum of weeks of 100 (at most 400) and is held once.
    assert last["net_sum_10"]["percentile"] == pytest.approx(100 * 820.5 / 821)
    assert last["net_sum_10"]["sample_size"] == 821
    assert last["depository_agrees"]["holds"] is None
    assert last["depository_agrees"]["missing"] == "nsdl_fpi"


def test_a_late_flow_is_untestable_and_names_the_last_date_held() -> None:
    row = verdicts(831, rows(history(-50.0, 100.0)))[-1]
    assert row["grade"] == "UNTESTABLE"
    assert row["value"] is None
    assert row["null_probability"] is None
    assert "nse_fii_dii has no FII figure" in row["reasons"]
    assert str(START + timedelta(days=829)) in row["reasons"]


def test_no_flow_at_all_is_untestable() -> None:
    grades = verdicts(3)
    assert [row["grade"] for row in grades] == ["UNTESTABLE"] * 3
    assert "none at all" in grades[0]["reasons"]


def test_a_hole_in_the_windows_is_untestable() -> None:
    nets = history(-50.0, 100.0)
    nets[825] = None
    row = verdicts(830, rows(nets))[-1]
    assert row["grade"] == "UNTESTABLE"
    assert "lacks one of the last 10 sessions" in row["reasons"]
    nets = history(-50.0, 100.0)
    nets[805] = None
    row = verdicts(830, rows(nets))[-1]
    assert row["grade"] == "UNTESTABLE"
    assert "lacks one of the 20 sessions before" in row["reasons"]


def test_short_history_has_no_z_and_is_untestable() -> None:
    row = verdicts(765, rows([100.0 * (-1) ** n for n in range(765)]))[-1]
    assert row["grade"] == "UNTESTABLE"
    assert "holds 756 10-session sums, 757 are needed" in row["reasons"]


def test_all_exchanges_come_first_where_they_can_be_tested() -> None:
    nets = history(-50.0, 100.0)
    other = [None if one is None else 2 * one for one in nets]
    both = verdicts(830, rows(nets), rows(other, "unstated"), rows(other, "NSE"))
    assert both[-1]["value"] == 1000
    short = [None] * 815 + nets[815:]
    taken = verdicts(830, rows(short), rows(other, "unstated"))[-1]
    assert taken["value"] == 2000
    assert taken["scope"] == "unstated"
    assert "scope unstated (imported)" in taken["reasons"]
    alone = verdicts(830, rows(short), rows([None] * 820 + nets[820:], "unstated"))[-1]
    assert (alone["scope"], alone["grade"]) == (COMBINED, "UNTESTABLE")


def test_final_figures_and_domestic_ones_are_not_read() -> None:
    final = rows(history(-50.0, 100.0), stage="final")
    domestic = rows(history(-50.0, 100.0)).with_columns(participant=pl.lit("DII"))
    assert verdicts(830, final, domestic)[-1]["grade"] == "UNTESTABLE"


def test_the_null_is_how_often_the_rule_held_before() -> None:
    rng = np.random.default_rng(6)
    nets = [round(float(one), 2) for one in rng.normal(0, 100, 1100)]
    found = verdicts(1100, rows(nets))
    tested = [row for row in found if row["grade"] != "UNTESTABLE"]
    assert tested[251]["null_probability"] is None
    held = [row["grade"] == "SUPPORTED" for row in tested]
    assert any(held)
    places = [252, next(n for n in range(253, len(held)) if held[n])]  # its own day does not count
    for place in places:
        assert tested[place]["null_probability"] == pytest.approx(sum(held[:place]) / place)


def final(
    nets: Sequence[float | None],
    *,
    out_after: timedelta = timedelta(days=1, hours=14),
    restated: dict[int, datetime] | None = None,
) -> pl.DataFrame:
    """The depository's nets, each out in the evening after its session unless told otherwise."""
    instants = {
        START + timedelta(days=n): (restated or {}).get(
            n, datetime(2022, 1, 1, tzinfo=UTC) + timedelta(days=n) + out_after
        )
        for n in range(len(nets))
    }
    return rows(nets, "depository", "final").with_columns(
        published_at=pl.col("session_date").replace_strict(
            instants, return_dtype=pl.Datetime("us", "UTC")
        )
    )


def last_legs(given: Inputs) -> dict[str, dict[str, Any]]:
    legs = foreign_buying_renewed(given).legs
    last = legs.filter(pl.col("session_date") == legs["session_date"].max())
    return {row["leg"]: row for row in last.to_dicts()}


def test_the_depository_agrees_by_what_was_out_that_evening() -> None:
    """The evening's own session is confirmed a session later: the sum ends the session before."""
    nets = history(-50.0, 100.0)
    finals = [None if net is None else net + 1 for net in nets]
    finals[829] = -99999.0  # of the evening itself: not out yet
    leg = last_legs(inputs(830, rows(nets), final(finals)))["depository_agrees"]
    assert leg["value"] == 9 * 101 - 49
    assert (leg["holds"], leg["missing"]) == (True, "")
    row = foreign_buying_renewed(inputs(830, rows(nets), final(finals))).verdict.row(-1, named=True)
    assert row["grade"] == "SUPPORTED"
    assert f"final 10-session net to {START + timedelta(days=828)}: Rs 860 crore" in row["reasons"]


def test_the_depository_may_contradict() -> None:
    nets = history(-50.0, 100.0)
    leg = last_legs(inputs(830, rows(nets), final([-5.0] * 830)))["depository_agrees"]
    assert (leg["value"], leg["holds"]) == (-50, False)


def test_what_is_out_after_the_evening_is_not_known_that_evening() -> None:
    nets = history(-50.0, 100.0)
    ladder = [float(n) for n in range(830)]
    # 17:00 UTC is 22:30 in India, up to when results and rates count too.
    for minutes, last in ((17 * 60, 828), (17 * 60 + 1, 827)):
        out_after = timedelta(days=1, minutes=minutes)
        given = inputs(830, rows(nets), final(ladder, out_after=out_after))
        known = depository_by_evening(given).row(-1, named=True)
        assert known["final_session"] == START + timedelta(days=last)
        assert known["final_sum_10"] == sum(range(last - 9, last + 1))


def test_a_restated_session_is_known_when_it_is_restated() -> None:
    nets, ladder = history(-50.0, 100.0), [float(n) for n in range(830)]
    later = datetime(2022, 1, 1, 14, tzinfo=UTC) + timedelta(days=828)
    given = inputs(830, rows(nets), final(ladder, restated={824: later}))
    known = depository_by_evening(given).select("session_date", "final_session").rows()
    told = {(day - START).days: None if end is None else (end - START).days for day, end in known}
    # Until then the sums without it stand, and none that ended over five sessions ago.
    assert {n: told[n] for n in range(823, 830)} == {
        823: 822,
        824: 823,
        825: 823,
        826: 823,
        827: 823,
        828: 827,
        829: 828,
    }
    gone = inputs(830, rows(nets), final(ladder[:820]))
    told = dict(depository_by_evening(gone).select("session_date", "final_sum_10").rows())
    assert told[START + timedelta(days=824)] == sum(range(810, 820))
    assert told[START + timedelta(days=825)] is None


def test_history_that_was_fetched_late_was_not_known_before() -> None:
    nets = history(-50.0, 100.0)
    fetched = datetime(2022, 1, 1, 14, tzinfo=UTC) + timedelta(days=828)
    all_at_once = final([1.0] * 828, restated=dict.fromkeys(range(828), fetched))
    known = depository_by_evening(inputs(830, rows(nets), all_at_once))
    assert known["final_sum_10"].to_list() == [None] * 828 + [10.0, 10.0]
    assert known["final_session"][828] == START + timedelta(days=827)


def test_without_an_instant_nothing_is_known_to_be_out() -> None:
    given = inputs(830, rows(history(-50.0, 100.0)), rows([5.0] * 830, "depository", "final"))
    assert depository_by_evening(given)["final_sum_10"].null_count() == 830
    assert last_legs(given)["depository_agrees"]["holds"] is None


def test_a_hole_in_the_final_figures_is_no_sum() -> None:
    finals: list[float | None] = [5.0] * 830
    finals[826] = None
    known = depository_by_evening(inputs(830, rows(history(-50.0, 100.0)), final(finals)))
    assert known["final_session"][-1] == START + timedelta(days=825)
    finals[822] = None
    known = depository_by_evening(inputs(830, rows(history(-50.0, 100.0)), final(finals)))
    assert known["final_session"][-1] is None  # the last whole ten ended eight sessions ago


def test_final_figures_that_come_later_change_no_evening_before() -> None:
    rng = np.random.default_rng(11)
    nets = [round(float(one), 2) for one in rng.normal(0, 100, 60)]
    whole = inputs(60, rows(nets), final(nets[::-1]))
    legs = foreign_buying_renewed(whole).legs.filter(pl.col("leg") == "depository_agrees")
    for cut in (12, 30, 45):
        day = START + timedelta(days=cut)
        evening = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
        known = pl.col("session_date") <= day
        finals = final(nets[::-1]).filter(known & (pl.col("published_at") <= evening))
        early = foreign_buying_renewed(inputs(cut + 1, rows(nets).filter(known), finals)).legs
        told = early.filter(pl.col("leg") == "depository_agrees", pl.col("session_date") == day)
        assert told.equals(legs.filter(pl.col("session_date") == day))


def test_both_institutions_together_are_a_leg() -> None:
    nets = history(-50.0, 100.0)
    both = rows([-1000.0] * 830).with_columns(participant=pl.lit("FII+DII"))
    leg = last_legs(inputs(830, rows(nets), both))["foreign_and_domestic"]
    assert (leg["value"], leg["holds"]) == (-10000, False)
    other = last_legs(inputs(830, rows(nets), both.with_columns(scope=pl.lit("NSE"))))
    assert other["foreign_and_domestic"]["holds"] is None
    assert other["foreign_and_domestic"]["missing"] == "nse_fii_dii"


def test_net_over_gross_is_judged_by_its_own_past() -> None:
    nets = history(-50.0, 100.0)
    traded = rows(nets).with_columns(
        buy_crore=(pl.col("net_crore") + 5000).cast(pl.Decimal(18, 2)),
        sell_crore=pl.lit(Decimal(5000), pl.Decimal(18, 2)),
    )
    leg = last_legs(inputs(830, traded))["net_over_gross"]
    assert leg["value"] == pytest.approx(100 * 1000 / (10 * 10100))
    assert leg["percentile"] == pytest.approx(100 * 820.5 / 821)
    assert (leg["sample_size"], leg["holds"]) == (821, True)
    without = last_legs(inputs(830, rows(nets)))["net_over_gross"]
    assert (without["holds"], without["sample_size"]) == (None, None)
