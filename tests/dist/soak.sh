#!/usr/bin/env bash
# Two nodes of the library and a BEAM, busy with each other, whose connections are cut at random; at the end nothing may be
# left over. soak.sh PROGRAM PORT SECONDS [BACKEND]: the port is for epmd, the program is soak-node.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
export ERL_EPMD_PORT=$2
epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 2>/dev/null &
until epmd -port "$ERL_EPMD_PORT" -names >/dev/null 2>&1; do kill -0 %1; done
cookie=$(head -c 18 /dev/urandom | base64 | tr -d '/+')
timeout $(($3 + 180)) "$1" "${4:-tokio}" "$cookie" "$ERL_EPMD_PORT" "$3" >"$work/out" &
program=$!
until grep -qs ready "$work/out"; do kill -0 $program; done
timeout $(($3 + 180)) elixir --name beam@127.0.0.1 --cookie "$cookie" --erl "-start_epmd false -kernel prevent_overlapping_partitions false" soak.exs "$3" &
beam=$!
code=0
wait $program || code=$?
grep -v ready "$work/out"
[ $code = 0 ] && wait $beam
