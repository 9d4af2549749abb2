#!/bin/bash
# Runs inside the clean room; see run.sh.
set -euo pipefail
export TZ=${TZ:-UTC}
cd /root
git config --global --add safe.directory '*'
if [ -d sitebox ]; then
  echo "==> going on in the room of the last time"
  git -C sitebox pull --quiet --ff-only
else
  for tool in node npm gcc g++ curl wget python3; do
    if command -v "$tool"; then
      echo "!!! this room is not clean" >&2
      exit 1
    fi
  done
  echo "==> git clone"
  git clone --quiet /root/origin sitebox
fi
cd sitebox
git log -1 --format='==> at %h %s'

# Starts `make run`, waits until it says that it runs, asks both servers, and stops it as Ctrl-C would.
run_once() {
  local started=$SECONDS output=/tmp/make-run.$1 pid
  setsid make run >"$output" 2>&1 &
  pid=$!
  until grep -q '^Sitebox is running' "$output"; do
    if ! kill -0 "$pid" 2>/dev/null; then
      cat "$output"
      echo "==> make run ended before it ran" >&2
      return 1
    fi
    sleep 0.2
  done
  local took=$((SECONDS - started))
  sleep 1
  cat "$output"
  echo "==> make run number $1: up after $took s"
  PATH=$(echo /root/sitebox/.cache/tools/node_modules/node-linux-*/bin):$PATH node /root/probe.mjs "$output"
  kill -INT -- "-$pid"
  for _ in $(seq 150); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
  if kill -0 "$pid" 2>/dev/null; then
    echo "==> make run did not stop within 30 s" >&2
    return 1
  fi
  echo "==> stopped"
}

for target in "$@"; do
  echo "==> make $target"
  if [ "$target" = run ]; then
    run_once 1
    run_once 2
  else
    started=$SECONDS
    make "$target"
    echo "==> make $target: done after $((SECONDS - started)) s"
  fi
done
