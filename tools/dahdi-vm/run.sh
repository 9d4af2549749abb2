#!/bin/bash
# The helper for telephony cards, and the driver, against the kernel's own DAHDI modules: two spans that are looped to each other, in a virtual
# machine. No card, no KVM and no change to this machine's kernel are needed. Bounded; leaves no process behind.
#
#     tools/dahdi-vm/run.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
cd "$checkout"

tools/setup/step.sh dahdi-vm "A kernel with DAHDI's modules for a virtual machine (the first time half a minute and 90 MB)" \
  "Look whether this machine reaches its Debian mirror (apt-get update), then run make again." "$here/prepare.sh"

echo "==> The helper's numbers of the interface, and the kernel header's"
.cache/dahdi-vm/abi-check

echo "==> The helper against the kernel's modules"
started=$SECONDS
output=$(mktemp)
trap 'rm -f "$output"' EXIT
"$here/boot.sh" | tr -d '\r' | tee "$output" | grep --line-buffered -vE '^rig-ended|reboot: Power down' || true
took=$((SECONDS - started))
if ! grep -q '^rig-ended 0$' "$output"; then
  echo "!!! failed after $took s" >&2
  exit 1
fi
echo "    $(grep -c '^  ok ' "$output") checks passed in $took s"

echo "==> The driver with the helper against the kernel's modules"
DAHDI_VM_LIMIT=${DAHDI_VM_LIMIT:-600} node_modules/.bin/vitest run --config drivers/src/dahdi/rig/vitest.config.ts
