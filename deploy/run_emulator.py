"""Starts the emulator of AWS that the end-to-end tests deploy to, and records each request.

Runs on the interpreter of the emulator's own environment (`make e2e` makes it), not on the
project's. Reaches into the emulator where it is silent or wrong in what the tests are about: every
name reached for is checked, so that another version of the emulator fails at its start and not by
quietly proving nothing.

What is mended: each decision of IAM is recorded as one line of JSON in the file that
EMULATOR_DECISIONS names; a call of Glue is checked against the catalog, the database and the table
that it names, each of them, as Glue does; CloudFormation's conditions may split text; a stack may
have what only people look at (saved queries, alarms on a formula); an HTTP API may put a message
into a queue; a Python exception is reported under its own class name, as Lambda does; the scheduler
looks at its schedules every second.
"""

import json
import os
import sys
from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, Final

_ERROR_LINE: Final = '"status": "error", "error": str(e), "trace": traceback.format_exc()'
_CALL_QUEUE: Final = "_handle_json"
_SUBTYPE: Final = "integrationSubtype"
_BODY: Final = 5
"""Position of the body among the arguments of an integration."""
_SAVED_QUERY: Final = "AWS::Logs::QueryDefinition"
_MARK: Final = "\x1f"
_GLUE_RESOURCES: Final[ContextVar[tuple[str, ...]]] = ContextVar("_GLUE_RESOURCES")

Function = Callable[..., Any]


class Misfit(Exception):
    """The installed emulator is not the one that this launcher was written for."""


def main() -> None:
    """Serve until terminated, bound as the environment specifies."""
    _split_in_conditions()
    _accept_what_only_people_look_at()
    _put_what_a_webhook_takes()
    _check_all_that_glue_checks()
    _record_decisions(Path(os.environ["EMULATOR_DECISIONS"]))
    _report_class_names()
    _replace("_SCHEDULE_TICK_INTERVAL", lambda _: 1, "ministack.services.scheduler")
    # One port is enough: with TLS it would take 443 as well.
    _replace("_port_is_bindable", lambda _: lambda *_: False, "ministack.app")
    import_module("ministack.app").main()


def _replace(name: str, replacement_of: Callable[[Any], Any], *modules: str) -> None:
    """Replace the value of a name in all modules that hold it, by a function of that value."""
    targets = [import_module(module) for module in modules]
    values = [getattr(module, name, None) for module in targets]
    if values[0] is None or any(value is not values[0] for value in values):
        raise Misfit(f"{' and '.join(modules)} have no {name}, or not the same")
    replacement = replacement_of(values[0])
    for module in targets:
        setattr(module, name, replacement)


def _split_in_conditions() -> None:
    """Carry out each Fn::Split of a template's conditions before they are decided."""

    def splitting(evaluate: Function) -> Function:
        def evaluated(template: Any, parameters: Any) -> Any:
            values = {name: parameter["Value"] for name, parameter in parameters.items()}
            conditions = _split(template.get("Conditions", {}), values)
            return evaluate({**template, "Conditions": conditions}, parameters)

        return evaluated

    places = [f"ministack.services.cloudformation.{n}" for n in ("engine", "changesets", "stacks")]
    _replace("_evaluate_conditions", splitting, *places)


def _split(node: Any, values: Any) -> Any:
    if isinstance(node, list):
        return [_split(part, values) for part in node]
    if not isinstance(node, dict):
        return node
    if list(node) == ["Fn::Split"]:
        separator, text = node["Fn::Split"]
        return str(values[text["Ref"]] if isinstance(text, dict) else text).split(separator)
    return {name: _split(part, values) for name, part in node.items()}


def _accept_what_only_people_look_at() -> None:
    """Accept saved queries and alarms on a formula, which nothing evaluates."""
    places = [f"ministack.services.cloudformation.{n}" for n in ("provisioners", "changesets")]
    saved = {
        "create": lambda logical_id, _properties, stack: (f"{stack}-{logical_id}", {}),
        "delete": lambda _physical_id, _properties: None,
    }

    def simplified(record: Function) -> Function:
        def recorded(name: str, properties: Any) -> Any:
            if not properties.get("Metrics"):
                return record(name, properties)
            single = {"MetricName": "formula", "Namespace": "formula", "Threshold": 0}
            return record(name, {**single, **properties, "Metrics": None})

        return recorded

    _replace("_cw_metric_alarm_record", simplified, places[0])
    _replace("_RESOURCE_HANDLERS", lambda handlers: {_SAVED_QUERY: saved} | handlers, *places)


