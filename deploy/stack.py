"""The stack as CloudFormation sees it: the template after the SAM transform, without a network.

cfn-lint and policy checks see little in a SAM template: most of what they check exists only after
the transform. `python -m deploy.stack` writes the transformed template to standard output.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from boto3 import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE: Final = Path(__file__).parent.parent / "template.yaml"
PSEUDO: Final = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "stack",
}
_VARIABLE: Final = re.compile(r"\$\{([^!}][^}]*)\}")
_NOTHING: Final = object()
_PURE: Final[Mapping[str, Callable[[list[Any]], Any]]] = {
    "Fn::And": all,
    "Fn::Or": any,
    "Fn::Not": lambda values: not values[0],
    "Fn::Equals": lambda values: str(values[0]) == str(values[1]),
    "Fn::Join": lambda values: values[0].join(map(str, values[1])),
    "Fn::Split": lambda values: values[1].split(values[0]),
    "Fn::Select": lambda values: values[1][int(values[0])],
}


def transformed(template: Path = TEMPLATE) -> dict[str, Any]:
    """Return the template after the SAM transform, its code standing in a bucket of no account."""
    source = yaml_parse(template.read_text(encoding="utf-8"))
    for resource in source["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/code"
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = "s3://bucket/definition"
    session = Session(region_name=PSEUDO["AWS::Region"])
    translator = Translator({}, Parser(), boto_session=session)
    result: dict[str, Any] = translator.translate(source, parameter_values={})
    return result


class Stack:
    """The resources that a transformed template makes with given parameters.

    Conditions are decided and intrinsic functions carried out; `Ref` and `GetAtt` of a resource
    become `<LogicalId>` and `<LogicalId.Attribute>`.
    """

    def __init__(self, template: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
        declared = template["Parameters"]
        if missing := [
            n for n, p in declared.items() if "Default" not in p and n not in parameters
        ]:
            raise ValueError(f"parameters without a value: {', '.join(missing)}")
        if unknown := sorted(set(parameters) - set(declared)):
            raise ValueError(f"no such parameters: {', '.join(unknown)}")
        self._values = PSEUDO | {
            name: parameters.get(name, p.get("Default")) for name, p in declared.items()
        }
        self._conditions: Mapping[str, Any] = template.get("Conditions", {})
        self.resources: dict[str, dict[str, Any]] = {
            name: self._value(resource)
            for name, resource in template["Resources"].items()
            if "Condition" not in resource or self._holds(resource["Condition"])
        }

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of each resource of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def _holds(self, condition: str) -> bool:
        return bool(self._value(self._conditions[condition]))

    def _value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [v for v in map(self._value, node) if v is not _NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((function, argument),) = node.items()
            if function == "Ref" or function.startswith("Fn::") or self._is_condition(node):
                return self._call(function, argument)
        return {
            k: v for k, v in ((k, self._value(v)) for k, v in node.items()) if v is not _NOTHING
        }

    def _is_condition(self, node: Mapping[str, Any]) -> bool:
        """Return whether this is a reference to a condition, not the `Condition` of IAM."""
        return isinstance(node.get("Condition"), str)

    def _call(self, function: str, argument: Any) -> Any:
        match function:
            case "Ref":
                return self._ref(argument)
            case "Condition":
                return self._holds(argument)
            case "Fn::If":
                condition, then, otherwise = argument
                return self._value(then if self._holds(condition) else otherwise)
            case "Fn::Sub":
                return self._sub(argument)
            case "Fn::GetAtt":
                return f"<{argument if isinstance(argument, str) else '.'.join(argument)}>"
            case _:
                return _PURE[function](self._value(argument))

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        return self._values.get(name, f"<{name}>")

    def _sub(self, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument
        local = {name: self._value(value) for name, value in own.items()}

        def replacement(match: re.Match[str]) -> str:
            name = match.group(1)
            return str(local[name] if name in local else self._ref(name))

        return _VARIABLE.sub(replacement, text)


def main() -> None:
    """Write the transformed template to standard output as JSON."""
    json.dump(transformed(), sys.stdout, indent=1, default=str)


if __name__ == "__main__":
    main()
