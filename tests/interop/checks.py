"""Assertions that are counted, and that do not stop the run after a failure."""

import json


class Checks:
    """The assertions and their failures, by drive."""

    def __init__(self):
        self.count = 0
        self.failed = 0
        self.lines = []
        self._place = "?"

    def at(self, place):
        """Sets the drive of the following assertions."""
        self._place = place

    def note(self, what):
        """Adds a note to the report."""
        self.lines.append(f"  {self._place}: {what}")

    def true(self, what, truth):
        self.count += 1
        if not truth:
            self.failed += 1
            self.lines.append(f"FAILED {self._place}: {what}")
        return bool(truth)

    def equal(self, what, actual, expected):
        """Checks that both values are equal and of the same type."""
        same = type(actual) is type(expected) and actual == expected
        return self.true(f"{what}:\n    got  {show(actual)}\n    want {show(expected)}", same)

    def fits(self, what, actual, expected):
        """Checks that a value contains the expected one. Objects may have more members, and a member that is expected
        to be None may be missing. Functions in `expected` are called with their value."""
        wrong = misfit(actual, expected)
        return self.true(f"{what}: {wrong}\n    got  {show(actual)}", wrong is None)

    def raises(self, what, kind, call):
        """Checks that the call raises this kind of exception. Returns the exception."""
        try:
            value = call()
        except kind as error:
            self.true(what, True)
            return error
        except Exception as error:  # The wrong one is a failure like any other.
            self.true(f"{what}: raised {error!r} instead of {kind.__name__}", False)
            return None
        self.true(f"{what}: returned {show(value)} instead of raising {kind.__name__}", False)
        return None


def misfit(actual, expected, path=""):
    """Returns the location of the first difference from the expected value, or None."""
    place = path or "the value"
    if callable(expected):
        return None if expected(actual) else f"{place} is wrong"
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return f"{place} is no object"
        for name, part in expected.items():
            wrong = misfit(actual.get(name), part, f"{path}.{name}")
            if wrong:
                return wrong
        return None
    if isinstance(expected, list):
        if not isinstance(actual, list):
            return f"{place} is no list"
        if len(actual) != len(expected):
            return f"{place} has {len(actual)} items, not {len(expected)}"
        wrong = (misfit(one, part, f"{path}[{at}]") for at, (one, part) in enumerate(zip(actual, expected)))
        return next(filter(None, wrong), None)
    if type(actual) is not type(expected) or actual != expected:
        return f"{place} is {show(actual)}, not {show(expected)}"
    return None


def show(value):
    try:
        text = json.dumps(value, ensure_ascii=False, default=repr)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 600 else text[:600] + "..."
