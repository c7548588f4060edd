#!/usr/bin/env bash
# Makes the certificates of this directory anew, with OpenSSL 3. The key of the authority is not kept.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../datalinks/tests/data/tls/certificate.sh"

certificate authority "DataLinks benchmark authority" authority -selfsign -keyfile authority.key
certificate server localhost server -cert authority.pem -keyfile authority.key
cp authority.pem server.pem server.key "$here"
