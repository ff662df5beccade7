# For the ci.sh of the examples, which source it: installs what they need, starts a program, and stops it.
# shellcheck shell=bash
#
# A script sets `about`, for messages. Set here are `work`, a directory that is removed at the end, with the output of the
# program (`ready`) and its log (`log`); `server`, its process; and `address`, where it listens.
set -euo pipefail

work=$(mktemp -d)
server=
# Other processes that end with the script.
helpers=
trap 'kill -9 $helpers $server 2>/dev/null || true; rm -rf "$work"' EXIT

# compile NAME: builds the program for release, and sets `program`, its path. Where `PROGRAMS` is a directory of programs, that
# of cargo's profile `dev`, the one there is taken; tests leave only those that they run.
compile() {
  program=${PROGRAMS:-${CARGO_TARGET_DIR:-target}/release}/$1
  if [ -z "${PROGRAMS:-}" ]; then
    cargo build --quiet --release -p "$1"
  elif [ ! -x "$program" ]; then
    cargo build --quiet -p "$1"
  fi
}

# needs COMMAND PACKAGE: installs the package (Debian) if the command is missing.
needs() {
  command -v "$1" >/dev/null && return
  local sudo
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$2" >/dev/null
}

fail() {
  echo "$about: $*" >&2
  tail -n 20 "$work/log" >&2 || true
  exit 1
}

# launch PROGRAM ARGUMENT…: starts it on a free port, and returns when it is ready.
launch() {
  # What the one before said must not be read for this one.
  rm -f "$work/ready"
  RUST_BACKTRACE=0 "$@" --port 0 >"$work/ready" 2>"$work/log" &
  server=$!
  until grep -qs ' is ready on ' "$work/ready"; do
    kill -0 "$server" 2>/dev/null || fail "did not start"
  done
  address=$(sed '1!d; s/.* on //' "$work/ready")
}

# Waits for the end of the program after SIGTERM, which must be an orderly one.
await_end() {
  local code=0
  wait "$server" || code=$?
  server=
  [ "$code" = 0 ] || fail "ended with exit code $code after SIGTERM"
}

# Sends SIGTERM; the program must end within its deadline. Sets `stopped_ms`.
stop() {
  local before=$EPOCHREALTIME
  kill -TERM "$server"
  await_end
  stopped_ms=$(((${EPOCHREALTIME/./} - ${before/./}) / 1000))
  [ "$stopped_ms" -lt 5000 ] || fail "took $stopped_ms ms to stop"
}
