#!/usr/bin/env bash
# Drives worker-pool over HTTP, with curl: hundreds of jobs at a time, more than it takes, and a SIGTERM while it works.
# Each job that it has accepted must be found again. Takes about ten seconds after the build.
cd "$(dirname "$0")/../.."
source examples/drive.sh

needs curl curl
needs jq jq
compile worker-pool
worker_pool=$program
about=worker-pool

start() {
  launch "$worker_pool" "$@"
  url=http://$address
}

# Waits for the end after SIGTERM, which must be an orderly one, and keeps the report.
ended() {
  await_end
  sed -n 2p "$work/ready" >"$work/report"
  jq -e . "$work/report" >/dev/null || fail "ended without a report"
}

# Posts the jobs in the file $1, one in each line, 32 at a time, on connections that are kept open. Then $work/posted has
# the number of each line that was answered, with the status; the job is in $work/job.<number>, its answer in
# $work/answer.<number>.
post() {
  local n=0 job number
  rm -f "$work"/answer.* "$work"/job.*
  while read -r job; do
    printf -v number '%04d' $((n++))
    echo "$job" >"$work/job.$number"
    [ "$number" = 0000 ] || echo next
    printf '%s\n' "url = $url/jobs" "data = @$work/job.$number" "output = $work/answer.$number" \
      'header = "content-type: application/json"' "write-out = \"$number %{http_code}\\n\"" silent
  done <"$1" >"$work/requests"
  curl --parallel --parallel-max 32 --config "$work/requests" >"$work/posted" 2>"$work/curl"
}

# How many of the posted jobs got the status $1.
count() {
  grep -c " $1\$" "$work/posted" || true
}

# The numbers that accepted jobs got, each with what was to become of the job.
accepted() {
  local line status id
  while read -r line status; do
    if [ "$status" = 202 ]; then
      id=$(<"$work/answer.$line")
      case $(<"$work/job.$line") in
        *'"fail"'* | *'"crash"'*) echo "${id//[!0-9]/} dead" ;;
        *) echo "${id//[!0-9]/} done" ;;
      esac
    fi
  done <"$work/posted" | sort -n
}

refusals() {
  local body status
  while IFS='|' read -r status body; do
    found=$(curl -s -o /dev/null -w '%{http_code}' -H 'content-type: application/json' -d "$body" "$url/jobs")
    [ "$found" = "$status" ] || fail "$body is answered with $found"
  done <<'TXT'
400|{"kind":
422|{"kind":"unknown"}
422|{"kind":"primes","below":4000000000}
TXT
  [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/jobs/1000000")" = 404 ] || fail "finds a job that is none"
}

# Every kind of job, 300 in all.
for n in $(seq 300); do
  case $((n % 10)) in
    0) echo "{\"kind\":\"fail\",\"reason\":\"number $n\"}" ;;
    1 | 2 | 3) echo '{"kind":"flaky","failures":2}' ;;
    4 | 5) echo '{"kind":"sleep","ms":20}' ;;
    6) [ $((n % 50)) = 46 ] && echo '{"kind":"crash"}' || echo '{"kind":"sleep","ms":1}' ;;
    *) echo '{"kind":"primes","below":10000}' ;;
  esac
done >"$work/mixed"

start --workers 8 --open 300 --kept 3000
refusals
post "$work/mixed"
[ "$(count 202)" = 300 ] || fail "accepted $(count 202) of 300 jobs"
accepted >"$work/expected"
SECONDS=0
until curl -s "$url/counts" | jq -e '.accepted == .done + .dead' >/dev/null; do
  [ "$SECONDS" -lt 30 ] || fail "is not finished: $(curl -s "$url/counts")"
done
curl -s -w '\n' "$url/jobs/[1-300]" | jq -r .status | paste -d' ' <(seq 300) - >"$work/found"
diff "$work/expected" "$work/found" >&2 || fail "jobs ended otherwise than expected"
curl -s "$url/dead-letters" | jq -r 'keys[] + " dead"' | sort -n >"$work/found"
diff <(grep dead "$work/expected") "$work/found" >&2 || fail "the dead letters are others than expected"
echo "worker-pool: 300 jobs, of which $(wc -l <"$work/found") are dead letters, $SECONDS s after the last was accepted"

# SIGTERM, as soon as a hundred more jobs are taken, while clients post on, and with a job that keeps it from ending at once.
for _ in 1 2 3 4; do cat "$work/mixed"; done >"$work/many"
curl -sf -o "$work/slow" -H 'content-type: application/json' -d '{"kind":"sleep","ms":3000}' "$url/jobs"
post "$work/many" &
helpers=$!
until curl -s "$url/counts" | jq -e '.accepted > 400' >/dev/null; do
  kill -0 "$server" || fail "ended too early"
done
kill -TERM "$server"
until [ "$(curl -s -o /dev/null -w '%{http_code}' -H 'content-type: application/json' -d '{"kind":"crash"}' "$url/jobs")" = 503 ]; do
  kill -0 "$server" || fail "refused nobody before it ended"
done
ended
# Clients that come too late find nobody.
wait "$helpers" || true
helpers=
accepted | sed 's/ .*//' >"$work/expected"
[ -s "$work/expected" ] || fail "accepted nothing before SIGTERM"
jq -r '.results, .dead_letters | keys[]' "$work/report" | sort -n >"$work/found"
# `comm` compares as texts.
lost=$(comm -23 <(sort "$work/expected") <(sort "$work/found") | wc -l)
[ "$lost" = 0 ] || fail "$lost of $(wc -l <"$work/expected") accepted jobs are lost"
jq -e '.left == {} and .accepted == .done + .dead' "$work/report" >/dev/null || fail "jobs are left"
echo "worker-pool: SIGTERM at work: 0 of $(wc -l <"$work/expected") accepted jobs lost"

# More than it takes, and no time to finish it.
start --workers 2 --open 20 --drain-secs 0
for _ in $(seq 50); do echo '{"kind":"sleep","ms":60000}'; done >"$work/long"
post "$work/long"
[ "$(count 202) $(count 429)" = "20 30" ] || fail "accepted $(count 202) and refused $(count 429) of 50 jobs"
kill -TERM "$server"
ended
jq -e '(.left | length) == 20' "$work/report" >/dev/null || fail "does not report what is left"
echo "worker-pool: 30 of 50 jobs refused when it was full; the other 20 reported as left"
