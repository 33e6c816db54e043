"""Write `docs/company-file.md` and `docs/command-line.md` from what reads the company file and the command line.

`make picture` writes them; `python docs/reference.py --check`, a part of `make lint`, fails where one is out of date.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.main
from pydantic import BaseModel

from scoro_smartaccounts.cli.application import application
from scoro_smartaccounts.common.company import Company

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOCS = Path(__file__).resolve().parent

COMPANY_HEAD = """\
# The company file

A YAML file for each company, in the folder that `SCORO_SMARTACCOUNTS_COMPANIES` names (else `include/companies`). Its
name is the company's key: `default.yaml` has DAGs without an ending, `acme.yaml` those that end in `__acme`. The file
that ships explains each value where it stands. A key that is not listed here is an error that names it. Secrets never
stand in it: they belong to Airflow's connections.

This page is written by `docs/reference.py` from what reads the file.
"""
COMMANDS_HEAD = """\
# The command line

What `scoro-smartaccounts COMMAND --help` says, written by `docs/reference.py` from the command line itself. Exit codes,
JSON and which database is asked: [commands](commands.md).
"""


def company_file() -> str:
    """Return the page of the company file: a table for each section, the file's own first."""
    schema = Company.model_json_schema(by_alias=True)
    parts = [COMPANY_HEAD, *_section("The file", Company, schema, schema)]
    for name, model in _sections(Company):
        of = schema["$defs"].get(model.__name__)
        if of is not None:
            parts += _section(f"`{name}`", model, of, schema)
    return "\n".join(parts) + "\n"


def command_line() -> str:
    """Return the page of the command line: what each command takes."""
    command: Any = typer.main.get_command(application())
    parts = [COMMANDS_HEAD, *_parameters(command)]
    # The demo is beside the product; its own commands explain themselves.
    for name, each in sorted((name, each) for name, each in command.commands.items() if name not in ("demo", "run")):
        parts += [f"## {name}\n", _one_line(each.help or ""), "", *_parameters(each)]
    return "\n".join(parts) + "\n"


def _sections(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield the models below a model, each with the key under which it stands."""
    for name, field in model.model_fields.items():
        for inner in _models(field.annotation):
            yield f"{path}{name}", inner
            yield from _sections(inner, f"{path}{name}.")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)


def _section(title: str, model: type[BaseModel], of: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    required = set(of.get("required", ()))
    lines = [f"## {title}\n", _one_line(inspect.getdoc(model) or ""), ""]
    lines += ["| key | value | without it |", "| --- | --- | --- |"]
    for key, value in of.get("properties", {}).items():
        if key == "key":
            continue  # the name of the file
        default = "must be there" if key in required else _default(value.get("default"))
        lines.append(f"| `{key}` | {_value(value, schema)} | {default} |")
    return [*lines, ""]


def _value(value: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Return what a key takes, in words."""
    if reference := value.get("$ref"):
        name = reference.rpartition("/")[2]
        inner = schema["$defs"][name]
        return _value(inner, schema) if "enum" in inner else "a section"
    if options := value.get("anyOf"):
        return " or ".join(dict.fromkeys(_value(each, schema) for each in options if each.get("type") != "null"))
    if words := value.get("enum"):
        return ", ".join(f"`{word}`" for word in words)
    match value.get("type"):
        case "array":
            return f"a list of: {_value(value.get('items', {}), schema)}"
        case "object":
            return "names and values"
        case "string":
            return "a day" if value.get("format") == "date" else "text"
        case "integer":
            return "a whole number"
        case "number":
            return "a number"
        case "boolean":
            return "`true`, `false`"
    return "text"


def _default(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, dict):
        return "as the section says" if value else "none"
    if isinstance(value, (list, tuple)):
        return "none" if not value else ", ".join(f"`{each}`" for each in value)
    return f"`{value}`" if value != "" else "none"


def _parameters(command: Any) -> Iterator[str]:
    shown = [each for each in command.params if not getattr(each, "hidden", False)]
    if not shown:
        return
    yield "| takes | |"
    yield "| --- | --- |"
    for each in shown:
        is_option = each.param_type_name == "option"
        names = ", ".join((*each.opts, *each.secondary_opts)) if is_option else (each.metavar or each.name).upper()
        needed = " (needed)" if each.required else ""
        yield f"| `{names}` | {_one_line(getattr(each, 'help', '') or '')}{needed} |"
    yield ""


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES = {"company-file.md": company_file, "command-line.md": command_line}


def main(arguments: list[str]) -> int:
    """Write the pages, or tell which are out of date."""
    old = []
    for name, write in PAGES.items():
        page = DOCS / name
        content = write()
        if arguments == ["--check"]:
            if not page.exists() or page.read_text("utf-8") != content:
                old.append(name)
        else:
            page.write_text(content, "utf-8")
    if old:
        sys.stderr.write(f"docs/{', docs/'.join(old)}: out of date: make picture\n")
    return len(old)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
