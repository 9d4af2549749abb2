#!/bin/bash
# Proves what the README promises: in a Debian 12 that has only git, make and ca-certificates, clones this checkout's
# last commit and runs `make <target>` there.
#
#     tools/clean-room/run.sh run              make run, ask both servers and SIP, stop it, and start it a second time
#     tools/clean-room/run.sh test             make test
#     tools/clean-room/run.sh setup check …    any other targets, in order
#
# CLEAN_ROOM=<folder>        where the room is made            (default /var/tmp/sitebox-clean-room)
# CLEAN_ROOM_LIMIT=<seconds> how long it may take              (default 5400)
# CLEAN_ROOM_KEEP=1          go on in the room of the last time instead of a fresh one
#
# Needs root and mmdebstrap. Mounts live in a mount namespace and processes in a pid namespace of their own,
# so nothing is left behind however this ends.
set -euo pipefail
[ $# -gt 0 ] || { sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 2; }
[ "$(id -u)" = 0 ] || { echo "tools/clean-room/run.sh needs root (mmdebstrap, chroot)" >&2; exit 1; }
command -v mmdebstrap >/dev/null || { echo "mmdebstrap is missing: apt-get install mmdebstrap" >&2; exit 1; }

here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
place=${CLEAN_ROOM:-/var/tmp/sitebox-clean-room}
limit=${CLEAN_ROOM_LIMIT:-5400}
base=$place/base.tar
root=$place/root
mkdir -p "$place"
exec 9>"$place/lock"
flock -n 9 || { echo "another clean room is at work in $place" >&2; exit 1; }

if [ ! -s "$base" ]; then
  echo "==> making a bare Debian 12"
  "$here/../debian-root.sh" --variant=minbase --include=git,make,ca-certificates "$base.part"
  mv "$base.part" "$base"
fi
if [ "${CLEAN_ROOM_KEEP:-}" != 1 ] || [ ! -d "$root" ]; then
  rm -rf --one-file-system "$root"
  mkdir -p "$root"
  tar -xf "$base" -C "$root"
  "$here/../debian-root.sh" --trust "$root"
fi
cp "$here/inside.sh" "$root/root/clean-room.sh"
cp "$here/probe.mjs" "$root/root/probe.mjs"

# What of this machine's environment the room may see: how to reach the network, and settings of the product itself.
settings=(HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb)
while IFS= read -r name; do
  settings+=("$name=${!name}")
done < <(compgen -e | grep -E '^(https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|npm_config_registry|SITEBOX_.*)$' || true)

export root checkout
# shellcheck disable=SC2016 # expanded inside the namespaces
timeout --kill-after=30 "$limit" unshare --mount --pid --fork --kill-child --propagation private bash -c '
  set -euo pipefail
  mount --types proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  mount --types tmpfs --options size=512m tmpfs "$root/dev/shm"
  mkdir -p "$root/root/origin"
  mount --bind --options ro "$checkout" "$root/root/origin"
  if [ -d "$checkout/../shared" ]; then
    mkdir -p "$root/root/shared"
    mount --bind --options ro "$checkout/../shared" "$root/root/shared"
  fi
  exec chroot "$root" env -i "$@"
' clean-room "${settings[@]}" /bin/bash /root/clean-room.sh "$@" </dev/null
