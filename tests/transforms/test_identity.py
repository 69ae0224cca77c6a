"""Index names: spelling, declared renames, seams proven by closing values, and no false friends."""

from __future__ import annotations

import csv
import json
import os
import re
import time
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms.identity import collisions, index_names, seams
from transforms.index_titles import TITLES, declared_names, index_id, spelling_key

ARCHIVE = Path(os.environ.get("RISKON_ARCHIVE", Path(__file__).parents[3] / "shared" / "archive"))
BAR: dict[str, Any] = {
    "session_date": pl.Date,
    "index_name": pl.String,
    "return_variant": pl.String,
    "source_id": pl.String,
    "close": pl.Float64,
    "points_change": pl.Float64,
    "change_pct": pl.Float64,
}
START = date(2018, 3, 26)


def series(
    name: str,
    levels: list[float],
    *,
    begins: int = 0,
    variant: str = "price",
    before: float | None = None,
    changes: bool = True,
) -> pl.DataFrame:
    """Bars on consecutive days from START + `begins`; `before` is the close before the first."""
    previous = [before, *levels[:-1]]
    points = [
        None if last is None or not changes else round(level - last, 2)
        for level, last in zip(levels, previous, strict=True)
    ]
    return pl.DataFrame(
        [
            (START + timedelta(days=begins + at), name, variant, "index_close", level, move, None)
            for at, (level, move) in enumerate(zip(levels, points, strict=True))
        ],
        schema=BAR,
        orient="row",
    )


def market(sessions: int = 8) -> pl.DataFrame:
    """Other indices that trade throughout."""
    return pl.concat(
        series(name, [level + 1.37 * at for at in range(sessions)])
        for name, level in (("Nifty 50", 10000.0), ("Nifty 500", 9000.0), ("Nifty IT", 12000.0))
    )


def seen(*names: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"index_name": names, "session_date": [START] * len(names)},
        schema={"index_name": pl.String, "session_date": pl.Date},
    )


def ids(names: pl.DataFrame) -> dict[str, str]:
    return dict(names.select("index_name", "index_id").iter_rows())


NO_BARS = pl.DataFrame(schema=BAR)


@pytest.mark.parametrize(
    ("expected", "names"),
    [
        ("nifty-50", ["S&P CNX Nifty", "CNX Nifty", "Nifty 50", "NIFTY 50"]),
        ("nifty-500", ["S&P CNX 500", "CNX 500", "Nifty 500"]),
        ("nifty-next-50", ["CNX Nifty Junior", "Nifty Next 50"]),
        (
            "nifty-midcap-100",
            ["CNX Midcap", "Nifty Midcap 100", "Nifty Free Float Midcap 100", "NIFTY Midcap 100"],
        ),
        (
            "nifty-smallcap-100",
            [
                "CNX Smallcap",
                "Nifty Smallcap 100",
                "Nifty Free Float Smallcap 100",
                "NIFTY Smallcap 100",
                "NIFTY SMALLCAP 100",
                "NIFTY SMLCAP 100",
            ],
        ),
        ("nifty-full-smallcap-100", ["Nifty Full Smallcap 100"]),
        ("nifty-full-midcap-100", ["Nifty Full Midcap 100"]),
        ("nifty-microcap-250", ["Nifty Microcap250", "NIFTY MICROCAP250", "NIFTY Microcap 250"]),
        ("nifty-midcap-select", ["MIDCAP SELECT", "NIFTY MID SELECT", "Nifty Midcap Select"]),
        ("nifty-total-market", ["Nifty Total Mkt", "NIFTY TOTAL MARKET"]),
        ("nifty-oil-and-gas", ["NIFTY OIL & GAS", "NIFTY OIL AND GAS"]),
        ("nifty-financial-services-ex-bank", ["Nifty FinSerExBnk"]),
        ("nifty-100-low-volatility-30", ["NIFTY100 LowVol30", "NIFTY100 Low Volatility 30"]),
        ("nifty-it", ["CNX IT", "Nifty IT"]),
        ("india-vix", ["India VIX", "INDIA VIX"]),
        ("nifty-bank", ["Nifty Bank", "NIFTY BANK"]),
    ],
)
def test_names_of_one_index(expected: str, names: list[str]) -> None:
    got = index_names(seen(*names), NO_BARS)
    assert set(got["index_id"]) == {expected}
    assert set(got["index_name"]) == set(names)


