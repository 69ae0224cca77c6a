"""The PR set: several tables in one archive, members of all years, archives that lie."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.sources import nse_pr_set
from tests.parse import test_action_list as actions
from tests.parse import test_fund_list as funds
from tests.parse import test_market_cap as sizes
from tests.parse import test_published_extremes as extremes
from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.pr_set import LARGEST, LAYOUT, WITHOUT_SIZES
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]
NAME = "PR110226.zip"
MEMBERS = {
    "an11022026.txt": b"announcements",
    "bc11022026.csv": actions.csv(actions.SPLIT),
    "etf11022026.csv": funds.body(),
    "hl11022026.csv": extremes.BODY,
    "mcap11022026.csv": sizes.body(sizes.ALPHA, sizes.NEVER, sizes.SUMS),
    "readme.txt": b"The archive contains",
}
FORMER = {
    "Bc110220.csv": actions.csv(actions.FORMER),
    "Etf110220.csv": funds.body(),
    "HL110220.csv": extremes.BODY,
    "RPD100220.csv": b"a member of the day before, which nobody reads",
    "fo11022020.zip": b"PK",
}


def packed(members: dict[str, bytes]) -> bytes:
    """An archive of some members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@st.composite
def spoiled(draw: st.DrawFn, content: bytes) -> bytes:
    """Bytes with a few replaced, cut out or put in."""
    body = bytearray(content)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(body)))
        stop = min(len(body), start + draw(st.integers(0, 12)))
        body[start:stop] = draw(st.binary(max_size=6) | st.sampled_from([b",", b'"', b"\n", b" "]))
    return bytes(body)


def without(*names: str) -> bytes:
    """The archive of February 2026 but for some members."""
    return packed({name: content for name, content in MEMBERS.items() if name not in names})


def beside(layout: Layout, kind: str) -> Layout:
    """The layout of one member beside the main one."""
    (found,) = [one for one in layout.beside if kind in one.id]
    return found


def test_one_archive_fills_four_tables(parse: Parse) -> None:
    body = packed(MEMBERS)
    found = {layout.table.table: parse(layout, body) for layout in (LAYOUT, *LAYOUT.beside)}
    assert {table: screened.good.height for table, screened in found.items()} == {
        "core.market_cap": 2,
        "core.corporate_action": 1,
        "core.published_extreme": 3,
        "core.fund_listing": 4,
    }
    assert all(screened.rejected.is_empty() for screened in found.values())
    day = date(2026, 2, 11)
    assert set(found["core.market_cap"].good["session_date"]) == {day}
    assert set(found["core.published_extreme"].good["session_date"]) == {day}


def test_one_layout_alone_knows_the_archive() -> None:
    now, former = Payload(packed(MEMBERS), NAME), Payload(packed(FORMER), "PR110220.zip")
    for layout in LAYOUT.beside:
        assert not layout.recognise(now)
    assert (LAYOUT.recognise(now), WITHOUT_SIZES.recognise(now)) == (True, False)
    assert (LAYOUT.recognise(former), WITHOUT_SIZES.recognise(former)) == (False, True)
    other = Payload(packed({"cm11FEB2020bhav.csv": b"SYMBOL,SERIES"}), "cm11FEB2020bhav.csv.zip")
    assert not LAYOUT.recognise(other)
    assert not WITHOUT_SIZES.recognise(other)


def test_before_there_were_sizes_the_actions_prove_the_date(parse: Parse) -> None:
    body = packed(FORMER)
    text = WITHOUT_SIZES.read(Payload(body))
    assert WITHOUT_SIZES.date_column == "session_date"
    assert text["session_date"].to_list() == ["2020-02-11"]
    assert WITHOUT_SIZES.pending is not None
    assert not text.select(WITHOUT_SIZES.pending).item(), "sizes were not published yet"
    assert parse(WITHOUT_SIZES, body).good["purpose"].to_list() == ["BONUS 1:1"]
    assert [parse(one, body).good.height for one in WITHOUT_SIZES.beside] == [3, 4]


def test_sizes_that_are_not_there_yet_are_awaited() -> None:
    body = without("mcap11022026.csv")
    assert WITHOUT_SIZES.recognise(Payload(body, NAME))
    assert WITHOUT_SIZES.pending is not None
    assert WITHOUT_SIZES.read(Payload(body)).select(WITHOUT_SIZES.pending).item()


