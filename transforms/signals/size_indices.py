"""The indices by size: those that have zones and a regime."""

from __future__ import annotations

from transforms.metrics.leadership_sections import UNIVERSES
from transforms.universes import MARKET

SIZE_INDICES = tuple(index_id for index_id in UNIVERSES if index_id != MARKET)
HEADLINE = "nifty-smallcap-100"
"""The index the verdict speaks of."""
