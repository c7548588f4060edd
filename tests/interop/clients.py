"""The published clients behind one interface, so that one drive can use all of them.

Calls of the async client run to completion, and models that 2.2.0 returns are converted to plain data.
"""

import asyncio
import functools
import inspect
import ssl

from datalinks import api

# Every client of 2.2.0 prepares TLS, which takes a while and is not used here. Preparing it once is sufficient.
ssl.create_default_context = functools.cache(ssl.create_default_context)


class Wrapped:
    """A client of the package. Only its public methods can be called."""

    def __init__(self, client, loop, on_call=lambda name: None):
        self._client = client
        self._loop = loop
        self._on_call = on_call

    @property
    def config(self):
        return self._client.config

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        method = getattr(self._client, name)

        def call(*positional, **named):
            self._on_call(name)
            return settle(method(*positional, **named), self._loop)

        return call


class Events:
    """A stream of events of either client, as a plain iterator."""

    def __init__(self, stream, loop):
        self._stream = stream
        self._loop = loop

    def __iter__(self):
        is_async = hasattr(self._stream, "__aiter__")
        self._stream = aiter(self._stream) if is_async else iter(self._stream)
        return self

    def __next__(self):
        if hasattr(self._stream, "__anext__"):
            try:
                return self._loop.run_until_complete(self._stream.__anext__())
            except StopAsyncIteration:
                raise StopIteration from None
        return next(self._stream)

    def close(self):
        if hasattr(self._stream, "aclose"):
            self._loop.run_until_complete(self._stream.aclose())
        else:
            self._stream.close()

    def __enter__(self):
        if hasattr(self._stream, "__aenter__"):
            self._loop.run_until_complete(self._stream.__aenter__())
        elif hasattr(self._stream, "__enter__"):
            self._stream.__enter__()
        return self

    def __exit__(self, *error):
        if hasattr(self._stream, "__aexit__"):
            self._loop.run_until_complete(self._stream.__aexit__(*error))
        elif hasattr(self._stream, "__exit__"):
            self._stream.__exit__(*error)
        else:
            self.close()

    @property
    def headers(self):
        return self._stream.headers

    @property
    def status_code(self):
        return self._stream.status_code


def settle(value, loop):
    """Returns the final result of a method, as plain data or as a stream."""
    if inspect.iscoroutine(value):
        value = loop.run_until_complete(value)
    if hasattr(value, "__anext__") or hasattr(value, "__next__"):
        return Events(value, loop)
    return plain(value)


def plain(value):
    """Returns models as plain data. Plain data is unchanged."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if type(value) is list:
        return [plain(item) for item in value]
    return value


def new_loop():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return loop


def config(host, key, namespace, dataset):
    """Returns the settings of a client. 1.2.8 has one more setting, which it never sends."""
    fields = {"host": host, "apikey": key, "namespace": namespace, "objectname": dataset}
    if "index" in api.DLConfig.__dataclass_fields__:
        fields["index"] = "unused"
    return api.DLConfig(**fields)
