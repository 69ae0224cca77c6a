"""A number that decides, declared once with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Threshold:
    """One number of configuration; it stands in ops.definition, and a change of it recomputes.

    `source` is where it is published, or "Riskon convention".
    """

    id: str
    value: float
    unit: str
    meaning: str
    source: str
