"""The command line that a person typed, so that printed commands work when they are typed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from shlex import join
from typing import Final

PROGRAM: Final = "datasphere-glue"

_COMMAND: Final = re.compile(rf"`{PROGRAM} ([a-z][^`\n]*)`")
_PLAIN: Final = frozenset({"init", "config", "completion"})
"""Commands without the settings of a run as flags."""

_SCOPED: Final = frozenset({"plan", "sync", "verify"})

_REPORT_PLACE: Final = "--report-uri"


@dataclass(frozen=True, slots=True)
class Typed:
    """What the next command must repeat of the one that was typed.

    `program`: how the program is called.
    `profile`: arguments before the command, such as `--profile prod`.
    `command`: words of the typed command; None outside of a terminal.
    `settings`: pairs of a flag and the value of a setting.
    `scope`: arguments that select what a run covers.
    """

    program: str = PROGRAM
    profile: tuple[str, ...] = ()
    command: str | None = None
    settings: tuple[tuple[str, str], ...] = ()
    scope: tuple[str, ...] = ()

    def line(self, *words: str, scoped: bool = False) -> str:
        """Return a whole command, quoted for a shell; `scoped` repeats the scope."""
        scope = self.scope if scoped else ()
        arguments = join((*self.profile, *words, *scope, *self._settings_of(words)))
        return f"{self.program} {arguments}"

    def spelt(self, text: str) -> str:
        """Return a text whose commands in backticks are whole."""
        return _COMMAND.sub(lambda match: f"`{self._whole(match[1])}`", text)

    def _whole(self, words: str) -> str:
        first = words.split()
        scope = self.scope if first[0] in _SCOPED and len(first) == 1 else ()
        more = (join(self.profile), words, join((*scope, *self._settings_of(first))))
        return " ".join(part for part in (self.program, *more) if part)

    def _settings_of(self, words: Sequence[str]) -> tuple[str, ...]:
        if words[0] in _PLAIN:
            return ()
        pairs = (p for p in self.settings if words[0] != "audit" or p[0] == _REPORT_PLACE)
        return tuple(part for pair in pairs for part in pair)


NOT_TYPED: Final = Typed()