def _put_what_a_webhook_takes() -> None:
    """Let an HTTP API put its request into a queue, and read Cognito's keys over TLS."""

    def keeping(properties_of: Function) -> Function:
        def keep(properties: Any) -> Any:
            return {**properties_of(properties), _SUBTYPE: properties.get("IntegrationSubtype")}

        return keep

    def putting(invoke: Function) -> Function:
        async def invoked(integration: Any, *rest: Any, **more: Any) -> Any:
            if integration.get(_SUBTYPE) != "SQS-SendMessage":
                return await invoke(integration, *rest, **more)
            context = {"$request.body": rest[_BODY].decode()}
            message = {k: context.get(v, v) for k, v in integration["requestParameters"].items()}
            send = getattr(import_module("ministack.services.sqs"), _CALL_QUEUE)
            return await send("SendMessage", message, "/")

        return invoked

    def by_tls(resolve: Function) -> Function:
        async def resolved(authorizer: Any) -> Any:
            url = await resolve(authorizer)
            return url and url.replace("http://", "https://", 1)

        return resolved

    gateway = "ministack.services.apigateway"
    provisioners = "ministack.services.cloudformation.provisioners"
    _replace("_apigw_v2_integration_props", keeping, provisioners)
    _replace("_invoke_lambda_proxy", putting, gateway)
    _replace("_resolve_jwks_url", by_tls, gateway)


def _check_all_that_glue_checks() -> None:
    """Have each call of Glue allowed on the catalog, the database and the table that it names."""

    def collecting(extract: Function) -> Function:
        def extracted(service: str, *rest: Any) -> Any:
            if service != "glue":
                return extract(service, *rest)
            _, _, headers, body, _, region, account = rest
            operation = headers.get("x-amz-target", "").removeprefix("AWSGlue.")
            named = _named_in_glue(operation, json.loads(body or b"{}"), region, account)
            _GLUE_RESOURCES.set(named)
            return named[-1]

        return extracted

    def demanding(enforce: Function) -> Function:
        def enforced(access_key: str, action: str, service: str, *rest: Any, **more: Any) -> Any:
            if service != "glue":
                return enforce(access_key, action, service, *rest, **more)
            refusals = (
                enforce(access_key, action, service, *rest, **more | {"resource_arn": resource})
                for resource in _GLUE_RESOURCES.get()
            )
            return next((refusal for refusal in refusals if refusal is not None), None)

        return enforced

    _replace("extract_resource_arn", collecting, "ministack.core.iam_actions")
    _replace("enforce", demanding, "ministack.core.iam_evaluator")


def _named_in_glue(operation: str, request: Any, region: str, account: str) -> tuple[str, ...]:
    """Return the ARNs of the catalog, the database and the table that a call names."""
    root = f"arn:aws:glue:{region}:{request.get('CatalogId') or account}"
    if operation.endswith("Databases"):
        return f"{root}:catalog", f"{root}:database/*"
    if operation.endswith("Database"):
        name = request.get("Name") or request["DatabaseInput"]["Name"]
        return f"{root}:catalog", f"{root}:database/{name}"
    database = request.get("DatabaseName", "*")
    table = (
        request.get("Name") or request.get("TableName") or request.get("TableInput", {}).get("Name")
    )
    place = f"{database}/{table or '*'}"
    return f"{root}:catalog", f"{root}:database/{database}", f"{root}:table/{place}"


def _record_decisions(path: Path) -> None:
    """Record each request of a role, and whether IAM allowed it."""
    evaluator = import_module("ministack.core.iam_evaluator")
    lock = Lock()

    def recording(enforce: Function) -> Function:
        def enforced(access_key: str, action: str, *rest: Any, **more: Any) -> Any:
            refusal = enforce(access_key, action, *rest, **more)
            if evaluator.is_root_access_key(access_key):
                return refusal
            caller = evaluator.resolve_caller_identity(access_key) or {}
            line = {
                "caller": caller.get("userArn", ""),
                "action": action,
                "resource": more.get("resource_arn", "*"),
                "allowed": refusal is None,
            }
            with lock, path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            return refusal

        return enforced

    _replace("enforce", recording, "ministack.core.iam_evaluator")


def _report_class_names() -> None:
    """Carry an exception's class name from the function's process into `errorType`."""

    def telling(script: str) -> str:
        if script.count(_ERROR_LINE) != 1:
            raise Misfit("the emulator's worker reports errors in another way")
        marked = f"{_ERROR_LINE.replace('str(e)', 'MARK + type(e).__name__ + MARK + str(e)')}"
        return script.replace(_ERROR_LINE, marked.replace("MARK", repr(_MARK)))

    def named(execute: Function) -> Function:
        def executed(*args: Any, **more: Any) -> Any:
            answer = execute(*args, **more)
            body = answer.get("body") if isinstance(answer, dict) else None
            if isinstance(body, dict) and str(body.get("errorMessage")).startswith(_MARK):
                _, body["errorType"], body["errorMessage"] = body["errorMessage"].split(_MARK, 2)
            return answer

        return executed

    _replace("_PYTHON_WORKER_SCRIPT", telling, "ministack.core.lambda_runtime")
    _replace("_execute_function_warm", named, "ministack.services.lambda_svc")


if __name__ == "__main__":
    try:
        main()
    except Misfit as misfit:
        sys.exit(f"the emulator does not fit: {misfit}")
