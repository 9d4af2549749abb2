#!/bin/bash
# Boots the virtual machine that prepare.sh made; its console is our output. Bounded (DAHDI_VM_LIMIT, 180 s).
#
#     tools/dahdi-vm/boot.sh                the checks run in it, and it ends
#     tools/dahdi-vm/boot.sh bridge <port>  it serves a helper to each connection to this TCP port of ours, once it says "rig-listens"
set -euo pipefail
vm=$(cd "$(dirname "$0")/../.." && pwd)/.cache/dahdi-vm
outside=()
[ "${1:-}" = bridge ] && outside=(-netdev "user,id=outside,restrict=on,hostfwd=tcp:127.0.0.1:$2-10.0.2.15:5000" -device e1000,netdev=outside)
# KVM is left alone: where it is offered inside another machine it may hang.
exec timeout --foreground --kill-after=5 "${DAHDI_VM_LIMIT:-180}" qemu-system-x86_64 -accel tcg -m 256 -smp 1 -nodefaults -no-reboot -display none \
  -serial stdio -monitor none "${outside[@]}" -kernel "$vm/vmlinuz" -initrd "$vm/initramfs" -append "console=ttyS0 quiet panic=-1 rig=${1:-checks}" </dev/null
