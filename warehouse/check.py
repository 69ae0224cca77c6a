"""What a check is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """What holds when all is well, and the query of the rows that say otherwise."""

    id: str
    severity: Literal["stop", "warn"]
    statement: str
    sql: str
