"""The mapping configuration document (design 1.7): its sections, and how a text becomes one."""

from datasphere_glue.config.document import (
    NONE,
    Configuration,
    effective,
    parse,
    schema,
    shown,
    with_context,
)
from datasphere_glue.config.sections import MappingConfig

__all__ = [
    "NONE",
    "Configuration",
    "MappingConfig",
    "effective",
    "parse",
    "schema",
    "shown",
    "with_context",
]
