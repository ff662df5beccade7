#!/usr/bin/env bash
# A bank in Rust, and its client in Elixir, with an epmd of their own.
cd "$(dirname "$0")/../.."
# shellcheck disable=SC2034 # for drive.sh
about=bank-node
# shellcheck source=examples/drive.sh
source examples/drive.sh

needs epmd erlang-base
needs elixir elixir
compile bank-node
(umask 077 && head -c 18 /dev/urandom | base64 | tr -d '/+' >"$work/cookie")

export ERL_EPMD_PORT=14871
epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 2>"$work/log" &
helpers=$!
# So that its end is not reported.
disown
until epmd -port "$ERL_EPMD_PORT" -names >/dev/null 2>&1; do
  kill -0 "$helpers" 2>/dev/null || fail "epmd did not start"
done

# It says when others can call it.
exec {says}< <(exec "$program" "$work/cookie" 2>"$work/log")
server=$!
read -r -t 30 _ <&"$says" || fail "did not start"
timeout 30 elixir --name teller@127.0.0.1 --cookie "$(cat "$work/cookie")" --erl "-start_epmd false" \
  examples/bank-node/bank.exs
