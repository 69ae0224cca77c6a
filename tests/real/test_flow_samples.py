"""Genuine files of flows, one capture each: figures read from them by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from transforms.parse.depository import LAYOUT as DEPOSITORY
from transforms.parse.institutional_flow import API, NSE_API, SAVED_API
from transforms.parse.layout import Layout, Payload
from transforms.parse.participant_contracts import (
    JOINED_OPEN_INTEREST_LAYOUT,
    JOINED_VOLUME_LAYOUT,
    OPEN_INTEREST_LAYOUT,
    VOLUME_LAYOUT,
)
from transforms.parse.screen import Screened, screen

pytestmark = pytest.mark.real
FETCHED = datetime(2026, 11, 1, 15, 0, tzinfo=UTC)
LAYOUTS = (
    *(API, NSE_API, SAVED_API, DEPOSITORY, OPEN_INTEREST_LAYOUT, VOLUME_LAYOUT),
    *(JOINED_OPEN_INTEREST_LAYOUT, JOINED_VOLUME_LAYOUT),
)


def sample(archive: Path, pattern: str) -> Payload:
    found = sorted((archive / "samples").glob(pattern))
    if not found:
        pytest.skip(f"the archive holds no samples/{pattern}")
    return Payload(found[0].read_bytes(), found[0].name)


def screened(layout: Layout, payload: Payload, stated: Mapping[str, str] | None = None) -> Screened:
    """The rows of one file, read by the only layout that knows it."""
    payload = Payload(payload.body, payload.name, stated or {})
    assert [known.id for known in LAYOUTS if known.recognise(payload)] == [layout.id]
    text = layout.read(payload).with_columns(
        file_id=pl.lit(1, pl.Int64), fetched_on=pl.lit(FETCHED.date())
    )
    at = pl.lit(FETCHED).cast(pl.Datetime("us", "UTC"))
    known = pl.DataFrame({"file_id": [1]}).with_columns(recorded_at=at, is_imported=pl.lit(True))
    basis = {"published_at": pl.col("recorded_at"), "published_basis": pl.lit("observed")}
    return screen(text, layout, known, basis)


def test_the_depositorys_page_of_26_may_2026(archive: Path) -> None:
    found = screened(DEPOSITORY, sample(archive, "nsdl_fpi_latest*.html"))
    assert found.rejected.is_empty()
    good = found.good
    assert good.height == 25
    assert set(good.select("reporting_date", "inr_per_usd").rows()) == {
        (date(2026, 5, 26), Decimal("95.2047"))
    }
    figures = {
        (row["asset_class"], row["route"]): tuple(
            row[name] for name in ("purchases_crore", "sales_crore", "net_crore", "net_usd_million")
        )
        for row in good.to_dicts()
    }
    by_hand = {
        ("equity", "stock_exchange"): ("12847.68", "10732.31", "2115.37", "222.19"),
        ("equity", "primary_market"): ("80.56", "1.25", "79.31", "8.33"),
        ("equity", "sub_total"): ("12928.24", "10733.56", "2194.68", "230.52"),
        ("debt_general", "stock_exchange"): ("2.99", "196.60", "-193.61", "-20.34"),
        ("debt_vrr", "primary_market"): ("150.00", "166.80", "-16.80", "-1.76"),
        ("debt_far", "sub_total"): ("426.37", "201.46", "224.91", "23.62"),
        ("hybrid", "primary_market"): ("0.00", "0.10", "-0.10", "-0.01"),
        ("mutual_fund", "equity_schemes"): ("11.54", "1.04", "10.50", "1.10"),
        ("mutual_fund", "other_schemes"): ("0.02", "0.21", "-0.19", "-0.02"),
        ("aif", "sub_total"): ("0.00", "0.00", "0.00", "0.00"),
        ("total", "total"): ("14388.96", "11824.76", "2564.20", "269.33"),
    }
    assert {key: figures[key] for key in by_hand} == {
        key: tuple(map(Decimal, values)) for key, values in by_hand.items()
    }


def test_the_depositorys_parts_add_up_to_its_totals(archive: Path) -> None:
    good = screened(DEPOSITORY, sample(archive, "nsdl_fpi_latest*.html")).good
    columns = ("purchases_crore", "sales_crore", "net_crore")
    is_part = ~pl.col("route").is_in(["sub_total", "total"])
    sums = good.group_by("asset_class").agg(
        *(pl.col(name).filter(is_part).sum() for name in columns)
    )
    subs = good.filter(route="sub_total")
    assert (
        sums.filter(pl.col("asset_class") != "total")
        .sort("asset_class")
        .equals(subs.select("asset_class", *columns).sort("asset_class"))
    )
    total = good.filter(route="total").select(columns).row(0)
    assert subs.select(pl.sum(*columns)).row(0) == total


def test_answers_saved_in_december_2021(archive: Path) -> None:
    payload = sample(archive, "fiidii_legacy_labels_2021*.csv")
    found = screened(SAVED_API, payload)
    rows = found.good.select(
        "session_date", "participant", "buy_crore", "sell_crore", "net_crore"
    ).rows()
    assert rows == [
        (day, who, *map(Decimal, values))
        for day, who, values in [
            (date(2021, 12, 10), "DII", ("4477.51", "4090.88", "386.63")),
            (date(2021, 12, 10), "FII", ("5595.06", "6687.46", "-1092.4")),
            (date(2021, 12, 9), "DII", ("5623.94", "4841.1", "782.84")),
            (date(2021, 12, 9), "FII", ("6194.93", "7780.48", "-1585.55")),
        ]
    ]
    assert found.rejected["reason"].to_list() == ["repeats another row, or says less than it"] * 2
    assert set(found.good["scope"]) == {"unstated"}
    stated = screened(SAVED_API, payload, {"scope": "NSE+BSE+MSEI"}).good
    assert set(stated["scope"]) == {"NSE+BSE+MSEI"}


def test_the_interface_on_8_april_2026_and_the_same_bytes_of_one_exchange(archive: Path) -> None:
    payload = sample(archive, "fiidiiTradeReact*.json")
    together = screened(API, payload).good
    nets = dict(together.select("participant", "net_crore").rows())
    assert nets == {"DII": Decimal("4168.17"), "FII": Decimal("-2811.97")}
    assert set(together["scope"]) == {"NSE+BSE+MSEI"}
    alone = screened(NSE_API, Payload(payload.body, "fiidiiTradeNse.json")).good
    assert set(alone["scope"]) == {"NSE"}


def test_open_interest_of_march_2026(archive: Path) -> None:
    found = screened(JOINED_OPEN_INTEREST_LAYOUT, sample(archive, "fao_participant_oi_2026-03.csv"))
    assert found.rejected.is_empty()
    good = found.good
    assert good.height == 95
    days = sorted(set(good["session_date"]))
    assert (len(days), days[0], days[1]) == (19, date(2026, 3, 2), date(2026, 3, 4))
    assert {day.month for day in days} == {3}
    first = good.filter(session_date=date(2026, 3, 2))
    fii = first.filter(participant="FII").row(0, named=True)
    assert fii["future_index_long_contracts"] == 34972
    assert fii["future_index_short_contracts"] == 179445
    assert fii["option_index_put_long_contracts"] == 699693
    assert fii["option_index_call_short_contracts"] == 423867
    assert fii["option_stock_put_short_contracts"] == 84464
    assert fii["total_long_contracts"] == 5273638
    assert fii["total_short_contracts"] == 3898049


def test_every_contract_has_a_holder_on_either_side(archive: Path) -> None:
    """Parts miss the whole by a contract here and there: the exchange rounds each for itself."""
    joined = sample(archive, "fao_participant_oi_2026-03.csv")
    good = screened(JOINED_OPEN_INTEREST_LAYOUT, joined).good
    names = [name for name in good.columns if name.endswith("_contracts")]
    of_parts = good.filter(pl.col("participant") != "TOTAL").group_by("session_date")
    parts = of_parts.agg(pl.sum(*names)).sort("session_date")
    whole = good.filter(participant="TOTAL").sort("session_date")
    for name in names:
        assert (parts[name] - whole[name]).abs().max() <= 1
        if "_long_" in name:
            assert whole[name].to_list() == whole[name.replace("_long_", "_short_")].to_list()
