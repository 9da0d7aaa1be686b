"""`make reference`: writes docs/reference/, whose text comes from code and template."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
from ruamel.yaml import YAML

from datasphere_glue.cli import commands
from datasphere_glue.config import schema
from datasphere_glue.config.settings import SETTINGS, Setting, Settings
from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.glue_keys import DATABASE_KEYS
from datasphere_glue.model.key import Key
from datasphere_glue.model.table_keys import TABLE_KEYS
from tools.issue_index import issue_index
from tools.term_page import terms_page

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs" / "reference"
WIDTH: Final = 80


def pages() -> dict[str, str]:
    """Return every page by its path relative to docs/reference."""
    return {
        "settings.md": settings_page(),
        "configuration.md": configuration_page(),
        "commands.md": commands_page(),
        "parameters.md": parameters_page(),
        "glue-keys.md": glue_keys_page(),
        "terms.md": terms_page(),
        "../errors/index.md": issue_index(),
    }


def glue_keys_page() -> str:
    """Return the page of every parameter of ours in Glue, from the table of keys."""
    head = (
        "# Keys in Glue\n\nEvery parameter that a sync writes. A key without a value is absent."
        " Lists and objects are JSON with sorted\nkeys, never joined by commas.\n"
    )
    parts = (("a table", TABLE_KEYS), ("a column", COLUMN_KEYS), ("a database", DATABASE_KEYS))
    return head + "".join(_keys_section(place, keys) for place, keys in parts)


def _keys_section(place: str, keys: Iterable[Key]) -> str:
    rows = (f"| `{key.full}` | {key.codec} | {key.meaning} |\n" for key in keys)
    return f"\n## Parameters of {place}\n\n| key | form | meaning |\n|---|---|---|\n" + "".join(
        rows
    )


def settings_page() -> str:
    """Return a table of all settings, and a section for each, from the fields of `Settings`."""
    head = (
        "# Settings\n\nEnvironment variables of the deployed function. The stack sets them from its"
        " [parameters](parameters.md).\nOn a command line, the same names work as flags"
        " (`--sync-spaces`), as environment variables, and in\nthe profile that"
        " `datasphere-glue init` writes. A flag overrides the environment, and the environment\n"
        "overrides the profile. Secrets have no flag.\n\n"
        "A run checks all settings before its first call. One error lists everything that is"
        " missing or\nmalformed ([`SETTINGS_INVALID`](../errors/SETTINGS_INVALID.md)). AWS"
        " credentials are not settings: boto3 finds\nthem (execution role, profile, keys,"
        " `AWS_ENDPOINT_URL`).\n"
    )
    rows = (
        f"| [`{setting.name}`](#{setting.name.lower()}) | {setting.default}"
        f" | {_first_sentence(setting.description)} |\n"
        for setting in SETTINGS
    )
    table = "\n| variable | default | meaning |\n|---|---|---|\n" + "".join(rows)
    schemas = Settings.model_json_schema()["properties"]
    return head + table + "".join(_setting(one, schemas[one.name]) for one in SETTINGS)


def _setting(setting: Setting, schema: Mapping[str, Any]) -> str:
    lines = [f"\n## {setting.name}\n", f"{setting.description}\n", f"- Default: {setting.default}"]
    lines += [f"- {fact}" for fact in _bounds(schema)]
    lines += [f"- Example: `{setting.example}`"] if setting.example else []
    flag = "none, since process lists show flags" if setting.sensitive else f"`{setting.flag}`"
    return "\n".join([*lines, f"- Flag: {flag}"]) + "\n"


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].removesuffix(".")


def _sentence(text: str) -> str:
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith(".") else whole + "."


def _bounds(field: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a JSON Schema demands of one value, for people."""
    for form in (field, *field.get("anyOf", ())):
        if "enum" in form:
            yield "One of " + ", ".join(f"`{value}`" for value in form["enum"])
        if "minimum" in form and "maximum" in form:
            yield f"From {form['minimum']:,} to {form['maximum']:,}"
        elif "minimum" in form:
            yield f"At least {form['minimum']:,}"
        if "minLength" in form and "maxLength" in form:
            yield f"From {form['minLength']:,} to {form['maxLength']:,} characters"
        if "pattern" in form:
            yield f"Must match `{form['pattern']}`"


def configuration_page() -> str:
    """Return a section for each object of the mapping configuration, and a row for each key."""
    whole = schema()
    head = (
        "# Mapping configuration\n\nThe document that"
        " [`SYNC_CONFIG_URI`](settings.md#sync_config_uri) names, in YAML or JSON."
        "\n`datasphere-glue config schema` prints this as JSON Schema. `config check` lists the"
        " errors of a document.\n`config show` prints it with all defaults. Every key is optional"
        " unless it is required. The [guide](../guide/configuration.md)\nshows the most useful"
        " sections.\n"
    )
    parts = [("Top level", whole), *sorted(whole["$defs"].items())]
    return head + "".join(_object(name, part) for name, part in parts)


