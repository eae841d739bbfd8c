"""Pipeline files: YAML with a mapping of settings, read as a stranger's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docpipe.errors import InvalidSettings

MAX_NAME_CHARS = 4_000  # PATH_MAX of Linux is 4,096 bytes
MAX_BYTES = 1_000_000  # a file of settings has a few hundred


def read_pipeline(reference: str) -> dict[str, Any]:
    """The mapping in a YAML file, or in the shipped pipeline of that name.

    Raises InvalidSettings naming the file, and the line where YAML tells it, for what is missing, too large, not
    UTF-8, not YAML, nested too deeply, said twice, or no mapping with names for keys.
    """
    import yaml

    path = _path(reference)
    text = _text(path, reference)
    try:
        tree = yaml.load(text, Loader=_loader())  # noqa: S506  a SafeLoader
    except RecursionError:
        raise InvalidSettings(f"pipeline {reference} is nested too deeply") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise InvalidSettings(f"pipeline {reference}{where}: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that is none, a number of 5,000 digits
        raise InvalidSettings(f"pipeline {reference} is not YAML: {_one_line(error)}") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise InvalidSettings(f"pipeline {reference} holds no mapping of settings")
    return _named(tree, reference)


def shipped_pipelines() -> list[str]:
    """The names of the pipelines that come with docpipe."""
    from docpipe.schema.load import shipped_folder

    return sorted(path.stem for path in shipped_folder("pipelines").glob("*.yaml"))


def _path(reference: str) -> Path:
    from docpipe.schema.load import names_a_file, shipped_folder

    if len(reference) > MAX_NAME_CHARS or "\0" in reference:
        raise InvalidSettings(f"no file can be named {reference[:40]!r}")
    if names_a_file(reference):  # a bare name is a shipped one's, whatever lies in the working folder
        return Path(reference)
    return shipped_folder("pipelines") / f"{reference}.yaml"


def _text(path: Path, reference: str) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        shipped = ", ".join(shipped_pipelines())
        raise InvalidSettings(
            f"no pipeline {reference}", remedy=f"Name a YAML file, or one that is shipped: {shipped}."
        ) from error
    except OSError as error:
        raise InvalidSettings(f"cannot read pipeline {reference[:200]}: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise InvalidSettings(f"pipeline {reference} is larger than {MAX_BYTES:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidSettings(f"pipeline {reference}, line {line}: not UTF-8") from error


def _loader() -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """Takes no key twice: which of the two was meant is not known."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            for index, name in enumerate(names):
                if name in names[:index]:
                    raise yaml.MarkedYAMLError(problem=f"{name} is said twice", problem_mark=node.start_mark)
            return super().construct_mapping(node, deep=deep)

    return Loader


def _named(tree: dict[Any, Any], reference: str) -> dict[str, Any]:
    """The tree with names for keys. Settings nest once; what lies deeper is refused with the setting that holds it."""
    for group in (tree, *(value for value in tree.values() if isinstance(value, dict))):
        for key in group:
            if not isinstance(key, str):
                raise InvalidSettings(f"pipeline {reference}: {key!r} is no name of a setting; write it in quotes")
    return tree


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
