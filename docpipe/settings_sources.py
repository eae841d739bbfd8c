"""Where settings are said: the command line over DOCPIPE_* variables over a pipeline file over defaults.

pydantic-settings puts the sources in order and pydantic checks types. Both are imported only where settings are
read, and never in render's children: what comes of it is the frozen dataclasses of docpipe.settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, fields, is_dataclass, make_dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from docpipe.bounds import out_of_bounds
from docpipe.engine.registry import settings_groups
from docpipe.errors import InvalidSettings, did_you_mean
from docpipe.passwords import Passwords
from docpipe.pipelines import read_pipeline
from docpipe.settings import Settings

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings

ENVIRONMENT_PREFIX = "DOCPIPE_"
DEBUG = f"{ENVIRONMENT_PREFIX}DEBUG"
"""The one variable with the prefix that is no setting: tracebacks of defects are shown."""
MAX_FAULTS = 10

_UNQUOTED = ("password", "inputs", "manifests")  # what may hold a secret; an address may hold credentials
Tree = dict[str, Any]


def load_settings(
    pipeline: str = "",
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings of a run: `flags` (None is not given) over DOCPIPE_* over the file over `defaults`.

    `pipeline` is a YAML file or the name of a shipped one. Groups nest: in the file as mappings, in
    the environment as DOCPIPE_LIMITS__PAGE_TIMEOUT_S=5, in flags as "limits.page_timeout_s". A list may be one text:
    a JSON list, or an item a line. `defaults` are a command's own. Raises
    InvalidSettings naming every setting that is unknown, of the wrong type or out of bounds, and where it was said.
    The lines of `password_file` come after the `passwords`.
    """
    said = [
        _Said({name: (value, "command line") for name, value in (flags or {}).items() if value is not None}),
        _Said(dict(_from_environment(environment or {}))),
        _Said(dict(_from_pipeline(pipeline)) if pipeline else {}),
        _Said({name: (value, "default") for name, value in (defaults or {}).items()}),
    ]
    settings = _read(said)
    if not settings.password_file:
        return settings
    return replace(settings, passwords=settings.passwords + Passwords.from_file(settings.password_file))


def setting_names() -> Iterator[str]:
    """Every setting by its dotted name, those of every engine that is installed included."""
    for group in fields(Settings):
        if is_dataclass(group.default):
            yield from (f"{group.name}.{setting.name}" for setting in fields(group.default))
        elif group.name != "engines":
            yield group.name
    for name, kind in settings_groups().items():
        yield from (f"{name}.{setting.name}" for setting in fields(kind))


class _Said(dict[str, tuple[Any, str]]):
    """What one source says: (value, where it was said) by the setting's dotted name."""

    def tree(self, known: frozenset[str]) -> Tree:
        """The values of the settings that are known, nested as the models are."""
        tree: Tree = {"settings": {}, "engines": {}}
        for name, (value, _) in self.items():
            if name in known:
                group, _, last = name.rpartition(".")
                under = tree["engines" if group in settings_groups() else "settings"]
                (under.setdefault(group, {}) if group else under)[last] = value
        return tree


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    for variable, text in environment.items():
        if variable.startswith(ENVIRONMENT_PREFIX) and variable != DEBUG:
            yield variable.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", "."), (text, variable)


def _from_pipeline(pipeline: str) -> Iterator[tuple[str, tuple[Any, str]]]:
    groups, place = _groups(frozenset(setting_names())), f"pipeline {pipeline}"
    for name, value in read_pipeline(pipeline).items():
        if name in groups and isinstance(value, dict):
            yield from ((f"{name}.{key}", (inner, place)) for key, inner in value.items())
        else:
            yield name, (value, place)


def _groups(known: frozenset[str]) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in known if "." in name)


def _read(sources: list[_Said]) -> Settings:
    from pydantic import ValidationError

    known = frozenset(setting_names())
    where = {name: place for source in reversed(sources) for name, (_, place) in source.items()}
    faults = [_unknown(name, known, where) for name in where if name not in known]
    try:
        reader: Any = _reader(tuple(settings_groups().items()))
        read = reader(trees=[source.tree(known) for source in sources])
    except ValidationError as error:
        faults += [_fault(fault, where) for fault in error.errors(include_url=False)]
    if faults:  # raised here, as the cause would quote passwords
        more = [f"and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        raise InvalidSettings("; ".join([*faults[:MAX_FAULTS], *more]))
    engines = {group.name: getattr(read.engines, group.name) for group in fields(read.engines)}
    beyond = [*out_of_bounds(read.settings), *out_of_bounds(read.engines)]
    if beyond:
        raise InvalidSettings("; ".join(f"{sentence}{_where(name, where)}" for name, sentence in beyond))
    settings: Settings = replace(read.settings, engines=engines)
    return settings


@lru_cache(maxsize=8)  # a path or a set of engines is one a process, but in tests
def _reader(groups: tuple[tuple[str, type[Any]], ...]) -> type[BaseSettings]:
    """A model of Settings and of engines' groups; `trees` are what the sources say, the first wins."""
    from pydantic import create_model
    from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

    class Source(PydanticBaseSettingsSource):
        def __init__(self, model: type[BaseSettings], tree: Tree) -> None:
            super().__init__(model)
            self._tree = tree

        def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
            return self._tree.get(field_name), field_name, False

        def __call__(self) -> Tree:
            return self._tree

    class Reader(BaseSettings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            assert isinstance(init_settings, InitSettingsSource)
            return tuple(Source(settings_cls, tree) for tree in init_settings.init_kwargs["trees"])

    fields_of_engines = [(group, kind, field(default_factory=kind)) for group, kind in groups]
    engines = make_dataclass("Engines", fields_of_engines, frozen=True)
    return create_model("Read", __base__=Reader, settings=(Settings, Settings()), engines=(engines, engines()))


def _unknown(name: str, known: frozenset[str], where: Mapping[str, str]) -> str:
    """What is wrong with a name that is none, and which was probably meant: one without its group is a name too."""
    if name in _groups(known):
        return f"{name}: a group of settings, as {name}.{_first(name, known)}, and not one value{_where(name, where)}"
    whole = sorted(setting for setting in known if setting.rpartition(".")[2] == name)
    guess = f"; did you mean {whole[0]}?" if whole else did_you_mean(name, sorted(known | _groups(known)))
    return f"{name}: no such setting{_where(name, where)}{guess}"


def _first(group: str, known: frozenset[str]) -> str:
    return min(name for name in known if name.startswith(f"{group}.")).partition(".")[2]


def _fault(fault: Any, where: Mapping[str, str]) -> str:
    """A sentence about one setting: its name, its value unless it may be secret, what is wrong, where it was said."""
    name = ".".join(map(str, fault["loc"][1:]))
    value, what = fault["input"], fault["msg"].removeprefix("Value error, ")
    quoted = isinstance(value, str | int | float) and not name.startswith(_UNQUOTED)
    about = f"{name}{f' is {str(value)[:80]!r}' if quoted else ''}: " if name else ""
    return f"{about}{what}{_where(name, where)}"


def _where(name: str, where: Mapping[str, str]) -> str:
    """Where a setting was said; an item of a list where the list was."""
    place = where.get(name) or where.get(name.rpartition(".")[0])
    return f" ({place})" if place else ""
