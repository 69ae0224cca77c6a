"""HTTP with the publishers: one polite client, and what its answers mean."""

from flows.http.answer import Reply
from flows.http.client import Client

__all__ = ["Client", "Reply"]
