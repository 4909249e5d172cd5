"""The settings: every key with its default, what it may be, and what it means."""

import os
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from optafly.errors import InputError
from optafly.routing.key_entries import DEFAULT_ENTRIES, Problem, read_entries, read_name, read_workspaces

ENVIRONMENT_PREFIX: Final = "OPTAFLY_"
LONGEST_SHOWN: Final = 60
SECTION: Final = "prompt_management_agent"
OTHER_SECTIONS: Final = (
    "router",
    "semantic_cache",
    "sending",
    "proxy",
    "mcp",
    "acp",
    "stats",
    "pyo3_bridge",
    "api_keys",
)
"""Sections of their own; the keys of their settings begin with their name."""
SECTION_ALIASES: Final[Mapping[str, str]] = MappingProxyType({"burn_lm_router": "router"})

Origins = Literal["all", "person", "file"]


class PartlyAccepted(ValueError):
    """What of a list is good, with what is wrong with the rest."""

    def __init__(self, value: Any, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.value = value
        self.problems = tuple(problems)


class Setting(msgspec.Struct, frozen=True):
    """One setting.

    ``accept`` turns a value from a file, the environment or a flag into a valid one, or raises ValueError
    (`PartlyAccepted` where some of a list is good). With ``adds`` the values of all of them count together: a project's
    settings must not take away what a person has set.

    ``origins`` says who may set it. An editor's settings may be those of a project: with ``person`` they are passed
    over, with ``file`` the environment as well, and only the core reads it. With ``fixed`` there is one value only.
    """

    key: str
    default: Any
    allowed: str
    meaning: str
    accept: Callable[[Any], Any]
    adds: bool = False
    origins: Origins = "all"
    fixed: bool = False

    @property
    def name(self) -> str:
        """The key with its section, as in the file."""
        return self.key if self.key.partition(".")[0] in OTHER_SECTIONS else f"{SECTION}.{self.key}"

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return ENVIRONMENT_PREFIX + self.key.upper().replace(".", "_")


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError


def _number(low: float, high: float, kind: type[int] | type[float]) -> Callable[[Any], float]:
    def accept(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        number = kind(value)
        if kind is int and isinstance(value, float) and value != number:
            raise ValueError
        if not low <= number <= high:
            raise ValueError
        return number

    return accept


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def _line(value: Any) -> str:
    text = _text(value)
    if len(text) > LONGEST_SHOWN or not text.isprintable():
        raise ValueError
    return text


def _address(value: Any) -> str:
    text = _text(value).rstrip("/")
    parts = urlsplit(text)
    here = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not (parts.scheme == "https" or (parts.scheme == "http" and here)) or not parts.hostname:
        raise ValueError
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError
    if not text.isprintable() or " " in text or parts.port == 0:
        raise ValueError
    return text


def _one_of(*words: str) -> Callable[[Any], str]:
    def accept(value: Any) -> str:
        if not isinstance(value, str) or value.strip() not in words:
            raise ValueError
        return value.strip()

    return accept


def _on(value: Any) -> bool:
    if not _flag(value):
        raise ValueError
    return True


def _model(value: Any) -> str:
    from optafly.engines.models import REGISTRY  # noqa: PLC0415

    text = _text(value)
    # Not Path.expanduser, which raises for a "~someone" who is not a user here.
    if text not in REGISTRY and not os.path.lexists(os.path.expanduser(text)):  # noqa: PTH111
        raise ValueError
    return text


def _device(value: Any) -> str:
    from optafly.engines.device import is_device  # noqa: PLC0415

    text = _text(value)
    if not is_device(text):
        raise ValueError
    return text


def _patterns(value: Any) -> tuple[str, ...]:
    from optafly.context.private import PrivateFiles  # noqa: PLC0415

    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError
    try:
        PrivateFiles(value)
    except InputError:
        raise ValueError from None
    return tuple(value)


def _whole(read: Callable[[Any], tuple[Any, tuple[Problem, ...]]]) -> Callable[[Any], Any]:
    """A list that is good as a whole, or `PartlyAccepted`; one that was read before is taken as it is."""

    def accept(value: Any) -> Any:
        found, problems = read(list(msgspec.to_builtins(value)) if isinstance(value, tuple) else value)
        if problems:
            raise PartlyAccepted(found, problems)
        return found

    return accept


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting("enabled", True, "true or false", "Whether requests are refined at all.", _flag),
    Setting("model", "optafly-refiner-135m", "a name of `optafly models list`, or the path of a GGUF file",
            "The local model that words the request.", _model),
    Setting("device", "auto", "auto, cpu, cuda:N or metal", "Where the local model runs.", _device),
    Setting("refinement_threshold", 0.7, "a number from 0 to 1",
            "A refinement is suggested only when it fills at least this share of what the request lacks.",
            _number(0, 1, float)),
    Setting("auto_approve_safe_refinements", False, "true or false",
            "Take a refinement without asking when every gate passed, nothing is open and the model worded nothing. In "
            "a terminal and in an editor nothing is sent that way; in the agent panel it goes to the agent.", _flag),
    Setting("time_limit_s", 20.0, "seconds from 0.1 to 600",
            "How long to wait for the local model before going on without.", _number(0.1, 600, float)),
    Setting("idle_unload_s", 300.0, "seconds from 1 to 86400",
            "The model is unloaded after this time without a request.", _number(1, 86400, float)),
    Setting("private_files", (), "a list of patterns as in .gitignore, none of them with !",
            "Files never read, besides the built-in list (.env*, keys, credentials). The lists of the file, the editor "
            "and the environment are added up.", _patterns, adds=True),
    Setting("context_gathering.include_active_file", True, "true or false", "Whether the active file is used.", _flag),
    Setting("context_gathering.include_selection", True, "true or false", "Whether the selection is used.", _flag),
    Setting("context_gathering.include_project_structure", True, "true or false",
            "Whether manifests are read for languages and commands.", _flag),
    Setting("context_gathering.max_context_tokens", 2048, "a whole number from 0 to 100000",
            "Budget of the quoted context, in estimated tokens.", _number(0, 100_000, int)),
    Setting("core.idle_exit_s", 600.0, "seconds from 1 to 86400",
            "The core process ends after this time with no editor attached and nothing to do.",
            _number(1, 86400, float), origins="person"),
    Setting("core.port", 0, "a whole number from 0 to 65535 (0: any free one)",
            "Port on the loopback interface that the core process listens on.",
            _number(0, 65535, int), origins="person"),
    Setting("editor.comment_marker", "AI:", "a text of one line, not empty",
            "A comment that starts with this is a request.", _line),
    Setting("editor.work_ahead", False, "true or false",
            "Whether the editor's request for code actions already starts the refinement it may lead to.", _flag),
    Setting("editor.offer_model", True, "true or false",
            "Whether the editor offers to download the local model where it is missing.", _flag),
    Setting("router.enabled", True, "true or false",
            "Whether requests are routed. Without it there is no semantic lookup, no anchor and nothing shortened; the "
            "key is chosen all the same.", _flag),
    Setting("router.cache_anchor_optimization", True, "true or false",
            "Whether cache anchors are placed in requests that have none of their own.", _flag),
    Setting("router.token_optimization", True, "true or false",
            "Whether what OptaFly itself put together is shortened before it is sent.", _flag),
    Setting("router.routing_strategy", "auto", "auto, aggressive_cache or minimize_latency",
            "auto weighs; aggressive_cache looks into the cache for more requests; minimize_latency skips what takes "
            "time.",
            _one_of("auto", "aggressive_cache", "minimize_latency")),
    Setting("semantic_cache.enabled", True, "true or false", "Whether answers are kept and looked up.", _flag,
            origins="person"),
    Setting("semantic_cache.similarity_threshold", 0.6, "a number from 0 to 1",
            "Cosine that a kept request must reach before it is compared any further.", _number(0, 1, float),
            origins="person"),
    Setting("semantic_cache.verifier_threshold", 0.0, "a number from 0 to 1",
            "How sure the pair verifier must be, besides its own calibrated threshold: the higher of the two counts.",
            _number(0, 1, float), origins="person"),
    Setting("semantic_cache.ttl_s", 604_800.0, "seconds from 1 to 31536000",
            "An answer older than this is not given again.", _number(1, 31_536_000, float), origins="person"),
    Setting("semantic_cache.max_entries", 10_000, "a whole number from 1 to 1000000",
            "Answers kept at most; the least recently used go first.", _number(1, 1_000_000, int), origins="person"),
    Setting("semantic_cache.max_mb", 256, "a whole number from 1 to 100000",
            "Megabytes of kept requests and answers at most; the least recently used go first.",
            _number(1, 100_000, int), origins="person"),
    Setting("sending.model", "claude-sonnet-5-5", "the name of a model of Claude",
            "Which model of Claude answers.", _line),
    Setting("sending.max_tokens", 8192, "a whole number from 1 to 200000",
            "Tokens that an answer may have at most.", _number(1, 200_000, int)),
    Setting("sending.base_url", "https://api.anthropic.com", "an https address, or http to this machine",
            "Where Claude's API is. It is sent the key.", _address, origins="person"),
    Setting("proxy.enabled", True, "true or false",
            "Whether the core answers clients of the Messages API (an agent panel, Claude Code, an SDK).", _flag,
            origins="person"),
    Setting("proxy.port", 8489, "a whole number from 0 to 65535 (0: any free one)",
            "Port on the loopback interface that it answers them on.", _number(0, 65535, int), origins="person"),
    Setting("proxy.upstream", "https://api.anthropic.com", "an https address, or http to this machine",
            "Where their requests go on to. It is sent the key.", _address, origins="person"),
    Setting("mcp.without_editor", "refined", "refined or original",
            "What the agent panel is given (`/refine`, `/ask`) where no editor has the workspace open that could ask "
            "you: the refined request, or your own words.", _one_of("refined", "original"), origins="person"),
    Setting("mcp.on_timeout", "original", "refined or original",
            "What it is given where you have not decided in time.", _one_of("refined", "original"), origins="person"),
    Setting("mcp.time_limit_s", 50.0, "seconds from 1 to 3600",
            "How long `/refine` may take in all, your decision included. Zed waits 60 s unless its own "
            "`context_server_timeout` says otherwise.", _number(1, 3600, float), origins="person"),
    Setting("mcp.http", False, "true or false",
            "Whether the core serves MCP on the proxy's port as well, at /mcp, to who knows the proxy's token.", _flag,
            origins="person"),
    Setting("acp.time_limit_s", 10.0, "seconds from 0.1 to 600",
            "How long `optafly acp` lets a prompt wait for its refinement; after that your own words go on.",
            _number(0.1, 600, float), origins="person"),
    Setting("acp.start_time_limit_s", 120.0, "seconds from 1 to 3600",
            "How long the agent behind `optafly acp` may take to answer its first request. One that is fetched from "
            "the network first takes a while.",
            _number(1, 3600, float), origins="person"),
    Setting("stats.keep_days", 365, "a whole number from 0 to 3650",
            "Days that what is counted is kept, without any text (`optafly stats`); with 0 nothing is counted.",
            _number(0, 3650, int), origins="person"),
    Setting("pyo3_bridge.connection_pool_size", 4, "a whole number from 1 to 64",
            "An editor's server keeps up to four connections to the core open between calls, whatever is set here.",
            _number(1, 64, int)),
    Setting("pyo3_bridge.gil_optimization", True, "true (always on)",
            "The model works without holding Python's lock; there is nothing to choose.", _on, fixed=True),
    Setting("pyo3_bridge.zero_copy_transfers", True, "true (always on)",
            "Embeddings are handed over as buffers; there is nothing to choose.", _on, fixed=True),
    Setting("api_keys.default", "anthropic", "the name of an entry or a provider of api_keys.providers",
            "The key that is used where no other is asked for.", read_name, origins="file"),
    Setting("api_keys.providers", DEFAULT_ENTRIES, "a list as shown under Keys",
            "Where keys are looked for.", _whole(read_entries), origins="file"),
    Setting("api_keys.workspaces", (), "a list as shown under Keys",
            "Which key is used for the workspaces in a folder.", _whole(read_workspaces), origins="file"),
)  # fmt: skip
BY_KEY: Final[Mapping[str, Setting]] = MappingProxyType({setting.key: setting for setting in SETTINGS})
SENT: Final = tuple(setting.key for setting in SETTINGS if setting.origins != "file")
"""What a front-end sends to the core with a request. Not where keys are: no request may name a command to be run."""
