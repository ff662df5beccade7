#!/bin/sh
# certificates.sh DIR: for --tls-dir DIR. A CA, the certificate of a node, those of strangers (other_), and the options of
# BEAM nodes that use them. OTP 25 takes the host of a node for a DNS name, so that an IP address has to be one, too.
set -e
mkdir -p "$1" && cd "$1"
DIR=$(pwd)
SAN="DNS:localhost,DNS:127.0.0.1,DNS:127.0.0.2,IP:127.0.0.1,IP:127.0.0.2"
for OF in "" other_; do
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=${OF}ca" -keyout ${OF}ca.key -out ${OF}ca.pem \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj "/CN=${OF}node" -keyout ${OF}key.pem -out ${OF}node.csr 2>/dev/null
  printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n' "$SAN" >${OF}node.cnf
  openssl x509 -req -in ${OF}node.csr -CA ${OF}ca.pem -CAkey ${OF}ca.key -CAcreateserial -days 30 -extfile ${OF}node.cnf -out ${OF}cert.pem 2>/dev/null
  FILES="{cacertfile,\"$DIR/${OF}ca.pem\"},{certfile,\"$DIR/${OF}cert.pem\"},{keyfile,\"$DIR/${OF}key.pem\"}"
  printf '[{server,[%s,{verify,verify_peer},{fail_if_no_peer_cert,true}]},{client,[%s,{verify,verify_peer}]}].\n' "$FILES" "$FILES" >ssl_dist${OF:+_other}.conf
done
rm -f -- *.csr *.cnf *.srl
