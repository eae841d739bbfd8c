"""Lists of texts that may be given as one text: in the environment and after --set there is nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

_JSON_LIST = re.compile(r"""\s*\[\s*["\]]""")  # a glob may begin with a bracket, but hardly with one of these


class Texts:
    """Marks a field of type tuple[str, ...] that is read from a list, a JSON list, or lines of text."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(_parted, handler(source))


def _parted(value: Any) -> Any:
    """The items of a text, empty lines left out; what is no text as it is. Raises ValueError for broken JSON."""
    if not isinstance(value, str):
        return value
    if not _JSON_LIST.match(value):
        return [line for line in value.splitlines() if line]
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"not a JSON list of texts: {error}") from None
