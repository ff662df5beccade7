#!/usr/bin/env bash
# Drives hot-reload, on every executor: fifty clients call it while its plugin is rebuilt by cargo and
# reloaded, again and again, from one format of its state to the next one. Each answer is checked (drive.py). What is no
# plugin, is one of another ABI, or cannot read the state must be refused, and change nothing. A report that its client does
# not read runs on in the code that it began in, which is unloaded when it has ended, and not before. In the end one library
# is loaded. Takes about a minute after the build: cargo compiles the plugin ten times. With `measure` it then measures.
cd "$(dirname "$0")/../.."
source examples/drive.sh

needs python3 python3-minimal
compile hot-reload
hot_reload=$program
target=${CARGO_TARGET_DIR:-target}/release
plugin=$work/plugin.so

# build RELEASE: compiles this release of the plugin.
build() {
  local counts=
  [ "$1" = 1 ] || counts="--features counts"
  # shellcheck disable=SC2086
  RELEASE=$1 cargo build --quiet --release -p hot-reload-plugin $counts
}

# install RELEASE: puts the release in the place of the one before, over the file that may be loaded.
install() {
  build "$1"
  cp "$target/libhot_reload_plugin.so" "$plugin"
}

# ask LINE…: one line, and the answer, in `answer`.
ask() {
  local client
  exec {client}<>"/dev/tcp/127.0.0.1/$port"
  printf '%s\n' "$*" >&$client
  IFS= read -r -t 30 answer <&$client || fail "no answer to $*"
  exec {client}>&-
}

# expect ANSWER LINE…: asks, and compares.
expect() {
  local expected=$1
  shift
  ask "$@"
  # shellcheck disable=SC2053
  [[ "$answer" = $expected ]] || fail "'$*' is answered by '$answer', not by '$expected'"
}

# reload RELEASE
reload() {
  install "$1"
  expect "reloaded: release $1" reload
  tell "$work/control.calls" "$1"
}

# Old code is unloaded when the last server has closed its old state, a moment after the answer.
until_loaded() {
  SECONDS=0
  until ask loaded && [ "$answer" = "$1 loaded" ]; do
    [ "$SECONDS" -lt 10 ] || fail "$answer, instead of $1"
  done
}

# tell FILE TEXT: writes it at once, since the file is read at any time.
tell() {
  echo "$2" >"$1.part"
  mv "$1.part" "$1"
}

drive() {
  python3 examples/hot-reload/drive.py "$1" "$port" "$work/control.$1" "$work/report.$1" 2>"$work/driven.$1" &
  helpers="$helpers $!"
}

# finish SCENE PID: has it come to its end, which must be a good one.
finish() {
  tell "$work/control.$1" stop
  wait "$2" || fail "$(tail -n 1 "$work/driven.$1")"
}

for backend in tokio smol; do
  about="hot-reload on $backend"
  rm -f "$work"/report.*
  tell "$work/control.calls" 1
  tell "$work/control.report" 1
  install 1
  launch "$hot_reload" --backend "$backend" --shards 2 --plugin "$plugin"
  port=${address##*:}
  drive report
  reporter=$!
  until [ -e "$work/report.report" ]; do kill -0 $reporter 2>/dev/null || fail "$(tail -n 1 "$work/driven.report")"; done
  drive calls
  caller=$!

  reload 2
  # The report is in release 1, and all else in release 2.
  until_loaded 2
  echo "no plugin" >"$plugin"
  expect "! * cannot be loaded: *" reload
  cc -shared -fPIC -DABI=2 -o "$plugin" examples/hot-reload/tests/reload/plugin.c
  expect "! * is a plugin of version 2 of the ABI, and not of version 1" reload
  install 1
  expect "! * release 1 refuses: it cannot read format 2" reload
  for release in 3 4; do reload "$release"; done
  until_loaded 2
  finish report $reporter
  until_loaded 1
  finish calls $caller
  helpers=
  stop
  echo "$about: 3 reloads and 3 refused ones under fifty clients, $(<"$work/report.calls"); old code unloaded"
done

[ "${1:-}" = measure ] || exit 0
about="hot-reload measure"
"$hot_reload" measure >"$work/log" || fail "is not right"
cat "$work/log"
build 8 && cp "$target/libhot_reload_plugin.so" "$work/eight.so"
build 9 && cp "$target/libhot_reload_plugin.so" "$work/nine.so"
"$hot_reload" measure --plugin "$work/eight.so" --plugin "$work/nine.so" >"$work/log" || fail "is not right"
cat "$work/log"
