#!/bin/bash
# Makes a root file system with Asterisk, which Debian 12 has no package of, for the benchmark to be measured by. Needs root and mmdebstrap.
#
#     tools/asterisk-root.sh          into .cache/asterisk
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD/.cache/asterisk
[ -x "$root/usr/sbin/asterisk" ] && exit
# The machine's own mirror, with the distribution that has it. Its index may be older than it promises to be.
mirror=$(awk '/^URIs:/ { print $2; exit } /^deb / { print $2; exit }' /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null)
rm -rf "$root"
mkdir -p "$root"
mmdebstrap --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Languages "none"' --variant=minbase \
  --include=asterisk sid "$root" "$mirror"
"$root/usr/sbin/asterisk" -V 2>/dev/null || chroot "$root" asterisk -V
