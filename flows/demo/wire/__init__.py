"""HTTP between publishers and their visitors, and what goes wrong there."""
