#!/usr/bin/env bash
# Builds the component that Zed loads, at extension/target/optafly.wasm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=wasm32-wasip2
built=target/$target/release/optafly_extension.wasm
component=target/optafly.wasm
toolchain=target/toolchain

can_build() { # RUSTC: does it have the standard library of the target?
  local libraries
  libraries=$("$1" --print target-libdir --target "$target" 2>/dev/null) && [ -d "$libraries" ]
}

export RUSTC=${RUSTC:-rustc}
if ! can_build "$RUSTC"; then
  echo "$RUSTC has no $target (\`rustup target add $target\` adds it); using a compiler of our own in extension/$toolchain"
  scripts/fetch-rustc.sh "$toolchain"
  RUSTC=$PWD/$toolchain/bin/rustc
fi

# The folder is given because the reader's own cargo configuration may put it elsewhere.
cargo build --release --target "$target" --target-dir target
if ! cmp --silent "$built" "$component"; then
  cp "$built" "$component.new"
  mv "$component.new" "$component"
fi
echo "extension/$component: $(wc -c < "$component") bytes"
