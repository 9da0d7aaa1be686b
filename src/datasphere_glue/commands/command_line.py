"""What a person typed: the program, the command, its settings and its scope."""

import os
import shlex
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import click

from datasphere_glue.commands import profile
from datasphere_glue.config.settings import SETTING_NAMES, SETTINGS
from datasphere_glue.errors import SettingsError
from datasphere_glue.report.typed import PROGRAM, Typed

_MODULE: Final = "__main__.py"
_INIT: Final = f"`{PROGRAM} init` asks for the settings and writes a profile"


def program_name(script: str, interpreter: str) -> str:
    """Return how the program can be called again: by name if the shell finds it, else by path."""
    path = Path(script)
    if path.name == _MODULE:
        name = Path(interpreter).name
        found = shutil.which(name) == interpreter
        return f"{name if found else shlex.quote(interpreter)} -m datasphere_glue"
    if path.stem == PROGRAM and path.is_file() and shutil.which(PROGRAM) is None:
        return shlex.quote(script)
    return PROGRAM


def typed(options: Mapping[str, Any]) -> Typed:
    """Return the command line of the current command, with these options."""
    context = click.get_current_context(silent=True)
    root = context.find_root() if context else None
    chosen = root.params.get("profile") if root else None
    settings = (
        (one.flag, str(options[one.name])) for one in SETTINGS if options.get(one.name) is not None
    )
    return Typed(
        program=(root.info_name if root else None) or PROGRAM,
        profile=("--profile", chosen) if chosen and _is_typed(root) else (),
        command=_command(context),
        settings=tuple(settings),
        scope=tuple(_scope(options)),
    )


def typed_command(arguments: Sequence[str], group: click.Group) -> str:
    """Return the words of the typed command, as far as there is such a command."""
    words: list[str] = []
    current: click.Command = group
    for argument in arguments:
        if not isinstance(current, click.Group):
            break
        found = current.commands.get(argument)
        if found is not None:
            words.append(argument)
            current = found
    return " ".join(words)


def with_first_step(error: SettingsError, settings: Iterable[str]) -> SettingsError:
    """Return the error; without any setting, its remedy begins with `init`."""
    if any(settings):
        return error
    return SettingsError(error.message, remedy=f"{_INIT}; or {error.remedy}")


def typed_before_error(arguments: Sequence[str], group: click.Group) -> Typed:
    """Return the command line of arguments whose command has ended with an error."""
    flags = {"--profile", *(one.flag for one in SETTINGS)}
    values = dict(_pairs(arguments, flags))
    chosen = values.pop("--profile", None)
    return Typed(
        program=own_program(),
        profile=("--profile", chosen) if chosen else (),
        command=typed_command(arguments, group) or None,
        settings=tuple(values.items()),
    )


def _pairs(arguments: Sequence[str], flags: Collection[str]) -> Iterator[tuple[str, str]]:
    for word, following in pairwise((*arguments, "")):
        flag, equals, value = word.partition("=")
        if flag in flags:
            yield flag, value if equals else following


def settings_in_sight(line: Typed) -> set[str]:
    """Return the settings that flags, environment or a profile give, for an error without them."""
    given = {flag for flag, _ in line.settings}
    given |= {name for name in SETTING_NAMES if os.environ.get(name)}
    file = profile.find_file(line.profile[1] if line.profile else profile.DEFAULT)
    return given | ({str(file)} if file else set())


def _is_typed(root: click.Context | None) -> bool:
    source = root.get_parameter_source("profile") if root else None
    return source is click.core.ParameterSource.COMMANDLINE


def _command(context: click.Context | None) -> str | None:
    words: list[str] = []
    while context is not None and context.parent is not None:
        words.insert(0, context.info_name or "")
        context = context.parent
    return " ".join(words) or None


def _scope(options: Mapping[str, Any]) -> Iterable[str]:
    for flag, key in (("--space", "spaces"), ("--asset", "assets")):
        for one in options.get(key) or ():
            yield from (flag, one)
    if options.get("full"):
        yield "--full"


def own_program() -> str:
    """Return how this process was called."""
    return program_name(sys.argv[0], sys.executable)
