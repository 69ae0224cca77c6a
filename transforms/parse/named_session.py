"""The session that a file's own name speaks of: `bc29102025.csv`, in older years `Bc291025.csv`."""

from __future__ import annotations

import re
from datetime import date, datetime

from transforms.parse.layout import NotThisLayout

_NAME = re.compile(r"(?:^|[^A-Za-z0-9])([A-Za-z]+)(\d{8}|\d{6})(?!\d)[^/\\]*$")
FORMS = {8: "%d%m%Y", 6: "%d%m%y"}


def kind_and_session(name: str) -> tuple[str, date] | None:
    """What a file is called before its date, in lower case, and the date; null where it has none.

    Folders before the name are not looked at.
    """
    found = _NAME.search(re.split(r"[/\\]", name)[-1])
    if found is None:
        return None
    kind, digits = found.groups()
    try:
        day = datetime.strptime(digits, FORMS[len(digits)]).date()  # noqa: DTZ007  of no zone
    except ValueError:
        return None
    return kind.lower(), day


def session_of(name: str, kind: str) -> date:
    """The session that the name of a file of one kind gives.

    Raises:
        NotThisLayout: it is named otherwise, or gives no date.
    """
    told = kind_and_session(name)
    if told is None or told[0] != kind:
        expected = f"a name that says the session, such as {kind}31012026.csv"
        raise NotThisLayout(expected, repr(name))
    return told[1]
