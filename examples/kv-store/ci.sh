#!/usr/bin/env bash
# Drives kv-store by Redis' own client and benchmark, on every executor: a session whose every
# answer is compared, the benchmark, crashes under load, an orderly stop, also under load, a file that is changed and one
# that is broken while the server runs, and its health. Fails at the first thing that is not as it should be. Takes about
# half a minute after the build.
cd "$(dirname "$0")/../.."
source examples/drive.sh

needs redis-benchmark redis-tools
needs curl curl
compile kv-store
kv_store=$program

# The first key of the alphabet on each of the four shards.
shard_keys=(d b e a)

start() {
  launch "$kv_store" --backend "$backend" --dir "$work/$backend" "$@"
  port=${address##*:}
}

cli() {
  redis-cli -p "$port" "$@"
}

# Commands and the answers that redis-cli prints for them.
session() {
  cut -d'|' -f1 "$work/session" >"$work/asked"
  cut -d'|' -f2- "$work/session" | tr '~' '\n' >"$work/expected"
  cli --no-raw <"$work/asked" >"$work/answered"
  diff "$work/expected" "$work/answered" >&2 || fail "the session above was answered otherwise than expected"
}

cat >"$work/session" <<'TXT'
PING|PONG
ECHO "hello world"|"hello world"
GET greeting|(nil)
SET greeting "hello world"|OK
GET greeting|"hello world"
SET greeting x NX|(nil)
SET other x XX|(nil)
SET greeting hello XX|OK
INCR visits|(integer) 1
INCRBY visits 41|(integer) 42
INCR greeting|(error) ERR value is not an integer or out of range
MSET a 1 b 2 c 3 d 4|OK
MGET a b c d nobody|1) "1"~2) "2"~3) "3"~4) "4"~5) (nil)
EXISTS a b nobody|(integer) 2
DEL a b nobody|(integer) 2
EXPIRE c 100|(integer) 1
TTL c|(integer) 100
TTL d|(integer) -1
TTL nobody|(integer) -2
SET d 4 EX 50|OK
TTL d|(integer) 50
KEYS greet*|1) "greeting"
DBSIZE|(integer) 4
SET|(error) ERR wrong number of arguments for 'set' command
NONSENSE|(error) ERR unknown command 'NONSENSE', with args beginning with: 
FLUSHALL|OK
DBSIZE|(integer) 0
TXT

benchmark() {
  redis-benchmark -p "$port" -t set,get,incr,mset -n 20000 -c 50 -q "$@" | tr '\r' '\n' | grep 'requests per second' >"$work/bench" ||
    fail "the benchmark failed"
  [ "$(wc -l <"$work/bench")" = 4 ] || fail "the benchmark did not finish"
  sed "s/^ */kv-store on $backend: benchmark ${*:+${*} }/" "$work/bench"
}

