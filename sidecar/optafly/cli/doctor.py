"""``optafly doctor``."""

import os
import shutil
import sys
from collections.abc import Iterator

import click
import msgspec

from optafly.cli.checks import Check
from optafly.cli.doctor_decide import decide_checks
from optafly.cli.doctor_proxy import proxy_check
from optafly.cli.output import coloured, deliver, to_json, visible
from optafly.cli.wiring import read_config
from optafly.config import Config
from optafly.core.discovery import make_runtime_dir
from optafly.core.launcher import running_core, silent_core
from optafly.engines.device import choose_device, installed_build
from optafly.engines.models import REGISTRY, resolve_model
from optafly.engines.ready import can_be_made
from optafly.errors import CoreUnavailable, ModelMissing, OptaFlyError
from optafly.paths import Paths, resolve_paths
from optafly.programs import find_program

_PYTHON = (3, 11)
_MIN_FREE_BYTES = 500_000_000
_NO_CORE = "not running; an editor starts it when it needs it"


@click.command(epilog="Example: optafly doctor --json")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def doctor(as_json: bool) -> int:
    """Check Python, git, model, device, disk, core, logs, what decides, key, proxy and settings, and say what to do.

    Exit status 0 when all is well, 1 otherwise.
    """
    paths = resolve_paths()
    checks = list(_checks(paths, read_config(paths)))
    if as_json:
        deliver(to_json(msgspec.to_builtins(checks)), None)
    else:
        for check in checks:
            mark = click.style("ok  ", fg="green") if check.ok else click.style("FIX ", fg="red")
            click.echo(f"{mark} {check.name}: {visible(check.found)}", color=coloured())
            if not check.ok:
                click.echo(f"     {visible(check.advice)}")
    return 0 if all(check.ok for check in checks) else 1


def _checks(paths: Paths, config: Config) -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", sys.version_info[:2] >= _PYTHON, version, "install Python 3.11 or newer and run setup again")
    git = find_program("git")
    yield Check("git", git is not None, git or "not found", "install git; without it there are no recent edits")
    yield _model(paths, config)
    yield _device(config)
    yield _disk(paths)
    yield _core(paths)
    yield _logs(paths)
    yield from decide_checks(paths, config)
    yield proxy_check(paths, config)
    yield from _configuration(paths, config)


def _model(paths: Paths, config: Config) -> Check:
    name = str(config.get("model"))
    try:
        model = resolve_model(name, paths)
    except ModelMissing as error:
        entry = REGISTRY.get(name)
        if entry is not None and can_be_made(entry, paths):
            return Check("model", ok=True, found=f"{name} (will be made on this machine when it is first wanted)")
        return Check("model", ok=False, found=str(error), advice=f"run: optafly models pull {name}")
    except OptaFlyError as error:
        return Check("model", ok=False, found=str(error), advice="set another one; see: optafly models list")
    return Check("model", ok=True, found=f"{name} ({model.folder / model.filename})")


def _device(config: Config) -> Check:
    build = installed_build()
    try:
        choice = choose_device(str(config.get("device")), build)
    except OptaFlyError as error:
        return Check("device", ok=False, found=str(error), advice="set prompt_management_agent.device to auto")
    return Check("device", ok=True, found=f"{choice.name} (mistralrs built for {build})")


def _disk(paths: Paths) -> Check:
    folder = paths.data_dir
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free for {paths.data_dir}"
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        reason = "is not writable" if folder.is_dir() else "is not a folder"
        return Check("disk", ok=False, found=f"{folder} {reason}", advice="correct that, or set OPTAFLY_HOME")
    return Check("disk", free > _MIN_FREE_BYTES, found, f"free some space for {paths.data_dir}")


def _core(paths: Paths) -> Check:
    if not os.path.lexists(paths.runtime_dir):
        return Check("core", ok=True, found=_NO_CORE)
    try:
        make_runtime_dir(paths)
        found, silent = running_core(paths), silent_core(paths)
    except CoreUnavailable as error:
        return Check("core", ok=False, found=str(error), advice="correct that; without it editors cannot start a core")
    if silent is not None:
        return Check("core", ok=False, found=f"pid {silent.pid} does not answer", advice="run: optafly core stop")
    return Check("core", ok=True, found=f"running (version {found.version}, pid {found.pid})" if found else _NO_CORE)


def _logs(paths: Paths) -> Check:
    folder = paths.log_dir
    usable = not os.path.lexists(folder) or (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK))
    found = str(folder) if usable else f"{folder} cannot be written"
    return Check("logs", usable, found, "correct that, or set OPTAFLY_HOME; until then nothing is logged")


def _configuration(paths: Paths, config: Config) -> Iterator[Check]:
    if not config.messages:
        state = "read" if paths.config_file.exists() else "not there, defaults are used"
        yield Check("configuration", ok=True, found=f"{paths.config_file} ({state})")
    for message in config.messages:
        yield Check(
            "configuration", ok=False, found=message, advice="correct that value; see: optafly config show --origin"
        )
