#!/usr/bin/env bash
# Installs the editors that tests/e2e/editors drives, where they are missing; doing it again changes nothing.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

has_eglot() { # part of Emacs from version 29 on, a package before that
    command -v emacs > /dev/null && emacs --batch --funcall package-activate-all --eval "(require 'eglot)" &> /dev/null
}
has_markdown() {
    command -v emacs > /dev/null && emacs --batch --funcall package-activate-all --eval "(require 'markdown-mode)" &> /dev/null
}

missing=()
command -v nvim > /dev/null || missing+=(neovim)
command -v emacs > /dev/null || missing+=(emacs-nox)
has_eglot || missing+=(elpa-eglot)
has_markdown || missing+=(elpa-markdown-mode)
[[ ${#missing[@]} -gt 0 ]] || exit 0

fail() {
    echo "error: missing for the tests with editors: ${missing[*]}; $1" >&2
    exit 1
}
command -v apt-get > /dev/null || fail 'install what these Debian packages hold with the package manager of this system'
if [[ $(id -u) -eq 0 ]]; then
    as_root=()
elif command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
    as_root=(sudo -n --preserve-env=DEBIAN_FRONTEND)
else
    fail "run as root: apt-get install --no-install-recommends ${missing[*]}"
fi

install() { "${as_root[@]}" apt-get install --yes --quiet --no-install-recommends "${missing[@]}"; }
known() { apt-cache show --no-all-versions "${missing[@]}" &> /dev/null; }
update() { "${as_root[@]}" apt-get update --quiet; }

# Lists may be absent, or name versions that are no longer there; only then are they fetched anew.
if ! known || ! install; then
    update || fail 'apt-get update failed'
    install || fail 'apt-get install failed; its messages are above'
fi
