"""The mapping configuration document (design 1.7): its sections, and the parser."""

from datasphere_glue.config.document import (
    NONE,
    Configuration,
    effective_document,
    parse,
    schema,
    to_yaml,
    with_context,
)
from datasphere_glue.config.sections import MappingConfig

__all__ = [
    "NONE",
    "Configuration",
    "MappingConfig",
    "effective_document",
    "parse",
    "schema",
    "to_yaml",
    "with_context",
]
