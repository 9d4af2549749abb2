#!/bin/bash
# Fetches a Debian kernel, its headers, DAHDI's source and tools as packages, unpacks them without installing any of them (this machine keeps its
# kernel and gets no service), builds the modules, and puts together what the virtual machine starts from.
#
#     tools/dahdi-vm/prepare.sh      → .cache/dahdi-vm/{vmlinuz,initramfs}
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
vm=$checkout/.cache/dahdi-vm
helper=$checkout/drivers/src/dahdi/helper
[ "$(dpkg --print-architecture)" = amd64 ] || { echo "this rig is for amd64" >&2; exit 1; }

if ! apt-cache show linux-image-amd64 >/dev/null 2>&1; then apt-get update -q; fi
image=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-/ { print $2; exit }')
release=${image#linux-image-}
common=$(apt-cache depends "linux-headers-$release" | awk '/Depends: linux-headers-/ { print $2; exit }')
compiler=$(apt-cache depends "linux-headers-$release" | awk '/Depends: linux-compiler-/ { print $2; exit }')
kbuild=$(apt-cache depends "linux-headers-$release" | awk '/Depends: linux-kbuild-/ { print $2; exit }')
packages=("$image" "linux-headers-$release" "$common" "$kbuild" "$compiler" dahdi-source dahdi libtonezone2.0)
versions=$(apt-cache show --no-all-versions "${packages[@]}" | grep -E '^(Package|Version):' | sha256sum | cut -c1-12)

tree=$vm/$versions
if [ ! -e "$tree/.built" ]; then
  # Another kernel's remains are of no use.
  rm -rf "$vm"
  mkdir -p "$tree/debs" "$tree/root"
  (cd "$tree/debs" && apt-get download "${packages[@]}")
  for deb in "$tree"/debs/*.deb; do dpkg-deb -x "$deb" "$tree/root"; done
  rm -rf "$tree/debs"
  tar -xf "$tree/root/usr/src/dahdi.tar.bz2" -C "$tree"
  headers=$tree/root/usr/src/linux-headers-$release
  # It names its other half by where it would be installed.
  sed -i "s#/usr/src/#$tree/root/usr/src/#" "$headers/Makefile"
  dahdi=$tree/modules/dahdi
  make -j"$(nproc)" -C "$headers" M="$dahdi/drivers/dahdi" DAHDI_INCLUDE="$dahdi/include" DAHDI_BUILD_ALL=m \
    dahdi.ko dahdi_dynamic.ko dahdi_dynamic_loc.ko dahdi_echocan_mg2.ko
  touch "$tree/.built"
fi
dahdi=$tree/modules/dahdi

cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -I"$helper" -isystem "$dahdi/include" -o "$vm/abi-check" "$here/abi-check.c"

rm -rf "$vm/initramfs.d"
mkdir -p "$vm/initramfs.d"/{bin,dev,etc/dahdi,lib,lib64,modules,proc,sys}
cd "$vm/initramfs.d"
cp "$here/guest/init" init
cp "$here/guest/system.conf" etc/dahdi/
cp /bin/busybox bin/
cp "$dahdi"/drivers/dahdi/dahdi{,_dynamic,_dynamic_loc,_echocan_mg2}.ko modules/
cp "$tree/root/lib/modules/$release/kernel/drivers/net/ethernet/intel/e1000/e1000.ko" modules/
strip --strip-debug modules/*.ko
cp "$tree/root/usr/sbin/dahdi_cfg" bin/
libraries=$tree/root/usr/lib/x86_64-linux-gnu
LD_LIBRARY_PATH=$libraries ldd "$tree/root/usr/sbin/dahdi_cfg" | awk '/=> \// { print $3 } $1 ~ /^\// { print $1 }' |
  while read -r library; do cp -L "$library" "$([[ $library == */ld-linux* ]] && echo lib64 || echo lib)/"; done
"$helper/build.sh" "$PWD/bin/sitebox-dahdi" -static
for program in checks bridge; do
  cc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -static -o "bin/$program" "$here/guest/$program"/*.c -lm
done
find . | cpio --quiet -o -H newc | gzip -1 >"$vm/initramfs"
cp "$tree/root/boot/vmlinuz-$release" "$vm/vmlinuz"