def test_proofs_say_how_a_name_is_known() -> None:
    got = index_names(seen("Nifty 50", "NIFTY 50", "CNX Nifty", "Nifty Novel 30"), NO_BARS)
    assert dict(got.select("index_name", "proof").iter_rows()) == {
        "Nifty 50": "same name",
        "NIFTY 50": "spelling",
        "CNX Nifty": "declared",
        "Nifty Novel 30": "same name",
    }
    declared = got.filter(pl.col("proof") == "declared").row(0, named=True)
    assert "2015-11-09" in declared["detail"]
    assert got["detail"].null_count() == 0


def test_an_undeclared_index_is_named_after_its_oldest_spelling() -> None:
    bars = pl.concat([series("NIFTY NOVEL30", [5.0], begins=1), series("Nifty Novel 30", [4.0])])
    got = index_names(seen(), bars)
    assert set(got["index_title"]) == {"Nifty Novel 30"}
    assert set(got["index_id"]) == {"nifty-novel-30"}


def test_an_id_without_hyphens_is_the_spelling_key() -> None:
    titles = pl.DataFrame({"title": [one.title for one in TITLES]})
    keys = titles.select(spelling_key("title"))["title"].to_list()
    made = [index_id(one.title) for one in TITLES]
    assert [one.replace("-", "") for one in made] == keys
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one) for one in made)


def test_each_name_is_declared_once_and_with_a_citation() -> None:
    frame = declared_names()
    assert frame["key"].n_unique() == frame.height
    assert all(citation for one in TITLES for _, citation in one.names)


def test_an_undeclared_rename_is_found_by_its_closing_values() -> None:
    old = series("Nifty Dawn 30", [100.5, 101.25, 99.75, 98.5])
    new = series("Nifty Dusk 30", [97.0, 98.0, 99.5, 99.0], begins=4, before=98.5)
    got = index_names(seen(), pl.concat([market(), old, new]))
    assert ids(got)["Nifty Dusk 30"] == ids(got)["Nifty Dawn 30"] == "nifty-dawn-30"
    renamed = got.filter(pl.col("index_name") == "Nifty Dusk 30").row(0, named=True)
    assert renamed["proof"] == "closing values"
    assert "98.5" in renamed["detail"]


def test_a_rename_is_found_where_only_the_percentage_is_published() -> None:
    old = series("Nifty Dawn 30", [1000.0, 1010.25])
    new = series("Nifty Dusk 30", [1020.4], begins=2).with_columns(
        change_pct=pl.lit(round(100 * (1020.4 / 1010.25 - 1), 2))
    )
    got = ids(index_names(seen(), pl.concat([market(), old, new])))
    assert got["Nifty Dusk 30"] == "nifty-dawn-30"


def test_an_undeclared_name_joins_the_declared_index_it_continues() -> None:
    old = series("Nifty Media", [1800.0, 1810.0])
    new = series("Nifty Entertainment", [1805.0, 1790.0], begins=2, before=1810.0)
    got = ids(index_names(seen(), pl.concat([market(), old, new])))
    assert got["Nifty Entertainment"] == "nifty-media"
    # and the other way round: the old name is the undeclared one
    old = series("Nifty Screens", [1800.0, 1810.0])
    new = series("Nifty Media", [1805.0, 1790.0], begins=2, before=1810.0)
    got = ids(index_names(seen(), pl.concat([market(), old, new])))
    assert got["Nifty Screens"] == "nifty-media"


@pytest.mark.parametrize("apart", [0.0, 0.01])
def test_two_old_names_with_equal_closes_are_not_merged(apart: float) -> None:
    one = series("Nifty Dawn 30", [100.0, 98.5])
    two = series("Nifty Noon 30", [101.0, round(98.5 + apart, 2)])
    new = series("Nifty Dusk 30", [97.0, 98.0], begins=2, before=98.5)
    got = ids(index_names(seen(), pl.concat([market(), one, two, new])))
    assert len({got[name] for name in ("Nifty Dawn 30", "Nifty Noon 30", "Nifty Dusk 30")}) == 3


def test_two_new_names_from_one_close_are_not_merged() -> None:
    old = series("Nifty Dawn 30", [100.0, 98.5])
    one = series("Nifty Dusk 30", [97.0], begins=2, before=98.5)
    two = series("Nifty Noon 30", [99.0], begins=2, before=98.5)
    got = ids(index_names(seen(), pl.concat([market(), old, one, two])))
    assert len({got[name] for name in ("Nifty Dawn 30", "Nifty Noon 30", "Nifty Dusk 30")}) == 3


