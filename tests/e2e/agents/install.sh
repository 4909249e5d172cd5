#!/usr/bin/env bash
# Installs the coding agents that tests/e2e/agents and tests/e2e/acp drive, beside this file (some 650 MB); doing it again
# changes nothing.
set -euo pipefail
cd "$(dirname "$0")"

claude_code=@anthropic-ai/claude-code claude_code_version=2.1.330
pi=@mariozechner/pi-coding-agent pi_version=0.73.1
# Claude Code as an agent of ACP, in a place of its own: it would bring a second Claude Code, and uses the one above.
adapter=@agentclientprotocol/claude-agent-acp adapter_version=0.101.0 apart=node_modules/.acp

has() { # package, version, program: one that runs, since it may have been left half installed
    grep --quiet --fixed-strings "\"version\": \"$2\"" "node_modules/$1/package.json" 2> /dev/null &&
        env --ignore-environment PATH="$PATH" HOME="$PWD/node_modules" "node_modules/.bin/$3" --version < /dev/null &> /dev/null
}
complete() { has "$claude_code" "$claude_code_version" claude && has "$pi" "$pi_version" pi && has_adapter; }
has_adapter() {
    grep --quiet --fixed-strings "\"version\": \"$adapter_version\"" "$apart/node_modules/$adapter/package.json" 2> /dev/null
}
get() { # prefix, packages and options
    npm install --prefix "$1" --no-save --no-package-lock --omit=dev --ignore-scripts --no-audit --no-fund \
        --no-update-notifier --loglevel=error "${@:2}" || fail 'npm failed; its messages are above'
}
fail() {
    echo "error: the coding agents for the tests are not installed: $1" >&2
    exit 1
}

! complete || exit 0
command -v node > /dev/null && command -v npm > /dev/null ||
    fail 'node (20.6 or newer) and npm are needed; install them with the package manager of this system'
get . "$claude_code@$claude_code_version" "$pi@$pi_version"
mkdir -p "$apart"
get "$apart" --omit=optional "$adapter@$adapter_version"
# The one script that is needed: it links the program, which brings a Node of its own.
node "node_modules/$claude_code/install.cjs" || fail 'the program of Claude Code could not be linked; see above'
complete || fail 'they do not run on this system'
