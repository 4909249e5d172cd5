"""Questions put to git; every answer is None or empty where git or a repository is absent."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

TIME_LIMIT_S = 10.0
OUTPUT_LIMIT = 16_000_000

# What a workspace configures must not make git start other programs, page or colour.
_SAFE = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "diff.external=",
    "-c", "core.quotePath=false", "-c", "core.pager=cat", "-c", "color.ui=false", "--literal-pathspecs",
)  # fmt: skip


class Git:
    """Read-only git in one directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _run(self, *args: str, ok: Sequence[int] = (0,)) -> bytes | None:
        environ = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        environ |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        try:
            done = subprocess.run(
                ["git", *_SAFE, *args],
                cwd=self._root,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=TIME_LIMIT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout[:OUTPUT_LIMIT] if done.returncode in ok else None

    def list_files(self) -> list[str] | None:
        """Tracked and untracked files that no ignore rule names, relative to the root; None outside a repository."""
        out = self._run("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        if out is None:
            return None
        names = {os.fsdecode(name) for name in out.split(b"\0") if name}
        return sorted(names)

    def is_ignored(self, path: str) -> bool:
        """Whether an ignore rule names the path."""
        return self._run("check-ignore", "-q", "--", path) is not None

    def diff(self) -> str:
        """The uncommitted changes of tracked files under the root, three lines of context."""
        out = self._run(
            "diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-renames", "--relative", "--unified=3",
            "--diff-filter=AM", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/",
        )  # fmt: skip
        return (out or b"").decode("utf-8", "replace")

    def grep_words(self, words: Sequence[str]) -> list[tuple[str, int, str]] | None:
        """Lines that hold one of the words as a whole word: (path, line, text). None when git cannot search here."""
        patterns = [part for word in words for part in ("-e", word)]
        return self._grep("-w", "-F", *patterns)

    def grep_pattern(self, pattern: str) -> list[tuple[str, int, str]] | None:
        """Lines that match a POSIX extended pattern, letter case ignored: (path, line, text)."""
        return self._grep("-i", "-E", "-e", pattern)

    def _grep(self, *args: str) -> list[tuple[str, int, str]] | None:
        # --untracked also finds files not yet added; ignore rules still hold.
        out = self._run("grep", "-n", "-z", "-I", "--untracked", *args, "--", ".", ok=(0, 1))
        if out is None:
            return None
        return list(_grep_lines(out))


def _grep_lines(out: bytes) -> list[tuple[str, int, str]]:
    rows: list[tuple[str, int, str]] = []
    for row in out.split(b"\n"):
        parts = row.split(b"\0", 2)
        if len(parts) == 3 and parts[1].isdigit():
            rows.append((os.fsdecode(parts[0]), int(parts[1]), parts[2].decode("utf-8", "replace").rstrip("\r")))
    return rows
