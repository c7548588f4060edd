"""The drives, by what they are about. One function per public method, named as the method is."""

from . import account, agents, datasets, ingest, links, proxy, queries, settings, shares, strict, uploads

__all__ = [
    "account", "agents", "datasets", "ingest", "links", "proxy", "queries", "settings", "shares", "strict", "uploads",
]  # fmt: skip
