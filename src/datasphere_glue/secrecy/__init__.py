"""Keeps the secrets of this process out of everything that leaves it.

Each secret is learned where it is read or issued. The other side may echo it, in any encoding: so
texts of others are masked where they enter, and everything is masked again where it leaves.

A secret of fewer than LEAST bytes is not masked, because it is found in ordinary words.
"""

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Self

from datasphere_glue.secrecy.quick import QuickCheck, bare
from datasphere_glue.secrecy.search import BEGINNING, Wanted, secret_spans

__all__ = ["BEGINNING", "LEAST", "MASK", "SECRETS", "Secrets"]

LEAST: Final = 6
"""Bytes of the shortest secret that is masked."""

MOST: Final = 32
"""Secrets that are remembered, the newest ones: a warm function gets a new token every hour."""

MASK: Final = "***"

_LIKELY: Final = re.compile(
    r"(?i)("
    r"authorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic)\s+"
    r"|\bbearer\s+(?=[^\s\"',&}]*(?:\d|\w\.\w)|[^\s\"',&}]{16})"
    r"|\bbasic\s+(?=[\w+/=-]{16})"
    r"|(?:client_secret|access_token|refresh_token|id_token)[\"']?\s*[:=]\s*[\"']?"
    r")[^\s\"',&}]+"
)
"""A business text may hold "Basic material": without its header, a scheme needs a likely token."""


@dataclass(frozen=True, slots=True)
class _Learned:
    secrets: tuple[bytes, ...]
    check: QuickCheck
    wanted: Wanted

    @classmethod
    def of(cls, secrets: tuple[bytes, ...]) -> Self:
        return cls(secrets, QuickCheck(secrets), Wanted(map(bare, secrets)))


class Secrets:
    """The secrets of a process; threads may share them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._learned = _Learned.of(())

    def learn(self, *secrets: str | None) -> None:
        """Remember secrets that must not leave; None and too short ones are ignored."""
        new = [secret.encode("utf-8", "surrogatepass") for secret in secrets if secret]
        with self._lock:
            earlier = self._learned.secrets
            new = [
                one for one in dict.fromkeys(new) if len(bare(one)) >= LEAST and one not in earlier
            ]
            if new:
                newest = (*earlier, *new)[-MOST:]
                self._learned = _Learned.of(newest)

    def mask_foreign(self, text: str) -> str:
        """Return a short text of another side without secrets and likely secrets.

        The text is searched for every encoding, which takes a millisecond for 10,000 characters.
        """
        likely = _mask_likely(text)
        return self._searched(likely.encode("utf-8", "surrogatepass")).decode(
            "utf-8", "surrogatepass"
        )

    def mask_document(self, body: bytes) -> bytes:
        """Return a document of any size without secrets."""
        return body if self._learned.check.passes(body) else self._searched(body)

    def mask_text(self, text: str) -> str:
        """Return a text of any size that leaves, without secrets."""
        data = text.encode("utf-8", "surrogatepass")
        return self.mask_document(data).decode("utf-8", "surrogatepass")

    def mask_value(self, value: Any) -> Any:
        """Return a JSON value with every text in it masked."""
        return _each_text(self.mask_text, value)

    def mask_logged(self, value: Any) -> Any:
        """Return a JSON value without secrets and likely secrets, for the log."""
        return _each_text(lambda text: self.mask_text(_mask_likely(text)), value)

    def _searched(self, data: bytes) -> bytes:
        learned = self._learned
        return _without(data, secret_spans(data, learned.wanted)) if learned.secrets else data


SECRETS: Final = Secrets()
"""The secrets of this process: its log may still be written after the run that learned them."""


def _each_text(mask: Callable[[str], str], value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {_each_text(mask, key): _each_text(mask, item) for key, item in value.items()}
    return [_each_text(mask, item) for item in value] if isinstance(value, list) else value


def _mask_likely(text: str) -> str:
    return _LIKELY.sub(lambda match: match.group(1) + MASK, text)


def _without(data: bytes, spans: Iterable[tuple[int, int]]) -> bytes:
    pieces, last = [], 0
    for start, end in spans:
        pieces += [data[last:start], MASK.encode()]
        last = end
    return b"".join([*pieces, data[last:]])
