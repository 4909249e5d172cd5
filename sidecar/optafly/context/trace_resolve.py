"""Which file of the workspace a printed path means."""

import re
from collections.abc import Collection

from optafly.context.trace_text import Frame

# What is not the person's own: dependencies, standard libraries, runtimes, compilers.
_FOREIGN = re.compile(
    r"^<|^\[|^node:|^internal/(?:modules|main|process|timers|bootstrap)\b|^webpack/|"
    r"(?:^|/)(?:site-packages|dist-packages|node_modules)/|"
    r"/lib(?:64)?/python[0-9.]+/|/Python[0-9.]+/Lib/|^/usr/(?:include|lib|local/include)/|/lib/gcc/|/sysdeps/|"
    r"(?:^|/)rustc/[0-9a-f]{8,}/|(?:^|/)\.(?:cargo|rustup|m2|gradle|nuget|npm|pnpm|yarn)/|"
    r"^/usr/(?:local/|share/)?go[^/]*/src/|/libexec/src/|/Go/src/|/sdk/go[0-9][^/]*/src/|/hostedtoolcache/|/pkg/mod/"
)
_FOREIGN_JAVA = re.compile(
    r"(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|jakarta|org\.(?:junit|gradle))\."
)
_JAVA_MODULE = re.compile(r"(?:[\w.-]*(?:@[\w.-]+)?/)+")
_JAVA_SOURCES = frozenset({"java", "kotlin", "scala", "groovy"})


class FrameResolver:
    """Finds the workspace's files that frames name; built once for a workspace, in linear time.

    ``files`` are relative to the workspace, with forward slashes.
    """

    def __init__(self, files: Collection[str]) -> None:
        self._files = frozenset(files)
        self._named: dict[str, list[str]] = {}
        for file in sorted(self._files):
            self._named.setdefault(file.rpartition("/")[2], []).append(file)

    def resolve(self, frame: Frame) -> str | None:
        """The file that a frame names, or None where it names none of them, or several.

        A printed path names the file that it is or, made on another machine or in a container, the longest one that
        it ends in. A relative one that was printed in a folder below names the only file that ends in it.
        """
        path = frame.path
        if _FOREIGN.search(path):
            return None
        absolute = path.startswith("/") or path[1:2] == ":"
        parts = _parts(path)
        if not parts:
            return None
        if not absolute and "/".join(parts) in self._files and len(parts) > 1:
            return "/".join(parts)
        candidates = self._named.get(parts[-1], [])
        if len(parts) == 1 and not absolute:
            return _by_name(candidates, frame.function)
        if not absolute and (below := [file for file in candidates if file.endswith("/" + "/".join(parts))]):
            return below[0] if len(below) == 1 else None
        return next((tail for i in range(len(parts)) if (tail := "/".join(parts[i:])) in self._files), None)


def _parts(path: str) -> list[str]:
    """The segments of a path with ``.`` and ``..`` taken out; what stands above it is unknown and dropped."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return parts


def _by_name(candidates: list[str], function: str | None) -> str | None:
    """The only file of a name; among several, or in a folder of sources, the one in the function's Java package."""
    name = _JAVA_MODULE.sub("", function or "", count=1)
    if _FOREIGN_JAVA.match(name):
        return None
    package = _package(name)
    if package:
        inside = [file for file in candidates if ("/" + file.rpartition("/")[0]).endswith("/" + package)]
        if len(inside) == 1:
            return inside[0]
        candidates = [file for file in candidates if not _contradicts(file, package)]
    return candidates[0] if len(candidates) == 1 else None


def _package(function: str) -> str:
    """The folder of the package in ``com.acme.Shop$Cart.total``: what comes before the first capital."""
    parts: list[str] = []
    for part in function.split("."):
        if part[:1].isupper():
            return "/".join(parts)
        parts.append(part)
    return ""


def _contradicts(file: str, package: str) -> bool:
    """Whether a file in a folder such as ``src/main/java`` is in another package; Kotlin may leave out its root."""
    folders = file.split("/")[:-1]
    roots = [index for index, folder in enumerate(folders) if folder in _JAVA_SOURCES]
    below = "/".join(folders[roots[0] + 1 :]) if roots else ""
    return bool(below) and not ("/" + package).endswith("/" + below)
