#!/usr/bin/env bash
# usage: fetch-rustc.sh DEST
#
# Puts a Rust compiler that can build wasm32-wasip2 into DEST, as DEST/bin/rustc, where rustup cannot add that target.
# It comes from the Debian archive that apt uses already. Nothing is installed: the packages are unpacked below DEST and
# run with the C library they came with, so the release of this machine does not matter. rustup's cargo and linkers are
# still needed. RUSTC_SUITE names another Debian release than the default.
set -euo pipefail

target=wasm32-wasip2
suite=${RUSTC_SUITE:-trixie} # the first Debian release whose rustc has the target

fail() {
  printf 'error: %s\n' "$@" >&2
  exit 1
}

[ $# -eq 1 ] || fail "usage: ${0##*/} DEST"
for tool in rustc apt-get dpkg-deb realpath; do
  command -v "$tool" > /dev/null ||
    fail "$tool is missing, so no compiler for $target can be fetched." \
      "Run \`rustup target add $target\` instead, or use a Debian machine with rustup."
done
dest=$(realpath --canonicalize-missing "$1")
staging=$dest.partial

# Debian's rustc has no linker for WebAssembly components; rustup's toolchain ships both programs it takes.
link_linkers() { # ROOT
  local host ours theirs linker
  host=$(rustc -vV | sed -n 's/^host: //p')
  theirs=$(rustc --print sysroot)/lib/rustlib/$host/bin
  ours=$1/usr/lib/rustlib/$host/bin
  mkdir -p "$ours"
  for linker in rust-lld wasm-component-ld; do
    [ -x "$theirs/$linker" ] || fail "$linker is missing in $theirs; use a rustc that rustup installed."
    ln -sfn "$theirs/$linker" "$ours/$linker"
  done
}

works() { # RUSTC
  local libraries
  libraries=$("$1" --print target-libdir --target "$target" 2> /dev/null) && [ -d "$libraries" ]
}

if works "$dest/bin/rustc"; then
  link_linkers "$dest/root" # anew, because rustup may have moved on since
  exit 0
fi

trap 'rm -rf "$staging"' EXIT
rm -rf "$staging"
mkdir -p "$staging"/{apt/lists/partial,apt/archives/partial,packages,root,bin}

# An apt of its own: no list, package or setting of the machine is touched.
archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' | grep -m 1 '/debian/\?$') ||
  fail "apt knows no Debian archive (none of its sources ends in /debian)." "Run \`rustup target add $target\` instead."
: > "$staging/apt/status"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || fail "$keyring is missing; install the package debian-archive-keyring."
echo "deb [signed-by=$keyring] $archive $suite main" > "$staging/apt/sources.list"
own_apt() {
  apt-get --quiet=2 \
    -o Dir::Etc::SourceList="$staging/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State::Lists="$staging/apt/lists" -o Dir::State::Status="$staging/apt/status" \
    -o Dir::Cache::Archives="$staging/apt/archives" -o Dir::Cache::PkgCache= -o Dir::Cache::SrcPkgCache= \
    -o APT::Sandbox::User=root "$@"
}

own_apt update || fail "the package lists of Debian $suite could not be fetched."
# Asking for rustc itself would bring gcc along; its libraries alone name all that it needs to run.
libraries=$(own_apt --simulate install --no-install-recommends libstd-rust-dev | awk '$1 == "Inst" { print $2 }') ||
  libraries=
[ -n "$libraries" ] || fail "Debian $suite has no libstd-rust-dev for $(dpkg --print-architecture)."
# shellcheck disable=SC2086 # one word for each package
(cd "$staging/packages" && own_apt download rustc libstd-rust-dev-wasm32 $libraries) ||
  fail "the packages of Debian $suite could not be fetched."
for package in "$staging"/packages/*.deb; do
  dpkg-deb --extract "$package" "$staging/root" || fail "${package##*/} could not be unpacked."
done
[ -d "$staging/root/usr/lib/rustlib/$target" ] ||
  fail "the rustc of Debian $suite is too old for $target; RUSTC_SUITE names another release."
rm -rf "$staging"/{apt,packages} "$staging"/root/usr/share "$staging"/root/usr/bin/rustdoc \
  "$staging"/root/usr/lib/rustlib/{wasm32-unknown-unknown,wasm32-wasip1}

loader=$(cd "$staging/root" && find usr/lib -path '*-linux-gnu*/ld-linux*.so*' | head -n 1)
[ -n "$loader" ] || fail "the C library of Debian $suite has no loader where one was expected."
cat > "$staging/bin/rustc" << SCRIPT
#!/bin/sh
root=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")/root
exec "\$root/$loader" --library-path "\$root/${loader%/*}:\$root/usr/lib" "\$root/usr/bin/rustc" "\$@"
SCRIPT
chmod +x "$staging/bin/rustc"
link_linkers "$staging/root"
works "$staging/bin/rustc" || fail "the rustc of Debian $suite does not start here; RUSTC_SUITE names another release."

rm -rf "$dest"
mv "$staging" "$dest" # in one step: an interrupted run leaves nothing that looks finished
"$dest/bin/rustc" --version
