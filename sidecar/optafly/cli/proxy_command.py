"""``optafly proxy``."""

import json
from typing import Any

import click
import msgspec

from optafly.cli.output import deliver, to_json, warn
from optafly.cli.proxy_state import proxy_in_words, proxy_state
from optafly.cli.wiring import read_config
from optafly.core.wire import ProxyState
from optafly.errors import CoreUnavailable
from optafly.paths import Paths, resolve_paths
from optafly.proxy.token import FILE_NAME, read_token, renew_token

NOT_RUNNING = 1
ASKED_BY_SHELL = "$(optafly proxy token)"
NO_CORE = "not running: it is part of the core, which an editor starts, or optafly core run"

_MODELS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5")
_WINDOW, _ANSWER = 200_000, 32_000
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(epilog="Example: optafly proxy settings")
def proxy() -> None:
    """Have other programs ask Claude through OptaFly: kept answers are given again, and prompts cached better.

    The core answers them on a port of this machine, in the words of Anthropic's Messages API.
    """


@proxy.command()
@_json
def status(as_json: bool) -> int:
    """Say whether the proxy listens, where, and where requests go on to.

    \b
    Example:
      optafly proxy status

    \b
    Exit status: 0 it listens, 1 it does not.
    """
    state = proxy_state(resolve_paths())
    if as_json:
        deliver(to_json({"running": state is not None} | msgspec.to_builtins(state or ProxyState())), None)
    else:
        deliver(proxy_in_words(state) if state is not None else NO_CORE, None)
    return 0 if state is not None and state.port else NOT_RUNNING


@proxy.command()
@click.option("--new", is_flag=True, help="Make another first; the one before lets nobody in from now on.")
@_json
def token(as_json: bool, new: bool) -> None:
    """Print the token that lets programs in; it is made when it is first asked for, and lasts.

    \b
    Examples:
      ANTHROPIC_API_KEY=$(optafly proxy token) python ask.py
      optafly proxy token --json
      optafly proxy token --new
    """
    file = resolve_paths().data_dir / FILE_NAME
    found = renew_token(file) if new else read_token(file)
    deliver(to_json({"token": found, "file": str(file)}) if as_json else found, None)


@proxy.command()
@_json
def settings(as_json: bool) -> None:
    """Print what to put into Zed's settings, and the environment for Claude Code and Anthropic's SDKs.

    For a shell, which asks for the token itself; with --json, for programs, the token stands in it.

    \b
    Examples:
      optafly proxy settings
      optafly proxy settings --json
    """
    paths = resolve_paths()
    fixed = int(read_config(paths).get("proxy.port"))
    url = f"http://127.0.0.1:{_port(paths, fixed)}"
    # No program but a shell would run what stands in the place of the token.
    secret = read_token(paths.data_dir / FILE_NAME) if as_json else ASKED_BY_SHELL
    values = {"url": url, "zed": _zed(url), "claude_code": _claude_code(url, secret), "sdk": _sdk(url, secret)}
    if not fixed:
        warn("proxy.port is 0, so the port is another one each time the core starts; set it to one that stays")
    deliver(to_json(values) if as_json else _in_words(values), None)


def _port(paths: Paths, fixed: int) -> int:
    """Where it listens, or is to; raises `CoreUnavailable` where only a running core could tell."""
    state = proxy_state(paths)
    port = state.port if state is not None and state.port else fixed
    if not port:
        raise CoreUnavailable(
            "proxy.port is 0, so the port is known once the core listens: start it with optafly core run, or set "
            "proxy.port to one that stays"
        )
    return port


def _zed(url: str) -> dict[str, Any]:
    models = [
        {
            "name": name,
            "display_name": f"{name} (OptaFly)",
            "max_tokens": _WINDOW,
            "max_output_tokens": _ANSWER,
            "capabilities": {"tools": True, "images": True, "prompt_caching": True},
        }
        for name in _MODELS
    ]
    return {"language_models": {"anthropic_compatible": {"OptaFly": {"api_url": url, "available_models": models}}}}


def _claude_code(url: str, secret: str) -> dict[str, str]:
    return {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": secret}


def _sdk(url: str, secret: str) -> dict[str, str]:
    return {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": secret}


def _in_words(values: dict[str, Any]) -> str:
    def shell(variables: dict[str, str], program: str) -> str:
        return "\n".join([*(f'export {name}="{text}"' for name, text in variables.items()), program])

    return "\n".join(
        [
            "# Zed: in settings.json; where it asks for the key of OptaFly, give it what `optafly proxy token` prints.",
            json.dumps(values["zed"], indent=2),
            "",
            "# Claude Code",
            shell(values["claude_code"], "claude"),
            "",
            "# Anthropic's SDKs, and programs that use them",
            shell(values["sdk"], "python ask.py"),
            "",
            "# Claude is asked with the key that api_keys of OptaFly's settings names. A program that brings a key of",
            "# its own keeps it, and sends the token beside it as the header x-optafly-token.",
            "# One request past the cache: the header x-optafly-bypass: 1. Projects apart: x-optafly-project: NAME.",
        ]
    )
