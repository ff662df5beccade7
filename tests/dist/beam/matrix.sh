#!/bin/sh
# matrix.sh DRIVER-COMMAND [--mode hidden|visible] [--proto tcp|tls --tls-dir DIR] [--modules matrix,life] [--only a,b] [--except a,b] [--epmd-port N] [--erl "CMD"]
# Prints one line per check and a summary; exit status 0 when nothing failed.
HERE=$(cd "$(dirname "$0")" && pwd)
EBIN=${EBIN:-${TMPDIR:-/tmp}/dist-harness-ebin}
DRIVER=$1; shift
mkdir -p "$EBIN" && erlc -o "$EBIN" "$HERE"/*.erl || exit 2
[ -n "$EXTRA_PA" ] && { erlc -o "$EBIN" "$EXTRA_PA"/*.erl || exit 2; }
exec erl -noshell -pa "$EBIN" -kernel logger_level none -s harness main -extra --driver "$DRIVER" --terms "$HERE/../../suite/tests/etf/corpus/terms.jsonl" "$@"
