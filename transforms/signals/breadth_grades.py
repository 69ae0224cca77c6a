"""Cut-offs of the claims on breadth. All are Riskon's conventions, to calibrate."""

from __future__ import annotations

# Row 4: a bruising year shows in most members, in many deeply, in some by half.
MEMBERS_FALLEN_FROM_PCT = {20: 50.0, 30: 33.3, 50: 10.0}

# Row 7: the methodology's rule.
IMPROVED_FROM = 5
CONTRADICTED_TO = 2
RANK_ROSE_FROM = 20.0
MOST_RISEN_ABOVE_PCT = 60.0
FEW_RISEN_BELOW_PCT = 40.0

# Row 9: the methodology's rule; what is unusual is told by a year of sessions.
UNUSUAL_Z = 0.5
LEAST_UNUSUAL = 3
LEAST_TESTED = 3
YEAR_SESSIONS = 252

# Row 24: the methodology's rule.
WORST_DECILE = 10.0
