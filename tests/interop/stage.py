"""The environment of a drive: clients, a separate namespace, another user, and the emulator."""

import logging

import clients
from datalinks import api

FILMS = [
    {"title": "Alien", "year": 1979, "director": "Scott", "score": 8.5},
    {"title": "Heat", "year": 1995, "director": "Mann", "score": 8.3},
    {"title": "Amélie", "year": 2001, "director": None, "score": 8.25},
]
PEOPLE = [{"name": "Scott", "born": 1937}, {"name": "Mann", "born": 1943}, {"name": "Jeunet", "born": 1953}]


class Drive:
    """A drive: a function, the methods that it tests, the clients that have them, and the emulator that it needs."""

    def __init__(self, function, only, since, checkpoints):
        self.name, self.function, self.only, self.since = function.__name__, function, only, since
        self.checkpoints = checkpoints


DRIVES = []


def drive(function=None, *, only=("sync", "async"), since="1.2.8", checkpoints=False):
    """Registers the drive of the public method of the same name. With `checkpoints`, it runs only against an emulator
    whose agent writes checkpoints."""

    def mark(function):
        DRIVES.append(Drive(function, only, since, checkpoints))
        return function

    return mark(function) if function else mark


class Stage:
    """The environment of one drive of one client."""

    def __init__(self, kind, version, emulator, checks, loop, name):
        self.kind, self.version, self.emulator, self.checks = kind, version, emulator, checks
        self.namespace = f"{kind}_{name}"
        self.loop = loop
        self.old = version == "1.2.8"
        self.called = set()
        self.equal, self.fits = checks.equal, checks.fits
        self.true, self.raises = checks.true, checks.raises
        self._open = []

    def client(self, dataset="films", namespace=None, key=None, host=None):
        """Returns a client of the kind under test."""
        settings = clients.config(
            host or self.emulator.host, key or self.emulator.key, namespace or self.namespace, dataset
        )
        made = (api.AsyncDataLinksAPI if self.kind == "async" else api.DataLinksAPI)(settings)
        if self.kind == "async":
            self._open.append(made)
        return clients.Wrapped(made, self.loop, self.called.add)

    def dataset(self, rows=None, name="films", **settings):
        """Returns a client whose dataset exists and contains these rows."""
        client = self.client(name, **settings)
        client.create_space()
        rows = FILMS if rows is None else rows
        if rows:
            result = client.ingest(rows)
            self.equal(f"the rows of {name} are stored", (result.successful, result.failed), (rows, []))
        return client

    def linked(self):
        """Returns a client whose dataset `films` has a link to `people`, by the director's name."""
        people = self.dataset(PEOPLE, "people")
        films = self.dataset(FILMS)
        self.link(films)
        del people
        return films

    def link(self, client):
        ends = (self.namespace, "films", "director", self.namespace, "people", "name")
        self.equal("a new link", client.add_link(*ends, "ExactMatch"), True)

    def seen(self):
        """Returns the requests since the last call: operations, statuses, labels, faults."""
        return self.emulator.seen()

    def column(self, dataset, column):
        """Returns the name of a column in links."""
        return f"ri.{self.emulator.user}.{self.namespace}.{dataset}.{column}"

    def rejected(self, what, status, call):
        """Checks that the call raises the client's own error with this status."""
        error = self.raises(what, api.DataLinksRequestError, call)
        if error is not None:
            self.equal(f"the status of {what}", error.status_code, status)
        return error

    def close(self):
        for client in self._open:
            self.loop.run_until_complete(client.aclose())


class Log(logging.Handler):
    """Collects the log of the package, which is the only trace of an error that it swallows."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())

    @classmethod
    def attach(cls):
        log = cls()
        logger = logging.getLogger("datalinks")
        logger.addHandler(log)
        logger.propagate = False
        return log
