#!/usr/bin/env bash
# Drives chat by real clients, on every executor: a session as of netcat, whose every answer is
# compared; then fifty clients and one that never reads, by drive.py; an orderly stop, also with a client that does not
# read. Fails at the first thing that is not as it should be. Takes about a quarter of a minute after the build.
cd "$(dirname "$0")/../.."
source examples/drive.sh

needs python3 python3-minimal
compile chat
chat=$program

start() {
  launch "$chat" --backend "$backend" "$@"
  port=${address##*:}
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
  helpers=$!
  until grep -qs '^waits: ' "$work/waits"; do
    kill -0 "$helpers" 2>/dev/null || fail "scene $1"
  done
  stop
  wait "$helpers" || fail "scene $1, after the stop"
  helpers=
  echo "chat on $backend: $(sed -n 's/^waits: //p' "$work/waits"); stopped in $stopped_ms ms"
}

for backend in tokio smol; do
  about="chat on $backend"
  start --max-users 51 --patience 2
  session
  scene crowd
  start --patience 60
  scene deaf
  # What the server gives to a client that does not read.
  [ "$stopped_ms" -ge 1900 ] || fail "the client that does not read was not waited for"
done
