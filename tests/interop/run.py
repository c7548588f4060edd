"""Runs the installed version of the published client against the emulator that the environment names.

datalinks emulator exec --user bo=bo-key -- python tests/interop/run.py bo=bo-key
datalinks emulator exec --user bo=bo-key --checkpoints -- python tests/interop/run.py bo=bo-key --checkpoints
datalinks emulator exec --user bo=bo-key --strict -- python tests/interop/run.py bo=bo-key --strict
"""

import argparse
import importlib.metadata
import sys
import time
import traceback

import guard

guard.install()

import clients  # noqa: E402
import drives  # noqa: E402, F401  (they make themselves known)
import surface  # noqa: E402
from checks import Checks  # noqa: E402
from emulator import Emulator  # noqa: E402
from stage import DRIVES, Log, Stage  # noqa: E402

# The class of each kind of client. `settings` tests the creation of clients, and `strict` needs its own
# emulator.
KINDS = {"sync": "DataLinksAPI", "async": "AsyncDataLinksAPI", "proxy": "IngestProxyAPI", "settings": None}
STRICT = {"strict": None}
RESUMING = {"sync": "DataLinksAPI", "async": "AsyncDataLinksAPI"}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("other", metavar="NAME=KEY", help="another user of the emulator")
    arguments.add_argument("--only", help="part of the names of the drives to run; disables the checks of completeness")
    special = arguments.add_mutually_exclusive_group()
    special.add_argument("--strict", action="store_true", help="run the drives for a strict emulator")
    special.add_argument("--checkpoints", action="store_true", help="run the drives that need checkpoints")
    given = arguments.parse_args()
    whole = not (given.only or given.strict or given.checkpoints)

    version = importlib.metadata.version("datalinks")
    use, log, checks = surface.Use(), Log.attach(), Checks()
    emulator, loop = Emulator(given.other), clients.new_loop()
    begin = time.monotonic()
    kinds = STRICT if given.strict else RESUMING if given.checkpoints else KINDS
    needed = [drive for drive in DRIVES if drive.checkpoints == given.checkpoints]
    for kind, class_name in kinds.items():
        if class_name in (*surface.CLIENTS, None):
            methods = use.methods(class_name)
            wanted = [drive for drive in needed if kind in drive.only and number(drive.since) <= number(version)]
            for drive in wanted:
                if not given.only or given.only in drive.name:
                    run(drive, Stage(kind, version, emulator, checks, loop, drive.name), methods, log)
            if class_name and whole:
                checks.at(class_name)
                driven = sorted(drive.name for drive in wanted if not drive.name.startswith("_"))
                checks.equal("all public methods are driven, and none that is not there", driven, sorted(methods))
    if whole:
        checks.at("the package")
        checks.equal("what it offers was used", sorted(use.offered - use.used), [])
    checks.at("the emulator")
    emulator.seen()
    checks.equal("it never broke", emulator.broken, [])
    loop.close()
    report(version, use, checks, time.monotonic() - begin)
    return 1 if checks.failed else 0


def number(version):
    return tuple(int(part) for part in version.split("."))


def run(drive, stage, methods, log):
    """Runs one drive, which must assert something and call the method of the same name."""
    checks = stage.checks
    checks.at(f"{stage.kind} {drive.name}")
    asserted, failed = checks.count, checks.failed
    log.lines.clear()
    try:
        drive.function(stage)
        stage.close()
    except Exception:  # The next drive is another one.
        checks.true(f"raised\n{traceback.format_exc(limit=-4)}", False)
    if drive.name in methods:
        checks.true(f"{drive.name} is called", drive.name in stage.called)
    checks.true("something is asserted", checks.count > asserted)
    # If a response does not have the shape of the client's models, the client logs this and returns None.
    strange = [line for line in log.lines if "does not match the response" in line or "spec rejects" in line]
    checks.equal("all answers have the shape that the client knows", strange, [])
    if checks.failed > failed:
        for line in log.lines[-4:]:
            checks.note(f"the client logged: {line[:500]}")


def report(version, use, checks, seconds):
    print("\n".join(checks.lines), end="\n" if checks.lines else "")
    parts = {name: len([full for full in use.used if full.startswith(f"{name}.")]) for name in surface.classes()}
    counts = ", ".join(f"{count} of {name}" for name, count in sorted(parts.items()))
    print(f"datalinks {version}: {len(use.used)} of {len(use.offered)} public methods driven ({counts}),")
    print(f"{checks.count} assertions in {seconds:.1f} s")
    print(f"{checks.count - checks.failed} passed, {checks.failed} failed")


if __name__ == "__main__":
    sys.exit(main())
