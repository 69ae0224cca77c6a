"""Factors of invented shares, against hand calculation."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.adjust import ADJUSTMENT_SCHEMA, price_adjustments, told_actions
from warehouse.tables.instruments import PriceAdjustment

START = date(2025, 3, 3)
DAYS = [START + timedelta(days=n) for n in range(200) if (START + timedelta(days=n)).weekday() < 5]
HOLIDAY = DAYS[6]
SESSIONS = (
    pl.DataFrame({"session_date": [day for day in DAYS if day != HOLIDAY]})
    .with_row_index("session_number", offset=1)
    .with_columns(pl.col("session_number").cast(pl.Int64))
)
DATES = SESSIONS["session_date"].to_list()

BAR_TYPES = {
    "instrument_id": pl.String(),
    "session_date": pl.Date(),
    "kind": pl.String(),
    "series": pl.String(),
    "open": pl.Float64(),
    "high": pl.Float64(),
    "low": pl.Float64(),
    "close": pl.Float64(),
    "previous_close": pl.Float64(),
}
ACTION_TYPES = {
    "instrument_id": pl.String(),
    "ex_date": pl.Date(),
    "purpose": pl.String(),
    "face_value_inr": pl.Decimal(18, 4),
    "published_at": pl.Datetime("us", "UTC"),
}
NO_LAST = pl.DataFrame(
    schema={name: BAR_TYPES[name] for name in ("instrument_id", "session_date", "series", "close")}
)


def bar(
    place: int, open_: float | None, close: float, *, share: str = "A", **more: object
) -> dict[str, object]:
    prices = [price for price in (open_, close) if price is not None]
    row = {
        "instrument_id": share,
        "session_date": DATES[place],
        "kind": "share",
        "series": "EQ",
        "open": open_,
        "high": max(prices),
        "low": min(prices),
        "close": close,
        "previous_close": None,
    }
    return row | more


def action(purpose: str, ex_date: date, *, share: str = "A", face: str = "10") -> dict[str, object]:
    return {
        "instrument_id": share,
        "ex_date": ex_date,
        "purpose": purpose,
        "face_value_inr": Decimal(face),
        "published_at": datetime(2025, 2, 1, tzinfo=UTC),
    }


def adjusted(bars: list[dict[str, object]], *actions: dict[str, object]) -> list[dict[str, object]]:
    found = price_adjustments(
        pl.DataFrame(bars, schema=BAR_TYPES),
        NO_LAST,
        pl.DataFrame(actions, schema=ACTION_TYPES),
        SESSIONS,
    )
    assert found.schema == pl.Schema(ADJUSTMENT_SCHEMA)
    PriceAdjustment.validate(found)
    return found.to_dicts()


def one(bars: list[dict[str, object]], *actions: dict[str, object]) -> dict[str, object]:
    (row,) = adjusted(bars, *actions)
    return row


QUIET = [bar(0, 100.0, 101.0), bar(1, 101.0, 100.0)]


@pytest.mark.parametrize(
    ("purpose", "first", "price_factor", "volume_factor"),
    [
        # Five shares for one: prices a fifth, chained prices times five.
        ("Face Value Split (Sub-Division) - From Rs 10/- Per Share To Rs 2/- Per Share", 20, 5, 5),
        ("FVSPLT FRM RS 2 TO RE 1", 50, 2, 2),
        ("Bonus 1:1", 50, 2, 2),
        ("Bonus 3:2", 40, 2.5, 2.5),
        ("Bonus 1:4", 80, 1.25, 1.25),
        ("Consolidation Of Equity Shares From Re 1 Per Share To Rs 10 Per Share", 1000, 0.1, 0.1),
        # Two shares at 100 and one new at 10 + 30: (2 x 100 + 40) / 3 = 80, so 100 / 80.
        ("Rights 1:2 @ Premium Rs 30/-", 80, 1.25, 1.25),
        # New shares dearer than old ones are worth no right.
        ("Rights 1:2 @ Premium Rs 150/-", 100, 1, 1),
        ("Special Dividend - Rs 20 Per Share", 80, 1.25, 1),
        # What is paid together counts together: 100 / (100 - 80).
        ("Interim Dividend - Rs 60/Special Dividend - Rs 20", 20, 5, 1),
        # The ordinary part of a twentieth is ordinary beside a special one too.
        ("Interim Dividend - Rs 2/Special Dividend - Rs 5", 95, 100 / 95, 1),
        # Nobody calls a fifth of the price an ordinary dividend.
        ("Dividend - Rs 20 Per Share", 80, 1.25, 1),
    ],
)
def test_factor_of_what_was_declared(
    purpose: str, first: float, price_factor: float, volume_factor: float
) -> None:
    row = one([*QUIET, bar(2, first, first)], action(purpose, DATES[2]))
    assert row["basis"] == "declared"
    assert row["volume_factor"] == volume_factor
    assert row["price_factor"] == pytest.approx(price_factor, rel=1e-12)
    assert (row["session_date"], row["ex_date"]) == (DATES[2], DATES[2])
    assert (row["previous_close"], row["open"], row["close"]) == (100.0, first, first)
    assert row["evidence"] == purpose


def test_ordinary_dividends_and_meetings_are_no_adjustment() -> None:
    bars = [*QUIET, bar(2, 97.0, 97.0)]
    assert adjusted(bars, action("Interim Dividend - Rs 3 Per Share", DATES[2])) == []
    assert adjusted(bars, action("Annual General Meeting", DATES[2])) == []
    assert adjusted(bars, action("Dividend - Rs 9.90 Per Share", DATES[2])) == []
    assert one(bars, action("Dividend - Rs 10 Per Share", DATES[2]))["kind"] == "special dividend"


def test_a_demerger_is_what_the_first_price_leaves() -> None:
    row = one([*QUIET, bar(2, 40.0, 44.0)], action("Demerger", DATES[2]))
    assert (row["kind"], row["basis"]) == ("demerger", "opening price")
    assert row["price_factor"] == pytest.approx(2.5)
    assert row["volume_factor"] == 1


def test_a_demerger_without_a_first_price_takes_the_close_and_says_so() -> None:
    row = one([*QUIET, bar(2, None, 50.0)], action("Demerger", DATES[2]))
    assert row["price_factor"] == pytest.approx(2.0)
    assert "no first price" in str(row["evidence"])


def test_several_on_one_day_multiply() -> None:
    rows = adjusted(
        [*QUIET, bar(2, 10.2, 10.1)],
        action("Bonus 4:1", DATES[2]),
        action("FVSPLT FRM RS 2 TO RE 1", DATES[2]),
    )
    assert [(row["kind"], row["terms"], row["price_factor"]) for row in rows] == [
        ("bonus", "4:1", 5.0),
        ("split", "2:1", 2.0),
    ]


def test_a_demerger_on_the_day_of_a_bonus_gets_the_rest() -> None:
    rows = adjusted([*QUIET, bar(2, 40.0, 40.0)], action("Bonus 1:1/Demerger", DATES[2]))
    factors = {row["kind"]: row["price_factor"] for row in rows}
    assert factors == {"bonus": 2.0, "demerger": pytest.approx(1.25)}


def test_an_ex_date_that_is_no_session_counts_on_the_next() -> None:
    after = next(place for place, day in enumerate(DATES) if day > HOLIDAY)
    assert HOLIDAY not in DATES
    bars = [bar(after - 1, 100.0, 100.0), bar(after, 50.0, 50.0)]
    row = one(bars, action("Bonus 1:1", HOLIDAY))
    assert (row["session_date"], row["ex_date"]) == (DATES[after], HOLIDAY)


def test_suspended_on_the_ex_date_counts_on_its_first_bar() -> None:
    row = one([*QUIET, bar(30, 50.0, 50.0)], action("Bonus 1:1", DATES[10]))
    assert (row["session_date"], row["price_factor"]) == (DATES[30], 2.0)


def test_what_was_before_the_first_bar_or_lies_ahead_does_not_count() -> None:
    bars = [*QUIET, bar(2, 100.0, 100.0)]
    assert adjusted(bars, action("Bonus 1:1", DATES[0])) == []
    assert adjusted(bars, action("Bonus 1:1", DATES[3])) == []


def test_a_split_that_prices_show_nothing_of_is_told_and_not_applied() -> None:
    bars = [*QUIET, bar(2, 101.0, 99.0), bar(3, 50.0, 50.0)]
    early, late = adjusted(bars, action("Bonus 1:1", DATES[2]))
    assert (early["session_date"], early["price_factor"], early["volume_factor"]) == (
        DATES[2],
        1.0,
        1.0,
    )
    assert "not applied" in str(early["evidence"])
    assert (late["session_date"], late["basis"], late["price_factor"]) == (
        DATES[3],
        "inferred",
        2.0,
    )


def test_a_scheme_counts_where_prices_jump_and_only_there() -> None:
    calm = [*QUIET, bar(2, 98.0, 99.0)]
    assert adjusted(calm, action("Scheme Of Arrangement", DATES[2])) == []
    row = one([*QUIET, bar(2, 62.5, 60.0)], action("Scheme Of Arrangement", DATES[2]))
    assert (row["kind"], row["basis"], row["price_factor"]) == ("demerger", "opening price", 1.6)
    assert row["volume_factor"] == 1
    assert row["ex_date"] == DATES[2]


def test_what_cannot_be_read_is_told() -> None:
    actions = pl.DataFrame(
        [
            action("Bonus issue", DATES[2]),
            action("Bonus 1:1", DATES[4]),
            action("MERGER", DATES[5]),
            action("Annual General Meeting", DATES[6]),
        ],
        schema=ACTION_TYPES,
    )
    assert told_actions(actions).rows() == [
        ("A", DATES[2], "unread", "bonus without a ratio", "Bonus issue"),
        ("A", DATES[5], "scheme", "names no terms", "MERGER"),
    ]


def test_a_jump_beside_a_declared_action_is_not_hidden_by_it() -> None:
    bonus, jump = adjusted([*QUIET, bar(2, 20.0, 21.0)], action("Bonus 1:1", DATES[2]))
    assert (bonus["kind"], bonus["price_factor"]) == ("bonus", 2.0)
    assert (jump["kind"], jump["basis"], jump["price_factor"]) == ("jump", "quarantined", None)


@pytest.mark.parametrize(
    ("open_", "close", "kind", "terms", "factor"),
    [
        (50.5, 52.0, "split", "2:1", 2.0),
        (20.6, 21.0, "split", "5:1", 5.0),
        (10.5, 10.9, "split", "10:1", 10.0),
        (33.0, 34.0, "split", "3:1", 3.0),
        (67.0, 65.0, "split", "3:2", 1.5),
        (40.5, 41.0, "split", "5:2", 2.5),
        (1.01, 1.0, "split", "100:1", 100.0),
        (510.0, 505.0, "consolidation", "1:5", 0.2),
        (1000.0, 960.0, "consolidation", "1:10", 0.1),
    ],
)
def test_a_simple_ratio_nobody_declared_is_inferred(
    open_: float, close: float, kind: str, terms: str, factor: float
) -> None:
    row = one([*QUIET, bar(2, open_, close)])
    assert (row["kind"], row["terms"], row["basis"]) == (kind, terms, "inferred")
    assert row["price_factor"] == row["volume_factor"] == factor
    assert row["ex_date"] is None


@pytest.mark.parametrize(
    ("open_", "close"),
    [
        (96.0, 73.0),  # a crash of a share with derivatives opens near the last close
        (90.0, 44.0),
        (100.0, 145.0),
        (80.0, 80.0),  # down to the band and no trade above it
        (120.0, 120.0),
        (79.5, 80.0),
    ],
)
def test_trading_moves_are_left_alone(open_: float, close: float) -> None:
    assert adjusted([*QUIET, bar(2, open_, close)]) == []


@pytest.mark.parametrize(
    ("open_", "close"),
    [(36.4, 33.4), (59.2, 67.5), (72.0, 73.0), (150.0, 147.0), (50.0, 75.0), (800.0, 810.0)],
)
def test_a_jump_nobody_explains_is_quarantined(open_: float, close: float) -> None:
    row = one([*QUIET, bar(2, open_, close)])
    assert (row["kind"], row["basis"]) == ("jump", "quarantined")
    assert row["price_factor"] is None
    assert row["volume_factor"] is None
    assert "100" in str(row["evidence"])


def test_a_move_into_trade_for_trade_on_the_day_marks_a_demerger_not_a_split() -> None:
    moved = bar(2, 50.0, 50.0, series="BE")
    assert one([*QUIET, moved])["basis"] == "quarantined"
    assert one([bar(1, 100.0, 100.0, series="BE"), moved])["basis"] == "inferred"
    # A change of series at an unchanged price is nothing.
    assert adjusted([*QUIET, bar(2, 98.0, 99.0, series="BE"), bar(3, 99.0, 98.0)]) == []


def test_a_tick_of_a_penny_share_is_trading() -> None:
    assert adjusted([bar(0, 0.1, 0.1), bar(1, 0.05, 0.05), bar(2, 0.15, 0.15)]) == []
    assert one([bar(0, 1.0, 1.0), bar(1, 0.5, 0.5)])["basis"] == "inferred"


def test_entitlements_have_no_band() -> None:
    kind = "rights entitlement"
    assert adjusted([bar(0, 10.0, 10.0, kind=kind), bar(1, 5.0, 5.0, kind=kind)]) == []


def test_a_fund_is_judged_by_its_close() -> None:
    bars = [bar(0, 100.0, 100.0, kind="fund"), bar(1, 12.0, 10.05, kind="fund")]
    assert one(bars)["terms"] == "10:1"


def test_what_traded_unseen_starts_from_the_previous_close_printed() -> None:
    # Forty sessions in a series that the file leaves out, down to 70: trading.
    seen_again = bar(41, 71.0, 72.0, previous_close=70.0)
    assert adjusted([*QUIET, seen_again]) == []
    # To 50: nobody can say whether that was trading or a bonus.
    halved = bar(41, 51.0, 52.0, previous_close=50.0)
    row = one([*QUIET, halved])
    assert row["basis"] == "quarantined"
    assert "unseen" in str(row["evidence"])
    # A consolidation on the day it is seen again is seen against that close.
    consolidated = bar(14, 700.0, 705.0, previous_close=70.0)
    assert one([*QUIET, consolidated])["terms"] == "1:10"


def test_back_after_long_a_ratio_is_chance() -> None:
    assert one([*QUIET, bar(40, 50.0, 50.0)])["basis"] == "quarantined"
    assert one([*QUIET, bar(15, 50.0, 50.0)])["basis"] == "inferred"
    assert adjusted([*QUIET, bar(40, 70.0, 71.0)]) == []
    assert one([*QUIET, bar(40, 50.0, 50.0)], action("Bonus 1:1", DATES[20]))["basis"] == "declared"


def history(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Four shares with gaps, jumps and actions, in no order."""
    draw = random.Random(seed)
    bars: list[dict[str, object]] = []
    actions: list[dict[str, object]] = []
    for share in "ABCD":
        price = 100.0
        for place in range(60):
            step = draw.choice([1.0] * 8 + [0.5, 0.2, 0.63, 2.0]) * draw.uniform(0.97, 1.03)
            if draw.random() < 0.2:
                continue
            price *= step
            printed = draw.choice([None, price / step, price * 0.9])
            bars.append(bar(place, price, price * 1.01, share=share, previous_close=printed))
        actions += [
            action(purpose, START + timedelta(days=draw.randrange(90)), share=share)
            for purpose in ("Bonus 1:1", "Demerger", "Scheme Of Arrangement", "Rights 1:2 At Par")
        ]
    draw.shuffle(bars)
    return pl.DataFrame(bars, schema=BAR_TYPES), pl.DataFrame(actions, schema=ACTION_TYPES)


@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 10_000), cut=st.integers(0, 60))
def test_any_cut_gives_the_same_rows_and_nothing_later_changes_earlier(seed: int, cut: int) -> None:
    bars, actions = history(seed)
    whole = price_adjustments(bars, NO_LAST, actions, SESSIONS)
    assert whole.height > 5
    day = pl.col("session_date") < DATES[cut]
    early, late = bars.filter(day), bars.filter(~day)
    known = actions.filter(pl.col("ex_date") < DATES[cut])
    first = price_adjustments(early, NO_LAST, known, SESSIONS.filter(day))
    last = early.sort("session_date").unique("instrument_id", keep="last", maintain_order=True)
    second = price_adjustments(late, last, actions, SESSIONS)
    assert first.equals(whole.filter(day))
    assert pl.concat([first, second]).sort(whole.columns[:4]).equals(whole.sort(whole.columns[:4]))


def test_no_bars_give_no_rows() -> None:
    assert adjusted([]) == []
    assert adjusted([], action("Bonus 1:1", DATES[3])) == []
