"""How the depository is asked: its archive by a form, its sector reports under several names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from flows.errors import LayoutChanged, Malformed
from flows.http import Reply
from flows.sources import nsdl_fpi_archive, nsdl_fpi_sectors
from flows.sources.source import Question, Source

FORM = b"""<html><form><input type="hidden" name="__VIEWSTATE" value="/wEPD+w&amp;=" />
<input type=hidden name=__VIEWSTATEGENERATOR value=C0FFEE><input type="HIDDEN" name="hdnFlag">
<input type="hidden" name="__EVENTVALIDATION" value="ok"><input type="text" name="txtDate">
<input type="submit" name="other" value="Export"></form></html>"""


class Publisher:
    """A client that answers from a table of addresses and remembers what it was asked."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str]]] = []

    def _reply(self, url: str, fields: Mapping[str, str]) -> Reply:
        self.asked.append((url, dict(fields)))
        body = b"the month" if fields else self.answers.get(url)
        status = 200 if body is not None else 404
        return Reply(url, status, {}, body, datetime(2026, 3, 1, tzinfo=UTC), 1)

    def get(self, url: str, **_: Any) -> Reply:
        return self._reply(url, {})

    def post_form(self, url: str, fields: Mapping[str, str], *, referer: str) -> Reply:
        assert referer == url
        return self._reply(url, fields)


def question(source: Source, day: date) -> Question:
    return Question(source, day, source.address(day))


ARCHIVE = "https://www.fpi.nsdl.co.in/web/Reports/Archive.aspx"


def test_the_form_goes_back_with_what_it_hid_and_the_date() -> None:
    asked = question(nsdl_fpi_archive.SOURCE, date(2026, 2, 28))
    assert asked.address == f"{ARCHIVE}#2026-02-28"
    publisher = Publisher({ARCHIVE: FORM})
    reply = nsdl_fpi_archive.ask_archive(publisher, asked)  # type: ignore[arg-type]
    assert reply.body == b"the month"
    assert publisher.asked == [
        (ARCHIVE, {}),
        (
            ARCHIVE,
            {
                "__VIEWSTATE": "/wEPD+w&=",
                "__VIEWSTATEGENERATOR": "C0FFEE",
                "__EVENTVALIDATION": "ok",
                "hdnFlag": "",
                "__EVENTTARGET": "btnSubmit1",
                "__EVENTARGUMENT": "",
                "txtDate": "28-Feb-2026",
                "hdnDate": "28-Feb-2026",
            },
        ),
    ]


def test_a_form_that_is_none_is_not_sent() -> None:
    asked = question(nsdl_fpi_archive.SOURCE, date(2026, 2, 28))
    absent = Publisher({})
    assert nsdl_fpi_archive.ask_archive(absent, asked).status == 404  # type: ignore[arg-type]
    for body, error, got in (
        (b"<html><p>Under maintenance", LayoutChanged, "__VIEWSTATE"),
        (FORM.replace(b"__EVENTVALIDATION", b"x"), LayoutChanged, "__EVENTVALIDATION"),
        (b"<div>" * 1000, Malformed, "nested too deeply"),
    ):
        publisher = Publisher({ARCHIVE: body})
        with pytest.raises(error, match=got):
            nsdl_fpi_archive.ask_archive(publisher, asked)  # type: ignore[arg-type]
        assert len(publisher.asked) == 1


FOLDER = "https://www.fpi.nsdl.co.in/web/StaticReports/Fortnightly_Sector_wise_FII_Investment_Data/"


@pytest.mark.parametrize(
    ("day", "names"),
    [
        (date(2026, 7, 31), ["FIIInvestSector_Jul312026.html", "FIIInvestSector_July312026.html"]),
        (date(2026, 5, 15), ["FIIInvestSector_May152026.html"]),
        (
            date(2014, 11, 15),
            [
                "FIIInvestSector_Nov152014.html",
                "FIIInvestSector_November152014.html",
                "FIIInestSector_Nov152014.htm",
                "FIIInvestSecor_Nov152014.html",
            ],
        ),
    ],
)
def test_a_sector_report_is_looked_for_under_each_of_its_names(day: date, names: list[str]) -> None:
    asked = question(nsdl_fpi_sectors.SOURCE, day)
    publisher = Publisher({})
    assert nsdl_fpi_sectors.ask_fortnight(publisher, asked).status == 404  # type: ignore[arg-type]
    assert [url for url, _ in publisher.asked] == [FOLDER + name for name in names]
    there = Publisher({FOLDER + names[0]: b"report"})
    assert nsdl_fpi_sectors.ask_fortnight(there, asked).body == b"report"  # type: ignore[arg-type]
    assert len(there.asked) == 1
