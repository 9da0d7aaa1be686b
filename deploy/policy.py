"""What IAM decides: a small simulator over the policies of a transformed template.

Decides as IAM does for what this template uses (IAM user guide, policy evaluation logic): an
explicit denial wins, then any permission, else denied; `*` and `?` match in actions and resources,
actions in any case; every condition must hold. An unsupported operator or element is an
error, never a guess.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from deploy.stack import Stack

_ATTACHED: Final = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
_ELEMENTS: Final = {"Sid", "Effect", "Action", "Resource", "Condition", "Principal"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: an action on a resource, with what conditions look at."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def statements_of(stack: Stack, role: str) -> Iterator[Mapping[str, Any]]:
    """Yield every statement of a role: of its own policies, and of those attached to it.

    Raises:
        ValueError: the role has a policy whose statements are not in the template.

    """
    properties = stack.resources[role]["Properties"]
    if unread := sorted({"ManagedPolicyArns", "PermissionsBoundary"} & set(properties)):
        raise ValueError(f"the simulator does not know {', '.join(unread)} of {role}")
    for policy in properties.get("Policies", ()):
        yield from policy["PolicyDocument"]["Statement"]
    for kind in _ATTACHED:
        for policy in stack.of_type(kind).values():
            if f"<{role}>" in (*policy.get("Roles", ()), policy.get("RoleName")):
                yield from policy["PolicyDocument"]["Statement"]


def allows(statements: Iterable[Mapping[str, Any]], call: Call) -> bool:
    """Return whether a call is allowed.

    Raises:
        ValueError: a statement has an unsupported element or operator.

    """
    effects = {one["Effect"] for one in statements if _applies(one, call)}
    return "Allow" in effects and "Deny" not in effects


def as_list(value: Any) -> list[Any]:
    """Return a value that policies write alone or as a list, as a list."""
    return value if isinstance(value, list) else [value]


def _applies(statement: Mapping[str, Any], call: Call) -> bool:
    if unknown := sorted(set(statement) - _ELEMENTS):
        raise ValueError(f"the simulator does not know {', '.join(unknown)}")
    return (
        any(_like(action.lower(), call.action.lower()) for action in as_list(statement["Action"]))
        and any(_like(one, call.resource) for one in as_list(statement["Resource"]))
        and all(
            _holds(operator, values, call.context)
            for operator, values in statement.get("Condition", {}).items()
        )
    )


def _holds(operator: str, expected: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    if operator not in _OPERATORS:
        raise ValueError(f"the simulator does not know the operator {operator}")
    decide = _OPERATORS[operator]
    return all(
        key in context and any(decide(str(value), context[key]) for value in as_list(values))
        for key, values in expected.items()
    )


def _like(pattern: str, text: str) -> bool:
    return _compiled(pattern).fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile("".join(parts), re.DOTALL)


_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": lambda expected, actual: expected == actual,
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda expected, actual: expected.lower() == actual.lower(),
}
