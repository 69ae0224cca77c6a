"""How the index company is asked for the history of one index: a year at a time, in a body."""

from __future__ import annotations

from flows.http import Client, Reply
from flows.sources.source import Question


def ask_index_history(client: Client, question: Question) -> Reply:
    """Ask for the calendar year up to the question's day, of the index that it states."""
    name, last = question.stated["index_name"], question.day
    inner = (
        f"{{'name':'{name}','startDate':'{last.replace(month=1, day=1):%d-%b-%Y}',"
        f"'endDate':'{last:%d-%b-%Y}','indexName':'{name}'}}"
    )
    return client.post_json(
        question.url,
        {"cinfo": inner},
        warm=question.source.warm,
        referer=question.source.referer,
    )
