"""Builds what a command needs from the settings; heavy parts only when they are used."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optafly.config import Config, load_config
from optafly.context.gather import ContextSettings
from optafly.context.secrets import SecretScanner
from optafly.paths import Paths
from optafly.refine.engine import Engine
from optafly.refine.refiner import Refiner, RefinerSettings

if TYPE_CHECKING:
    from optafly.engines.mistral import MistralEngine


def read_config(paths: Paths, flags: Mapping[str, Any] | None = None) -> Config:
    """The settings of this run."""
    return load_config(paths.config_file, os.environ, flags)


def build_engine(config: Config, paths: Paths) -> "MistralEngine":
    """The engine for the configured model; nothing is loaded or looked for yet."""
    from optafly.engines.mistral import MistralEngine  # noqa: PLC0415
    from optafly.engines.models import resolve_model  # noqa: PLC0415

    name = str(config.get("model"))
    return MistralEngine(
        lambda: resolve_model(name, paths),
        name,
        device=str(config.get("device")),
        idle_unload_s=float(config.get("idle_unload_s")),
    )


def build_refiner(config: Config, engine: Engine | None) -> Refiner:
    """A refiner with these settings."""
    gathering = "context_gathering."
    settings = RefinerSettings(
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
    return Refiner(settings, engine, SecretScanner())
