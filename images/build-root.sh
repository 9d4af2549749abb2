#!/bin/bash
# Makes a Debian 12 root file system in which the box is installed as a service, and starts the box in it.
#
#     images/build-root.sh          → images/.build/sitebox-root-<architecture>.tar
#
# As root, after `make setup` (`make image-root` does both). No disk, no boot loader and no updates yet.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/.." && pwd)
build=$here/.build
stage=$build/stage
target=$build/sitebox-root-$(dpkg --print-architecture).tar
step=$checkout/tools/setup/step.sh
export here checkout build stage target
[ "$(id -u)" = 0 ] || { echo "make image-root needs root: it makes device nodes and other users' files" >&2; exit 1; }

# What the box consists of, and no more: no tests, no tools, no headquarters.
stage_files() {
  rm -rf "$stage"
  mkdir -p "$stage/bin"
  cd "$checkout"
  git ls-files --cached --others --exclude-standard -- bin core drivers appliance provisioning README.md README.zh-CN.md LICENSE |
    grep -vE '\.test\.ts$|/transcripts/|tsconfig' | tar --create --files-from=- | tar --extract --directory="$stage"
  mkdir -p "$stage/ui"
  cp -a ui/dist "$stage/ui/"
  node - "$stage" <<'JS'
    const { readFileSync, writeFileSync } = require("node:fs");
    const manifest = JSON.parse(readFileSync("package.json", "utf8"));
    manifest.workspaces = ["core", "drivers", "appliance", "provisioning"];
    delete manifest.devDependencies;
    writeFileSync(`${process.argv[2]}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
JS
  cp package-lock.json .npmrc "$stage/"
  cp -a node_modules "$stage/"
  cd "$stage"
  npm prune --omit=dev --ignore-scripts --offline
  # What only a build, or another system, needs.
  rm -rf node_modules/.sitebox-* node_modules/mediasoup/worker/{src,fbs,include,test,fuzzer,subprojects,deps,mocks,scripts}
  rm -rf node_modules/node-pty/{prebuilds,third_party,deps,src} node_modules/sqlite3/{deps,src}
  rm -rf node_modules/@serialport/bindings-cpp/{prebuilds,src}
  find node_modules/{sqlite3,node-pty,@serialport/bindings-cpp}/build -type f ! -name '*.node' -delete
  find node_modules -name '*.map' -type f -delete
}

# Programs and models stand where the checkout has them.
stage_programs() {
  mkdir -p "$stage/.cache/mediasoup-worker" "$stage/.cache/native" "$stage/models"
  cp -L "$checkout/.cache/mediasoup-worker/mediasoup-worker" "$stage/.cache/mediasoup-worker/"
  cp "$checkout/.cache/native/sitebox-pocketsphinx" "$checkout/.cache/native/sitebox-dahdi" "$stage/.cache/native/"
  cp "$(node -p process.execPath)" "$stage/bin/node"
  node "$checkout/drivers/src/udev/main.ts" >"$build/70-sitebox-lines.rules"
  if [ -d "$checkout/var/models" ]; then
    cp -a "$checkout/var/models/." "$stage/models/"
  else
    echo "no speech models are installed: this box will answer by keypad and voice message"
  fi
  chmod -R u=rwX,go=rX "$stage"
  chown -R 0:0 "$stage"
}

make_root() {
  # shellcheck disable=SC2016 # $1 is the root, known to the hooks only
  "$checkout/tools/debian-root.sh" --variant=minbase \
    --include="$("$checkout/tools/setup/packages.sh" --list box | paste -sd,)" \
    --customize-hook='mkdir -p "$1/opt" && cp -a "$stage" "$1/opt/sitebox"' \
    --customize-hook='ln -s /opt/sitebox/bin/sitebox "$1/usr/local/bin/sitebox"' \
    --customize-hook='install -D -m 644 "$here/systemd/sitebox-box.service" "$1/etc/systemd/system/sitebox-box.service"' \
    --customize-hook='install -D -m 644 "$here/systemd/sitebox.sysusers" "$1/usr/lib/sysusers.d/sitebox.conf"' \
    --customize-hook='install -D -m 644 "$here/systemd/sitebox.tmpfiles" "$1/usr/lib/tmpfiles.d/sitebox.conf"' \
    --customize-hook='install -D -m 644 "$build/70-sitebox-lines.rules" "$1/usr/lib/udev/rules.d/70-sitebox-lines.rules"' \
    --customize-hook='install -D -m 644 "$here/systemd/journald.conf" "$1/etc/systemd/journald.conf.d/sitebox.conf"' \
    --customize-hook='install -D -m 644 "$here/systemd/watchdog.conf" "$1/etc/systemd/system.conf.d/sitebox.conf"' \
    --customize-hook='chroot "$1" systemd-sysusers && chroot "$1" systemd-tmpfiles --create sitebox.conf' \
    --customize-hook='chroot "$1" systemctl enable sitebox-box.service' \
    --customize-hook='echo sitebox > "$1/etc/hostname"; printf "127.0.0.1 localhost\n127.0.1.1 sitebox\n" > "$1/etc/hosts"; : > "$1/etc/machine-id"; rm -f "$1/etc/resolv.conf"' \
    "$target.part.tar"
  mv "$target.part.tar" "$target"
}

export -f stage_files stage_programs make_root
run() {
  local name=$1 headline=$2
  "$step" "image-$name" "$headline" "Read the log." bash -euo pipefail -c "$name"
}

mkdir -p "$build"
run stage_files "The box's files and the packages it runs on"
run stage_programs "Its programs and models"
run make_root "A Debian root file system with the box installed (about a minute)"
echo "    $(du -h "$target" | cut -f1) in ${target#"$checkout"/}, of which the box is $(du -sh "$stage" | cut -f1)"
"$here/test-root.sh" "$target"
