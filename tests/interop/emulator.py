"""The emulator: its address, its request log, and its injected faults."""

import contextlib
import itertools
import json
import os
import urllib.error
import urllib.request


class Emulator:
    """The emulator that the environment names. The other user is given as NAME=KEY."""

    def __init__(self, other):
        self.host = os.environ["DL_HOST"]
        self.proxy = os.environ["DL_INGEST_PROXY"]
        self.key = os.environ["DL_API_KEY"]
        self.user = os.environ["DL_USERNAME"]
        self.other_user, self.other_key = other.split("=", 1)
        self._log = urllib.request.urlopen(f"{self.proxy}/_emulator/requests", timeout=30)
        self._markers = itertools.count()
        # Unexpected responses with status 500.
        self.broken = []

    def seen(self):
        """Returns the requests since the last call. Sends one request as a mark of the current position."""
        marker = f"marker={next(self._markers)}"
        send("GET", f"{self.host}/user/me?{marker}", headers={"Authorization": f"Bearer {self.key}"})
        found = []
        for line in self._log:
            if not line.startswith(b"data: {"):
                continue
            request = json.loads(line[len(b"data: ") :])
            if request["query"] == marker:
                return found
            found.append(request)
            if request["status"] == 500 and request["fault"] is None:
                self.broken.append(request)
        raise EOFError("the emulator's log of requests has ended")

    @contextlib.contextmanager
    def fault(self, operation, **effect):
        """Injects a fault into the next call of an operation, and checks that it was applied."""
        settings = {name.replace("_", "-"): value for name, value in effect.items()}
        fault = self.control("POST", "faults", {"operation": operation, **settings})
        try:
            yield
        finally:
            # A fault that has been applied no longer exists.
            status, _, _ = send("DELETE", f"{self.proxy}/_emulator/faults/{fault['id']}")
        if status != 404:
            raise RuntimeError(f"nothing went wrong with {operation}: {fault}")

    @contextlib.contextmanager
    def later(self, by):
        """Advances the emulator's clock, for example by "2h"."""
        self.control("PUT", "clock", {"advance": by})
        try:
            yield
        finally:
            self.control("DELETE", "clock")

    def control(self, method, place, body=None):
        """Sends a request to the control API."""
        status, _, answer = send(method, f"{self.proxy}/_emulator/{place}", body)
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} /_emulator/{place}: status {status}: {answer}")
        return answer


def send(method, url, body=None, headers=None):
    """Sends a plain request. Returns its status, its headers, and its body as JSON or as text."""
    headers = dict(headers or {})
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    if data is not None and not isinstance(body, bytes):
        headers.setdefault("Content-Type", "application/json")
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, _read(answer.read())
    except urllib.error.HTTPError as failure:
        return failure.code, failure.headers, _read(failure.read())


def _read(body):
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
