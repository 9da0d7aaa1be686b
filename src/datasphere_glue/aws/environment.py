"""Checks the variables and files that AWS SDK and HTTP client take from the environment.

What is wrong there is a mistake in the settings, and its error names the variable or the file.
"""

import os
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ConfigParseError,
    EndpointConnectionError,
    InvalidProxiesConfigError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    SSLError,
)
from botocore.loaders import Loader

from datasphere_glue.errors import SettingsError, excerpt

CERTIFICATES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "SSL_CERT_FILE")
PROXIES: Final = tuple(
    spelling
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
    for spelling in (name, name.lower())
)
_AWS_FILES: Final = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
_TOKEN_FILES: Final = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
_REGIONS: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")
_REGION: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RETRY_MODES: Final = frozenset({"legacy", "standard", "adaptive"})
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)

_PROFILES: Final = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_SET_REGION: Final = "set AWS_DEFAULT_REGION (or GLUE_REGION) to a Region such as eu-central-1"
_AWS_HOST: Final = re.compile(r"(?:.+\.)?(?!s3\.)([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
"""Host of a service in a Region; the first group is the Region."""
_DOTS_OF_A_REGION: Final = 3

_REMEDY: Final = "correct or unset the named environment variable, then run again"


def variables(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the variables that decide about connections, sorted by name."""
    names = {*CERTIFICATES, *PROXIES}
    return tuple(
        sorted(
            (name, value)
            for name, value in environment.items()
            if name.startswith("AWS_") or name in names
        )
    )


def proxy_passwords(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the passwords in the URLs of proxies."""
    for name in PROXIES:
        with suppress(ValueError):
            if password := urlsplit(environment.get(name, "")).password:
                yield password


def check(environment: Mapping[str, str]) -> None:
    """Check variables and the files that they name; calls nothing.

    Raises:
        SettingsError: lists every variable that is wrong.

    """
    problems = [
        f"{name}: {problem}"
        for name, value in variables(environment)
        if value and (problem := _problem(name, value)) is not None
    ]
    if problems:
        raise SettingsError("invalid environment:\n  " + "\n  ".join(problems), remedy=_REMEDY)


def _problem(name: str, value: str) -> str | None:
    for names, examine in _CHECKS:
        if name in names:
            return examine(value)
    return _endpoint(value) if name.startswith("AWS_ENDPOINT_URL") else None


def _certificates_or_folder(value: str) -> str | None:
    return None if Path(value).is_dir() else _certificates(value)


def _certificates(value: str) -> str | None:
    if problem := _unreadable(value):
        return problem
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(value)
    except (ssl.SSLError, OSError, ValueError):
        return f"{value} holds no certificates in PEM form"
    return None


def _unreadable(value: str) -> str | None:
    try:
        with Path(value).open("rb") as file:
            file.read(1)
    except (OSError, ValueError) as err:
        cause = getattr(err, "strerror", None) or str(err)
        return f"{excerpt(value, 200)} cannot be read ({cause})"
    return None


def _unreadable_if_present(value: str) -> str | None:
    """Return why a file cannot be read; the AWS SDK ignores an absent one."""
    return _unreadable(value) if os.path.lexists(value) else None


def _proxy(value: str) -> str | None:
    scheme = _SCHEME.match(value)
    has_scheme = "://" in value and scheme is not None
    if has_scheme and scheme and scheme[1].lower() not in {"http", "https"}:
        return "must be an http:// or https:// URL, other kinds of proxy are not supported"
    return _host_problem(value if has_scheme else f"http://{value.lstrip('/')}")


def _endpoint(value: str) -> str | None:
    if not value.lower().startswith(("http://", "https://")):
        return "must be an http:// or https:// URL"
    return _host_problem(value)


def _host_problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as err:
        return f"is no URL ({excerpt(str(err), 80)})"
    host = parts.hostname or ""
    if not re.fullmatch(r"[\w.-]+|[0-9a-f:.]+", host, re.IGNORECASE) or not host.strip("."):
        return "must be a URL with a host"
    return "must have a port above 0" if port == 0 else None


def _region(value: str) -> str | None:
    return None if _REGION.fullmatch(value) else f"{value[:40]!r} is no Region"


def _attempts(value: str) -> str | None:
    whole = value.isdecimal() and value.isascii() and int(value[:9]) > 0
    return None if whole else f"{value[:40]!r} is no whole number above 0"


def _retry_mode(value: str) -> str | None:
    return None if value.lower() in _RETRY_MODES else f"must be {', '.join(sorted(_RETRY_MODES))}"


_CHECKS: Final[tuple[tuple[tuple[str, ...], Callable[[str], str | None]], ...]] = (
    (("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), _certificates_or_folder),
    (("AWS_CA_BUNDLE", "SSL_CERT_FILE"), _certificates),
    (PROXIES, _proxy),
    (_AWS_FILES, _unreadable_if_present),
    (_TOKEN_FILES, _unreadable),
    (_REGIONS, _region),
    (("AWS_MAX_ATTEMPTS",), _attempts),
    (("AWS_RETRY_MODE",), _retry_mode),
)


@contextmanager
def checked_environment() -> Iterator[None]:
    """Turn what the AWS SDK refuses of its environment into an error of ours.

    Only for code that connects to nothing: there, every error of the SDK has this cause.

    Raises:
        SettingsError: profile, Region, a file or a variable of the SDK is missing or malformed.

    """
    try:
        yield
    except (BotoCoreError, ValueError, OSError) as err:
        raise _explained(err) or SettingsError(
            f"AWS: {excerpt(str(err) or type(err).__name__)}", remedy=_remedy_of(err)
        ) from err


def environment_error(error: BaseException) -> SettingsError | None:
    """Return the mistake in the environment that caused an error of a call, None for others."""
    return next(filter(None, map(_explained, _causes(error))), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what caused it, the deepest last."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _explained(error: BaseException) -> SettingsError | None:
    return _configured(error) or _connected(error)


def _configured(error: BaseException) -> SettingsError | None:
    """Return the mistake in profile, Region, files or credentials."""
    text = excerpt(str(error))
    match error:
        case ProfileNotFound():
            names = _set(_PROFILES) or _PROFILES[0]
            remedy = f"set {names} to a profile of `aws configure list-profiles`, or unset it"
            return SettingsError(f"{names}: {text}", remedy=remedy)
        case NoRegionError():
            return SettingsError(f"{_REGIONS[1]}: {text}", remedy=_SET_REGION)
        case NoCredentialsError():
            return SettingsError(
                f"AWS_PROFILE, AWS_ACCESS_KEY_ID: none leads to AWS credentials ({text})",
                remedy="set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; a deployed"
                " function has those of its role",
            )
        case ConfigParseError() | PartialCredentialsError() | InvalidRegionError():
            return SettingsError(f"AWS: {text}", remedy=_remedy_of(error))
        case _:
            return None


def _connected(error: BaseException) -> SettingsError | None:
    """Return the mistake in proxy, certificates or endpoint."""
    text = excerpt(str(error))
    match error:
        case ProxyConnectionError() | InvalidProxiesConfigError():
            names = _set(PROXIES) or "HTTPS_PROXY"
            return SettingsError(
                f"{names}: {text}", remedy=f"correct or unset {names}, or extend NO_PROXY"
            )
        case SSLError():
            names = _set(CERTIFICATES) or "AWS_CA_BUNDLE"
            return SettingsError(
                f"{names}: {text}",
                remedy=f"let {names} name a file with the certificates that this network needs",
            )
        case EndpointConnectionError():
            return _unreachable(text) or _unknown_region(error, text)
        case _:
            return None


def _unreachable(text: str) -> SettingsError | None:
    """Return the error of an endpoint that a variable names; others may be down."""
    endpoints = tuple(name for name in sorted(os.environ) if name.startswith("AWS_ENDPOINT_URL"))
    if names := _set(endpoints):
        return SettingsError(f"{names}: {text}", remedy=f"correct or unset {names}")
    return None


def _unknown_region(error: EndpointConnectionError, text: str) -> SettingsError | None:
    """Return the error of a Region that AWS does not have; an endpoint of others may be down."""
    host = urlsplit(str(error.kwargs.get("endpoint_url", ""))).hostname or ""
    match = _AWS_HOST.fullmatch(host)
    if match is None or host.count(".") < _DOTS_OF_A_REGION or match[1] in _known_regions():
        return None
    given = (name for name in ("GLUE_REGION", *_REGIONS) if os.environ.get(name) == match[1])
    names = ", ".join(given) or _REGIONS[1]
    near = get_close_matches(match[1], _known_regions(), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    message = f"{names}: AWS has no Region {match[1]}{hint} ({text})"
    return SettingsError(message, remedy=_SET_REGION)


@cache
def _known_regions() -> tuple[str, ...]:
    """Return the Regions that this version of the SDK has heard of."""
    partitions = Loader().load_data("endpoints")["partitions"]
    return tuple(region for partition in partitions for region in partition["regions"])


def _set(names: tuple[str, ...]) -> str:
    return ", ".join(name for name in names if os.environ.get(name))


def _remedy_of(error: BaseException) -> str:
    if isinstance(error, ConfigParseError):
        return "correct the named file (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE)"
    if isinstance(error, InvalidRegionError):
        return _SET_REGION
    return "correct the AWS variables of the environment, and the files and profile they name"
