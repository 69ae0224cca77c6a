"""Every genuine share file of the archive: read whole, each lost row with its reason, copies seen.

Counts of files are the archive's own, from its description; no price of the publisher stands here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from transforms.parse import equity_full, equity_legacy, equity_udiff
from transforms.parse.layout import Layout, Payload
from transforms.parse.screen import Screened, screen

pytestmark = pytest.mark.real
FILES = {"2024-06_2025-08": 371, "2019-10_2022-12": 813}
SESSIONS = {"2024-06_2025-08": 310}
"""Where the archive says how many: the rest repeat the session before."""
RECORDED = datetime(2026, 11, 1, 15, 0, tzinfo=UTC)


@dataclass
class Read:
    """All files of one span, in order of their names: rows as read, and screened."""

    payloads: list[Payload]
    frames: list[pl.DataFrame]
    screened: Screened


def screened(layout: Layout, frames: list[pl.DataFrame]) -> Screened:
    numbers = np.repeat(np.arange(1, len(frames) + 1), [frame.height for frame in frames])
    known = pl.DataFrame({"file_id": np.arange(1, len(frames) + 1)}).with_columns(
        recorded_at=pl.lit(RECORDED).cast(pl.Datetime("us", "UTC"))
    )
    published = {"published_at": pl.col("recorded_at"), "published_basis": pl.lit("observed")}
    text = pl.concat(frames).with_columns(file_id=pl.Series(numbers))
    return screen(text, layout, known, published)


@pytest.fixture(scope="module", params=FILES)
def span(request: pytest.FixtureRequest, unpacked: dict[str, Path]) -> tuple[str, Read]:
    if request.param not in unpacked:
        pytest.skip(f"the archive has no {request.param}.tar.xz")
    paths = unpacked[request.param].rglob("sec_bhavdata_full_*")
    payloads = sorted((Payload(path.read_bytes(), path.name) for path in paths), key=named)
    assert equity_full.LAYOUT.read_many is not None
    frames = [
        frame for frame in equity_full.LAYOUT.read_many(payloads) if isinstance(frame, pl.DataFrame)
    ]
    return request.param, Read(payloads, frames, screened(equity_full.LAYOUT, frames))


def named(payload: Payload) -> date:
    """The date in a file's name."""
    found = re.search(r"(\d{2})(\d{2})(\d{4})", payload.name)
    assert found is not None
    return date(int(found[3]), int(found[2]), int(found[1]))


def test_every_file_is_read(span: tuple[str, Read]) -> None:
    name, read = span
    assert len(read.payloads) == FILES[name]
    assert len(read.frames) == FILES[name]
    lines = [payload.body.count(b"\n") + (payload.body[-1:] != b"\n") for payload in read.payloads]
    assert [frame.height + 1 for frame in read.frames] == lines, "no line is lost"


def test_every_row_is_kept_or_rejected_with_its_reason(span: tuple[str, Read]) -> None:
    _, read = span
    rejected = read.screened.rejected
    stays = rejected["reason"].str.contains("the row stays without")
    rows = sum(frame.height for frame in read.frames)
    assert read.screened.good.height + (~stays).sum() == rows
    assert (rejected["reason"].str.len_chars() > 0).all()
    assert rejected.height < rows / 10_000
    good = read.screened.good
    assert good["close"].null_count() == good["symbol"].null_count() == 0
    assert good.select((pl.col("close") > 0).all()).item()


def test_a_copy_of_another_day_is_known_by_the_date_inside(span: tuple[str, Read]) -> None:
    name, read = span
    inside = [frame["session_date"].unique().to_list() for frame in read.frames]
    assert all(len(days) == 1 for days in inside)
    days = [one for (one,) in inside]
    own = {named(payload) for payload in read.payloads}
    stale = [
        (payload, day)
        for payload, day in zip(read.payloads, days, strict=True)
        if named(payload) != day
    ]
    assert all(day < named(payload) for payload, day in stale), "the session before is repeated"
    if name in SESSIONS:
        assert len(read.payloads) - len(stale) == SESSIONS[name]
    bodies = {named(payload): payload.body for payload in read.payloads}
    repeated = [(payload, day) for payload, day in stale if day in own]
    assert len(repeated) > len(stale) / 2
    assert all(payload.body == bodies[day] for payload, day in repeated)


def test_one_file_is_read_alike_in_both_ways(span: tuple[str, Read]) -> None:
    _, read = span
    for payload, frame in list(zip(read.payloads, read.frames, strict=True))[::100]:
        assert equity_full.LAYOUT.read(payload).equals(frame)


def test_turnover_is_average_price_times_volume(span: tuple[str, Read]) -> None:
    """In rupees, not in lakhs: the file's own average price says so."""
    _, read = span
    by_price = pl.col("average_price").cast(pl.Float64) * pl.col("volume_shares")
    share = read.screened.good.filter(pl.col("volume_shares") > 10_000).select(
        ((pl.col("turnover_inr").cast(pl.Float64) / by_price - 1).abs() < 0.01).mean()
    )
    assert share.item() > 0.99


SAMPLES = {
    "BhavCopy_NSE_CM_0_0_0_20240701_F_0000__excerpt.csv": equity_udiff.LAYOUT,
    "BhavCopy_NSE_CM_0_0_0_20260828_F_0000__excerpt.csv": equity_udiff.LAYOUT,
    "cm01JUL2024bhav__excerpt.csv": equity_legacy.LAYOUT,
    "sec_bhavdata_full_28082026__excerpt.csv": equity_full.LAYOUT,
}


def sample(archive: Path, name: str) -> pl.DataFrame:
    path = archive / "samples" / name
    if not path.is_file():
        pytest.skip(f"the archive has no samples/{name}")
    layout, payload = SAMPLES[name], Payload(path.read_bytes(), name)
    assert [one.id for one in SAMPLES.values() if one.recognise(payload)][:1] == [layout.id]
    found = screened(layout, [layout.read(payload)])
    assert found.rejected.is_empty()
    return found.good


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_of_each_generation_is_read_whole(archive: Path, name: str) -> None:
    good = sample(archive, name)
    lines = (archive / "samples" / name).read_text().splitlines()
    assert good.height == len(lines) - 1


COMPARED = ("open", "high", "low", "close", "previous_close", "volume_shares")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BhavCopy_NSE_CM_0_0_0_20240701_F_0000__excerpt.csv", "cm01JUL2024bhav__excerpt.csv"),
        (
            "BhavCopy_NSE_CM_0_0_0_20260828_F_0000__excerpt.csv",
            "sec_bhavdata_full_28082026__excerpt.csv",
        ),
    ],
)
def test_two_generations_of_one_day_agree(archive: Path, one: str, other: str) -> None:
    key = ["session_date", "symbol", "series"]
    both = sample(archive, one).join(sample(archive, other), on=key, suffix="_other")
    assert both.height >= 3
    for name in COMPARED:
        assert both[name].to_list() == both[f"{name}_other"].to_list()
    turnover = both["turnover_inr"].cast(pl.Float64) - both["turnover_inr_other"].cast(pl.Float64)
    assert (turnover.abs() <= 500).all(), "lakhs of two decimals are within 500 rupees"  # type: ignore[operator]
