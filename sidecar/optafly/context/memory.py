"""What a process that refines again and again keeps of workspaces, so that it need not read them anew each time."""

from collections import OrderedDict
from pathlib import Path

from optafly.context.listing import Listing, git_listing
from optafly.context.private import PrivateFiles

MAX_WORKSPACES = 2


class Remembered:
    """What is kept of one workspace: its last listing, and ``last_texts``, files as they are in one commit."""

    def __init__(self, private: PrivateFiles) -> None:
        self.private = private
        self._answer: bytes | None = None
        self._listing: Listing | None = None
        self._head: str | None = None
        self.last_texts: dict[str, str] = {}

    def listing(self, answer: bytes) -> Listing:
        """The listing that `Git.list_files` answered with, the very same one as long as the answer is the same."""
        if self._listing is None or answer != self._answer:
            self._answer, self._listing = answer, git_listing(answer, self.private.matches)
        return self._listing

    def texts(self, head: str) -> dict[str, str]:
        """Text by path of files that are as in that commit; to be read and added to. Another commit empties it."""
        if head != self._head:
            self._head, self.last_texts = head, {}
        return self.last_texts


class WorkspaceMemory:
    """The workspaces used last. One per process; for one thread at a time."""

    def __init__(self) -> None:
        self._remembered: OrderedDict[Path, Remembered] = OrderedDict()

    def of(self, root: Path, private: PrivateFiles) -> Remembered:
        """What is kept of a workspace; nothing yet where other files were private before."""
        found = self._remembered.pop(root, None)
        if found is None or found.private is not private:
            found = Remembered(private)
        self._remembered[root] = found
        while len(self._remembered) > MAX_WORKSPACES:
            self._remembered.popitem(last=False)
        return found
