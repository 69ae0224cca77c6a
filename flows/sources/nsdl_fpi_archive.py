"""Foreign investment of each reporting date of a month, from the depository's archive form."""

from __future__ import annotations

from datetime import date, time

from flows.errors import LayoutChanged, Malformed
from flows.http import Client, Reply
from flows.sources.source import Question, Source
from transforms.parse import depository
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.web_table import page_root

HELD = ("__VIEWSTATE", "__VIEWSTATEGENERATOR", "__EVENTVALIDATION")
BUTTON = "btnSubmit1"


def ask_archive(client: Client, question: Question) -> Reply:
    """Fill in the form of the archive for the month of a question, up to its date.

    Raises:
        LayoutChanged: the form lacks what it is known by.
        Malformed: the page of the form is none.
    """
    form = client.get(question.url)
    if form.body is None:
        return form
    fields = {
        **_held(form.body, question.url),
        "__EVENTTARGET": BUTTON,
        "__EVENTARGUMENT": "",
        "txtDate": f"{question.day:%d-%b-%Y}",
        "hdnDate": f"{question.day:%d-%b-%Y}",
    }
    return client.post_form(question.url, fields, referer=question.url)


def _held(page: bytes, where: str) -> dict[str, str]:
    """The hidden fields a form wants back."""
    expected = f"the archive's form with {', '.join(HELD)}"
    try:
        root = page_root(Payload(page), expected)
    except NotThisLayout as error:
        raise Malformed(expected=expected, got=error.got, where=where) from error
    hidden: dict[str, str] = {
        field.get("name"): field.get("value") or ""
        for field in root.iter("input")
        if field.get("type", "").lower() == "hidden" and field.get("name")
    }
    if missing := [name for name in HELD if name not in hidden]:
        raise LayoutChanged(expected=expected, got=f"a page without {missing}", where=where)
    return hidden


SOURCE = Source(
    id="nsdl_fpi_archive",
    title="Foreign investment by asset class and route, each reporting date",
    publisher="National Securities Depository Ltd",
    layouts=(depository.LAYOUT,),
    asks="months",
    # What follows the # tells the months apart: the form is asked at one address.
    url="https://www.fpi.nsdl.co.in/web/Reports/Archive.aspx#{last:%Y-%m-%d}",
    extension=".html",
    ask=ask_archive,
    published_by=time(19, 30),
    history_start=date(2009, 12, 1),
)
