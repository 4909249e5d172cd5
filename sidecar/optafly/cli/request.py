"""What the options of `refine` and `route` have in common: a request as a person gives it."""

import sys
from pathlib import Path

import msgspec

from optafly.context.document import parse_selection
from optafly.errors import InputError
from optafly.protocol import Diagnostic, Range, RefineRequest

_DIAGNOSTICS_FORM = (
    'give a JSON list of {"path", "range", "severity", "code", "source", "message"}, '
    "lines and characters from 0 as in LSP"
)
_MOST = 2**31 - 1  # LSP's largest line or character


def read_request(
    prompt: str, workspace: str, file: str | None, selection: str | None, diagnostics: str | None
) -> RefineRequest:
    """What the options of a command say; raises `InputError`."""
    if prompt == "-" and diagnostics == "-":
        raise InputError("PROMPT and --diagnostics cannot both be -; standard input can be read only once")
    return RefineRequest(
        prompt=read_prompt(prompt),
        workspace=folder_of(workspace),
        file=file,
        selection=parse_selection(selection) if selection is not None else None,
        diagnostics=_read_diagnostics(diagnostics) if diagnostics is not None else (),
    )


def read_prompt(prompt: str) -> str:
    """The prompt, read from standard input where it is -; raises `InputError`."""
    if prompt != "-":
        return prompt
    return read_stdin("PROMPT").decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")


def folder_of(workspace: str) -> str:
    """The absolute path of a workspace; raises `InputError`."""
    try:
        # An empty text would be the current folder: it is more likely a variable that is not set.
        if workspace and Path(workspace).is_dir():
            return str(Path(workspace).resolve())
        reason = "is not a folder"
    except OSError as error:
        reason = f"cannot be opened ({error.strerror})"
    raise InputError(f"--workspace {workspace or repr(workspace)} {reason}; give an existing folder")


def read_stdin(what: str) -> bytes:
    """All of standard input, for the option of that name; raises `InputError`."""
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise InputError(f"{what} is - but standard input is closed; give it as an argument or through a pipe")
    data: bytes = stream.read()
    return data


def _read_diagnostics(source: str) -> tuple[Diagnostic, ...]:
    try:
        data = read_stdin("--diagnostics") if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise InputError(f"--diagnostics {source} cannot be read ({error.strerror}); give a JSON file or -") from None
    try:
        diagnostics = msgspec.json.decode(data, type=tuple[Diagnostic, ...])
    except msgspec.ValidationError as error:
        raise InputError(f"--diagnostics {source} has another form ({error}); {_DIAGNOSTICS_FORM}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"--diagnostics {source} is not JSON ({error}); {_DIAGNOSTICS_FORM}") from None
    for number, diagnostic in enumerate(diagnostics):
        if not _is_range(diagnostic.range):
            raise InputError(
                f"--diagnostics {source} has another form (no stretch of a file at `$[{number}].range`); "
                f"{_DIAGNOSTICS_FORM}"
            )
    return diagnostics


def _is_range(where: Range) -> bool:
    start, end = (where.start.line, where.start.character), (where.end.line, where.end.character)
    return start <= end and all(0 <= number <= _MOST for number in (*start, *end))