@pytest.mark.parametrize(
    ("begins", "before", "variant"),
    [
        pytest.param(2, 98.51, "price", id="a paisa off"),
        pytest.param(3, 98.5, "price", id="a session later"),
        pytest.param(2, 98.5, "total_return", id="another return variant"),
        pytest.param(1, 100.0, "price", id="while the old name goes on"),
    ],
)
def test_near_misses_stay_two_indices(begins: int, before: float, variant: str) -> None:
    old = series("Nifty Dawn 30", [100.0, 98.5])
    new = series("Nifty Dusk 30", [97.0, 96.0], begins=begins, before=before, variant=variant)
    calm = pl.concat([market(), market().with_columns(return_variant=pl.lit("total_return"))])
    got = ids(index_names(seen(), pl.concat([calm, old, new])))
    assert got["Nifty Dusk 30"] == "nifty-dusk-30"


def test_two_declared_indices_are_never_merged_even_through_a_third_name() -> None:
    one = series("Nifty Smallcap 100", [100.0, 98.5])
    full = series("Nifty Full Smallcap 100", [97.0, 96.0], begins=2, before=98.5)
    got = ids(index_names(seen(), pl.concat([market(), one, full])))
    assert got["Nifty Full Smallcap 100"] == "nifty-full-smallcap-100"
    bridge = series("Nifty Little 100", [97.0, 96.0], begins=2, before=98.5)
    full = series("Nifty Full Smallcap 100", [95.0, 94.0], begins=4, before=96.0)
    got = ids(index_names(seen(), pl.concat([market(), one, bridge, full])))
    assert got["Nifty Smallcap 100"] == got["Nifty Little 100"] == "nifty-smallcap-100"
    assert got["Nifty Full Smallcap 100"] == "nifty-full-smallcap-100"


def test_row_order_does_not_matter() -> None:
    bars = pl.concat(
        [
            market(),
            series("Nifty Dawn 30", [100.5, 101.25, 99.75, 98.5]),
            series("Nifty Dusk 30", [97.0, 98.0], begins=4, before=98.5),
            series("NIFTY DUSK30", [99.0], begins=6, before=98.0),
        ]
    )
    names = index_names(seen("CNX Nifty"), bars)
    assert names.equals(
        index_names(seen("CNX Nifty"), bars.sample(fraction=1, shuffle=True, seed=7))
    )
    assert names["index_name"].n_unique() == names.height


def test_spans_of_a_name() -> None:
    got = index_names(seen("Nifty Bank"), series("Nifty Bank", [1.0, 2.0], begins=3))
    assert got.select("first_session", "last_session").row(0) == (START, START + timedelta(days=4))


def seam_of(before: float, **options: Any) -> dict[str, Any]:
    old = series("Nifty Free Float Smallcap 100", [8000.0, 8010.5, 8050.25])
    new = series("NIFTY Smallcap 100", [8100.0, 8090.0], begins=3, before=before, **options)
    bars = pl.concat([market(), old, new])
    found = seams(bars, index_names(seen(), bars))
    assert found.height == 1
    return found.row(0, named=True)


def test_a_declared_seam_is_proven_by_closing_values() -> None:
    seam = seam_of(8050.25)
    assert seam["proven"] is True
    assert (seam["old_name"], seam["new_name"]) == (
        "Nifty Free Float Smallcap 100",
        "NIFTY Smallcap 100",
    )
    assert (seam["old_session"], seam["new_session"]) == (
        START + timedelta(days=2),
        START + timedelta(days=3),
    )
    assert seam["old_close"] == 8050.25
    assert seam["implied_previous_close"] == pytest.approx(8050.25, abs=1e-9)


def test_a_declared_seam_that_the_data_contradict_is_refuted() -> None:
    seam = seam_of(7990.0)
    assert seam["proven"] is False
    assert seam["implied_previous_close"] == pytest.approx(7990.0, abs=1e-9)


def test_a_seam_without_a_published_change_is_left_open() -> None:
    seam = seam_of(7990.0, changes=False)
    assert seam["proven"] is None


