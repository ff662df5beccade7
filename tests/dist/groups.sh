#!/usr/bin/env bash
# Groups that Erlang's pg and a node of the library share, on both backends. groups.sh PROGRAM PORT: the port is for epmd.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
export ERL_EPMD_PORT=$2
epmd -port $ERL_EPMD_PORT -address 127.0.0.1 &
for backend in tokio smol; do
  cookie=$(head -c 18 /dev/urandom | base64 | tr -d '/+')
  until epmd -port $ERL_EPMD_PORT -names >/dev/null 2>&1; do kill -0 %1; done
  "$1" $backend "$cookie" $ERL_EPMD_PORT >"$work/$backend" &
  program=$!
  until grep -qs ready "$work/$backend"; do kill -0 $program; done
  timeout 60 elixir --name beam@127.0.0.1 --cookie "$cookie" --erl "-start_epmd false" groups.exs
  wait $program
done
