"""Questions put to git; every answer is None or empty where git or a repository is absent."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

TIME_LIMIT_S = 10.0
OUTPUT_LIMIT = 16_000_000

# What a workspace configures must not make git start other programs, page, colour or reach for the network.
_SAFE: Final = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "diff.external=",
    "-c", "protocol.allow=never", "-c", "submodule.recurse=false", "-c", "core.pager=cat",
    "-c", "core.quotePath=false", "-c", "diff.suppressBlankEmpty=false",
)  # fmt: skip
# How git is found and where a person's own configuration lies; all else of the environment could point it elsewhere.
_KEPT: Final = frozenset(
    {"GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES",
     "GIT_DISCOVERY_ACROSS_FILESYSTEM"}
)  # fmt: skip
_NO_FILTER: Final = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
# Names may hold line ends, so rows are not simply lines.
_GREP_ROW: Final = re.compile(rb"([^\0]+)\0(\d+)\0([^\n]*)\n")


class Git:
    """Read-only git in one directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def list_files(self) -> bytes | None:
        """Tracked and untracked files that no ignore rule names, for `parse_listing`; None outside a repository."""
        return self._run("ls-files", "-z", "-v", "--cached", "--others", "--exclude-standard")

    def head(self) -> str | None:
        """The commit the working tree is compared with; None before the first one."""
        out = self._run("rev-parse", "--verify", "--quiet", "HEAD")
        return out.decode("ascii", "replace").strip() if out else None

    def is_ignored(self, path: str) -> bool:
        """Whether an ignore rule names the path; true as well where git cannot tell."""
        # With ./ in front no name is taken for a pattern; git has no other way to say so in this command.
        return self._run("check-ignore", "-q", "--", f"./{path}", ok=(1,)) is None

    def diff(self) -> str | None:
        """The uncommitted changes under the root, three lines of context; None where git cannot tell all of them.

        Bytes that are not UTF-8 stand in it as surrogates, as they do in file names.
        """
        out = self._run(
            "diff", "HEAD", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--relative", "-O/dev/null",
            "--unified=3", "--inter-hunk-context=0", "--irreversible-delete", "--ignore-submodules=all",
            "--src-prefix=a/", "--dst-prefix=b/",
            environ=self._without_filters(),
        )  # fmt: skip
        if out is None or len(out) > OUTPUT_LIMIT:
            return None
        return out.decode("utf-8", "surrogateescape")

    def grep_words(self, words: Sequence[str]) -> list[tuple[str, int, str]] | None:
        """Lines that hold one of the words as a whole word: (path, line, text). None when git cannot search here."""
        patterns = [part for word in words for part in ("-e", word)]
        return self._grep("-w", "-F", *patterns)

    def grep_texts(self, texts: Sequence[str]) -> list[tuple[str, int, str]] | None:
        """Lines that hold one of the texts, letter case ignored: (path, line, text)."""
        patterns = [part for text in texts for part in ("-e", text)]
        return self._grep("-i", "-F", *patterns)

    def _grep(self, *args: str) -> list[tuple[str, int, str]] | None:
        # --untracked also finds files not yet added; ignore rules still hold.
        options = ("-n", "-z", "-I", "--untracked", "--no-color", "--no-column", "--no-full-name")
        out = self._run("grep", *options, *args, "--", ".", ok=(0, 1))
        return None if out is None else list(_grep_lines(out[:OUTPUT_LIMIT]))

    def _without_filters(self) -> dict[str, str]:
        """Settings that take the programs away from every filter driver: comparing a file would start them."""
        out = self._run("config", "--null", "--name-only", "--get-regexp", "^filter") or b""
        names = dict.fromkeys(name.rpartition(".")[0] for name in os.fsdecode(out).split("\0") if name)
        values = [(f"{name}.{key}", value) for name in names for key, value in _NO_FILTER]
        environ = {"GIT_CONFIG_COUNT": str(len(values))}
        for number, (key, value) in enumerate(values):
            environ |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return environ

    def _run(self, *args: str, ok: Sequence[int] = (0,), environ: Mapping[str, str] | None = None) -> bytes | None:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in _KEPT}
        kept |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
        try:
            done = subprocess.run(
                ["git", *_SAFE, *args],
                cwd=self._root,
                env=kept | dict(environ or {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=TIME_LIMIT_S,
                check=False,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return None
        return done.stdout if done.returncode in ok else None


class GitAnswers:
    """What one refinement asks git, in worker threads: git works while the caller does.

    ``files``, ``diff`` and ``head`` hold what the methods of `Git` return; none of them raises.
    """

    def __init__(self, git: Git) -> None:
        pool = ThreadPoolExecutor(2, thread_name_prefix="optafly-git")
        self.files = pool.submit(git.list_files)
        self.diff = pool.submit(git.diff)
        self.head = pool.submit(git.head)
        pool.shutdown(wait=False)


def parse_listing(out: bytes) -> tuple[list[str], frozenset[str]]:
    """Read what `Git.list_files` returned: all names, sorted, and those git does not compare with the last commit.

    Folders are left out: they stand for repositories inside this one.
    """
    rows = [row for row in os.fsdecode(out).split("\0") if row and not row.endswith("/")]
    names = {row[2:] for row in rows}
    return sorted(names), frozenset(row[2:] for row in rows if row[0] != "H")


def _grep_lines(out: bytes) -> list[tuple[str, int, str]]:
    return [
        (os.fsdecode(row[1]), int(row[2]), row[3].decode("utf-8", "replace").rstrip("\r"))
        for row in _GREP_ROW.finditer(out)
    ]
