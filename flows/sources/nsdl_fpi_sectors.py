"""Foreign investment by sector, a report for each fortnight some days after its end.

The depository names its files by hand: the month in three letters or in full, and in the first
years with letters missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

from flows.http import Client, Reply
from flows.sources.source import Question, Source
from transforms.parse import depository_sectors

FOLDER = "Fortnightly_Sector_wise_FII_Investment_Data/"
LAST_MISSPELT = 2014


def ask_fortnight(client: Client, question: Question) -> Reply:
    """Ask for a report under each of the names it may have; the last answer where none is there."""
    reply = client.get(question.url, etag=question.etag, last_modified=question.last_modified)
    folder = question.url.rpartition("/")[0]
    for name in _other_names(question.day):
        if reply.status not in {404, 410}:
            break
        reply = client.get(f"{folder}/{name}")
    return reply


def _other_names(day: date) -> Iterator[str]:
    if f"{day:%B}" != f"{day:%b}":
        yield f"FIIInvestSector_{day:%B%d%Y}.html"
    if day.year <= LAST_MISSPELT:
        yield f"FIIInestSector_{day:%b%d%Y}.htm"
        yield f"FIIInvestSecor_{day:%b%d%Y}.html"


SOURCE = Source(
    id="nsdl_fpi_sectors",
    title="Foreign investment by sector and fortnight",
    publisher="National Securities Depository Ltd",
    layouts=(depository_sectors.LAYOUT,),
    asks="every fortnight",
    url=(
        f"https://www.fpi.nsdl.co.in/web/StaticReports/{FOLDER}FIIInvestSector_{{day:%b%d%Y}}.html"
    ),
    extension=".html",
    ask=ask_fortnight,
    published_by=time(19, 30),
    days_later=10,
    history_start=date(2012, 1, 31),
    is_informational=True,
)
