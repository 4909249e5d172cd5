"""Which entry of the settings a request's key comes from, and where it is looked for."""

import os
from pathlib import PurePath
from typing import Final, Literal

import msgspec

from optafly.routing.key_command import program_name
from optafly.routing.key_entries import KeyEntry, KeySettings, read_name

WHERE: Final = "under api_keys in the configuration file (optafly config path)"

Kind = Literal["environment", "keyring", "command"]


class KeySource(msgspec.Struct, frozen=True):
    """One place of a key: the name of a variable, service and user of the keyring, or a command."""

    kind: Kind
    place: tuple[str, ...]

    def __str__(self) -> str:
        # The arguments of a command may be anything.
        return f"{self.kind} {program_name(self.place) if self.kind == 'command' else '/'.join(self.place)}"


def sources_of(entry: KeyEntry) -> tuple[KeySource, ...]:
    """Where to look for the key of an entry, in this order."""
    service, _, user = entry.keyring.partition("/")
    places: tuple[tuple[Kind, tuple[str, ...]], ...] = (
        ("environment", (entry.key_env,) if entry.key_env else ()),
        ("keyring", (service, user) if entry.keyring else ()),
        ("command", entry.key_command),
    )
    return tuple(KeySource(kind, place) for kind, place in places if place)


def pick(settings: KeySettings, provider: str | None, workspace: str | None) -> tuple[KeyEntry | None, str]:
    """The entry for a provider (None: any) in a workspace, and why; or None, and what to do.

    What is said about the workspace's folder counts first, then the default, then the order of the entries. A folder's
    key that is not there is never replaced by another: that would be somebody else's bill.
    """
    by_name = {entry.name: entry for entry in settings.entries}
    named = _of_workspace(settings, workspace) if workspace else None
    if named == "":
        return None, f"api_keys.workspaces has a mistake for this folder; correct it {WHERE}"
    if named is not None and named not in by_name:
        return None, f"api_keys.workspaces names {named}, which api_keys.providers does not hold; correct it {WHERE}"
    entries = [entry for entry in settings.entries if provider is None or entry.provider in {provider, ""}]
    if not entries:
        return None, f"no API key is set up for {_shown(provider)}; say where it is {WHERE}"
    if named is not None and by_name[named] in entries:
        return by_name[named], "api_keys.workspaces names it for this folder"
    if by_name.get(settings.default) in entries:
        return by_name[settings.default], "it is the default"
    found = next((entry for entry in entries if entry.provider == settings.default), entries[0])
    return found, f"it is the first of {found.provider}"


def _of_workspace(settings: KeySettings, workspace: str) -> str | None:
    """The name that is said for the innermost folder around a workspace."""
    # Where a link leads counts, not where it stands: a folder of one employer may hold links to another's.
    inside = PurePath(os.path.realpath(workspace))
    folders = [(PurePath(os.path.realpath(os.path.expanduser(rule.path))), rule.name) for rule in settings.workspaces]  # noqa: PTH111
    around = [(len(folder.parts), name) for folder, name in folders if inside.is_relative_to(folder)]
    return max(around, key=lambda found: found[0])[1] if around else None


def _shown(provider: str | None) -> str:
    try:
        return "any provider" if provider is None else read_name(provider)
    except ValueError:
        return "that provider"
