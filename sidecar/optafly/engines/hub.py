"""One file from a Hugging Face hub: streamed, resumed after a break, tried again after a passing fault."""

import hashlib
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from optafly.engines.models import ModelEntry, gguf_fault
from optafly.errors import Cancelled, DownloadFailed

if TYPE_CHECKING:
    import httpx

DEFAULT_ENDPOINT: Final = "https://huggingface.co"

_PASSING_STATUS: Final = frozenset({408, 425, 429, 500, 502, 503, 504})

Progress = Callable[[int, int], None]
"""Called with the bytes that are there and the bytes that there will be."""


class SourceUnavailable(DownloadFailed):
    """One source cannot give the file; another may. ``reason`` and ``remedy`` are phrases, not sentences."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy


class _PassingError(Exception):
    """The attempt failed in a way that may pass by itself."""


@dataclass(frozen=True)
class Transfer:
    """How a download reports, stops and tries again.

    ``attempts`` counts tries in a row that bring nothing new; between them it waits ``backoff_s`` seconds, doubled
    each time.
    """

    progress: Progress
    cancel: threading.Event
    attempts: int
    backoff_s: float

    def check_cancelled(self) -> None:
        """Raise Cancelled when the person asked to stop."""
        if self.cancel.is_set():
            raise Cancelled("the download was stopped; run the same command to go on with it")


def fetch_from_hub(entry: ModelEntry, part: Path, transfer: Transfer, environ: Mapping[str, str] = os.environ) -> str:
    """Bring the whole, verified file into ``part`` and return its SHA-256.

    An existing part file is continued. Raises SourceUnavailable and Cancelled; after a broken connection or a cancel
    the part file stays if it can be continued, after anything else it is gone. OSError of the disk passes through.
    """
    resumed = part_size(part) > 0
    _fetch(entry, part, transfer, hub_url(entry, environ))
    try:
        return verify(entry, part)
    except SourceUnavailable:
        if not resumed:
            raise
    # What an earlier run left was not a beginning of this file: once more, from nothing.
    _fetch(entry, part, transfer, hub_url(entry, environ))
    return verify(entry, part)


def hub_url(entry: ModelEntry, environ: Mapping[str, str] = os.environ) -> str:
    """Return where the hub keeps the file; ``HF_ENDPOINT`` names another hub, as for huggingface_hub."""
    base = environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT
    return f"{base.rstrip('/')}/{entry.hf_repo}/resolve/{entry.hf_revision}/{entry.hf_file}"


def verify(entry: ModelEntry, part: Path) -> str:
    """Return the SHA-256 of a complete file; delete it and raise SourceUnavailable when it is not the one expected."""
    fault = gguf_fault(part, entry.size_bytes)
    digest = ""
    if fault is None:
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if entry.sha256 not in (None, digest):
            fault = "has another checksum than expected"
    if fault is not None:
        part.unlink(missing_ok=True)
        raise SourceUnavailable(f"what came {fault}", "run the same command again, or give the path of a .gguf file")
    return digest


def part_size(part: Path) -> int:
    """Return the size of the part file, 0 when there is none."""
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def _fetch(entry: ModelEntry, part: Path, transfer: Transfer, url: str) -> None:
    """Stream until the part file has its full size, trying again after passing faults."""
    import httpx  # noqa: PLC0415  (0.1 s, and only downloads need it)

    if part_size(part) > entry.size_bytes or entry.sha256 is None:
        part.unlink(missing_ok=True)  # without a checksum nothing could tell two halves of different files
    farthest, failures = part_size(part), 0
    with _client() as client:
        while part_size(part) < entry.size_bytes:
            transfer.check_cancelled()
            try:
                _stream(client, url, entry, part, transfer)
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise SourceUnavailable("HF_ENDPOINT is not an http or https address", "correct or unset it") from error
            except (_PassingError, httpx.RequestError) as error:
                reached = part_size(part)
                failures = 1 if reached > farthest else failures + 1
                farthest = max(farthest, reached)
                if failures >= transfer.attempts:
                    raise _unreachable(error) from error
                transfer.cancel.wait(transfer.backoff_s * 2 ** (failures - 1))


def _client() -> "httpx.Client":
    import httpx  # noqa: PLC0415

    try:
        return httpx.Client(follow_redirects=True, timeout=httpx.Timeout(30.0, connect=10.0))
    except (OSError, ValueError) as error:  # what the environment says of certificates and proxies is read here
        raise SourceUnavailable(
            "the proxy or certificate settings of this environment cannot be used",
            "correct HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE or SSL_CERT_DIR",
        ) from error


def _stream(client: "httpx.Client", url: str, entry: ModelEntry, part: Path, transfer: Transfer) -> None:
    """Make one request and append what it brings; a part that could not be continued does not survive a fault."""
    start = part_size(part)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    with client.stream("GET", url, headers=headers) as response:
        done = _accept(response, entry, part, start)
        resumable = entry.sha256 is not None and (
            response.status_code == 206 or response.headers.get("Accept-Ranges") == "bytes"
        )
        try:
            with part.open("ab" if done else "wb") as file:
                transfer.progress(done, entry.size_bytes)
                for chunk in response.iter_raw():
                    transfer.check_cancelled()
                    file.write(chunk)
                    done += len(chunk)
                    if done > entry.size_bytes:
                        break  # more than there should be: verification will say so
                    transfer.progress(done, entry.size_bytes)
        except BaseException:
            if not resumable:
                part.unlink(missing_ok=True)
            raise
    if done < entry.size_bytes:
        raise _PassingError("the answer ended early")


def _accept(response: "httpx.Response", entry: ModelEntry, part: Path, start: int) -> int:
    """Return the offset at which the answer's body begins; raise for every answer that does not bring the file."""
    status = response.status_code
    if status in _PASSING_STATUS:
        raise _PassingError(f"the hub answered {status}")
    if status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        offset = start
    elif status == 200:
        offset = 0  # the server does not do ranges: from the beginning
    elif status in (206, 416):
        part.unlink(missing_ok=True)
        raise _PassingError("the hub answered another range")
    else:
        part.unlink(missing_ok=True)
        raise _refused(status, entry)
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and offset + int(length) != entry.size_bytes:
        part.unlink(missing_ok=True)
        raise SourceUnavailable(
            f"the hub's file has {offset + int(length)} bytes where {entry.size_bytes} are expected",
            "update OptaFly, or give the path of a .gguf file",
        )
    return offset


def _refused(status: int, entry: ModelEntry) -> SourceUnavailable:
    if status in (401, 403):
        reason = f"the hub gives {entry.hf_repo} only to people who are signed in ({status})"
        return SourceUnavailable(reason, f"get {entry.hf_file} with a browser and give its path")
    if status == 404:
        return SourceUnavailable(
            f"the hub has no {entry.hf_file} in {entry.hf_repo} (404)",
            "check HF_ENDPOINT if you set it, update OptaFly, or give the path of a .gguf file",
        )
    return SourceUnavailable(f"the hub answered {status}", "try again later, or give the path of a .gguf file")


def _unreachable(error: Exception) -> SourceUnavailable:
    reason = str(error) if isinstance(error, _PassingError) else "the hub cannot be reached or broke the connection"
    return SourceUnavailable(reason, "check the network (HTTPS_PROXY, HF_ENDPOINT) and run the same command again")
