"""Recent edits: the hunks of the uncommitted changes, newest file first."""

from optafly.context.diff import Hunk, parse_diff
from optafly.context.workspace import Workspace


def recent_edits(workspace: Workspace) -> list[Hunk]:
    """Hunks of files that may be read, the most recently written file first, ties by path."""
    hunks = [hunk for hunk in parse_diff(workspace.diff() or "") if workspace.is_listed(hunk.path)]

    def age(hunk: Hunk) -> tuple[int, str, int]:
        try:
            written = (workspace.root / hunk.path).lstat().st_mtime_ns
        except OSError:
            written = 0
        return -written, hunk.path, hunk.start_line

    return sorted(hunks, key=age)
