"""Whatever the bytes: a layout reads rows or says NotThisLayout, and never anything else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.sources import SOURCES
from tests.parse.seeds import SEEDS
from transforms.parse.holiday_list import LAYOUT as HOLIDAYS
from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
LAYOUTS = list(
    {layout.id: layout for source in SOURCES.values() for layout in source.layouts}.values()
)
EVERY = [payload for payloads in SEEDS.values() for payload in payloads]
CUTS = [b"", b"\r", b'"', b"\x00", b",", b"9" * 25, b"null", b"\\ud800", b"<", b"&#0;", b"</td>"]


def test_every_layout_has_a_seed() -> None:
    assert set(SEEDS) == {layout.id for layout in LAYOUTS}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
def test_a_seed_is_a_good_file_of_its_layout_alone(parse: Parse, layout: Layout) -> None:
    for payload in SEEDS[layout.id]:
        assert [one.id for one in LAYOUTS if one.recognise(payload)] == [layout.id]
        screened = parse(layout, payload.body, name=payload.name, stated=payload.stated)
        assert screened.good.height > 0
        assert screened.rejected.is_empty()


@st.composite
def spoiled(draw: st.DrawFn, own: list[Payload]) -> Payload:
    """A good file, mostly of the layout's own, with some bytes replaced, cut out or doubled."""
    payload = draw(st.sampled_from(own) | st.sampled_from(own) | st.sampled_from(EVERY))
    body = bytearray(payload.body)
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body)))
        stop = min(len(body), start + draw(st.integers(0, 12)))
        body[start:stop] = draw(
            st.one_of(
                st.binary(max_size=6),
                st.sampled_from(CUTS),
                st.just(bytes(body[start:stop]) * 2),
            )
        )
    return replace(payload, body=bytes(body))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_bytes_are_read_or_refused(parse: Parse, layout: Layout, data: st.DataObject) -> None:
    payload = data.draw(spoiled(SEEDS[layout.id]))
    layout.recognise(payload)
    try:
        rows = layout.read(payload)
    except NotThisLayout:
        return
    screened = parse(layout, payload.body, name=payload.name, stated=payload.stated)
    told = screened.rejected["row_number"].to_list()
    assert screened.good.height + len(told) == rows.height, "every row is kept, or kept aside"


def test_holidays(parse: Parse) -> None:
    body = (
        b'{"CM":[{"tradingDate":"26-Jan-2026","weekDay":"Monday","description":"Republic Day",'
        b'"Sr_no":1},{"tradingDate":"26/01/2026","description":"Swapped?"}],"FO":[]}'
    )
    assert HOLIDAYS.recognise(Payload(body))
    screened = parse(HOLIDAYS, body)
    assert screened.good["description"].to_list() == ["Republic Day"]
    assert "session_date is not readable: 26/01/2026" in screened.rejected["reason"][0]


@pytest.mark.parametrize(
    ("body", "got"),
    [
        (b'{"FO":[]}', "['FO']"),
        (b'{"CM":[]}', "['CM']"),
        (b'{"CM":[1]}', "int"),
        (b'{"CM":[{"tradingDate":"26-Jan-2026"}]}', "tradingDate"),
        (b"[]", "list"),
        (b'{"CM":[{"tradingDate":', "no JSON"),
    ],
)
def test_what_is_no_holiday_list(body: bytes, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        HOLIDAYS.read(Payload(body))
    assert got in refusal.value.got
