"""Contracts by participant: titles in several forms, the missing title, files joined by users."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.participant_contracts import (
    COLUMNS,
    HEADER,
    JOINED_OPEN_INTEREST_LAYOUT,
    JOINED_VOLUME_LAYOUT,
    OPEN_INTEREST_LAYOUT,
    VOLUME_LAYOUT,
)
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
OI_TITLE = "Participant wise Open Interest (no. of contracts) in Equity Derivatives as on"
VOL_TITLE = "Participant wise Trading Volume (no. of contracts) in Equity Derivatives as on"
HEAD = ",".join(HEADER)
PADDED = HEAD.replace("Future Stock Short", "Future Stock Short\t     ").replace(
    "Total Long Contracts", "Total Long Contracts      "
)
ROWS = [
    "Client,101,102,103,104,105,106,107,108,109,110,111,112,634,636",
    "DII,1,2,3,4,5,6,7,8,9,10,11,12,34,36",
    "FII,201,202,203,204,205,206,207,208,209,210,211,212,1234,1236",
    "Pro,7,4,1,0,1,1,1,1,1,1,1,1,12,8",
    "TOTAL,310,310,310,312,316,323,322,325,328,331,334,337,1914,1916",
]
NAME = "fao_participant_oi_11022026.csv"


def body(
    title: str | None = f'"{OI_TITLE} Feb 11, 2026",,,',
    rows: Sequence[str] = ROWS,
    header: str = PADDED,
    end: str = "\n",
) -> bytes:
    lines = [header, *rows, ""]
    return end.join(lines if title is None else [title, *lines]).encode()


def test_each_count_stands_in_its_own_column(parse: Parse) -> None:
    screened = parse(OPEN_INTEREST_LAYOUT, body())
    assert screened.rejected.is_empty()
    assert screened.good["participant"].to_list() == ["Client", "DII", "FII", "Pro", "TOTAL"]
    row = screened.good.row(2, named=True)
    assert row["session_date"] == date(2026, 2, 11)
    assert (row["measure"], row["source_id"]) == ("open_interest", "nse_participant_open_interest")
    assert row["future_index_long_contracts"] == 201
    assert row["future_index_short_contracts"] == 202
    assert row["future_stock_long_contracts"] == 203
    assert row["future_stock_short_contracts"] == 204
    assert row["option_index_call_long_contracts"] == 205
    assert row["option_index_put_long_contracts"] == 206
    assert row["option_index_call_short_contracts"] == 207
    assert row["option_index_put_short_contracts"] == 208
    assert row["option_stock_call_long_contracts"] == 209
    assert row["option_stock_put_long_contracts"] == 210
    assert row["option_stock_call_short_contracts"] == 211
    assert row["option_stock_put_short_contracts"] == 212
    assert row["total_long_contracts"] == 1234
    assert row["total_short_contracts"] == 1236


@pytest.mark.parametrize(
    "title",
    [
        f'""{OI_TITLE} Feb 11, 2026"",,,,,,,,,,,,,,',
        f'"{OI_TITLE} Feb 11,2026",,,,,,,,,,,,,,',
        f'"{OI_TITLE} February 11, 2026",,',
        f"{OI_TITLE.upper()} FEB 11 , 2026",
        f"\ufeff{OI_TITLE} Feb 11, 2026\n",
    ],
)
def test_the_same_title_in_another_dress(parse: Parse, title: str) -> None:
    bytes_ = body(title)
    assert OPEN_INTEREST_LAYOUT.recognise(Payload(bytes_))
    assert set(parse(OPEN_INTEREST_LAYOUT, bytes_).good["session_date"]) == {date(2026, 2, 11)}


def test_trailing_cells_and_line_ends_make_no_difference(parse: Parse) -> None:
    dressed = body(rows=[f"{row.replace(',', ' ,', 1)}, ,\t" for row in ROWS], end="\r\n")
    assert parse(OPEN_INTEREST_LAYOUT, dressed).good.equals(
        parse(OPEN_INTEREST_LAYOUT, body()).good
    )


def test_without_a_title_the_name_says_what_and_when(parse: Parse) -> None:
    good = parse(OPEN_INTEREST_LAYOUT, body(None), name=f"/inbox/{NAME}").good
    assert set(good["session_date"]) == {date(2026, 2, 11)}
    good = parse(VOLUME_LAYOUT, body(None), name=NAME.replace("_oi_", "_vol_")).good
    assert set(good.select("measure", "source_id").rows()) == {("volume", "nse_participant_volume")}
    good = parse(
        VOLUME_LAYOUT, body(f"{VOL_TITLE} Feb 11, 2026"), name="x.csv", stated={"measure": "volume"}
    ).good
    assert set(good["measure"]) == {"volume"}


def test_the_title_counts_before_the_name(parse: Parse) -> None:
    good = parse(OPEN_INTEREST_LAYOUT, body(), name="fao_participant_oi_12022026.csv").good
    assert set(good["session_date"]) == {date(2026, 2, 11)}, "a stale copy under another date"
    with pytest.raises(NotThisLayout, match="open_interest of participants; got volume"):
        OPEN_INTEREST_LAYOUT.read(Payload(body(f"{VOL_TITLE} Feb 11, 2026"), NAME))


def joined(*days: str) -> bytes:
    rows = [f"{row},{day}" for day in days for row in ROWS]
    return body(None, rows, header=f"{PADDED},Date")


def test_a_joined_file_holds_many_dates(parse: Parse) -> None:
    bytes_ = joined("02-03-2026", "04-03-2026")
    name = "fao_participant_oi_2026-03.csv"
    good = parse(JOINED_OPEN_INTEREST_LAYOUT, bytes_, name=name).good
    assert sorted(set(good["session_date"])) == [date(2026, 3, 2), date(2026, 3, 4)]
    assert good.height == 10
    assert JOINED_OPEN_INTEREST_LAYOUT.holds_many_dates
    stated = parse(JOINED_VOLUME_LAYOUT, bytes_, stated={"measure": "volume"}).good
    assert set(stated["measure"]) == {"volume"}
    with pytest.raises(NotThisLayout, match="--measure"):
        JOINED_OPEN_INTEREST_LAYOUT.read(Payload(bytes_, "joined.csv"))


def test_the_four_layouts_are_told_apart() -> None:
    layouts = [
        OPEN_INTEREST_LAYOUT,
        VOLUME_LAYOUT,
        JOINED_OPEN_INTEREST_LAYOUT,
        JOINED_VOLUME_LAYOUT,
    ]
    volume_name = NAME.replace("_oi_", "_vol_")
    files = [
        Payload(body()),
        Payload(body(f"{VOL_TITLE} Feb 11, 2026")),
        Payload(joined("02-03-2026"), NAME),
        Payload(joined("02-03-2026"), volume_name),
    ]
    for place, payload in enumerate(files):
        assert [layout.recognise(payload) for layout in layouts] == [n == place for n in range(4)]
    unsaid = Payload(body(None), "x.csv")
    assert OPEN_INTEREST_LAYOUT.recognise(unsaid), "it is the one that asks what is counted"
    for other in (b"", b"Client Type", b"\xff\xfe", b"a,b\n1,2", body(header=HEAD + ",Remarks")):
        assert not any(layout.recognise(Payload(other, NAME)) for layout in layouts)


@pytest.mark.parametrize(
    ("bytes_", "got", "changed"),
    [
        (b"", "an empty file", False),
        (b"<!DOCTYPE html><html>Resource not found", "a web page", False),
        (b"PK\x03\x04", "a zip archive", False),
        (b"one line of words", "one line of words", False),
        (body().replace(b"DII", b"D\xe9I"), "not UTF-8", False),
        (body(rows=[]), "a header and no rows", False),
        (body()[:-20], "(cut off)", False),
        (body(rows=ROWS[:-1]), "looks cut off", False),
        (body(rows=[*ROWS[:2], ROWS[2] + ",5", *ROWS[3:]]), "16 in row 3 of 5 (ragged)", False),
        (body(header=HEAD.replace("Future Index Long", "Fut Idx Long")), "Fut Idx Long", True),
        (body(header=HEAD + ",Remarks"), "unexpected ['Remarks']", True),
        (body(f"{OI_TITLE} 11-02-2026"), "name ''", False),
        (body(f"{OI_TITLE} Feb 31, 2026"), "31 Feb 2026", False),
        (body(None), "none of them in ''", False),
        (body("a\nb\nc\nd\ne\nf"), "a b c d e", False),
        (body(header='"Client Type' + "x" * 200_000), "no CSV", False),
    ],
)
def test_what_is_no_such_file_is_refused_saying_what_came(
    bytes_: bytes, got: str, changed: bool
) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        OPEN_INTEREST_LAYOUT.read(Payload(bytes_))
    assert got in refusal.value.got
    assert refusal.value.changed is changed


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("FII,201", "FII,-201"), "no count is negative"),
        (("FII,201", "FII,2x1"), "future_index_long_contracts is not readable: 2x1"),
        (("FII,201", "FII,201.5"), "future_index_long_contracts is not readable: 201.5"),
        (("FII,201", "FII," + "9" * 30), "future_index_long_contracts is not readable"),
    ],
)
def test_a_count_that_cannot_be_true_is_kept_aside(
    parse: Parse, change: tuple[str, str], reason: str
) -> None:
    screened = parse(OPEN_INTEREST_LAYOUT, body(rows=[row.replace(*change) for row in ROWS]))
    assert screened.good["participant"].to_list() == ["Client", "DII", "Pro", "TOTAL"]
    assert reason in screened.rejected["reason"][0]


def test_other_participants_and_contradictions_are_kept_aside(parse: Parse) -> None:
    screened = parse(
        OPEN_INTEREST_LAYOUT,
        body(rows=[*ROWS, ROWS[0].replace("Client", "Retail"), ROWS[1].replace("DII,1", "DII,2")]),
    )
    assert screened.good["participant"].to_list() == ["Client", "FII", "Pro", "TOTAL"]
    told = " ".join(screened.rejected["reason"])
    assert "participant is none of Client, DII, FII, Pro, TOTAL" in told
    assert "contradicts" in told


def test_a_joined_date_that_is_none_is_kept_aside(parse: Parse) -> None:
    screened = parse(JOINED_OPEN_INTEREST_LAYOUT, joined("02-13-2026", "02-03-2026"), name=NAME)
    assert set(screened.good["session_date"]) == {date(2026, 3, 2)}
    assert all("not readable: 02-13-2026" in why for why in screened.rejected["reason"])


def test_every_column_of_the_file_has_a_column_of_the_table() -> None:
    columns = set(OPEN_INTEREST_LAYOUT.table.column_names())
    assert set(COLUMNS.values()) <= columns
