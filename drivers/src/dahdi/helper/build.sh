#!/bin/sh
# Compiles the helper for telephony cards. Usage: build.sh <output file> [compiler option…]. Needs a C compiler; no DAHDI, not its headers either.
set -eu
out=${1:?usage: build.sh <output file> [compiler option…]}
shift
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$(dirname "$out")"
cc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror "$@" -o "$out.new" "$here"/*.c -lm
mv "$out.new" "$out"
