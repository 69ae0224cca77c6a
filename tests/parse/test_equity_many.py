"""Many files in one pass give what each gives alone, whatever is wrong with some of them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parse.test_equity_bars import GENERATIONS, Generation
from tests.parse.test_zip_safety import packed
from transforms.parse import equity_rows
from transforms.parse.layout import NotThisLayout, Payload

SYMBOLS = ["ALPHA", "B-C", "D&E", "727GS2026", "-", "F G", "\u00c9TOILE", '"QUOTED"', "\u00a0"]
CUTS = [b",", b"-", b" ", b"\t", b"\r", b'"', b"\n", b"0", b".", b"9" * 20, b"x", b"\xc3\xa9", b""]


def alone(generation: Generation, payload: Payload) -> pl.DataFrame | str:
    try:
        return generation.layout.read(payload)
    except NotThisLayout as refusal:
        return str(refusal)


def compare(generation: Generation, payloads: list[Payload]) -> None:
    assert generation.layout.read_many is not None
    together = generation.layout.read_many(payloads)
    for payload, found in zip(payloads, together, strict=True):
        expected = alone(generation, payload)
        if isinstance(expected, str):
            assert str(found) == expected
        else:
            assert isinstance(found, pl.DataFrame)
            assert found.schema == expected.schema
            assert found.equals(expected)


@pytest.mark.parametrize("generation", GENERATIONS, ids=lambda one: one.layout.id)
@settings(max_examples=12, deadline=None, derandomize=True)
@given(data=st.data())
def test_together_as_alone(generation: Generation, data: st.DataObject) -> None:
    payloads = []
    for _ in range(data.draw(st.integers(1, 4))):
        symbols = data.draw(st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=4))
        body = bytearray(generation.body(*(generation.row(symbol) for symbol in symbols)))
        for _ in range(data.draw(st.integers(0, 2))):
            start = data.draw(st.integers(0, len(body)))
            stop = min(len(body), start + data.draw(st.integers(0, 6)))
            body[start:stop] = data.draw(st.sampled_from(CUTS))
        is_zipped = data.draw(st.booleans())
        payloads.append(Payload(packed(("a.csv", bytes(body))) if is_zipped else bytes(body)))
    compare(generation, payloads)


@pytest.mark.parametrize("generation", GENERATIONS, ids=lambda one: one.layout.id)
def test_more_files_than_are_glued_at_once(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(equity_rows, "AT_ONCE", 4)
    bodies = [generation.body(*(generation.row(f"S{i}") for i in range(n + 1))) for n in range(11)]
    bodies[3] = bodies[3].replace(generation.close.encode(), b"unreadable", 1)
    bodies[6] = b"<html>"
    bodies[10] = bodies[10][:-30]
    compare(generation, [Payload(body) for body in bodies])
    assert generation.layout.read_many is not None
    found = generation.layout.read_many([Payload(body) for body in bodies[:3]])
    assert [
        frame["row_number"].to_list() for frame in found if isinstance(frame, pl.DataFrame)
    ] == [
        [1],
        [1, 2],
        [1, 2, 3],
    ]


def test_no_file_at_all() -> None:
    for generation in GENERATIONS:
        assert generation.layout.read_many is not None
        assert generation.layout.read_many([]) == []


def test_sound_files_are_read_by_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the fast way could be lost unnoticed: the slow one gives the same."""

    def not_alone(payload: Payload, form: equity_rows.Form) -> pl.DataFrame:
        raise AssertionError(f"read alone: {payload.body[-80:]!r}")

    monkeypatch.setattr(equity_rows, "read_one", not_alone)
    for generation in GENERATIONS:
        payload = Payload(generation.body(generation.row(), generation.row("B C")))
        assert generation.layout.read_many is not None
        (frame,) = generation.layout.read_many([payload])
        assert isinstance(frame, pl.DataFrame)
        assert frame["symbol"].to_list() == ["ALPHA&CO", "B C"]