def _object(name: str, part: Mapping[str, Any]) -> str:
    text = "" if name == "Top level" else _markdown(part.get("description", ""))
    head = f"\n## {name}\n" + (f"\n{text}\n" if text else "")
    if "enum" in part:
        return head + "\nOne of " + ", ".join(f"`{value}`" for value in part["enum"]) + ".\n"
    needed = part.get("required", ())
    rows = [
        f"| `{key}` | {_kind(value)} | {'required' if key in needed else _default(value)}"
        f" | {_cell(value.get('description', ''))} |\n"
        for key, value in part.get("properties", {}).items()
    ]
    table = "\n| key | type | default | meaning |\n|---|---|---|---|\n" if rows else ""
    return head + table + "".join(rows)


def _markdown(docstring: str) -> str:
    """Return a docstring with each paragraph and each item of a list on a line of its own."""
    paragraphs = (re.split(r"\n(?=- )", text) for text in docstring.split("\n\n"))
    return "\n\n".join("\n".join(map(_prose, lines)) for lines in paragraphs)


def _prose(text: str) -> str:
    """Return a docstring as Markdown, each paragraph and each item of a list on one line."""
    paragraphs = (re.split(r"\n(?=- )", paragraph) for paragraph in text.split("\n\n"))
    return "\n\n".join("\n".join(map(_one_line, items)) for items in paragraphs)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _one_line(text).replace("|", "\\|")


def _kind(value: Mapping[str, Any]) -> str:
    """Return the type of a value, with links to the sections of this page."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        kinds = (_kind(one) for one in value["anyOf"] if one.get("type") != "null")
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in value or "const" in value:
        return ", ".join(f"`{one}`" for one in value.get("enum", [value.get("const")]))
    if value.get("type") == "array":
        return f"list of {_kind(value.get('items', {}))}"
    if value.get("type") == "object":
        return f"map to {_kind(value.get('additionalProperties') or {})}"
    limits = "; ".join(fact.lower() for fact in _bounds(value) if "match" not in fact)
    return str(value.get("type", "any value")) + (f" ({limits})" if limits else "")


def _default(value: Mapping[str, Any]) -> str:
    default = value.get("default")
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return "" if default in (None, [], {}, "") else f"`{_cell(str(default))}`"


def commands_page() -> str:
    """Return the `--help` of every command, in the order of `datasphere-glue --help`."""
    head = (
        "# Commands\n\nThe output of `datasphere-glue COMMAND --help`. [Settings](settings.md)"
        " describes the settings that most\ncommands accept as flags. [Outputs](shown.md) shows"
        " the commands at work.\n"
    )
    return head + "".join(
        f"\n## {path}\n\n```text\n{_help(path, command)}\n```\n"
        for path, command in every_command()
    )


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name, groups before their members."""
    yield "datasphere-glue", commands
    yield from _below("datasphere-glue", commands)


def _below(path: str, group: click.Group) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from _below(f"{path} {name}", command)


def _help(path: str, command: click.Command) -> str:
    with click.Context(
        command, info_name=path, terminal_width=WIDTH, help_option_names=["-h", "--help"]
    ) as context:
        return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def parameters_page() -> str:
    """Return a section for each parameter of the stack, in the groups that the console shows."""
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    # Only what is read here is plain YAML: the resources hold tags of CloudFormation's own.
    reader = YAML(typ="safe")
    reader.constructor.add_multi_constructor("!", lambda *_: None)
    stack = reader.load(template)
    parameters = stack["Parameters"]
    groups = stack["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    if apart := {name for group in groups for name in group["Parameters"]} ^ set(parameters):
        raise ValueError(f"groups and parameters differ in {', '.join(sorted(apart))}")
    head = (
        "# Template parameters\n\nThe parameters of `template.yaml`, which `sam deploy --guided`"
        " asks for. Parameters without a default are required.\n"
    )
    return head + "".join(
        f"\n## {group['Label']['default']}\n"
        + "".join(_parameter(name, parameters[name]) for name in group["Parameters"])
        for group in groups
    )


def _parameter(name: str, parameter: Mapping[str, Any]) -> str:
    lines = [f"\n### {name}\n", f"{_sentence(_one_line(parameter.get('Description', '')))}\n"]
    lines.append(f"- Type: {parameter['Type']}")
    if "Default" in parameter:
        lines.append(f"- Default: {_code(parameter['Default']) or 'empty'}")
    if "AllowedValues" in parameter:
        lines.append("- One of " + ", ".join(_code(one) for one in parameter["AllowedValues"]))
    if "MinValue" in parameter:
        lines.append(f"- From {parameter['MinValue']:,} to {parameter['MaxValue']:,}")
    return "\n".join(lines) + "\n"


def _code(value: object) -> str:
    return f"`{value}`" if str(value) else ""


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for page, text in pages().items():
        (FOLDER / page).write_text(text, encoding="utf-8")
