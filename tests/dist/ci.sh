#!/usr/bin/env bash
# A node of the library among real BEAM nodes, and before hostile peers, on both backends. ci.sh [all]: also what takes
# minutes, and all over TLS, too.
cd "$(dirname "$0")/../.."
# shellcheck disable=SC2034 # for drive.sh
about=tests/dist
# shellcheck source=examples/drive.sh
source examples/drive.sh

needs erlc erlang-base
needs elixir elixir
needs python3 python3-minimal
# No test of the package needs its programs, and so none has left them.
profile=release
[ -z "${PROGRAMS:-}" ] || profile=dev
cargo build --quiet --profile $profile -p otp-dist-test
driver=$(realpath "${PROGRAMS:-${CARGO_TARGET_DIR:-target}/release}/dist-driver")
export EBIN=$work/ebin

matrix() { # backend, mode, more
    tests/dist/beam/matrix.sh "$driver --backend $1" --mode "$2" "${@:3}" >"$work/out" 2>&1 || { cut -c1-400 "$work/out"; exit 1; }
    tail -1 "$work/out"
}

hostile() { # backend, more
    local node=hostile@127.0.0.1 port=14873 ready
    coproc DRIVER { exec "$driver" --backend "$1" --node $node --cookie secret --listen 127.0.0.1:$port --static-port $port 2>"$work/log"; }
    server=$DRIVER_PID
    read -r -t 30 ready <&"${DRIVER[0]}" || fail "the node did not start"
    [[ $ready == *'"ready":true'* ]] || fail "$ready"
    tests/dist/hostile/play.py --node $node --cookie secret --port $port --pid "$server" "${@:2}" >"$work/out" 2>&1 || { grep -v ^PASS "$work/out"; exit 1; }
    tail -1 "$work/out"
    echo '{"op":"stop"}' >&"${DRIVER[1]}"
    wait "$server" || fail "the node did not end in order"
    server=
}

# What waits for ticks takes most of the time.
slow=tick_idle_connection_kept,tick_busy_one_way,tick_silent_driver_dropped,tick_frozen_beam_noticed,garbage_before_login
# So does what waits for the end of a handshake, and what sends 100,000 messages.
patient=nothing,half_byte,name_then_silence,reply_never,slow_loris,monitors_100k,monitors_alive_100k,messages_200k_to_nobody
if [ "${1:-}" = all ]; then
    slow=none patient=none
fi
matrix tokio visible --except "$slow"
matrix smol hidden --except "$slow"
if [ "${1:-}" = all ]; then
    matrix tokio hidden
    matrix smol visible
    needs openssl openssl
    tests/dist/beam/certificates.sh "$work/tls"
    for backend in tokio smol; do
        for mode in visible hidden; do
            matrix $backend $mode --proto tls --tls-dir "$work/tls"
        done
    done
fi
hostile tokio --except "$patient"
hostile smol --except "$patient"
tests/dist/groups.sh "${driver%dist-driver}groups-node"
