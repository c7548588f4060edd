#!/usr/bin/env bash
# Makes the certificates of this directory anew, with OpenSSL 3. The key of the authority is not kept.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/certificate.sh"

certificate authority "DataLinks test authority" authority -selfsign -keyfile authority.key
certificate server datalinks.example server -cert authority.pem -keyfile authority.key
certificate expired expired.example server -cert authority.pem -keyfile authority.key -enddate 20200102000000Z
certificate client "DataLinks test client" client -cert authority.pem -keyfile authority.key
cp authority.pem server.pem server.key expired.pem expired.key client.pem client.key "$here"
openssl x509 -in authority.pem -outform der -out "$here/authority.der"
