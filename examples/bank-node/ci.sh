#!/usr/bin/env bash
# A bank in Rust, and its client in Elixir, with an epmd of their own.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build -q -p bank-node
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$work"' EXIT
export ERL_EPMD_PORT=14871
(umask 077 && head -c 18 /dev/urandom | base64 | tr -d '/+' >"$work/cookie")
epmd -port $ERL_EPMD_PORT -address 127.0.0.1 &
for _ in $(seq 50); do epmd -port $ERL_EPMD_PORT -names >/dev/null 2>&1 && break; sleep 0.1; done
"${CARGO_TARGET_DIR:-target}/debug/bank-node" "$work/cookie" >"$work/out" &
for _ in $(seq 50); do grep -q open "$work/out" && break; sleep 0.1; done
timeout 30 elixir --name teller@127.0.0.1 --cookie "$(cat "$work/cookie")" --erl "-start_epmd false" examples/bank-node/bank.exs
