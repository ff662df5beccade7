#!/usr/bin/env bash
# Scrapes the service with curl, as Prometheus does: after some calls and a crash, and while clients call it.
cd "$(dirname "$0")/../.."
source examples/drive.sh

needs curl curl
cargo build --quiet -p prometheus
about=prometheus

scrape() {
  curl -sf -D "$work/head" "http://$address/metrics" >"$work/metrics" || fail "is not scraped"
}

# value SERIES: what the last scrape has for it.
value() {
  awk -v series="$1" '$1 == series { print $2 }' "$work/metrics"
}

# is SERIES VALUE: fails unless the last scrape says so.
is() {
  [ "$(value "$1")" = "$2" ] || { cat "$work/metrics" >&2; fail "$1 is $(value "$1"), not $2"; }
}

launch "${CARGO_TARGET_DIR:-target}/debug/prometheus"
curl -sf "http://$address/take?[1-200]" >"$work/taken" || fail "takes nothing"
[ "$(tail -n 1 "$work/taken")" = 70000 ] || fail "has taken $(tail -n 1 "$work/taken") cents"
[ "$(curl -s -o /dev/null -w '%{http_code}' "http://$address/drown")" = 503 ] || fail "has a till that swims"
scrape
# The till is started again in a moment.
until [ "$(value 'otp_restarts_total{supervisor="shop"}')" = 1 ]; do
  scrape
done
grep -qi '^content-type: text/plain; version=0.0.4' "$work/head" || fail "answers with $(cat "$work/head")"
is 'shop_sales_total' 200
is 'otp_calls_total{type="Till",outcome="answered"}' 200
is 'otp_calls_total{type="Till",outcome="exited"}' 1
is 'otp_call_seconds_count{type="Till"}' 200
is 'otp_call_seconds_bucket{type="Till",le="5"}' 200
is 'otp_crashes_total{type="Till"}' 1
is 'otp_exits_total{type="Till",reason="crash"}' 1
is 'otp_spawns_total{type="Till"}' 2
# Every line is a comment, or a series with a number.
bad=$(grep -vE '^(#|$)' "$work/metrics" | grep -vcE '^[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? [0-9.e+-]+$' || true)
[ "$bad" = 0 ] || fail "$bad lines are not as Prometheus expects them"
grep -q 'pid=' "$work/metrics" && fail "has a label for each process"
echo "prometheus: $(grep -vcE '^(#|$)' "$work/metrics") series scraped, after 200 calls and a crash"

# What is sampled comes within seconds; and a scrape under load is as good as another one.
curl -sf "http://$address/take?[1-20000]" >/dev/null &
helpers=$!
until [ "$(value 'otp_processes{type="Till"}')" = 1 ]; do
  scrape
  kill -0 "$server" || fail "ended"
done
for _ in $(seq 20); do
  before=$(value 'otp_calls_total{type="Till",outcome="answered"}')
  scrape
  [ "$(value 'otp_calls_total{type="Till",outcome="answered"}')" -ge "$before" ] || fail "counts backwards"
done
wait "$helpers" || fail "lost a client"
helpers=
scrape
is 'otp_calls_total{type="Till",outcome="answered"}' 20200
echo "prometheus: 20,000 calls while it was scraped, each counted"
stop
