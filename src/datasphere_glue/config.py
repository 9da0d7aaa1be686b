"""The mapping configuration document (design 1.7): parsed and validated as a whole."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from datasphere_glue.errors import ConfigError

_NAME: Final = r"^[a-z_][a-z0-9_]{0,254}$"
_TYPE: Final = re.compile(
    r"boolean|tinyint|smallint|int|bigint|float|double|string|binary|date|timestamp"
    r"|decimal\((?P<precision>[1-9]|[12]\d|3[0-8]),(?P<scale>\d|[1-3]\d)\)"
    r"|varchar\((?P<length>[1-9]\d{0,4})\)"
)
_MAX_LENGTH: Final = 65535


def _glue_type(name: str) -> str:
    found = _TYPE.fullmatch(name)
    sizes = {
        key: int(value) for key, value in (found.groupdict() if found else {}).items() if value
    }
    scaled = sizes.get("scale", 0) <= sizes.get("precision", 0)
    if not found or not scaled or sizes.get("length", 1) > _MAX_LENGTH:
        raise ValueError("is not a plain type of Athena DDL, such as string or decimal(18,2)")
    return name


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _each_its_own(names: dict[str, str]) -> dict[str, str]:
    if twice := sorted(name for name, count in Counter(names.values()).items() if count > 1):
        raise ValueError(f"several spaces share {', '.join(twice)}")
    return names


class Naming(_Section):
    """How databases are named."""

    databases: Annotated[
        dict[str, Annotated[str, Field(pattern=_NAME)]], AfterValidator(_each_its_own)
    ] = Field(default_factory=dict)


class Selection(_Section):
    """Glob patterns `SPACE` or `SPACE.asset`."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class MappingConfig(_Section):
    """The whole document."""

    version: Literal[1]
    naming: Naming = Field(default_factory=Naming)
    selection: Selection = Field(default_factory=Selection)
    types: dict[str, Annotated[str, AfterValidator(_glue_type)]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A valid document and the SHA-256 of its text; `digest` None means there is no document."""

    mapping: MappingConfig
    digest: str | None = None


NONE: Final = Configuration(MappingConfig(version=1))


def parse(text: bytes) -> Configuration:
    """Return the configuration that a YAML or JSON text holds.

    Raises:
        ConfigError: lists every problem, each with the path of its field.

    """
    try:
        document = YAML(typ="safe", pure=True).load(text.decode("utf-8"))
    except (UnicodeDecodeError, YAMLError) as err:
        raise ConfigError(f"mapping configuration is neither YAML nor JSON: {err}") from err
    if not isinstance(document, dict):
        raise ConfigError("mapping configuration must be an object with `version: 1`")
    try:
        # JSON has no tuples and YAML has dates: one round through JSON leaves plain values.
        mapping = MappingConfig.model_validate_json(json.dumps(document, default=str))
    except ValidationError as err:
        problems = "\n  ".join(_line(error) for error in err.errors(include_input=False))
        raise ConfigError(f"invalid mapping configuration:\n  {problems}") from err
    return Configuration(mapping, sha256(text).hexdigest())


def _line(error: Mapping[str, Any]) -> str:
    path = ".".join(str(part) for part in error["loc"])
    return f"{path}: {str(error['msg']).removeprefix('Value error, ')}"
