#!/bin/bash
# Makes a Debian 12 root file system with this machine's own package sources, or hands a root the machine's trust.
#
#     tools/debian-root.sh <mmdebstrap options…> <target>     target: a folder or a .tar
#     tools/debian-root.sh --trust <root>                     this machine's certificate authorities, apt and npm settings
#
# No address of a mirror is written here: what the machine uses is used.
set -euo pipefail

trust() {
  local root=$1
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  cp /etc/hosts "$root/etc/hosts"
  mkdir -p "$root/usr/local/share/ca-certificates"
  cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
  chroot "$root" update-ca-certificates >/dev/null 2>&1
  local file
  for file in /etc/apt/apt.conf.d/*; do
    if grep -qsE '^[^/#]*Acquire' "$file"; then cp "$file" "$root/etc/apt/apt.conf.d/"; fi
  done
  cp -r /etc/apt/auth.conf.d/. "$root/etc/apt/auth.conf.d/" 2>/dev/null || true
  # The machine's own npm settings, but not a path into its Node.
  if [ -f "$HOME/.npmrc" ]; then grep -v '^nodedir=' "$HOME/.npmrc" >"$root/root/.npmrc" || true; fi
}

if [ "${1:-}" = --trust ]; then
  trust "$2"
  exit
fi

# The sources that are Debian's own; others (vendors' repositories) do not belong into a clean root.
sources=$(mktemp --suffix=.sources)
trap 'rm -f "$sources"' EXIT
if [ -f /etc/apt/sources.list.d/debian.sources ]; then
  cp /etc/apt/sources.list.d/debian.sources "$sources"
else
  mv "$sources" "${sources%.sources}.list"
  sources=${sources%.sources}.list
  grep -E '^deb .*bookworm' /etc/apt/sources.list >"$sources"
fi
options=(--mode="$([ "$(id -u)" = 0 ] && echo root || echo unshare)")
target=${*: -1}
mmdebstrap "${options[@]}" --format="$([[ $target == *.tar* ]] && echo tar || echo directory)" \
  --aptopt='Acquire::Languages "none"' "${@:1:$#-1}" bookworm "$target" "$sources"
