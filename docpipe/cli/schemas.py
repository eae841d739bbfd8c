"""`docpipe schemas`: the shipped ones, and what docpipe makes of your own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from docpipe.cli import app
from docpipe.errors import InvalidSchema
from docpipe.intake.names import shown
from docpipe.schema.nodes import Node, Schema

schemas = typer.Typer(help="The shipped schemas, and checks for your own.", no_args_is_help=True)
app.add_typer(schemas, name="schemas")


@schemas.command("list")
def schemas_list() -> None:
    """Names and titles of the shipped schemas."""
    from docpipe.schema.load import load_schema, shipped_schemas

    for name in shipped_schemas():
        typer.echo(shown(f"{name:12} {load_schema(name).title}"))


@schemas.command("show")
def schemas_show(
    name: Annotated[str, typer.Argument(help="A shipped name, a file, package.module:Class or path/to/file.py:Class.")],
    as_json: Annotated[bool, typer.Option("--json", help="The JSON Schema itself.")] = False,
) -> None:
    """Fields, types, checks and tables of a schema."""
    from docpipe.cli.as_json import dumps
    from docpipe.cli.show import print_schema
    from docpipe.schema.load import load_schema

    schema = load_schema(name)
    if as_json:
        typer.echo(dumps(schema.document, indent=2))
    else:
        print_schema(schema)


@schemas.command("check")
def schemas_check(
    file: Annotated[str, typer.Argument(help="A schema file, package.module:Class or path/to/file.py:Class.")],
    as_json: Annotated[bool, typer.Option("--json", help="What was found, as one JSON object.")] = False,
) -> None:
    """Say whether docpipe can hold to a schema, what must change if not, and how an engine finds each field."""
    from docpipe.cli.hostile_page import hostile_page_problems
    from docpipe.schema.load import load_schema, schema_problems

    problems = schema_problems(file) or hostile_page_problems(load_schema(file))
    if as_json:
        from docpipe.cli.as_json import dumps

        verdict = {"fine": False, "problems": problems} if problems else {"fine": True, "problems": [], **checked(file)}
        typer.echo(dumps(verdict, indent=2))
    else:
        for line in problems or [f"{file}: fine", *field_lines(checked(file))]:
            typer.echo(shown(line))
    if problems:
        raise InvalidSchema(f"{file}: {len(problems)} to mend", remedy="docs/schemas.md says what is allowed.")


def checked(reference: str) -> dict[str, Any]:
    """{schema, table, fields: [{path, layout: {means, how}, model}], undeclared: [{path, role or type}]}.

    Raises UnknownSchema, InvalidSchema.
    """
    from docpipe.engine.layout.keys.findable import findable
    from docpipe.engine.layout.keys.proposals import proposals
    from docpipe.schema.load import load_schema

    schema = load_schema(reference)
    models = dict(_for_a_model(schema))
    fields = [
        {"path": field.path, "layout": {"means": field.means, "how": field.how}, "model": models[field.path]}
        for field in findable(schema)
    ]
    undeclared = [{"path": field.path, field.key: field.value} for field in proposals(schema)]
    return {"schema": reference, "table": schema.name, "fields": fields, "undeclared": undeclared}


def field_lines(verdict: dict[str, Any]) -> Iterator[str]:
    """The table's name, a line a field: how each kind of engine would find it; then what could be declared."""
    rows = [("field", "layout engine", "a model")]
    rows += [(field["path"], field["layout"]["how"], field["model"]) for field in verdict["fields"]]
    path, layout, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    yield f"table: {verdict['table']}"
    for row in rows:
        yield f"{row[0]:{path}}  {row[1]:{layout}}  {row[2]}"
    for field in verdict["undeclared"]:
        key = "role" if "role" in field else "type"
        yield f"{field['path']}: did you mean {key}: {field[key]}? (not declared; the layout engine guesses it)"


def _for_a_model(schema: Schema) -> Iterator[tuple[str, str]]:
    """(path, what a model is told of the field) of every scalar, those of lists too."""
    for path, node in schema.root.leaves_of_all():
        yield path, "by name and description" if _described(path, node, schema) else "by name only: add a description"


def _described(path: str, node: Node, schema: Schema) -> bool:
    """Whether the field, or the list of single values that it stands in, has a description."""
    return bool(node.description) or any(
        array.description for where, array in _arrays(schema.root, "") if where == path and node is array.item
    )


def _arrays(node: Node, prefix: str) -> Iterator[tuple[str, Node]]:
    for path, array in node.arrays(prefix):
        yield path, array
        if array.item is not None and array.item.kind == "object":
            yield from _arrays(array.item, path)
