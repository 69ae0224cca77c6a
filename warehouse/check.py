"""What a check is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

SINCE = "{since}"
"""In a query: the first session to look at in a large table."""


@dataclass(frozen=True)
class Check:
    """What holds when all is well, and the query of the rows that say otherwise."""

    id: str
    severity: Literal["stop", "warn"]
    statement: str
    sql: str

    def query(self, since: date | None = None) -> str:
        """The query; of large tables it looks at a session and later ones alone, or at all."""
        return self.sql.replace(SINCE, f"DATE '{since or date.min}'")
