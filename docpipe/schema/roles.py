"""What a schema may declare of a meaning: the role of an object, a string or an array, type and sign of a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from docpipe.schema.nodes import ArrayRole, Kind, Node

OBJECT_ROLES = ("issuer", "recipient")
STRING_ROLES = ("title", "chart_type", "x_axis", "y_axis")
ARRAY_ROLES: Mapping[str, str] = {  # role -> what the array's objects need to hold
    "line_items": "a string and a number",
    "receipt_items": "a string and a number",
    "tax_breakdown": "two numbers",
    "key_values": "two strings and nothing else",
    "checkboxes": "a boolean, one string or two, and nothing else",
    "tables": "an array",
    "chart_series": "an array of objects",
}
FORM_ROLES: tuple[ArrayRole, ...] = ("checkboxes", "key_values")  # whose rows have no header
NUMBER_TYPES = ("money", "quantity", "rate")
SIGNS = ("positive", "negative")
STRING_TYPES = ("name", "address", "identifier", "text")


def role_fault(role: object, kind: Kind, item: Node | None) -> str:
    """Why a node of that kind, an array with `item`, cannot have the role; "" if it can."""
    allowed: tuple[str, ...] = OBJECT_ROLES if kind == "object" else STRING_ROLES if kind == "string" else ()
    if kind == "array":
        allowed = tuple(ARRAY_ROLES)
    if not isinstance(role, str) or role not in allowed:
        return (
            f"x-docpipe.role cannot be {role!r} here: an object is {_listed(OBJECT_ROLES)}, a string "
            f"{_listed(STRING_ROLES)}, an array of objects {_listed(ARRAY_ROLES)}"
        )
    if kind == "array" and (item is None or not _has_parts(role, item)):
        return f"x-docpipe.role {role!r} is of an array of objects that hold {ARRAY_ROLES[role]}"
    return ""


def type_fault(stated: object, raw: Mapping[str, object], kind: Kind) -> str:
    """Why the field `raw` cannot have the type; "" if it can."""
    number = kind in ("number", "integer") and "enum" not in raw and "const" not in raw
    string = kind == "string" and not any(word in raw for word in ("enum", "const", "format"))
    if stated in (NUMBER_TYPES if number else STRING_TYPES if string else ()):
        return ""
    return (
        f"x-docpipe.type cannot be {stated!r} here: a number is {_listed(NUMBER_TYPES)}, a string without enum and "
        f"format {_listed(STRING_TYPES)}"
    )


def sign_fault(stated: object, bounds: tuple[Decimal | int | None, Decimal | int | None], kind: Kind) -> str:
    """Why a number within `bounds` cannot have the sign; "" if it can."""
    if stated not in SIGNS or kind not in ("number", "integer"):
        return f"x-docpipe.sign is of a number, and {_listed(SIGNS)}; without it a number keeps its printed sign"
    least, most = bounds
    if (stated == "positive" and most is not None and most < 0) or (
        stated == "negative" and least is not None and least > 0
    ):
        return f"x-docpipe.sign {stated!r} contradicts its minimum and maximum"
    return ""


def _has_parts(role: str, item: Node) -> bool:
    if item.kind != "object":
        return False
    kinds = Counter(
        "enum" if node.enum else "number" if node.kind == "integer" else node.kind for _, node in item.leaves()
    )
    arrays = [array for _, array in item.arrays()]
    match role:
        case "line_items" | "receipt_items":
            return kinds["string"] > 0 and kinds["number"] > 0
        case "tax_breakdown":
            return kinds["number"] > 1
        case "key_values":
            return dict(kinds) == {"string": 2} and not arrays
        case "checkboxes":
            return dict(kinds) in ({"boolean": 1, "string": 1}, {"boolean": 1, "string": 2}) and not arrays
        case "chart_series":
            return any(array.item is not None and array.item.kind == "object" for array in arrays)
        case _:
            return bool(arrays)


def _listed(words: tuple[str, ...] | Mapping[str, str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))
