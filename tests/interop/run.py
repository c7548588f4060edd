"""Drives the installed version of the published client against the emulator that the environment names."""

from importlib.metadata import version

from datalinks.api import DataLinksAPI

client = DataLinksAPI()
print(f"datalinks {version('datalinks')}: {sorted(name for name in dir(client) if not name.startswith('_'))}")
