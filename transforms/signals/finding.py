"""What grading one stated figure found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Finding:
    """One figure's grade; `value` is the measured figure that comes nearest to what is stated."""

    claim_id: str
    stated: float
    unit: str
    grade: str
    reasons: str
    value: float | None = None
    window_sessions: int | None = None
    ends_on: date | None = None
    null_probability: float | None = None
    percentile: float | None = None
