"""How a checkpoint wants to be spoken to, as its chat template says: a program that is read, and never run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docpipe.engine.qwen2vl.folder import read_json, read_template
from docpipe.engine.qwen2vl.tokens import PAGE_PAD, PAGE_START, TURN_END, TURN_START
from docpipe.errors import EngineUnavailable

_MARKS = (TURN_START, TURN_END, PAGE_START, PAGE_PAD)  # what every prompt of ours is made of
SYSTEM = "You are a helpful assistant."  # said by Qwen2-VL's template where nobody says anything else

# A system's turn whose text stands there, not put together from what a user said. Inside a string of the template a
# line break is written as two characters.
_TURN = re.compile(
    rf"{re.escape(TURN_START)}system(?:\s|\\n)((?:(?!{re.escape(TURN_START)}|\{{[{{%#]|[%}}#]\}}).)*?)"
    rf"(?:{re.escape(TURN_END)}|\Z)",
    re.DOTALL,
)
_JOINED = re.compile(r"""["']\s*[+~]""")  # where a string of the template ends, and something is added to it
_ESCAPES = {r"\n": "\n", r"\'": "'", r"\"": '"', r"\\": "\\"}


def read_system(folder: Path) -> str:
    """What a checkpoint's chat template puts into the system's turn by itself, "" if it opens with the user's.

    SYSTEM where the folder has no template. Raises EngineUnavailable for a file that cannot be read.
    """
    template = chat_template(folder)
    if template is None:
        return SYSTEM
    texts = (turn[1] for turn in _TURN.finditer(template))
    plain = next((text for text in texts if not _JOINED.search(text)), "")
    return re.sub(r"\\[n'\"\\]", lambda escape: _ESCAPES[escape[0]], plain)


def check_chat(folder: Path, name: str) -> None:
    """Raises EngineUnavailable for a checkpoint whose template writes no such turns or pages as prompts here have."""
    template = chat_template(folder)
    missing = [] if template is None else [mark for mark in _MARKS if mark not in template]
    if missing:
        raise EngineUnavailable(
            f"{name} cannot run: its chat template writes no {', '.join(missing)}",
            remedy="It was taught another form of prompt; take an Instruct checkpoint of the family itself.",
        )


def chat_template(folder: Path) -> str | None:
    """The template that counts, as transformers looks for it; None if there is none."""
    if (folder / "chat_template.jinja").exists():
        return read_template(folder / "chat_template.jinja") or None
    for name in ("chat_template.json", "tokenizer_config.json"):
        if (folder / name).exists():
            template = _named_default(read_json(folder / name).get("chat_template"))
            if template:
                return template
    return None


def _named_default(stored: Any) -> str | None:
    """A template, or the one called "default" of several."""
    if isinstance(stored, list):
        named = {entry.get("name"): entry.get("template") for entry in stored if isinstance(entry, dict)}
        stored = named.get("default")
    elif isinstance(stored, dict):
        stored = stored.get("default")
    return stored if isinstance(stored, str) else None
