#!/bin/bash
# Brings the Node and npm that tools/setup/toolchain/package-lock.json names into .cache/tools; silent when they are there.
# Whatever npm the machine has does the fetching; checksums are in the lock file.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=$here/../../.cache/tools
# shellcheck disable=SC2211 # one of the two architectures is there
if cmp -s "$here/toolchain/package-lock.json" "$tools/package-lock.json" && "$tools"/node_modules/node-linux-*/bin/node --version >/dev/null 2>&1; then
  exit
fi

case $(uname -s)-$(uname -m) in
  Linux-x86_64 | Linux-aarch64) ;;
  *)
    echo "There is no Node for $(uname -s) on $(uname -m) in tools/setup/toolchain/package.json: Linux on x86-64 and arm64 are known." >&2
    exit 1
    ;;
esac

# shellcheck disable=SC2016 # expanded by the inner shell
"$here/step.sh" toolchain "Node and npm of our own, into .cache/tools" \
  "Look whether this machine reaches the npm registry (npm ping; npm config get registry proxy cafile), then run make again." \
  bash -euc '
    rm -rf "$1.new" "$1.old"
    mkdir -p "$1.new"
    cp "$2/package.json" "$2/package-lock.json" "$1.new/"
    cd "$1.new"
    npm ci --ignore-scripts --no-audit --no-fund
    node_modules/node-linux-*/bin/node --version
    if [ -e "$1" ]; then mv "$1" "$1.old"; fi
    mv "$1.new" "$1"
    rm -rf "$1.old"
  ' toolchain "$tools" "$here/toolchain"
