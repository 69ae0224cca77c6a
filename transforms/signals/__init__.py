"""From metrics to graded evidence."""
