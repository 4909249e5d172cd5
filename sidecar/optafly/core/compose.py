"""Builds engines and refiners from settings; heavy parts only when they are used."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from optafly.config import Config, Value
from optafly.context.gather import ContextSettings
from optafly.context.secrets import SecretScanner
from optafly.errors import InputError
from optafly.paths import Paths
from optafly.refine.engine import Engine
from optafly.refine.refiner import Refiner, RefinerSettings
from optafly.routing.key_entries import KeySettings
from optafly.routing.keys import KeySelector
from optafly.settings import BY_KEY, LONGEST_SHOWN, SENT, SETTINGS

if TYPE_CHECKING:
    from optafly.engines.mistral import MistralEngine

_ORIGIN: Final = "front-end"


def effective(settings: Mapping[str, Any]) -> Config:
    """The settings that a front-end sent, defaults for the others; raises `InputError` for what none of them can be.

    Where keys are is never sent: the core reads it from the person's file, see `key_settings`.
    """
    values = {setting.key: Value(setting.default, "default") for setting in SETTINGS}
    for key, raw in settings.items():
        setting = BY_KEY.get(key) if key in SENT else None
        if setting is None:
            raise InputError(f"unknown setting {key[:LONGEST_SHOWN]!r}; known are {', '.join(SENT)}")
        try:
            values[key] = Value(setting.accept(raw), _ORIGIN)
        except (ValueError, OverflowError):
            raise InputError(
                f"the setting {key} has a value that is not allowed; allowed is {setting.allowed}"
            ) from None
    return Config(values)


def key_settings(config: Config) -> KeySettings:
    """Where API keys are, of settings that were read from the person's file in this process."""
    return KeySettings(
        default=config.get("api_keys.default"),
        entries=config.get("api_keys.providers"),
        workspaces=config.get("api_keys.workspaces"),
    )


def build_keys(config: Config, paths: Paths, environ: Mapping[str, str]) -> KeySelector:
    """The selector of keys; nothing is looked for yet. ``environ`` is read anew each time."""
    return KeySelector(key_settings(config), environ, paths.state_dir / "key-scope.salt")


def build_engine(config: Config, paths: Paths) -> "MistralEngine":
    """The engine for the configured model; nothing is loaded or looked for yet."""
    from optafly.engines.mistral import MistralEngine  # noqa: PLC0415
    from optafly.engines.ready import ready_model  # noqa: PLC0415
    from optafly.engines.registry import REGISTRY  # noqa: PLC0415

    name = str(config.get("model"))
    return MistralEngine(
        lambda: ready_model(name, paths),
        name,
        device=str(config.get("device")),
        idle_unload_s=float(config.get("idle_unload_s")),
        decides=name in REGISTRY and REGISTRY[name].merge is not None,
    )


def refiner_settings(config: Config) -> RefinerSettings:
    """What of the settings a refiner needs."""
    gathering = "context_gathering."
    return RefinerSettings(
        enabled=config.get("enabled"),
        refinement_threshold=float(config.get("refinement_threshold")),
        time_limit_s=float(config.get("time_limit_s")),
        private_files=tuple(config.get("private_files")),
        context=ContextSettings(
            include_active_file=config.get(gathering + "include_active_file"),
            include_selection=config.get(gathering + "include_selection"),
            include_project_structure=config.get(gathering + "include_project_structure"),
            max_context_tokens=int(config.get(gathering + "max_context_tokens")),
        ),
    )


def build_refiner(config: Config, engine: Engine | None) -> Refiner:
    """A refiner with these settings."""
    return Refiner(refiner_settings(config), engine, SecretScanner())
