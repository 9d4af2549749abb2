#!/bin/bash
# Installs the Debian packages of the named sections of apt-packages.txt, as far as they are missing.
#
#     tools/setup/packages.sh run test       silent when nothing is missing
#     tools/setup/packages.sh --list box     prints the names
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

names() {
  local section
  for section in "$@"; do
    awk -v want="[$section]" '/^\[/ { on = ($1 == want); next } on && !/^#/ && NF { print $1 }' "$here/apt-packages.txt"
  done | sort -u
}

if [ "${1:-}" = --list ]; then
  shift
  names "$@"
  exit
fi

sections=("$@")
command -v npm >/dev/null || [ -x "$here/../../.cache/tools/node_modules/.bin/npm" ] || sections+=(bootstrap)

if ! command -v dpkg-query >/dev/null; then
  for tool in g++ make python3 pkg-config ninja flatc espeak-ng npm; do
    command -v "$tool" >/dev/null || absent+=" $tool"
  done
  [ -z "${absent:-}" ] && exit
  echo "This is not a Debian system and these programs are missing:$absent" >&2
  echo "Install what corresponds to the packages in tools/setup/apt-packages.txt (${sections[*]}), then try again." >&2
  exit 1
fi

installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u)
mapfile -t missing < <(comm -23 <(names "${sections[@]}") <(printf '%s\n' "$installed"))
[ ${#missing[@]} = 0 ] && exit

if [ "$(id -u)" != 0 ]; then
  echo "Debian packages are missing. Run this once, as root, then try again:" >&2
  echo >&2
  echo "    apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
  echo >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
"$here/step.sh" "apt-${1:-run}" "Debian packages: ${missing[*]}" \
  "Look whether this machine reaches its Debian mirror (apt-get update), then run make again." \
  "$here/install.sh" "${missing[@]}"
