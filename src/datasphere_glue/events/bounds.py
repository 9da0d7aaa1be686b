"""Bounds of what an event may hold: each text and each list of it has one."""

from typing import Annotated, Any, Final

from pydantic import AfterValidator, StringConstraints

MOST_IN_NAME: Final = 300
"""Characters of the name of a space or object; Datasphere allows fewer."""
MOST_IN_TEXT: Final = 2_000
"""Characters of an id, an ARN or a word of another system."""
MOST_IN_BODY: Final = 1024 * 1024
"""Characters of a change event as text; queues and buses take no more."""
MOST_ENTRIES: Final = 10_000


def bounded(value: object) -> object:
    """Accept any value but a text that is too long."""
    if isinstance(value, str) and len(value) > MOST_IN_TEXT:
        raise ValueError(f"must have at most {MOST_IN_TEXT} characters")
    return value


Name = Annotated[str, StringConstraints(min_length=1, max_length=MOST_IN_NAME)]
NotBlank = Annotated[str, StringConstraints(pattern=r"\S", max_length=MOST_IN_NAME)]
Text = Annotated[str, StringConstraints(max_length=MOST_IN_TEXT)]
AnyValue = Annotated[Any, AfterValidator(bounded)]
