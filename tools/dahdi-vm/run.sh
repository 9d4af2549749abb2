#!/bin/bash
# The helper for telephony cards against the kernel's own DAHDI modules: two spans that are looped to each other, in a virtual machine.
# No card, no KVM and no change to this machine's kernel are needed. Bounded (DAHDI_VM_LIMIT, 180 s); leaves no process behind.
#
#     tools/dahdi-vm/run.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
vm=$checkout/.cache/dahdi-vm
limit=${DAHDI_VM_LIMIT:-180}

"$checkout/tools/setup/step.sh" dahdi-vm "A kernel with DAHDI's modules for a virtual machine (the first time half a minute and 90 MB)" \
  "Look whether this machine reaches its Debian mirror (apt-get update), then run make again." "$here/prepare.sh"

echo "==> The helper's numbers of the interface, and the kernel header's"
"$vm/abi-check"

echo "==> The helper against the kernel's modules"
started=$SECONDS
output=$(mktemp)
trap 'rm -f "$output"' EXIT
# KVM is left alone: where it is offered inside another machine it may hang.
timeout --kill-after=5 "$limit" qemu-system-x86_64 -accel tcg -m 256 -smp 1 -nodefaults -no-reboot -display none -serial stdio -monitor none \
  -kernel "$vm/vmlinuz" -initrd "$vm/initramfs" -append "console=ttyS0 quiet panic=-1" </dev/null | tr -d '\r' | tee "$output" | grep --line-buffered -vE '^rig-ended|reboot: Power down' || true
took=$((SECONDS - started))
if ! grep -q '^rig-ended 0$' "$output"; then
  echo "!!! failed (after $took of at most $limit s)" >&2
  exit 1
fi
echo "==> $(grep -c '^  ok ' "$output") checks passed in $took s"
