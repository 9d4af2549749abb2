#!/bin/bash
# Runs inside the root file system; see test-root.sh. Writes what it sees to `output` and, at the end, "good" or "bad" to `result`.
set -euo pipefail
cd /var/tmp/test
exec >output 2>&1
trap '[ $? = 0 ] && echo good >result || echo bad >result' EXIT
node=/opt/sitebox/bin/node

# until_true <seconds> <command…>
until_true() {
  local ticks=$(($1 * 5))
  shift
  for ((; ticks > 0; ticks--)); do
    "$@" && return
    sleep 0.2
  done
  return 1
}

with_systemd() {
  local first started
  active() { systemctl is-active --quiet sitebox-box 2>/dev/null; }
  main_pid() { systemctl show --property=MainPID --value sitebox-box; }
  if ! until_true 120 active; then
    systemctl status --no-pager --full sitebox-box || true
    journalctl --no-pager --lines=40 --unit=sitebox-box || true
    echo "!!! the unit did not become active"
    return 1
  fi
  systemctl status --no-pager --lines=0 sitebox-box
  journalctl --unit=sitebox-box --output=cat | grep '^{"ready":' >ready
  "$node" probe.mjs ready 1
  # Modems and cards: their group, their rules, and a /sys where what udev gives the box can be written.
  id -nG sitebox | grep -qw dialout || { echo "!!! the box's user is not in the group of modems and cards"; return 1; }
  grep -q ' /sys/devices rw' "/proc/$(main_pid)/mountinfo" || { echo "!!! the box cannot switch a modem off and on"; return 1; }
  echo "no-dahdi is said without a card: $(/opt/sitebox/.cache/native/sitebox-dahdi --channels && echo yes)"

  first=$(main_pid)
  started=$SECONDS
  kill -KILL "$first"
  back() { [ "$(main_pid)" != "$first" ] && active; }
  until_true 60 back || { echo "!!! killed with -9, it did not come back"; return 1; }
  echo "killed with -9, it was active again after $((SECONDS - started)) s"
  "$node" probe.mjs ready 1

  systemctl stop sitebox-box
  [ "$(systemctl show --property=Result --value sitebox-box)" = success ] || { echo "!!! it did not stop by itself"; return 1; }
  echo "it stopped when asked to"
}

# What the unit gives it, without systemd: its user, its environment, one capability, no way to more.
plain() {
  local box command environment unit=/etc/systemd/system/sitebox-box.service
  setting() { sed -n "s/^$1=//p" "$unit"; }
  cd "$(setting WorkingDirectory)"
  mapfile -t environment < <(setting Environment)
  read -ra command < <(setting ExecStart)
  : >/tmp/box.log
  setpriv --reuid="$(setting User)" --regid="$(setting Group)" --init-groups --no-new-privs \
    --bounding-set=-all,+net_bind_service --inh-caps=+net_bind_service --ambient-caps=+net_bind_service \
    env -i PATH=/usr/bin:/bin HOME=/var/lib/sitebox LANG=C.UTF-8 "${environment[@]}" "${command[@]}" >/tmp/box.log 2>&1 &
  box=$!
  ready() { grep -q '^{"ready":' /tmp/box.log || ! kill -0 "$box" 2>/dev/null; }
  until_true 120 ready || true
  cd /var/tmp/test
  grep '^{"ready":' /tmp/box.log >ready || { tail -n 30 /tmp/box.log; echo "!!! the box did not become ready"; return 1; }
  "$node" probe.mjs ready 1
  kill -TERM "$box"
  wait "$box" || { echo "!!! it did not stop by itself"; return 1; }
  echo "it stopped when asked to"
}

if [ "$1" = systemd ]; then with_systemd; else plain; fi
