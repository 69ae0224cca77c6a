"""Genuine series and lists: every row is loaded, every hole is listed, and they agree."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from transforms.metrics.macro import macro
from transforms.parse.index_members import LAYOUT, LISTS
from transforms.parse.layout import Layout, Payload
from transforms.parse.macro_series import FRED_CSV, RESAVED_CSV

pytestmark = pytest.mark.real
MONTHLY_FILE = "DEXINUS_monthly_2019-04_2025-01.csv"


def text_of(layout: Layout, path: Path, root: Path) -> pl.DataFrame:
    payload = Payload(path.read_bytes(), str(path.relative_to(root)))
    assert layout.recognise(payload), path.name
    return layout.read(payload).with_columns(fetched_on=pl.lit(date(2026, 2, 11)))


def folder(archive: Path, name: str) -> list[Path]:
    found = sorted((archive / name).rglob("*.csv"))
    if not found:
        pytest.skip(f"the archive holds no {name}/*.csv")
    return found


@pytest.fixture(scope="module")
def series(archive: Path) -> pl.DataFrame:
    """All genuine observations, typed."""
    frames = []
    for path in folder(archive, "fred"):
        layout = FRED_CSV if path.name == MONTHLY_FILE else RESAVED_CSV
        frames.append(text_of(layout, path, archive).with_columns(**layout.typed))
    return pl.concat(frames)


@pytest.fixture(scope="module")
def members(archive: Path) -> pl.DataFrame:
    """All genuine lists, typed; rejected rows among them, with a null ISIN."""
    return pl.concat(
        text_of(LAYOUT, path, archive).with_columns(
            published=pl.col("isin"), file=pl.lit(path.name), **LAYOUT.typed
        )
        for path in folder(archive, "constituents")
    )


def test_every_row_is_typed_and_every_hole_is_a_null_row(
    archive: Path, series: pl.DataFrame
) -> None:
    for path in folder(archive, "fred"):
        with path.open(encoding="utf-8") as file:
            written = {row[0]: row[1] for row in list(csv.reader(file))[1:]}
        frequency = {MONTHLY_FILE: "monthly", "FEDFUNDS.csv": "monthly"}.get(path.name, "daily")
        mine = series.filter(
            (pl.col("series_id") == path.stem.split("_")[0]) & (pl.col("frequency") == frequency)
        )
        assert mine.height == len(written), path.name
        assert mine["observation_date"].null_count() == 0
        read = {
            str(day): value for day, value in mine.select("observation_date", "value").iter_rows()
        }
        for day, cell in written.items():
            hole = cell.strip() in {"", "."}
            assert (read[day] is None) is hole, (path.name, day)
            assert hole or float(read[day]) == pytest.approx(float(cell), abs=5e-7)


def test_two_yields_differ_by_the_series_that_is_their_difference(series: pl.DataFrame) -> None:
    wide = series.filter(pl.col("series_id").is_in(["DGS2", "DGS10", "T10Y2Y"])).pivot(
        "series_id", index="observation_date", values="value"
    )
    both = wide.drop_nulls().select(
        gap=(pl.col("DGS10") - pl.col("DGS2") - pl.col("T10Y2Y")).cast(pl.Float64).abs()
    )
    assert both.height > 10_000
    # A few early yields do not add up at the publisher's.
    assert both.filter(pl.col("gap") > 0.005).height < 10
    assert both["gap"].max() < 0.025  # type: ignore[operator]


def test_evenings_know_the_curve_that_the_publisher_derives(
    archive: Path, series: pl.DataFrame
) -> None:
    path = archive / "sessions_2004_2025.csv"
    if not path.is_file():
        pytest.skip("the archive holds no sessions_2004_2025.csv")
    days = pl.read_csv(path, try_parse_dates=True).select(session_date="date")
    found = macro(series.with_columns(value=pl.col("value")), days)
    curve, published = (
        found.filter((pl.col("series_id") == name) & ~pl.col("is_stale")).select(
            "session_date", "observation_date", "value"
        )
        for name in ("US_CURVE", "T10Y2Y")
    )
    both = curve.join(published, on=["session_date", "observation_date"])
    assert both.height > 5_000
    assert both.select((pl.col("value") - pl.col("value_right")).abs().max()).item() < 0.0101
    # A value of the United States is never known on its own date.
    american = found.filter(pl.col("series_id").is_in(["DGS2", "VIXCLS", "DCOILBRENTEU"]))
    assert american.drop_nulls("age_sessions")["age_sessions"].min() >= 1  # type: ignore[operator]
    monthly = found.filter(pl.col("series_id") == "DEXINUS_MONTHLY").drop_nulls("value")
    gap = (pl.col("session_date") - pl.col("observation_date")).dt.total_days()
    assert monthly.select(gap.min()).item() >= 42, "a mean is not known in its own month"
    assert "DEXINUS" not in set(found["series_id"])


def check_digit_holds(isin: str) -> bool:
    """ISO 6166: letters as numbers, every second digit from the right doubled."""
    digits = "".join(str(int(one, 36)) for one in isin)
    total = 0
    for place, one in enumerate(reversed(digits)):
        doubled = int(one) * (2 if place % 2 else 1)
        total += doubled // 10 + doubled % 10
    return total % 10 == 0


def test_lists_are_about_as_long_as_their_names_and_hold_shares(members: pl.DataFrame) -> None:
    assert set(members["list_id"]) <= set(LISTS.values())
    kept = members.drop_nulls("isin")
    for (list_id, seen_on), rows in kept.group_by("list_id", "seen_on"):
        size = re.search(r"\d+$", str(list_id))
        if size:
            assert abs(rows.height - int(size[0])) <= 3, (list_id, seen_on)
        assert not rows["isin"].is_duplicated().any(), (list_id, seen_on)
    assert all(check_digit_holds(isin) for isin in kept["isin"].unique())
    assert not kept["symbol"].str.contains(".NS", literal=True).any()
    assert not kept["symbol"].str.starts_with("DUMMY").any()


def test_only_placeholders_are_rejected(members: pl.DataFrame) -> None:
    rejected = members.filter(pl.col("isin").is_null())
    assert rejected.height > 0
    assert rejected["symbol"].str.starts_with("DUMMY").all()
    assert rejected["published"].str.starts_with("DUM").all()


def test_the_lists_of_one_vintage_nest(members: pl.DataFrame) -> None:
    """Total market is the 500 and the microcaps; in one month's folder there are two vintages."""

    def isins(list_id: str, seen_on: date) -> set[str]:
        return set(
            members.filter((pl.col("list_id") == list_id) & (pl.col("seen_on") == seen_on))["isin"]
        )

    old, new = date(2024, 5, 1), date(2024, 5, 31)
    assert isins("nifty-smallcap-250", old) < isins("nifty-500", old)
    assert isins("nifty-midsmallcap-400", old) < isins("nifty-500", old)
    assert isins("nifty-midcap-150", new) < isins("nifty-500", new)
    assert isins("nifty-500", new) | isins("nifty-microcap-250", new) == isins(
        "nifty-total-market", new
    )
    assert not isins("nifty-500", new) & isins("nifty-microcap-250", new)
    assert isins("nifty-500", old) != isins("nifty-500", new)
