#!/bin/sh
# Compiles the recogniser program. Usage: build.sh <output file>. Needs gcc, pkg-config and libpocketsphinx-dev.
set -eu
out=${1:?usage: build.sh <output file>}
here=$(cd "$(dirname "$0")" && pwd)
if ! pkg-config --exists pocketsphinx; then
  echo "libpocketsphinx-dev is not installed: apt-get install -y gcc pkg-config libpocketsphinx-dev" >&2
  exit 1
fi
mkdir -p "$(dirname "$out")"
# shellcheck disable=SC2046
cc -std=gnu11 -O2 -Wall -Wextra -Werror -o "$out.new" "$here/sitebox-pocketsphinx.c" \
  $(pkg-config --cflags pocketsphinx | sed 's/-I/-isystem /g') $(pkg-config --libs pocketsphinx | sed 's/-lsphinxad//') -lpthread -lm
mv "$out.new" "$out"