@pytest.mark.parametrize("content", [b"", b"\r\n", b"SECURITY,NEW,PREVIOUS,NEW_STATUS\r\n"])
def test_a_day_without_new_extremes_has_no_rows(content: bytes) -> None:
    body = packed({**MEMBERS, "hl11022026.csv": content})
    assert beside(LAYOUT, "extremes").read(Payload(body)).is_empty()
    assert LAYOUT.read(Payload(body)).height == 2


def test_a_day_without_actions_has_no_rows() -> None:
    body = packed({**FORMER, "Bc110220.csv": b""})
    assert WITHOUT_SIZES.recognise(Payload(body))
    assert WITHOUT_SIZES.read(Payload(body)).is_empty()


def test_members_were_added_over_the_years() -> None:
    body = packed({"Bc050110.csv": actions.csv(actions.FORMER)})
    assert WITHOUT_SIZES.read(Payload(body)).height == 1
    assert all(one.read(Payload(body)).is_empty() for one in WITHOUT_SIZES.beside)


@pytest.mark.parametrize(
    ("member", "kind"),
    [("hl11022026.csv", "extremes"), ("bc11022026.csv", "action"), ("etf11022026.csv", "fund")],
)
def test_a_member_that_should_be_there_is_missed(member: str, kind: str) -> None:
    with pytest.raises(NotThisLayout, match=r"DDMMYYYY\.csv") as refusal:
        beside(LAYOUT, kind).read(Payload(without(member), NAME))
    assert refusal.value.changed


@pytest.mark.parametrize(
    ("body", "got"),
    [
        (b"", "no zip archive"),
        (b"<html><body>Access Denied", "no zip archive"),
        (packed(MEMBERS)[:-200], "damaged"),
        (packed({}), "no zip archive"),
        (without("mcap11022026.csv", "bc11022026.csv"), "etf11022026.csv"),
        (packed({**MEMBERS, "MCAP11022026.csv": b""}), "in one archive"),
        (packed({**MEMBERS, "bc12022026.csv": b""}), "in one archive"),
        (
            packed({**MEMBERS, "mcap11022026.csv": sizes.body().replace(b"Symbol", b"Code")}),
            "missing ['Symbol']",
        ),
        (packed({**MEMBERS, "mcap11022026.csv": b"\xff\xfe\x00"}), "binary data"),
        (packed({**MEMBERS, "mcap11022026.csv": b"<html>"}), "a web page"),
        (packed({**MEMBERS, "../bc.csv": b""}), "a path"),
        (packed({**MEMBERS, "bomb.csv": bytes(LARGEST)}), "more than"),
    ],
)
def test_what_is_no_such_archive(body: bytes, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        LAYOUT.read(Payload(body, NAME))
    assert got in refusal.value.got


def test_members_of_two_days_are_refused() -> None:
    body = packed({**FORMER, "mcap12022026.csv": sizes.body(sizes.ALPHA)})
    with pytest.raises(NotThisLayout, match="of one date"):
        LAYOUT.read(Payload(body))


def test_rows_of_another_day_than_the_name_are_refused() -> None:
    stale = sizes.body(sizes.ALPHA.replace("11 FEB", "10 FEB", 1))
    with pytest.raises(NotThisLayout, match="rows of 11 FEB 2026") as refusal:
        LAYOUT.read(Payload(packed({**MEMBERS, "mcap11022026.csv": stale})))
    assert "10 FEB 2026" in refusal.value.got


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_whatever_the_bytes_they_are_read_or_refused(parse: Parse, data: st.DataObject) -> None:
    """Bytes of members, and of the archive around them, are replaced."""
    members = dict(data.draw(st.sampled_from([MEMBERS, FORMER])))
    name = data.draw(st.sampled_from(sorted(members)))
    members[name] = data.draw(spoiled(members[name]))
    is_cut = data.draw(st.integers(0, 4)) == 0
    payload = Payload(data.draw(spoiled(packed(members))) if is_cut else packed(members), NAME)
    for layout in (LAYOUT, WITHOUT_SIZES, *LAYOUT.beside):
        layout.recognise(payload)
        try:
            rows = layout.read(payload)
        except NotThisLayout:
            continue
        if not rows.is_empty():
            screened = parse(layout, payload.body, name=NAME)
            kept, told = screened.good.height, screened.rejected.height
            assert kept + told == rows.height, "every row is kept, or kept aside"


def test_the_address_is_the_exchanges_own() -> None:
    address = nse_pr_set.SOURCE.address(date(2026, 2, 11))
    assert address == "https://nsearchives.nseindia.com/archives/equities/bhavcopy/pr/PR110226.zip"
    assert nse_pr_set.SOURCE.layouts[0] is LAYOUT, "what is neither is refused in its words"
