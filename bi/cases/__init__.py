"""Named articles and reports: date, figures, claims to grade."""
