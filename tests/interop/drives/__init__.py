"""The drives by subject. One function per public method, with the name of the method."""

from . import account, agents, datasets, ingest, links, proxy, queries, settings, shares, strict, uploads

__all__ = [
    "account", "agents", "datasets", "ingest", "links", "proxy", "queries", "settings", "shares", "strict", "uploads",
]  # fmt: skip
