#!/usr/bin/env bash
# Installs the coding agents that tests/e2e/agents drives, beside this file (some 570 MB); doing it again changes nothing.
set -euo pipefail
cd "$(dirname "$0")"

claude_code=@anthropic-ai/claude-code claude_code_version=2.1.330
pi=@mariozechner/pi-coding-agent pi_version=0.73.1

has() { # package, version, program: one that runs, since it may have been left half installed
    grep --quiet --fixed-strings "\"version\": \"$2\"" "node_modules/$1/package.json" 2> /dev/null &&
        env --ignore-environment PATH="$PATH" HOME="$PWD/node_modules" "node_modules/.bin/$3" --version < /dev/null &> /dev/null
}
complete() { has "$claude_code" "$claude_code_version" claude && has "$pi" "$pi_version" pi; }
fail() {
    echo "error: the coding agents for the tests are not installed: $1" >&2
    exit 1
}

! complete || exit 0
command -v node > /dev/null && command -v npm > /dev/null ||
    fail 'node (20.6 or newer) and npm are needed; install them with the package manager of this system'
npm install --prefix . --no-save --no-package-lock --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier \
    --loglevel=error "$claude_code@$claude_code_version" "$pi@$pi_version" || fail 'npm failed; its messages are above'
# The one script that is needed: it links the program, which brings a Node of its own.
node "node_modules/$claude_code/install.cjs" || fail 'the program of Claude Code could not be linked; see above'
complete || fail 'they do not run on this system'
