#!/usr/bin/env bash
# Looks at the release build of observed with a real browser, headless Chromium: the tree shows a crash and the restart, a
# subtree of 100,000 children comes in pages, the keyboard works, a trace shows a call across processes. Takes about a
# quarter of a minute after the build.
#
# With a directory it also writes pictures there: examples/observed/ci.sh docs/observer
cd "$(dirname "$0")/../.."
source examples/drive.sh

needs python3 python3-minimal
needs chromium chromium
cargo build --quiet --release -p observed
about="observed in a browser"
carts=${CARTS:-100000}
launch "${CARGO_TARGET_DIR:-target}/release/observed" --token 0123456789abcdef --carts "$carts" --rate 5000 --drops 4 --seconds 900
python3 examples/observed/browse.py "$(command -v chromium)" "$address" 0123456789abcdef "$carts" "$@" || fail "see above"
compile otp-top
"$program" --once "$address" >"$work/top"
grep -q 'Courier  restarted' "$work/top" || fail "otp-top shows no restart: $(<"$work/top")"
