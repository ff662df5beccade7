#!/usr/bin/env bash
# Drives the release build of chat by real clients, on every executor: a session as of netcat, whose every answer is
# compared; then fifty clients and one that never reads, by drive.py; an orderly stop, also with a client that does not
# read. Fails at the first thing that is not as it should be. Takes about a quarter of a minute after the build.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v python3 >/dev/null; then
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-minimal >/dev/null
fi

cargo build --quiet --release -p chat
chat=${CARGO_TARGET_DIR:-target}/release/chat
work=$(mktemp -d)
server=
drive=
trap 'kill -9 $drive $server 2>/dev/null || true; rm -rf "$work"' EXIT

fail() {
  echo "chat on $backend: $*" >&2
  tail -n 20 "$work/log" >&2 || true
  exit 1
}

start() {
  # What the one before said must not be read for this one.
  rm -f "$work/ready"
  RUST_BACKTRACE=0 "$chat" --backend "$backend" --port 0 "$@" >"$work/ready" 2>"$work/log" &
  server=$!
  until grep -qs '^chat is ready on ' "$work/ready"; do
    kill -0 "$server" 2>/dev/null || fail "did not start"
  done
  port=$(sed 's/.*://' "$work/ready")
}

# Sends SIGTERM; the server must end within its deadline, and well.
stop() {
  local before=$EPOCHREALTIME code=0
  kill -TERM "$server"
  wait "$server" || code=$?
  stopped_ms=$(((${EPOCHREALTIME/./} - ${before/./}) / 1000))
  server=
  [ "$code" = 0 ] || fail "ended with exit code $code after SIGTERM"
  [ "$stopped_ms" -lt 5000 ] || fail "took $stopped_ms ms to stop"
}

# What somebody types into netcat, and what is printed.
session() {
  local client
  exec {client}<>"/dev/tcp/127.0.0.1/$port"
  printf '%s\n' "hello?" "/nick ann" "/join kitchen" "hello" "/who" "/rooms" "/dance" $'\xff' "/leave" "/quit" >&$client
  tail -n +2 <&$client >"$work/answered"
  exec {client}>&-
  diff "$work/expected" "$work/answered" >&2 || fail "the session was answered otherwise than expected"
}

cat >"$work/expected" <<'TXT'
! who are you? /nick NAME
* you are ann
* ann joins kitchen
* in kitchen: ann
ann: hello
* in kitchen: ann
* rooms: kitchen (1)
! there is no command /dance; try /help
! a line is text in UTF-8
* you have left kitchen
* bye
TXT

# Runs a scene of drive.py up to where its clients wait for the stop, stops, and lets it see that.
scene() {
  rm -f "$work/waits"
  python3 examples/chat/drive.py "$1" "$port" "$server" >"$work/waits" &
  drive=$!
  until grep -qs '^waits: ' "$work/waits"; do
    kill -0 "$drive" 2>/dev/null || fail "scene $1"
  done
  stop
  wait "$drive" || fail "scene $1, after the stop"
  drive=
  echo "chat on $backend: $(sed -n 's/^waits: //p' "$work/waits"); stopped in $stopped_ms ms"
}

for backend in tokio smol; do
  start --max-users 51 --patience 2
  session
  scene crowd
  start --patience 60
  scene deaf
  # What the server gives to a client that does not read.
  [ "$stopped_ms" -ge 1900 ] || fail "the client that does not read was not waited for"
done
