#!/usr/bin/env bash
# Fetches the example agents of the ACP SDK, which test_examples.py puts behind OptaFly: they come with its source only.
# Doing it again changes nothing.
set -euo pipefail
cd "$(dirname "$0")"

package=agent-client-protocol
version=$(sed -n "s/^$package==//p" ../../../sidecar/constraints.txt)
folder=examples
[[ ! -f $folder/$version/agent.py || ! -f $folder/$version/echo_agent.py ]] || exit 0

fail() {
    echo "error: the example agents of $package $version for the tests are not there: $1" >&2
    exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --dest "$work" "$package==$version" ||
    fail 'pip could not fetch its source; its messages are above'
tar --extract --gzip --file "$work"/*.tar.gz --directory "$work" --strip-components 1
rm -rf "$folder"
mkdir "$folder"
mv "$work/examples" "$folder/$version"
