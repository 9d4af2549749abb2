#!/bin/bash
# Boots a root file system with its own systemd, in namespaces and cut off from every network, and looks after the box in it:
# active, answers HTTP and SIP, comes back after kill -9, stops when asked to.
# Where the machine gives us no cgroup of our own, the box is started without systemd, as its own user.
#
#     images/test-root.sh <root.tar>
#
# Bounded (TEST_ROOT_LIMIT, 180 s). Leaves no mount and no process behind, however it ends.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
limit=${TEST_ROOT_LIMIT:-180}
root=$(mktemp -d /var/tmp/sitebox-root.XXXXXX)
cgroups=$(findmnt --noheadings --first-only --output TARGET --types cgroup2 || true)
group=$cgroups/sitebox-test-root.$$
pid=
cleanup() {
  if [ -n "$pid" ]; then
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  # A cgroup can go once the last of its processes is reaped.
  for _ in $(seq 50); do
    if [ -d "$group" ]; then find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.1; fi
  done
  rm -rf --one-file-system "$root"
}
trap cleanup EXIT

tar -xf "$1" -C "$root"
mkdir -p "$root/var/tmp/test"
cp "$here/../tools/clean-room/probe.mjs" "$here/test-inside.sh" "$root/var/tmp/test/"
complaints=$(systemd-analyze --root="$root" verify "$root/etc/systemd/system/sitebox-box.service" 2>&1 | grep sitebox || true)
[ -z "$complaints" ] || { echo "$complaints" >&2; exit 1; }

export root
namespaces=(unshare --mount --pid --net --uts --ipc --fork --kill-child --propagation private)
if [ -n "$cgroups" ] && mkdir "$group" 2>/dev/null; then
  echo "==> Booting the root file system with systemd"
  # shellcheck disable=SC2016 # expanded inside the namespaces
  (
    echo "$BASHPID" >"$group/cgroup.procs"
    exec "${namespaces[@]}" --cgroup bash -c '
      set -euo pipefail
      mount --bind "$root" "$root"
      mount --types proc proc "$root/proc"
      mount --types sysfs sysfs "$root/sys"
      mount --types cgroup2 cgroup2 "$root/sys/fs/cgroup"
      mount --types tmpfs tmpfs "$root/run"
      mount --types tmpfs tmpfs "$root/tmp"
      mount --types tmpfs tmpfs "$root/dev"
      for device in null zero full random urandom tty; do
        touch "$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
      done
      mkdir "$root/dev/pts" "$root/dev/shm"
      mount --types devpts --options newinstance,ptmxmode=0666 devpts "$root/dev/pts"
      mount --types tmpfs tmpfs "$root/dev/shm"
      ln -s pts/ptmx "$root/dev/ptmx"
      touch "$root/dev/console"
      ip link set lo up
      (cd / && exec chroot "$root" /bin/bash /var/tmp/test/test-inside.sh systemd) &
      exec chroot "$root" env -i container=other /lib/systemd/systemd --system --unit=multi-user.target
    '
  ) &
else
  echo "==> Starting the box in the root file system, without systemd: there is no cgroup to be had here"
  # shellcheck disable=SC2016 # expanded inside the namespaces
  "${namespaces[@]}" bash -c '
    set -euo pipefail
    ip link set lo up
    mount --types proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --types tmpfs tmpfs "$root/dev/shm"
    mount --types tmpfs tmpfs "$root/run"
    exec chroot "$root" /bin/bash /var/tmp/test/test-inside.sh plain
  ' &
fi
pid=$!

result=$root/var/tmp/test/result
for ((waited = 0; waited < limit * 5; waited++)); do
  [ -s "$result" ] && break
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.2
done
cat "$root/var/tmp/test/output" 2>/dev/null || true
if [ "$(cat "$result" 2>/dev/null)" != good ]; then
  echo "!!! the box does not do its work in the root file system (waited $((waited / 5)) of $limit s)" >&2
  exit 1
fi
echo "==> The box starts and answers in the root file system"
