"""Cut-offs of the claims on results. All are Riskon's conventions, to calibrate."""

from __future__ import annotations

# The methodology's rule for row 6: growth among the best of 20 quarters, and more surprises
# upwards than downwards.
STRONG_FROM_PERCENTILE = 70.0
WEAK_BELOW_PERCENTILE = 40.0
DIFFUSION_ABOVE_PCT = 0.0
COVERAGE_FROM_PCT = 80.0

# A base rate of fewer quarters says nothing.
LEAST_PAST_QUARTERS = 8
