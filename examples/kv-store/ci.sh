#!/usr/bin/env bash
# Drives the release build of kv-store by Redis' own client and benchmark, on every executor: a session whose every
# answer is compared, the benchmark, crashes under load, an orderly stop. Fails at the first thing that is not as it
# should be. Takes about half a minute after the build.
cd "$(dirname "$0")/../.."
source examples/drive.sh

needs redis-benchmark redis-tools
cargo build --quiet --release -p kv-store
kv_store=${CARGO_TARGET_DIR:-target}/release/kv-store

# The first key of the alphabet on each of the four shards.
shard_keys=(d b e a)

start() {
  launch "$kv_store" --backend "$backend" --dir "$work/$backend"
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
  stop
done
