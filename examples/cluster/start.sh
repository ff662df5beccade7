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
trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
trap exit INT TERM

epmd=4369 option=
for argument; do
  [ "$option" != --epmd ] || epmd=$argument
  option=$argument
done

start() { # name, option…
  RUST_BACKTRACE=0 "$program" --name "$1" --cookie "$target/cluster/cookie" "${@:2}" &
  echo $! >"$target/cluster/$1.pid"
}

start a "$@"
# The others are to find it as their epmd.
until (: >"/dev/tcp/127.0.0.1/$epmd") 2>/dev/null; do kill -0 $!; done
start b "$@"
start c "$@"
wait
