# Functions of the scripts that make certificates. `here` is the directory of the script, with its make.cnf.
cd "$(mktemp -d)"
cp "$here/make.cnf" ca.cnf
touch index.txt
echo 01 >serial

# certificate NAME SUBJECT EXTENSIONS [OPTION..]
certificate() {
  openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key"
  openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
  openssl ca -batch -notext -config ca.cnf -extensions "$3" -startdate 20200101000000Z -enddate 21200101000000Z \
    -in "$1.csr" -out "$1.pem" "${@:4}"
}
