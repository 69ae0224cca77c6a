"""Cut-offs of the claims on valuation, rate cuts and trade deals. All are ours, to calibrate."""

from __future__ import annotations

# Dear: in the upper three tenths of its own past. Cheap is not the press's claim, so it only
# contradicts below the level at which a directional figure does.
DEAR_FROM_PERCENTILE = 70.0
LOW_YIELD_TO_PERCENTILE = 30.0

# Cuts are priced where the short yield stands below the policy rate by more than it mostly did.
CUTS_TO_PERCENTILE = 40.0
NO_CUTS_FROM_PERCENTILE = 60.0

# A trade deal: what the press may mean by "triggered" has a month to show.
FRESH_SESSIONS = 21
