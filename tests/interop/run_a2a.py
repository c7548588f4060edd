"""Runs the official SDK of the A2A protocol against the agents of the emulator that the environment names.

datalinks emulator exec --user bo=bo-key -- python tests/interop/run_a2a.py bo=bo-key
datalinks emulator exec --user bo=bo-key --strict -- python tests/interop/run_a2a.py bo=bo-key --strict
"""

import argparse
import asyncio
import importlib.metadata
import logging
import sys
import time
import traceback

import guard

guard.install()

import a2a_drives  # noqa: E402
from a2a_stage import DRIVES, METHODS, Stage  # noqa: E402
from checks import Checks  # noqa: E402
from emulator import Emulator  # noqa: E402

# Number of assertions in a complete run. A different number means that assertions were skipped, or added
# without a change here.
ASSERTIONS = {False: 205, True: 13}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("other", metavar="NAME=KEY", help="another user of the emulator")
    arguments.add_argument("--strict", action="store_true", help="run the drives for a strict emulator")
    given = arguments.parse_args()
    # The assertions cover the messages that the SDK would log.
    logging.disable(logging.CRITICAL)
    checks, emulator = Checks(), Emulator(given.other)
    begin = time.monotonic()
    called = asyncio.run(run(given.strict, checks, emulator))
    checks.at("the emulator")
    emulator.seen()
    checks.equal("it never broke", emulator.broken, [])
    checks.at("the network")
    checks.equal("only loopback addresses were asked for", sorted(guard.rejected), sorted(a2a_drives.ELSEWHERE[given.strict]))
    if not given.strict:
        checks.at("the SDK")
        checks.equal("all methods of its client were called", sorted(called), sorted(METHODS))
    # The assertion about the number counts, too.
    checks.at("this run")
    checks.equal("all assertions were made", checks.count + 1, ASSERTIONS[given.strict])
    report(checks, time.monotonic() - begin)
    return 1 if checks.failed or not checks.count else 0


async def run(strict, checks, emulator):
    """Runs all drives for this emulator in order. Returns the names of the client's methods that they called."""
    called = set()
    for function in [function for function, wanted in DRIVES if wanted == strict]:
        checks.at(function.__name__)
        asserted = checks.count
        try:
            async with Stage(emulator, checks, called, function.__name__) as stage:
                await function(stage)
        except Exception:  # The next drive is another one.
            checks.true(f"raised\n{traceback.format_exc(limit=-4)}", False)
        checks.true("something is asserted", checks.count > asserted)
    return called


def report(checks, seconds):
    print("\n".join(checks.lines), end="\n" if checks.lines else "")
    print(f"a2a-sdk {importlib.metadata.version('a2a-sdk')}: {checks.count} assertions in {seconds:.1f} s")
    print(f"{checks.count - checks.failed} passed, {checks.failed} failed")


if __name__ == "__main__":
    sys.exit(main())
