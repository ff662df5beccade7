#!/usr/bin/env bash
# A node of the library among real BEAM nodes, and before hostile peers: every check on both backends, plain and over TLS,
# visible and hidden. Most of the time is spent waiting, and so everything runs side by side. ci.sh [DIRECTORY]: what each
# run has printed is left there.
cd "$(dirname "$0")/../.."
# shellcheck disable=SC2034 # for drive.sh
about=tests/dist
# shellcheck source=examples/drive.sh
source examples/drive.sh

needs erlc erlang-base
needs elixir elixir
needs python3 python3-minimal
needs openssl openssl
# No test of the package needs its programs, and so none has left them.
profile=release
[ -z "${PROGRAMS:-}" ] || profile=dev
cargo build --quiet --profile $profile -p otp-dist-test
programs=$(realpath "${PROGRAMS:-${CARGO_TARGET_DIR:-target}/release}")
out=${1:-$work}
mkdir -p "$out"

# What is interrupted ends its own programs.
trap 'kill -TERM $helpers 2>/dev/null || true; wait; rm -rf "$work"' EXIT

# Each run has ports of its own: ten from here on. Names of nodes have the process of their harness in them.
port=14400
names=() runs=()
beside() { # name, command…
    # In a process group of its own, so that all of it can be ended with the script.
    set -m
    "${@:2}" >"$out/$1" 2>&1 &
    set +m
    names+=("$1") runs+=($!) helpers+=" -$!"
    port=$((port + 10))
}

matrix() { # port, backend, transport, mode
    EBIN=$work/ebin-$1 tests/dist/beam/matrix.sh "$programs/dist-driver --backend $2" --epmd-port "$1" --proto "$3" --tls-dir "$work/tls" --mode "$4"
}

hostile() { # port, backend
    local ready
    # It ends with its input.
    coproc DRIVER { exec "$programs/dist-driver" --backend "$2" --node hostile@127.0.0.1 --cookie secret --listen "127.0.0.1:$1" --static-port "$1"; }
    local driver=$DRIVER_PID
    read -r -t 30 ready <&"${DRIVER[0]}"
    [[ $ready == *'"ready":true'* ]] || { echo "the node did not start: $ready"; return 1; }
    tests/dist/hostile/play.py --node hostile@127.0.0.1 --cookie secret --port "$1" --pid "$driver" || return
    echo '{"op":"stop"}' >&"${DRIVER[1]}"
    wait "$driver" || { echo "the node did not end in order"; return 1; }
}

tests/dist/beam/certificates.sh "$work/tls"
for backend in tokio smol; do
    for transport in tcp tls; do
        for mode in visible hidden; do
            beside "matrix-$backend-$transport-$mode" matrix $port $backend $transport $mode
        done
    done
    beside "hostile-$backend" hostile $port $backend
    beside "soak-$backend" tests/dist/soak.sh "$programs/soak-node" $port 20 $backend
done
beside groups tests/dist/groups.sh "$programs/groups-node" $port

failed=
for at in "${!runs[@]}"; do
    name=${names[at]} lines=$out/${names[at]}
    if wait "${runs[at]}"; then
        printf '%s: %s\n' "$name" "$(sed -n 's/^BEAM: \(.*\)/\1, /p' "$lines" | tr -d '\n')$(tail -n 1 "$lines")"
        sed -n 's/^SKIP \([a-z0-9_]*\) .* s  (\(.*\))/    skipped: \1, \2/p' "$lines"
    else
        printf '%s: failed\n' "$name"
        grep -v '^PASS' "$lines" | cut -c 1-400
        failed=yes
    fi
done
helpers=
[ -z "$failed" ] || exit 1
