"""`make reference`: writes docs/reference/, whose words come from code, template and README."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
from ruamel.yaml import YAML

from datasphere_glue.cli import commands
from datasphere_glue.config import schema
from datasphere_glue.config.settings import SETTING_NAMES, Settings

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs" / "reference"
WIDTH: Final = 80
_ROW: Final = re.compile(r"^\| (`[A-Z].*?) \| (.*?) \|(?: (.*?))? ?\|$", re.MULTILINE)
_NAME: Final = re.compile(r"`([A-Z][A-Z_]+)`")


def pages() -> dict[str, str]:
    """Return every page by its name in docs/reference."""
    return {
        "settings.md": settings_page(),
        "configuration.md": configuration_page(),
        "commands.md": commands_page(),
        "parameters.md": parameters_page(),
    }


def settings_page() -> str:
    """Return a section for each setting: the README's words, and the bounds of the code.

    Raises:
        ValueError: a setting has no row in the README's table, or a row has no setting.

    """
    told = meanings()
    if apart := set(told) ^ set(SETTING_NAMES):
        raise ValueError(f"README and settings.py differ in {', '.join(sorted(apart))}")
    head = (
        "# Settings\n\nEnvironment variables of the deployed function, which the stack sets from"
        " its [parameters](parameters.md).\nOn a command line, the same names work as flags"
        " (`--sync-spaces`), as environment variables and in\nthe profile that"
        " `datasphere-glue init` writes; a flag wins over the environment, and that over the\n"
        "profile. Secrets have no flag.\n"
    )
    return head + "".join(_setting(name, *told[name]) for name in SETTING_NAMES)


def meanings() -> dict[str, tuple[str, str]]:
    """Return meaning and default of each setting from the README's table."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("\n## Settings\n")[2].partition("\n### ")[0]
    return {
        name: (meaning.strip(), (default or "").strip())
        for names, meaning, default in _ROW.findall(section)
        for name in _NAME.findall(names)
    }


def _setting(name: str, meaning: str, default: str) -> str:
    (field,) = (one for one in _fields() if one["title"] == name)
    lines = [f"\n## {name}\n", f"{_sentence(meaning)}\n", f"- Default: {default or 'none'}"]
    lines += [f"- {fact}" for fact in _bounds(field)]
    return "\n".join(lines) + "\n"


def _fields() -> Iterator[Mapping[str, Any]]:
    for name, field in Settings.model_json_schema()["properties"].items():
        yield {**field, "title": name}


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
        if "pattern" in form:
            yield f"Must match `{form['pattern']}`"


def configuration_page() -> str:
    """Return a section for each object of the mapping configuration, and a row for each key."""
    whole = schema()
    head = (
        "# Mapping configuration\n\nThe document that"
        " [`SYNC_CONFIG_URI`](settings.md#sync_config_uri) names, in YAML or JSON."
        " `datasphere-glue config schema`\nprints this as JSON Schema, `config check` tells what is"
        " wrong with a document, and `config show`\nwhat applies to one asset. Every key may be"
        " left out unless it is required.\n"
    )
    parts = [("Top level", whole), *sorted(whole["$defs"].items())]
    return head + "".join(_object(name, part) for name, part in parts)


def _object(name: str, part: Mapping[str, Any]) -> str:
    text = "" if name == "Top level" else _prose(part.get("description", ""))
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


def _prose(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|")


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
    """Return what `--help` says of every command, in the order of `datasphere-glue --help`."""
    head = (
        "# Commands\n\nWhat `datasphere-glue COMMAND --help` prints. Settings are told in"
        " [their own page](settings.md);\n[outputs](shown.md) shows the commands at work.\n"
    )
    return head + "".join(
        f"\n## {path}\n\n```text\n{_help(path, command)}\n```\n"
        for path, command in every_command()
    )


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Yield every command by the words that call it, groups before what they hold."""
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
    told = stack["Parameters"]
    groups = stack["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    if apart := {name for group in groups for name in group["Parameters"]} ^ set(told):
        raise ValueError(f"groups and parameters differ in {', '.join(sorted(apart))}")
    head = (
        "# Template parameters\n\nWhat `sam deploy --guided` asks for, from `template.yaml`;"
        " those without a default are required.\n"
    )
    return head + "".join(
        f"\n## {group['Label']['default']}\n"
        + "".join(_parameter(name, told[name]) for name in group["Parameters"])
        for group in groups
    )


def _parameter(name: str, told: Mapping[str, Any]) -> str:
    lines = [f"\n### {name}\n", f"{_sentence(_prose(told.get('Description', '')))}\n"]
    lines.append(f"- Type: {told['Type']}")
    if "Default" in told:
        lines.append(f"- Default: {_shown(told['Default']) or 'empty'}")
    if "AllowedValues" in told:
        lines.append("- One of " + ", ".join(_shown(one) for one in told["AllowedValues"]))
    if "MinValue" in told:
        lines.append(f"- From {told['MinValue']:,} to {told['MaxValue']:,}")
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    return f"`{value}`" if str(value) else ""


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for page, text in pages().items():
        (FOLDER / page).write_text(text, encoding="utf-8")
