"""Questions put to git; every answer is None or empty where git or a repository is absent."""

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from optafly.programs import find_program, search_path

TIME_LIMIT_S: Final = 3.0
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
_TOP_AND_HEAD: Final = re.compile(rb"(.+?)\n(?:([0-9a-f]{40}|[0-9a-f]{64})\n)?", re.DOTALL)
_END_TIME_LIMIT_S: Final = 1.0
# Names may hold line ends, so rows are not simply lines.
_GREP_ROW: Final = re.compile(rb"([^\0]+)\0(\d+)\0([^\n]*)\n")


class Patience:
    """How long git may be at work in one refinement, all questions together: a repository can make it wait forever."""

    def __init__(self, seconds: float = TIME_LIMIT_S) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._at_work = 0
        self._since = 0.0
        self.lost = False

    @contextmanager
    def work(self) -> Iterator[float]:
        """Give the seconds that are left; what is asked at the same time counts once."""
        with self._lock:
            now = time.monotonic()
            left = self._seconds - (now - self._since if self._at_work else 0.0)
            self._since = self._since if self._at_work else now
            self._at_work += 1
        try:
            yield left
        finally:
            with self._lock:
                self._at_work -= 1
                if not self._at_work:
                    self._seconds -= time.monotonic() - self._since


class Git:
    """Read-only git in one directory; one that belongs to files elsewhere counts as no repository."""

    def __init__(self, root: Path, patience: Patience | None = None) -> None:
        self._root = root
        self._patience = patience or Patience()
        self._lock = threading.Lock()
        self._place: tuple[bool, str | None] | None = None

    @property
    def gave_up(self) -> bool:
        """Whether git took longer than it may, so that there are answers missing."""
        return self._patience.lost

    def within(self, folder: str) -> "Git":
        """Git in a folder below, which may be another repository."""
        return Git(self._root / folder, self._patience)

    def list_files(self) -> bytes | None:
        """Tracked and untracked files that no ignore rule names, for `parse_listing`; None outside a repository."""
        return self._run("ls-files", "-z", "-v", "--cached", "--others", "--exclude-standard")

    def head(self) -> str | None:
        """The commit the working tree is compared with; None before the first one."""
        return self._where()[1]

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
        out = self._start("config", "--null", "--name-only", "--get-regexp", "^filter") or b""
        names = dict.fromkeys(name.rpartition(".")[0] for name in os.fsdecode(out).split("\0") if name)
        values = [(f"{name}.{key}", value) for name in names for key, value in _NO_FILTER]
        environ = {"GIT_CONFIG_COUNT": str(len(values))}
        for number, (key, value) in enumerate(values):
            environ |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return environ

    def _where(self) -> tuple[bool, str | None]:
        """Whether the files that git compares lie here, and the commit; asked once.

        ``core.worktree`` may name any folder of the machine. That of a submodule names its own.
        """
        with self._lock:
            if self._place is None:
                out = self._start("rev-parse", "--show-toplevel", "--quiet", "--verify", "HEAD", ok=(0, 1)) or b""
                # A name may hold line ends: only the last line can be the commit.
                found = _TOP_AND_HEAD.fullmatch(out)
                top, head = found.groups() if found is not None else (b"", None)
                here = self._is_around(os.fsdecode(top))
                self._place = (here, head.decode("ascii") if here and head is not None else None)
            return self._place

    def _is_around(self, top: str) -> bool:
        """Whether a folder is this one or one above it."""
        if not top:
            return False
        try:
            here = self._root.resolve()
            return any(Path(top).samefile(item) for item in (here, *here.parents))
        except (OSError, RuntimeError, ValueError):
            return False

    def _run(self, *args: str, ok: Sequence[int] = (0,), environ: Mapping[str, str] | None = None) -> bytes | None:
        return self._start(*args, ok=ok, environ=environ) if self._where()[0] else None

    def _start(self, *args: str, ok: Sequence[int] = (0,), environ: Mapping[str, str] | None = None) -> bytes | None:
        program = find_program("git")
        if program is None:
            return None
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in _KEPT}
        kept |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
        kept |= {"PATH": search_path(os.environ)}
        with self._patience.work() as left:
            if left <= 0:
                self._patience.lost = True
                return None
            try:
                process = subprocess.Popen(
                    [program, *_SAFE, *args],
                    cwd=self._root,
                    env=kept | dict(environ or {}),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except (OSError, ValueError):
                return None
            try:
                out, _ = process.communicate(timeout=left)
            except subprocess.TimeoutExpired:
                self._patience.lost = True
                return None
            finally:
                if process.returncode is None:
                    _end(process)
        return out if process.returncode in ok else None


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


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill git and all that it started."""
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    if process.stdout is not None:
        process.stdout.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_END_TIME_LIMIT_S)
