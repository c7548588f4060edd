#!/bin/sh
# Starts the emulator on an address that other machines can reach. It needs a key of its own, because the default key is
# published. The options of the container follow.
set -eu
: "${EMULATOR_KEY:?give the emulator a key: -e EMULATOR_KEY=my-test-key}"
exec datalinks emulator --address 0.0.0.0:7070 --allow-other-hosts --api-key "$EMULATOR_KEY" "$@"
