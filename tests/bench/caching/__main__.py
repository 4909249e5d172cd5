"""``python -m tests.bench.caching``: what anchors cost and save, as a table."""

import argparse
import sys
from collections.abc import Sequence

from optafly.routing.prices import AS_OF
from tests.bench.caching.report import costs, rows, verdict
from tests.bench.caching.rules import Rules
from tests.bench.caching.sessions import families
from tests.eval.run import markdown


def main(argv: Sequence[str]) -> int:
    """Print the table and what is to be said about it."""
    parser = argparse.ArgumentParser(description="Replay sessions against the rules of prompt caching.")
    parser.add_argument("--sessions", type=int, default=4, help="sessions a family")
    parser.add_argument("--other-platforms", action="store_true", help="every block is one position of the look-back")
    options = parser.parse_args(argv)
    rules = Rules(runs_count_once=not options.other_platforms)
    table = [costs(family, rules) for family in families(options.sessions)]
    print(markdown(rows(table)))
    print(f"\nInput tokens only, at the prices of {AS_OF}; {options.sessions} sessions a family. {verdict(table)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
