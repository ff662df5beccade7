#!/usr/bin/env bash
# Drives web-sessions by curl, on both executors, and so with both shells: a session as of a browser,
# whose every answer is compared; then a SIGTERM while sixteen clients make sessions. Each request that the service has
# begun with must have got its answer. Takes about ten seconds after the build.
cd "$(dirname "$0")/../.."
source examples/drive.sh

needs curl curl
compile web-sessions
web_sessions=$program

start() {
  launch "$web_sessions" --backend "$backend" "$@"
  url=http://$address
}

# ask METHOD PATH [curl's options]: the status and the body, with the cookies of $work/jar.
ask() {
  local method=$1 path=$2
  shift 2
  curl -s -X "$method" -b "$work/jar" -c "$work/jar" -w ' %{http_code}' "$@" "$url$path"
}

# is EXPECTED METHOD PATH …
is() {
  local expected=$1 found
  shift
  found=$(ask "$@")
  [ "$found" = "$expected" ] || fail "$1 $2 is answered with $found, not $expected"
}

session() {
  : >"$work/jar"
  is '{"error":"there is no such session"} 401' GET /session
  is '{} 201' POST /session
  is ' 204' PUT /session/cart -d 'two apples'
  is '{"expires_in":1800,"values":{"cart":"two apples"}} 200' GET /session
  is '{"sessions":1} 200' GET /sessions
  is '{"error":"a key has 1 to 64 bytes, a value at most 1024"} 422' PUT /session/cart -d "$(printf 'x%.0s' $(seq 1025))"
  is '{"error":"Not Found"} 404' GET /nowhere
  is '{"error":"Method Not Allowed"} 405' PUT /sessions -d x
  is ' 204' DELETE /session
  is '{"error":"there is no such session"} 401' GET /session
  is '{"error":"there is no such session"} 401' GET /session -H 'cookie: session=0123456789abcdef0123456789abcdef'
  # The limit.
  is '{} 201' POST /session
  is '{} 201' POST /session
  is '{"error":"there are 2 sessions already"} 503' POST /session
}

# SIGTERM, as soon as some hundred sessions are made.
term_under_load() {
  local n
  for n in $(seq 20000); do
    [ "$n" = 1 ] || echo next
    printf '%s\n' "url = $url/session" 'request = POST' "output = /dev/null" 'write-out = "%{http_code}\n"' silent
  done >"$work/requests"
  curl --parallel --parallel-max 16 --config "$work/requests" >"$work/statuses" 2>/dev/null &
  helpers=$!
  until [ "$(wc -l <"$work/statuses")" -gt 500 ]; do
    kill -0 "$helpers" 2>/dev/null || fail "the clients ended too early"
  done
  stop
  wait "$helpers" || true
  helpers=
  local answered other begun
  answered=$(grep -c '^201$' "$work/statuses" || true)
  # Who came too late was not let in: 000.
  other=$(grep -vc '^201$\|^000$' "$work/statuses" || true)
  begun=$(sed -n 's/^\([0-9]*\) requests, .*/\1/p' "$work/ready")
  grep -q "^$begun requests, $begun answered$" "$work/ready" || fail "did not answer what it had begun with: $(tail -n 1 "$work/ready")"
  [ "$other" = 0 ] || fail "$other answers that are none of a new session"
  [ "$answered" = "$begun" ] || fail "$((begun - answered)) of $begun accepted requests lost"
  echo "web-sessions on $backend: SIGTERM at work: 0 of $begun accepted requests lost, stopped in $stopped_ms ms"
}

for backend in tokio smol; do
  about="web-sessions on $backend"
  start --limit 2
  session
  stop
  start --limit 1000000
  term_under_load
done
