#!/bin/bash
# Runs one step of the set-up quietly: a headline, the output in .cache/log/<name>.log, and when it fails the last
# twenty lines of it and what to do.
#
#     tools/setup/step.sh <name> <headline> <advice> <command> [argument…]
set -uo pipefail
name=$1 headline=$2 advice=$3
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)
log=$root/.cache/log/$name.log
mkdir -p "$root/.cache/log"

echo "==> $headline"
started=$SECONDS
"$@" >"$log" 2>&1 </dev/null &
pid=$!
trap 'kill "$pid" 2>/dev/null; wait "$pid"; exit 130' INT TERM
if [ -t 1 ]; then
  # On a terminal the last line of the log shows that something moves.
  while kill -0 "$pid" 2>/dev/null; do
    printf '\r\033[K    %.90s' "$(tail -n 1 "$log" | tr -cd '[:print:]')"
    sleep 0.5
  done
  printf '\r\033[K'
fi
wait "$pid"
status=$?
took=$((SECONDS - started))
if [ "$status" = 0 ]; then
  [ "$took" -lt 2 ] || echo "    done in $took s"
  exit 0
fi
{
  echo "!!! failed after $took s (ended with $status): $headline"
  tail -n 20 "$log" | sed 's/^/    | /'
  echo "    The whole output is in ${log#"$PWD"/}"
  echo "    $advice"
} >&2
exit "$status"
