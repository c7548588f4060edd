"""Texts that must mean something which no schema says. The emulator's own tests are about those that do not."""


def meant(value):
    """The value, its texts replaced where only some mean anything."""
    if isinstance(value, list):
        return [meant(item) for item in value]
    if isinstance(value, dict):
        return {name: MEANT.get(name, lambda inner: inner)(meant(inner)) for name, inner in value.items()}
    return value


def text(change):
    """Changes texts, and leaves alone what has the same name and is none."""
    return lambda value: change(value) if isinstance(value, str) else value


def named(name):
    """A name that can stand in a path."""
    stands = name.strip() and name not in (".", "..") and "\\" not in name and name.isprintable()
    return name if stands else "made"


MEANT = {
    # The contract names kilometres and miles; the emulator knows some more.
    "distanceUnit": text(lambda _: "km"),
    "expires_at": text(lambda _: "2999-01-31T12:00:00Z"),
    # The ending says what is in a file.
    "filename": text(lambda name: f"{named(name)}.csv"),
    "matchType": text(lambda kind: kind if kind in ("ExactMatch", "GeoMatch") else "ExactMatch"),
    "name": text(named),
    "namespace": text(named),
    "outputDatasetName": text(named),
    "outputNamespace": text(named),
    "timeZoneForAggregation": text(lambda _: "Europe/Berlin"),
}
