#!/usr/bin/env bash
# Installs the MCP inspector that tests/e2e/mcp drives, beside this file (some 160 MB); doing it again changes nothing.
set -euo pipefail
cd "$(dirname "$0")"

# The last of its first line: newer ones need a newer node than distributions bring.
inspector=@modelcontextprotocol/inspector version=1.0.3

complete() { # one that runs, since it may have been left half installed
    grep --quiet --fixed-strings "\"version\": \"$version\"" "node_modules/$inspector/package.json" 2> /dev/null &&
        node_modules/.bin/mcp-inspector --help < /dev/null &> /dev/null
}
fail() {
    echo "error: the MCP inspector for the tests is not installed: $1" >&2
    exit 1
}

! complete || exit 0
command -v node > /dev/null && command -v npm > /dev/null ||
    fail 'node (20.6 or newer) and npm are needed; install them with the package manager of this system'
npm install --prefix . --no-save --no-package-lock --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier \
    --loglevel=error "$inspector@$version" || fail 'npm failed; its messages are above'
complete || fail 'it does not run on this system'