# Crashes every shard ten times while the benchmark runs and four clients write 5000 keys each. What was acknowledged
# must be there afterwards.
storm() {
  local rounds=10 clients=4 keys=5000 writers=() refused=0 lost=0 acknowledged=0
  redis-benchmark -p "$port" -t set -n 100000000 -c 20 -P 4 -r 1000 -q >"$work/load" 2>&1 &
  helpers=$!
  for client in $(seq $clients); do
    seq $keys | sed "s/.*/SET storm:$client:& &/" >"$work/writes.$client"
    # redis-cli puts an empty line behind an error.
    cli <"$work/writes.$client" | grep . >"$work/replies.$client" &
    writers+=($!)
  done
  for _ in $(seq $rounds); do
    for key in "${shard_keys[@]}"; do
      cli DEBUG PANIC "$key" >/dev/null
    done
  done
  wait "${writers[@]}"
  kill "$helpers" || fail "the benchmark ended: $(tail -c 100 "$work/load")"
  wait "$helpers" 2>/dev/null || true
  helpers=
  for client in $(seq $clients); do
    [ "$(wc -l <"$work/replies.$client")" = $keys ] || fail "client $client has not got a reply for each write"
    paste -d' ' "$work/writes.$client" "$work/replies.$client" | awk '$4 == "OK" { print "GET", $2 }' >"$work/asked"
    awk '{ split($2, part, ":"); print part[3] }' "$work/asked" >"$work/expected"
    cli <"$work/asked" >"$work/kept"
    refused=$((refused + keys - $(wc -l <"$work/asked")))
    acknowledged=$((acknowledged + $(wc -l <"$work/asked")))
    lost=$((lost + $(paste "$work/expected" "$work/kept" | awk '$1 != $2' | wc -l)))
  done
  local restarts
  restarts=$(cli INFO | tr -d '\r' | awk -F'restarts=' '/shard-/ { sum += $2 } END { print sum }')
  echo "kv-store on $backend: storm: $restarts restarts, $refused of $((clients * keys)) writes refused," \
    "$lost of $acknowledged acknowledged keys lost"
  [ "$restarts" = $((rounds * ${#shard_keys[@]})) ] || fail "$restarts restarts"
  [ "$lost" = 0 ] || fail "acknowledged keys are gone"
}

# SIGTERM while four clients write. What was acknowledged must be there after the next start.
term_under_load() {
  local clients=4 keys=20000 writers=() lost=0 acknowledged=0 count
  for client in $(seq $clients); do
    seq $keys | sed "s/.*/SET term:$client:& &/" >"$work/writes.$client"
    cli <"$work/writes.$client" 2>/dev/null | grep --line-buffered '^OK' >"$work/replies.$client" &
    writers+=($!)
  done
  helpers=${writers[*]}
  until [ "$(cat "$work"/replies.* | wc -l)" -gt 2000 ]; do
    kill -0 "$server" 2>/dev/null || fail "ended too early"
  done
  stop
  wait "${writers[@]}" || true
  helpers=
  start
  for client in $(seq $clients); do
    count=$(wc -l <"$work/replies.$client")
    acknowledged=$((acknowledged + count))
    # A client sends one at a time, so that the first ones are those that were acknowledged.
    seq "$count" | sed "s/.*/GET term:$client:&/" | cli >"$work/kept"
    lost=$((lost + $(seq "$count" | paste - "$work/kept" | awk '$1 != $2' | wc -l)))
  done
  echo "kv-store on $backend: SIGTERM under load: $lost of $acknowledged acknowledged keys lost, stopped in $stopped_ms ms"
  [ "$acknowledged" -lt $((clients * keys)) ] || fail "the clients were through before the signal"
  [ "$lost" = 0 ] || fail "acknowledged keys are gone"
}

# Sends SIGHUP with the text $1 in the file; the log must then say $2 once more.
hang_up() {
  local before
  before=$(grep -c "$2" "$work/log" || true)
  echo "$1" >"$work/kv.toml"
  kill -HUP "$server"
  until [ "$(grep -c "$2" "$work/log" || true)" -gt "$before" ]; do
    [ "$(cli PING)" = PONG ] || fail "does not answer after SIGHUP"
  done
}

# A file that is changed and one that is broken while the server runs; and its health.
operate() {
  local health=127.0.0.1:$((20000 + RANDOM % 10000))
  echo 'write_timeout = 30' >"$work/kv.toml"
  local observer=127.0.0.1:$((30000 + RANDOM % 2000)) metrics=127.0.0.1:$((18000 + RANDOM % 2000))
  start --config "$work/kv.toml" --health "$health" --observer "$observer" --metrics "$metrics"
  hang_up 'write_timeout = 5' 'the configuration of an application has changed'
  hang_up 'write_timeout = "soon"' "kv.toml:1:17: .write_timeout.: expected u64, found"
  hang_up 'write_timeout = ' "kv.toml:1:"
  hang_up 'shards = 7' 'only write_timeout can be changed while the server runs'
  hang_up 'write_timeout = 6' 'the configuration of an application has changed'
  [ "$(curl -s -o /dev/null -w '%{http_code}' "http://$health/livez")" = 200 ] || fail "is not live"
  curl -s "http://$health/readyz" | grep -q '"name":"shard-3".*"status":"pass"' || fail "is not ready: $(curl -s "http://$health/readyz")"
  SECONDS=0
  until curl -s "http://$metrics/metrics" | grep -q '^otp_messages_total{.*Shard'; do
    [ "$SECONDS" -lt 20 ] || fail "has no figures of its shards: $(curl -s "http://$metrics/metrics" | head -n 20)"
  done
  [ "$(curl -s -o /dev/null -w '%{http_code}' "http://$observer/")" = 200 ] || fail "shows no page"
  stop
}

for backend in tokio smol; do
  about="kv-store on $backend"
  start
  session
  benchmark
  benchmark -P 16
  storm
  keys=$(cli DBSIZE)
  stop
  echo "kv-store on $backend: stopped in $stopped_ms ms"
  start
  [ "$(cli DBSIZE)" = "$keys" ] || fail "$(cli DBSIZE) keys after a restart of the program, $keys before"
  term_under_load
  stop
  operate
done
