"""The local profile: settings in a small file, which environment and flags override."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from datasphere_glue.config.settings import SETTING_NAMES

DEFAULT: Final = "default"
_MODE: Final = 0o600
"""Only the owner may read a profile: it may hold the client secret."""


def path_of(profile: str) -> Path:
    """Return the path of a profile in the current folder."""
    name = ".datasphere-glue.env" if profile == DEFAULT else f".datasphere-glue.{profile}.env"
    return Path(name)


def find_file(profile: str) -> Path | None:
    """Return the file of a profile, None without any.

    The current folder precedes the user's configuration folder.
    """
    own = Path(click.get_app_dir("datasphere-glue")) / f"{profile}.env"
    return next((path for path in (path_of(profile), own) if path.is_file()), None)


def read(profile: str | None) -> dict[str, str]:
    """Return the settings of a profile, none if the default one does not exist.

    Raises:
        click.ClickException: a named profile does not exist, or its file is malformed.

    """
    file = find_file(profile or DEFAULT)
    if file is None:
        if profile:
            raise click.ClickException(
                f"there is no profile {profile}\n  -> `datasphere-glue init` writes it"
            )
        return {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as err:
        raise click.ClickException(f"profile {file} cannot be read: {err}") from err
    return dict(_setting(file, number, line) for number, line in _setting_lines(lines))


def _setting_lines(lines: list[str]) -> list[tuple[int, str]]:
    stripped = ((number, line.strip()) for number, line in enumerate(lines, 1))
    return [(number, line) for number, line in stripped if line and not line.startswith("#")]


def _setting(file: Path, number: int, line: str) -> tuple[str, str]:
    name, equals, value = line.removeprefix("export ").partition("=")
    name, value = name.strip(), value.strip()
    if not equals or name not in SETTING_NAMES:
        raise click.ClickException(f"profile {file}, line {number}: is no setting NAME=value")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    return name, value


def write(path: Path, settings: Mapping[str, str]) -> None:
    """Write the settings to a file that only its owner can read; replaces an existing one."""
    lines = [
        "# Settings of datasphere-glue. Environment variables and flags override them.",
        *(f"{name}={value}" for name, value in settings.items()),
    ]
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    draft.replace(path)


def context_settings() -> Mapping[str, str]:
    """Return the settings of the profile of the current command, none outside of one."""
    context = click.get_current_context(silent=True)
    settings = context.find_root().obj if context else None
    return settings if isinstance(settings, dict) else {}
