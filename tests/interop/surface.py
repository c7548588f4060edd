"""What the installed package offers, found by looking at it, and what of it was used."""

import functools
import inspect

from datalinks import api

# Classes that only hold what others put in, and what every exception has.
_DATA = {"AskEvent", "IngestionResult", "DataLinksRequestError"}
# What makes a class a context manager or a stream is part of what it offers.
_PROTOCOL = {
    "__enter__", "__exit__", "__aenter__", "__aexit__", "__iter__", "__next__", "__aiter__", "__anext__",
}  # fmt: skip

CLIENTS = [name for name in ("DataLinksAPI", "AsyncDataLinksAPI", "IngestProxyAPI") if hasattr(api, name)]


def classes():
    """The public classes, with those that streams are made of."""
    from datalinks.api import ingest_proxy

    found = {name: value for name, value in vars(api).items() if inspect.isclass(value)}
    found["PipelineRun"] = ingest_proxy.PipelineRun
    return {
        name: value
        for name, value in found.items()
        if not name.startswith("_") and name not in _DATA and value.__module__.startswith("datalinks.")
    }


def public(kind):
    """What a class offers by itself: methods and properties, and its constructor if it is a client."""
    names = set()
    for name, value in vars(kind).items():
        offered = callable(value) or isinstance(value, (property, classmethod, staticmethod))
        if offered and (not name.startswith("_") or name in _PROTOCOL):
            names.add(name)
    if kind.__name__ in CLIENTS:
        names.add("__init__")
    return names


class Use:
    """Notes what is used of the public classes, wherever it is called from."""

    def __init__(self):
        self.offered = {f"{name}.{part}" for name, kind in classes().items() for part in public(kind)}
        self.used = set()
        for name, kind in classes().items():
            for part in public(kind):
                self._watch(kind, part, f"{name}.{part}")

    def methods(self, class_name):
        """The public methods of one class, without what makes it a context manager or a stream."""
        own = [full.removeprefix(f"{class_name}.") for full in self.offered if full.startswith(f"{class_name}.")]
        return {name for name in own if not name.startswith("_")}

    def _watch(self, kind, part, full):
        value = vars(kind)[part]
        if isinstance(value, property):
            watched = property(self._noting(value.fget, full))
        elif isinstance(value, classmethod):
            watched = classmethod(self._noting(value.__func__, full))
        elif isinstance(value, staticmethod):
            watched = staticmethod(self._noting(value.__func__, full))
        else:
            watched = self._noting(value, full)
        setattr(kind, part, watched)

    def _noting(self, function, full):
        @functools.wraps(function)
        def noted(*positional, **named):
            self.used.add(full)
            return function(*positional, **named)

        return noted
