#!/bin/bash
# Installs Debian packages without starting any service of theirs, now or at the next boot: Kamailio would take the box's own port.
#
#     tools/setup/install.sh <package>…
set -euo pipefail
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -q
apt-get install -y -q --no-install-recommends "$@"
case " $* " in
*" kamailio "*) if command -v systemctl >/dev/null; then systemctl disable kamailio.service >/dev/null 2>&1 || true; fi ;;
esac
