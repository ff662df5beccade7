#!/usr/bin/env bash
# A node of the library among real BEAM nodes, and before hostile peers. ci.sh [all]: also what takes minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v erlc >/dev/null; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq erlang-base elixir >/dev/null
fi
cargo build -q --release -p otp-dist-test
driver=$PWD/${CARGO_TARGET_DIR:-target}/release/dist-driver
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export EBIN=$work/ebin

matrix() { # backend, mode, more
    tests/dist/beam/matrix.sh "$driver --backend $1" --mode "$2" "${@:3}" >"$work/out" 2>&1 || { cut -c1-400 "$work/out"; exit 1; }
    tail -1 "$work/out"
}
# What waits for ticks takes most of the time.
slow=tick_idle_connection_kept,tick_busy_one_way,tick_silent_driver_dropped,tick_frozen_beam_noticed,garbage_before_login
if [ "${1:-}" = all ]; then slow=none; fi
matrix tokio visible --except "$slow"
matrix smol hidden --except "$slow"
if [ "${1:-}" = all ]; then
    matrix tokio hidden
    matrix smol visible
fi
