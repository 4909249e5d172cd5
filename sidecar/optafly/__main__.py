"""The command ``optafly``."""

import sys


def main() -> None:
    """Run the command line; ``--version`` answers before anything else is imported."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from optafly import __version__

        print(f"optafly {__version__}")
        return
    from optafly.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
