"""The warehouse: what is stored, where, and what it means."""
