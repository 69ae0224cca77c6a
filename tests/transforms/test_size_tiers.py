"""Tiers by rank of market capitalisation."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.size_tiers import merged_tiers, size_tiers
from transforms.universes import NEVER
from warehouse.tables.instruments import IndexMembership


def weekdays(first: date, last: date) -> list[date]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]


def caps(days: list[date], count: int, crore: float = 1e7) -> pl.DataFrame:
    """Shares S0001, S0002 ... the larger the lower the number."""
    shares = pl.DataFrame(
        {
            "instrument_id": [f"S{n:04d}" for n in range(1, count + 1)],
            "market_cap_inr": [crore * (count + 1 - n) for n in range(1, count + 1)],
        }
    )
    return pl.DataFrame({"session_date": days}, schema={"session_date": pl.Date}).join(
        shares, how="cross"
    )


def tiers(found: pl.DataFrame, day: date) -> dict[str, list[str]]:
    held = found.filter(pl.col("valid_from") <= day, pl.col("valid_to") > day)
    assert held["instrument_id"].is_unique().all()
    return {
        str(universe): sorted(part["instrument_id"])
        for (universe,), part in held.group_by("universe")
    }


DECEMBER = weekdays(date(2023, 11, 20), date(2023, 12, 29))
RESET = date(2024, 1, 1)
YEAR = weekdays(date(2023, 11, 20), date(2024, 12, 31))


def test_the_official_ranks_and_ours() -> None:
    found = size_tiers(caps([*DECEMBER, RESET], 800))
    held = tiers(found, RESET)
    names = [f"S{n:04d}" for n in range(1, 801)]
    assert held == {
        "tier:large": names[:100],
        "tier:mid": names[100:250],
        "tier:small": names[250:500],
        "tier:micro": names[500:],
    }
    assert set(found["valid_from"]) == {RESET}
    assert set(found["valid_to"]) == {NEVER}
    assert set(found["universe_kind"]) == {"tier"}
    IndexMembership.validate(found)


@pytest.mark.parametrize(
    ("shares", "borders"), [(75, (10, 25, 50)), (64, (8, 21, 42)), (1, (0,) * 3)]
)
def test_in_a_smaller_market_the_ranks_shrink(shares: int, borders: tuple[int, int, int]) -> None:
    held = tiers(size_tiers(caps([*DECEMBER, RESET], shares)), RESET)
    sizes = [len(held.get(f"tier:{tier}", [])) for tier in ("large", "mid", "small", "micro")]
    large, mid, small = borders
    assert sizes == [large, mid - large, small - mid, shares - small]


def test_a_reset_looks_at_the_half_year_before_and_holds_to_the_next() -> None:
    told = caps(YEAR, 15)
    # From January to June the smallest is the largest; what it was in December no longer counts.
    rises = (pl.col("instrument_id") == "S0015") & (pl.col("session_date") >= RESET)
    told = told.with_columns(market_cap_inr=pl.when(rises).then(1e9).otherwise("market_cap_inr"))
    found = size_tiers(told)
    july = date(2024, 7, 1)
    assert set(found["valid_from"]) == {RESET, july}
    assert found.filter(valid_from=RESET)["valid_to"].unique().to_list() == [july]
    assert tiers(found, date(2024, 6, 28))["tier:large"] == ["S0001", "S0002"]
    assert tiers(found, july)["tier:large"] == ["S0001", "S0015"]
    assert "S0015" in tiers(found, date(2024, 6, 28))["tier:micro"]


def test_the_mean_is_over_the_sessions_a_share_has() -> None:
    # S0003 came late and is worth more than the first two since.
    late = pl.DataFrame(
        {"session_date": DECEMBER[-5:], "instrument_id": ["S0016"] * 5, "market_cap_inr": [1e9] * 5}
    )
    told = pl.concat([caps([*DECEMBER, RESET], 15), late], how="diagonal")
    # And S0001 left the market in the middle.
    told = told.filter(
        (pl.col("instrument_id") != "S0001") | (pl.col("session_date") < DECEMBER[5])
    )
    held = tiers(size_tiers(told), RESET)
    assert held["tier:large"] == ["S0002", "S0016"]
    assert "S0001" not in {one for tier in held.values() for one in tier}


def test_before_twenty_sessions_there_is_no_tier() -> None:
    assert size_tiers(caps([*DECEMBER[-19:], RESET], 15)).is_empty()
    assert not size_tiers(caps([*DECEMBER[-20:], RESET], 15)).is_empty()
    unknown = caps([*DECEMBER, RESET], 15).with_columns(
        market_cap_inr=pl.lit(None, dtype=pl.Float64)
    )
    assert size_tiers(unknown).is_empty()
    assert size_tiers(caps([], 15)).is_empty()
    # The half-year has not ended.
    assert size_tiers(caps(DECEMBER, 15)).is_empty()


def test_a_reset_is_on_the_first_session_even_where_it_has_no_values() -> None:
    sessions = pl.DataFrame({"session_date": [*DECEMBER, RESET]})
    found = size_tiers(caps(DECEMBER, 15), sessions)
    assert set(found["valid_from"]) == {RESET}


def test_ties_are_ranked_by_id_and_not_by_the_order_of_sums() -> None:
    # Fourteen shares with the same values in another order each: sums differ in the last bits.
    values = [1e9 / 3 + n * 0.1 for n in range(len(DECEMBER))]
    told = pl.concat(
        [
            pl.DataFrame(
                {
                    "session_date": DECEMBER,
                    "instrument_id": [f"S{n:04d}"] * len(DECEMBER),
                    "market_cap_inr": values[n:] + values[:n],
                }
            )
            for n in range(14)
        ]
    )
    sessions = pl.DataFrame({"session_date": [*DECEMBER, RESET]})
    for seed in range(3):
        mixed = told.sample(fraction=1, shuffle=True, seed=seed)
        held = tiers(size_tiers(mixed, sessions), RESET)
        assert held["tier:large"] == ["S0000"]
        assert held["tier:mid"] == ["S0001", "S0002", "S0003"]


def test_decimals_of_the_warehouse_are_ranked_as_well() -> None:
    told = caps([*DECEMBER, RESET], 75)
    exact = told.with_columns(pl.col("market_cap_inr").cast(pl.Decimal(24, 2)))
    assert_frame_equal(size_tiers(exact), size_tiers(told))


def wandering() -> pl.DataFrame:
    """Caps of 40 shares that change places."""
    told = caps(YEAR, 40)
    number = pl.col("instrument_id").str.slice(1).cast(pl.Float64)
    day = (pl.col("session_date") - pl.lit(YEAR[0])).dt.total_days()
    return told.with_columns(market_cap_inr=1e9 * (2 + (number * 7 + day / 40).sin()))


@pytest.mark.parametrize("day", [RESET, date(2024, 3, 28), date(2024, 7, 1), date(2024, 9, 2)])
def test_later_values_change_no_earlier_tier(day: date) -> None:
    told = wandering()
    whole, early = size_tiers(told), size_tiers(told.filter(pl.col("session_date") <= day))
    for then in (RESET, date(2024, 3, 28), date(2024, 7, 1), date(2024, 9, 2)):
        if then <= day:
            assert tiers(early, then) == tiers(whole, then), then


def test_a_night_needs_the_last_half_year_alone() -> None:
    told = wandering()
    july = date(2024, 7, 1)
    stored = size_tiers(told.filter(pl.col("session_date") < july))
    recent = size_tiers(told.filter(pl.col("session_date") >= RESET))
    assert_frame_equal(merged_tiers(stored, recent), size_tiers(told))
    # Again on the next night, and on one with nothing new.
    assert_frame_equal(merged_tiers(size_tiers(told), recent), size_tiers(told))
    assert_frame_equal(merged_tiers(stored, recent.clear()), stored)
