#!/usr/bin/env bash
# Kills one of the three nodes, the one that is also epmd, while a client in Elixir adds, on both backends: the shards have to
# move, and what was acknowledged has to be counted. Takes about 25 seconds after the build.
cd "$(dirname "$0")/../.."
# shellcheck disable=SC2034 # for drive.sh
about=cluster
# shellcheck source=examples/drive.sh
source examples/drive.sh

needs erl erlang-base
needs elixir elixir
compile cluster
export CARGO_TARGET_DIR=$work PROGRAM=$program ERL_EPMD_PORT=14875
for backend in tokio smol; do
  about="cluster on $backend"
  # What the one before said must not be read for this one.
  rm -f "$work/log" "$work/told" "$work/cluster"/*.pid
  examples/cluster/start.sh --backend $backend --epmd $ERL_EPMD_PORT >"$work/log" 2>&1 &
  server=$!
  give_up=$((SECONDS + 30))
  until [ -s "$work/cluster/c.pid" ]; do
    kill -0 $server 2>/dev/null && [ $SECONDS -lt $give_up ] || fail "did not start"
  done
  nodes=$(cat "$work"/cluster/[abc].pid)
  helpers=$nodes
  timeout 60 elixir --name client@127.0.0.1 --cookie "$(cat "$work/cluster/cookie")" --erl "-start_epmd false" \
    examples/cluster/counter.exs 10 >"$work/told" 2>&1 &
  client=$!
  helpers="$client $nodes"
  until grep -qs 'a@.*b@.*c@' "$work/told"; do
    kill -0 $client 2>/dev/null || fail "the client has ended: $(cat "$work/told")"
  done
  kill -9 "$(cat "$work/cluster/a.pid")"
  wait $client || fail "the client: $(cat "$work/told")"
  helpers=$nodes
  grep -q '^b@.*c@' "$work/told" || fail "the shards of a have not moved: $(cat "$work/told")"
  grep -q ' of [1-9][0-9][0-9]' "$work/told" || fail "hardly anything was added: $(cat "$work/told")"
  sed "s/^/$about: /" "$work/told"
  kill $server
  wait $server || true
  server= helpers=
done
