#!/usr/bin/env bash
# Starts the three nodes a, b and c, and ends them with itself. start.sh [OPTION OF THE PROGRAM…]
# Their cookie is in target/cluster/cookie, and the process ids are in target/cluster.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
program=${PROGRAM:-$target/release/cluster}
[ -n "${PROGRAM:-}" ] || cargo build --quiet --release -p cluster
mkdir -p "$target/cluster"
[ -s "$target/cluster/cookie" ] || (umask 077 && head -c 18 /dev/urandom | base64 | tr -d '/+' >"$target/cluster/cookie")
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
trap exit INT TERM
for name in a b c; do
  RUST_BACKTRACE=0 "$program" --name $name --cookie "$target/cluster/cookie" "$@" &
  echo $! >"$target/cluster/$name.pid"
done
wait
