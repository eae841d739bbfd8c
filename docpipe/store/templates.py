"""What a run has learnt from documents that are alike, kept beside the tables: templates.json.

Written before the first document is read with it, so that a run that goes on where another was killed reads with the
same templates. A file that is damaged, or that was learnt with other settings, is as good as none.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docpipe.records import Template
from docpipe.store.place import Place

NAME = "templates.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Known:
    """`templates` in the order in which they were learnt; `surveyed`: marks of the sources that were compared with each
    other, and of which some may not be read yet.
    """

    templates: tuple[Template, ...] = ()
    surveyed: frozenset[str] = frozenset()


def load_templates(out: Place, marks: Mapping[str, str]) -> Known:
    """What was learnt with these fingerprints; nothing where there is no such file."""
    try:
        tree: dict[str, Any] = json.loads(out.read(NAME))
        if tree["format"] != FORMAT or tree["marks"] != dict(marks):
            return Known()
        templates = tuple(
            Template(base64.b64decode(each["sketch"]), base64.b64decode(each["content"]), int(each["members"]))
            for each in tree["templates"]
        )
        return Known(templates, frozenset(map(str, tree["surveyed"])))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Known()


def save_templates(out: Place, marks: Mapping[str, str], known: Known) -> None:
    """Make the file hold this. Raises OSError."""
    tree = {
        "format": FORMAT,
        "marks": dict(marks),
        "surveyed": sorted(known.surveyed),
        "templates": [
            {
                "sketch": base64.b64encode(template.sketch).decode(),
                "content": base64.b64encode(template.content).decode(),
                "members": template.members,
            }
            for template in known.templates
        ],
    }
    out.replace(NAME, json.dumps(tree).encode())


def forget_templates(out: Place) -> None:
    """Remove the file: what is printed on all copies of a form may have been entered on all of them."""
    out.delete(NAME)