def test_a_seam_across_missing_sessions_is_left_open() -> None:
    old = series("CNX Nifty", [8000.0, 8010.5])
    new = series("Nifty 50", [8100.0, 8090.0], begins=5, before=8070.0)
    rest = series("Nifty IT", [12000.0 + 3 * at for at in range(8)])
    hole = START + timedelta(days=2), START + timedelta(days=4)
    bars = pl.concat([old, new, rest]).filter(~pl.col("session_date").is_between(*hole))
    found = seams(bars, index_names(seen(), bars))
    assert found["proven"].to_list() == [None]
    assert found["detail"].to_list() == ["Sessions are missing between"]


def test_two_closes_under_one_id_collide() -> None:
    bars = pl.concat([series("Nifty 50", [10.0, 11.0]), series("CNX Nifty", [10.0, 11.5])])
    found = collisions(bars, index_names(seen(), bars))
    assert found.height == 1
    clash = found.row(0, named=True)
    assert clash["session_date"] == START + timedelta(days=1)
    assert clash["index_names"] == ["CNX Nifty", "Nifty 50"]


def test_a_hundred_thousand_rows_resolve_at_once() -> None:
    days = [START + timedelta(days=at) for at in range(1100)]
    grid = pl.DataFrame({"session_date": days}).join(
        pl.DataFrame({"index_name": [f"Nifty Novel {at}" for at in range(125)]}), how="cross"
    )
    bars = grid.with_columns(
        return_variant=pl.lit("price"),
        source_id=pl.lit("index_close"),
        close=pl.int_range(pl.len()).cast(pl.Float64) * 0.37,
        points_change=pl.lit(1.25),
        change_pct=pl.lit(None, pl.Float64),
    ).select(list(BAR))
    # Of all processors, whoever else is at work on them.
    began = time.process_time()
    names = index_names(seen(), bars)
    assert time.process_time() - began < 1
    assert names.height == 125


# The publisher's own files


def number(text: str) -> float | None:
    return None if text.strip() in {"", "-"} else float(text)


@lru_cache(maxsize=1)
def archived_bars() -> pl.DataFrame:
    """Index closes of the unpacked slice and total return histories, read independently."""
    closes = sorted((ARCHIVE / "slice").glob("*/content/indices/ind_close_all_*.csv"))
    histories = sorted((ARCHIVE / "niftyindices" / "tri").glob("*.json"))
    if not closes or not histories:
        pytest.skip(f"index closes and histories are not in RISKON_ARCHIVE ({ARCHIVE})")
    rows: list[tuple[Any, ...]] = []
    for path in closes:
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                session = datetime.strptime(row["Index Date"], "%d-%m-%Y").date()
                level = number(row["Closing Index Value"])
                points, pct = number(row["Points Change"]), number(row["Change(%)"])
                name = row["Index Name"]
                rows.append((session, name, "price", "index_close", level, points, pct))
    for path in histories:
        for row in json.loads(json.loads(path.read_text("utf-8"))["d"]):
            session = datetime.strptime(row["Date"], "%d %b %Y").date()
            level = number(row["TotalReturnsIndex"])
            name = row["Index Name"]
            rows.append((session, name, "total_return", "index_history", level, None, None))
    return pl.DataFrame(rows, schema=BAR, orient="row")


@pytest.mark.real
def test_every_archived_name_resolves_and_no_two_series_share_an_id() -> None:
    bars = archived_bars()
    names = index_names(seen(), bars)
    assert set(names["index_name"]) == set(bars["index_name"])
    assert names.select(pl.exclude("detail")).null_count().sum_horizontal().item() == 0
    assert collisions(bars, names).is_empty()
    daily = names.join(
        bars.filter(pl.col("return_variant") == "price").select("index_name").unique(),
        on="index_name",
    )
    # One file names each index once, so as many names are as many ids.
    assert daily["index_id"].n_unique() == daily.height >= 120
    assert not seams(bars, names)["proven"].eq(other=False).any()


@pytest.mark.real
def test_total_return_names_mean_the_same_indices_as_price_names() -> None:
    bars = archived_bars()
    names = index_names(seen(), bars)
    ids_of = {
        variant: set(
            names.join(part.select("index_name").unique(), on="index_name")["index_id"].to_list()
        )
        for (variant,), part in bars.group_by("return_variant")
    }
    # Published as histories only when these files were made.
    assert ids_of["total_return"] - ids_of["price"] == {"nifty-chemicals", "nifty-sme-emerge"}
    assert {"nifty-50", "nifty-smallcap-100", "nifty-midcap-150"} <= ids_of["total_return"]
