"""Strings whose meaning no schema describes. The emulator's own tests cover those without a meaning."""


def meant(value):
    """Returns the value with its strings replaced if only some strings are valid."""
    if isinstance(value, list):
        return [meant(item) for item in value]
    if isinstance(value, dict):
        return {name: MEANT.get(name, lambda inner: inner)(meant(inner)) for name, inner in value.items()}
    return value


def text(change):
    """Changes strings, and leaves other values of the same name unchanged."""
    return lambda value: change(value) if isinstance(value, str) else value


def named(name):
    """Returns a name that can be a path segment."""
    stands = name.strip() and name not in (".", "..") and "\\" not in name and name.isprintable()
    return name if stands else "made"


MEANT = {
    # The contract mentions kilometers and miles, and the emulator accepts further units.
    "distanceUnit": text(lambda _: "km"),
    "expires_at": text(lambda _: "2999-01-31T12:00:00Z"),
    # The extension determines the format of the file.
    "filename": text(lambda name: f"{named(name)}.csv"),
    "matchType": text(lambda kind: kind if kind in ("ExactMatch", "GeoMatch") else "ExactMatch"),
    "name": text(named),
    "namespace": text(named),
    "outputDatasetName": text(named),
    "outputNamespace": text(named),
    "timeZoneForAggregation": text(lambda _: "Europe/Berlin"),
}
