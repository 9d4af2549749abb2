#!/bin/bash
# Starts the box in a root file system, as its own user and cut off from every network, and asks it by SIP and HTTP.
#
#     images/test-root.sh <root.tar>
#
# Bounded: two minutes to become ready. Leaves no mount and no process behind, however it ends.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d /var/tmp/sitebox-root.XXXXXX)
trap 'rm -rf --one-file-system "$root"' EXIT
echo "==> Starting the box in the root file system"
tar -xf "$1" -C "$root"
cp "$here/../tools/clean-room/probe.mjs" "$root/tmp/probe.mjs"
systemd-analyze --root="$root" verify "$root/etc/systemd/system/sitebox-box.service" 2>&1 | grep sitebox >&2 && exit 1
chroot "$root" systemctl is-enabled sitebox-box.service >/dev/null

export root
# shellcheck disable=SC2016 # expanded inside the namespaces
timeout --kill-after=10 180 unshare --mount --pid --net --uts --ipc --fork --kill-child --propagation private bash -c '
  set -euo pipefail
  ip link set lo up
  mount --types proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --types tmpfs tmpfs "$root/dev/shm"
  mount --types tmpfs tmpfs "$root/run"
  exec chroot "$root" /bin/bash -c "$1"
' start '
  set -euo pipefail
  # What the unit gives it: its user, its environment, one capability, no way to more.
  unit() { sed -n "s/^$1=//p" /etc/systemd/system/sitebox-box.service; }
  cd "$(unit WorkingDirectory)"
  mapfile -t environment < <(unit Environment)
  read -ra command <<<"$(unit ExecStart)"
  setpriv --reuid="$(unit User)" --regid="$(unit Group)" --init-groups --no-new-privs \
    --bounding-set=-all,+net_bind_service --inh-caps=+net_bind_service --ambient-caps=+net_bind_service \
    env -i PATH=/usr/bin:/bin HOME=/var/lib/sitebox LANG=C.UTF-8 "${environment[@]}" "${command[@]}" >/tmp/box.log 2>&1 &
  box=$!
  for _ in $(seq 600); do
    grep -q "^{\"ready\":" /tmp/box.log && break
    kill -0 "$box" 2>/dev/null || { tail -n 30 /tmp/box.log; echo "!!! the box ended before it was ready" >&2; exit 1; }
    sleep 0.2
  done
  grep "^{\"ready\":" /tmp/box.log >/tmp/ready || { tail -n 30 /tmp/box.log; echo "!!! the box was not ready within two minutes" >&2; exit 1; }
  /opt/sitebox/bin/node /tmp/probe.mjs /tmp/ready 1
  kill -TERM "$box"
  wait "$box" && echo "the box stopped by itself when asked to"
  find /opt/sitebox /etc /usr -newer /tmp/probe.mjs -type f | grep -v "^/etc/\(hosts\|resolv.conf\|mtab\)" | head -5 >/tmp/written
  [ ! -s /tmp/written ] || { echo "!!! the box wrote outside of its own folder:" >&2; cat /tmp/written >&2; exit 1; }
'
echo "==> The box starts and answers in the root file system"
