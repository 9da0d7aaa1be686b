"""Loads the settings that a command or a run needs, or lists everything that is wrong."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, assert_never

from pydantic import ValidationError

from datasphere_glue.config.settings import SETTING_NAMES, SETTINGS, Settings
from datasphere_glue.errors import SettingsError, plain_reason


class Need(StrEnum):
    """What a command or a run reads, which decides the settings that it needs.

    - `run`: the tenant, and the others.
    - `catalog`: Glue and the report place; DATASPHERE_URL only chooses one of several tenants.
    - `reports`: the report place alone.
    """

    RUN = "run"
    CATALOG = "catalog"
    REPORTS = "reports"

    def covers(self, name: str) -> bool:
        """Return whether a setting is read."""
        match self:
            case Need.RUN:
                return True
            case Need.CATALOG:
                return name == "DATASPHERE_URL" or not name.startswith("DATASPHERE_")
            case Need.REPORTS:
                return name == "REPORT_URI"
            case _:
                assert_never(self)


def load(environment: Mapping[str, str], need: Need = Need.RUN) -> Settings:
    """Return the validated settings; an empty variable counts as not set.

    Settings that the need does not cover are not read, so they cannot be wrong.

    Raises:
        SettingsError: lists every variable that is missing or malformed, without its value.

    """
    values = {
        name: environment.get(name, "").strip() for name in SETTING_NAMES if need.covers(name)
    }
    values = {name: value for name, value in values.items() if value and need.covers(name)}
    problems = list(_missing(values, need))
    problems += _missing_partners(values)
    if need is Need.RUN:
        problems += _missing_client(values, in_lambda="AWS_LAMBDA_FUNCTION_NAME" in environment)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as err:
        problems = [_line(error) for error in err.errors(include_input=False)] + problems
    if problems:
        raise SettingsError("invalid settings:\n  " + "\n  ".join(problems))
    return settings


def _line(error: Mapping[str, Any]) -> str:
    message = plain_reason(str(error["msg"]))
    return f"{error['loc'][0]}: {message}"


def _missing(values: Mapping[str, str], need: Need) -> Iterator[str]:
    for setting in SETTINGS if need is Need.RUN else ():
        if setting.required and setting.name not in values:
            yield f"{setting.name}: is required"


def _missing_client(values: Mapping[str, str], *, in_lambda: bool) -> Iterator[str]:
    """Yield the problem of a run without an OAuth client."""
    local = {"DATASPHERE_CLIENT_ID", "DATASPHERE_CLIENT_SECRET"} <= set(values)
    if "DATASPHERE_SECRET_ID" in values:
        return
    if in_lambda:
        yield "DATASPHERE_SECRET_ID: is required in Lambda"
    elif not local:
        yield "DATASPHERE_SECRET_ID: is required (locally: or DATASPHERE_CLIENT_ID and _SECRET)"


def _missing_partners(values: Mapping[str, str]) -> list[str]:
    """Return the problems between settings that are valid one by one."""
    template = values.get("GLUE_DATABASE_TEMPLATE", "")
    rules = (
        (
            "GLUE_ROLE_EXTERNAL_ID" in values and "GLUE_ROLE_ARN" not in values,
            "GLUE_ROLE_EXTERNAL_ID: needs GLUE_ROLE_ARN",
        ),
        (
            values.get("LINEAGE_EXPORT") == "on" and "REPORT_URI" not in values,
            "LINEAGE_EXPORT: needs REPORT_URI, where the events go",
        ),
        (
            "{environment" in template and "SYNC_ENVIRONMENT" not in values,
            "SYNC_ENVIRONMENT: is required, GLUE_DATABASE_TEMPLATE holds {environment}",
        ),
    )
    return [message for wrong, message in rules if wrong]
