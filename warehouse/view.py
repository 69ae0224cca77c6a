"""What a view is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """A view and its meaning."""

    name: str
    meaning: str
    sql: str


@dataclass(frozen=True)
class Macro:
    """A view that is asked with parameters, and its meaning."""

    name: str
    parameters: str
    meaning: str
    create: str
    """The statement that creates or replaces it."""
