#!/usr/bin/env bash
# Installs the browser that tests/e2e/dashboard drives, where it is missing; doing it again changes nothing.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

missing=()
command -v chromium > /dev/null || missing+=(chromium)
command -v chromedriver > /dev/null || missing+=(chromium-driver)
[[ ${#missing[@]} -gt 0 ]] || exit 0

fail() {
    echo "error: missing for the tests of the dashboard: ${missing[*]}; $1" >&2
    exit 1
}
command -v apt-get > /dev/null || fail 'install what these Debian packages hold with the package manager of this system'
if [[ $(id -u) -eq 0 ]]; then
    as_root=()
elif command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
    as_root=(sudo -n --preserve-env=DEBIAN_FRONTEND)
else
    fail "run as root: apt-get install --no-install-recommends chromium chromium-driver"
fi

# Both at once: a driver is good for the browser of its own version only.
install() { "${as_root[@]}" apt-get install --yes --quiet --no-install-recommends chromium chromium-driver; }
known() { apt-cache show --no-all-versions chromium chromium-driver &> /dev/null; }
update() { "${as_root[@]}" apt-get update --quiet; }

# Lists may be absent, or name versions that are no longer there; only then are they fetched anew.
if ! known || ! install; then
    update || fail 'apt-get update failed'
    install || fail 'apt-get install failed; its messages are above'
fi
