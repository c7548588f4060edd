"""The public surface of the installed package, found by inspection, and its use by the drives."""

import functools
import inspect

from datalinks import api

# Classes that only store values, and the members of every exception.
_DATA = {"AskEvent", "IngestionResult", "DataLinksRequestError"}
# The members that make a class a context manager or a stream belong to its surface.
_PROTOCOL = {
    "__enter__", "__exit__", "__aenter__", "__aexit__", "__iter__", "__next__", "__aiter__", "__anext__",
}  # fmt: skip

CLIENTS = [name for name in ("DataLinksAPI", "AsyncDataLinksAPI", "IngestProxyAPI") if hasattr(api, name)]


def classes():
    """Returns the public classes, including those of streams."""
    from datalinks.api import ingest_proxy

    found = {name: value for name, value in vars(api).items() if inspect.isclass(value)}
    found["PipelineRun"] = ingest_proxy.PipelineRun
    return {
        name: value
        for name, value in found.items()
        if not name.startswith("_") and name not in _DATA and value.__module__.startswith("datalinks.")
    }


def public(kind):
    """Returns the members that a class defines: methods and properties, and its constructor if it is a client."""
    names = set()
    for name, value in vars(kind).items():
        offered = callable(value) or isinstance(value, (property, classmethod, staticmethod))
        if offered and (not name.startswith("_") or name in _PROTOCOL):
            names.add(name)
    if kind.__name__ in CLIENTS:
        names.add("__init__")
    return names


class Use:
    """Records the use of the public classes, wherever they are called."""

    def __init__(self):
        self.offered = {f"{name}.{part}" for name, kind in classes().items() for part in public(kind)}
        self.used = set()
        for name, kind in classes().items():
            for part in public(kind):
                self._watch(kind, part, f"{name}.{part}")

    def methods(self, class_name):
        """Returns the public methods of a class, without those of a context manager or a stream."""
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
