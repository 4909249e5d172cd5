"""Asking for a decision in a terminal."""

import errno
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

import click
from rich.console import Console

from optafly.approval import Proposal
from optafly.cli.output import encode
from optafly.cli.view import show_questions
from optafly.programs import find_program

_KEYS = "[a]ccept  [m]odify  [r]eject (use the original)  [q]uit"


def decide(console: Console, proposal: Proposal) -> Proposal | str:
    """Ask until there is a decision; returns the decided proposal, or the label of a candidate the person chose."""
    result = proposal.result
    candidates = [candidate for question in result.questions for candidate in question.candidates]
    show_questions(console, result)
    keys = f"[1-{len(candidates)}] answer  {_KEYS}" if candidates else _KEYS
    while True:
        console.print(keys, markup=False, style="bold")
        try:
            key = click.getchar().lower()
        except (KeyboardInterrupt, EOFError, OSError):
            return proposal.expire()
        if key == "a":
            return proposal.accept()
        if key == "r":
            return proposal.reject()
        if key in {"q", "\x1b", "\x04", ""}:  # nothing at all: the terminal is gone
            return proposal.expire()
        if key == "m":
            edited = _edit(console, result.refined)
            if edited is not None:
                return proposal.modify(edited)
        if key.isdecimal() and 1 <= int(key) <= len(candidates):
            return candidates[int(key) - 1]


def _edit(console: Console, text: str) -> str | None:
    """Open the person's editor on the text; None when it cannot be started, fails, or leaves nothing."""
    editor = os.environ.get("VISUAL", "").strip() or os.environ.get("EDITOR", "").strip() or "vi"
    with tempfile.TemporaryDirectory(prefix="optafly-") as folder:
        file = Path(folder) / "prompt.md"
        file.write_bytes(encode(text))
        try:
            name, *options = shlex.split(editor)
            if (program := find_program(name)) is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
            # The editor talks to the terminal even when our own output goes to a pipe.
            with Path("/dev/tty").open("r+b", buffering=0) as terminal:
                done = subprocess.run(
                    [program, *options, str(file)], stdin=terminal, stdout=terminal, stderr=terminal, check=False
                )
        except (OSError, ValueError) as error:
            console.print(
                f"The editor {editor!r} could not be started ({error}); set EDITOR.", markup=False, style="red"
            )
            return None
        if done.returncode != 0:
            console.print(f"The editor ended with status {done.returncode}; nothing is changed.", style="yellow")
            return None
        edited = _read(file)
    if not edited.strip():
        console.print("The edited text is empty; nothing is changed.", style="yellow")
        return None
    return edited


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:  # the editor removed it
        return ""
