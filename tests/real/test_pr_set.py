"""The PR set of 29 October 2025 and excerpts of lists, against the same files read by hand."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from flows.sources.imported_pr_files import SOURCE
from transforms.parse import action_list, equity_list, pr_set
from transforms.parse.layout import Layout, Payload
from transforms.parse.screen import Screened, screen

pytestmark = pytest.mark.real
DAY = date(2025, 10, 29)
SEEN = datetime(2025, 10, 29, 15, tzinfo=UTC)
LOOSE = "pr_2025-10-29"


@pytest.fixture(scope="module")
def folder(archive: Path) -> Path:
    """The unpacked set."""
    path = archive / LOOSE
    if not path.is_dir():
        pytest.skip(f"the archive holds no {LOOSE}")
    return path


@pytest.fixture(scope="module")
def packed(folder: Path) -> Payload:
    """The set as the exchange packs it; files of other days beside it are left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            if "29102025" in path.name or path.name == "readme.txt":
                archive.write(path, path.name)
    return Payload(out.getvalue(), "PR291025.zip")


def loaded(layout: Layout, payload: Payload, seen: datetime = SEEN) -> Screened:
    text = layout.read(payload).with_columns(
        file_id=pl.lit(1, pl.Int64), fetched_on=pl.lit(seen.date())
    )
    known = pl.DataFrame(
        {"file_id": [1], "recorded_at": [seen]},
        schema_overrides={"recorded_at": pl.Datetime("us", "UTC")},
    )
    observed = {"published_at": pl.col("recorded_at"), "published_basis": pl.lit("observed")}
    published = {} if "published_at" in layout.typed else observed
    screened = screen(text, layout, known, published)
    told = set(screened.rejected["row_number"])
    assert screened.good.height + len(told) == text.height, "every row is kept, or kept aside"
    return screened


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows by the publisher's names, stripped, by Python's own reader."""
    with path.open(newline="") as opened:
        rows = [[cell.strip() for cell in row] for row in csv.reader(opened)]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def beside(kind: str) -> Layout:
    (found,) = [one for one in pr_set.LAYOUT.beside if kind in one.id]
    return found


def test_every_size_adds_up_to_the_exchanges_own_total(folder: Path, packed: Payload) -> None:
    assert pr_set.LAYOUT.recognise(packed)
    screened = loaded(pr_set.LAYOUT, packed)
    assert screened.rejected.is_empty()
    rows = rows_of(folder / "mcap29102025.csv")
    sums = {row["Symbol"]: Decimal(row["Market Cap(Rs.)"]) for row in rows if not row["Series"]}
    assert sorted(sums) == ["Listed", "Permitted", "Total"]
    assert screened.good.height == len(rows) - len(sums)
    for category in ("Listed", "Permitted"):
        told = screened.good.filter(category=category)["market_cap_inr"].sum()
        assert abs(Decimal(told) - sums[category]) < 1, "the exchange adds in floating point"
    assert set(screened.good["session_date"]) == {DAY}
    by_hand = {(row["Symbol"], row["Series"]): row for row in rows if row["Series"]}
    for row in screened.good.iter_rows(named=True):
        hand = by_hand[row["symbol"], row["series"]]
        assert row["issued_shares"] == int(hand["Issue Size"])
        assert row["close"] == Decimal(hand["Close Price/Paid up value(Rs.)"])
        assert row["market_cap_inr"] == Decimal(hand["Market Cap(Rs.)"])
        assert (row["last_trade_date"] is None) == (hand["Last Trade Date"] == "Not Traded")


def test_actions_without_an_ex_date_are_told(folder: Path, packed: Payload) -> None:
    screened = loaded(beside("action"), packed)
    rows = rows_of(folder / "bc29102025.csv")
    dated = [row for row in rows if row["EX_DT"]]
    names = ("series", "symbol", "company_name", "ex_date", "purpose")
    assert screened.good.select(names).rows() == [
        (
            *(row["SERIES"], row["SYMBOL"], row["SECURITY"]),
            *(date.fromisoformat(row["EX_DT"]), row["PURPOSE"]),
        )
        for row in dated
    ]
    assert screened.rejected.height == len(rows) - len(dated)
    assert set(screened.rejected["reason"]) == {"ex_date is missing"}
    assert max(screened.good["ex_date"].to_list()) > DAY, "they lie ahead"


def test_extremes_and_funds_are_read_whole(folder: Path, packed: Payload) -> None:
    extremes = loaded(beside("extremes"), packed)
    assert extremes.rejected.is_empty()
    assert extremes.good.select("security_name", "new_price", "extreme").rows() == [
        (row["SECURITY"], Decimal(row["NEW"]), {"H": "high", "L": "low"}[row["NEW_STATUS"]])
        for row in rows_of(folder / "hl29102025.csv")
    ]
    funds = loaded(beside("fund"), packed)
    assert funds.rejected.is_empty()
    assert funds.good.select("symbol", "security_name", "underlying").rows() == [
        (row["SYMBOL"], row["SECURITY"], row["UNDERLYING"])
        for row in rows_of(folder / "etf29102025.csv")
    ]


def test_unpacked_files_say_the_same(folder: Path, packed: Payload) -> None:
    pairs = zip(SOURCE.layouts, (pr_set.LAYOUT, *pr_set.LAYOUT.beside), strict=True)
    for (alone, together), kind in zip(pairs, ("mcap", "bc", "hl", "etf"), strict=True):
        path = folder / f"{kind}29102025.csv"
        payload = Payload(path.read_bytes(), f"{LOOSE}/{path.name}")
        assert [one.id for one in SOURCE.layouts if one.recognise(payload)] == [alone.id]
        assert loaded(alone, payload).good.equals(loaded(together, packed).good)


@pytest.mark.parametrize(
    "name", ["nse_api_actions.json", "nse_corporates-corporateActions_sample.json"]
)
def test_the_interfaces_records_are_loaded(archive: Path, name: str) -> None:
    path = archive / "samples" / name
    if not path.is_file():
        pytest.skip(f"the archive holds no {name}")
    payload = Payload(path.read_bytes())
    assert action_list.API_LAYOUT.recognise(payload)
    screened = loaded(action_list.API_LAYOUT, payload)
    assert screened.rejected.is_empty()
    (record,) = json.loads(path.read_bytes())
    row = screened.good.row(0, named=True)
    assert (row["symbol"], row["isin"], row["purpose"]) == (
        *(record["symbol"], record["isin"]),
        record["subject"],
    )
    assert f"{row['ex_date']:%d-%b-%Y}" == record["exDate"]
    assert (row["published_basis"], row["face_value_inr"]) == (
        "assumed",
        Decimal(record["faceVal"]),
    )
    assert row["published_at"].date() < row["ex_date"]


def test_listed_shares_are_loaded(archive: Path) -> None:
    paths = sorted((archive / "samples").glob("EQUITY_L*.csv"))
    if not paths:
        pytest.skip("the archive holds no EQUITY_L")
    for path in paths:
        payload = Payload(path.read_bytes())
        assert equity_list.LAYOUT.recognise(payload)
        screened = loaded(equity_list.LAYOUT, payload, datetime(2026, 8, 28, 15, tzinfo=UTC))
        assert screened.rejected.is_empty()
        assert screened.good.select("symbol", "isin", "company_name").rows() == [
            (row["SYMBOL"], row["ISIN NUMBER"], row["NAME OF COMPANY"]) for row in rows_of(path)
        ]
