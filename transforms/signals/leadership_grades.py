"""Cut-offs of the claims on who leads. All are Riskon's conventions, to calibrate."""

from __future__ import annotations

# Rows 8 and 10: the methodology's rules.
LIFT_ABOVE = 1.1
CHANCE_BELOW = 0.10
LEADING_OF_NAMED = (2, 3)
"""Of the named sectors so many thirds must be in the top third: four of six."""
LAGGING_BELOW_PERCENTILE = 40.0

# Weights by market cap stand for those of the index; beyond five basis points a session the
# difference may be what the attribution is made of.
RESIDUAL_TO_BPS = 45.0
