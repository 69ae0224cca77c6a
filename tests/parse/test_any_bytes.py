"""Whatever the bytes: a layout reads rows or says NotThisLayout, and never anything else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.sources import SOURCES
from transforms.parse.holiday_list import LAYOUT as HOLIDAYS
from transforms.parse.index_close import HEADER
from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
LAYOUTS = [layout for source in SOURCES.values() for layout in source.layouts]
SEEDS = [
    ",".join(HEADER).encode() + b"\nNifty 50,11-02-2026,1,2,1,2,-.5,.1,5,6,7,8,9\n",
    b"Date,Open,High,Low,Close,P/E,P/B,Div Yield %\n2026-02-11,1,4,1,3,,,\n",
    b"date,participant,scope,unit,buy,sell,net\n2026-02-11,FII,NSE,lakh,1,2,-1\n",
    b"date,fii_net_cr,dii_net_cr\n2026-02-11,1,2\n",
    (
        b'[{"category":"DII","date":"11-Feb-2026","buyValue":"1","sellValue":"2","netValue":"-1"},'
        b'{"category":"FII/FPI","date":"11-Feb-2026","buyValue":"1","sellValue":"2","netValue":"-1"}]'
    ),
    (
        b'{"d": "[{\\"Index Name\\": \\"A\\", \\"Date\\": \\"11 Feb 2026\\", '
        b'\\"TotalReturnsIndex\\": \\"1\\", \\"NTR_Value\\": \\"-\\"}]"}'
    ),
    b'[{"HistoricalDate": "11 Feb 2026", "OPEN": "1", "HIGH": "2", "LOW": "1", "CLOSE": "1"}]',
    b'{"CM":[{"tradingDate":"26-Jan-2026","weekDay":"Monday","description":"Republic Day"}]}',
]


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """A good file with some of its bytes replaced, cut out or doubled."""
    body = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body)))
        stop = min(len(body), start + draw(st.integers(0, 12)))
        body[start:stop] = draw(
            st.one_of(
                st.binary(max_size=6),
                st.sampled_from([b"", b"\r", b'"', b"\x00", b",", b"9" * 25, b"null", b"\\ud800"]),
                st.just(bytes(body[start:stop]) * 2),
            )
        )
    return bytes(body)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=spoiled())
def test_bytes_are_read_or_refused(parse: Parse, layout: Layout, body: bytes) -> None:
    payload = Payload(body, "X.csv")
    layout.recognise(payload)
    try:
        rows = layout.read(payload)
    except NotThisLayout:
        return
    screened = parse(layout, body, name="X.csv")
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
