"""A number that makes no sense is refused by name, with its value and what is allowed; an unknown name with a guess."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest

from docpipe.bounds import bounds_of
from docpipe.engine.registry import settings_groups
from docpipe.errors import InvalidSettings
from docpipe.settings import Settings
from docpipe.settings_sources import load_settings, setting_names

BOUNDS = dict(bounds_of(Settings)) | {
    f"{group}.{name}": bounds for group, kind in settings_groups().items() for name, bounds in bounds_of(kind)
}


def numbers(kind: Any = Settings, prefix: str = "") -> list[str]:
    """The settings that hold an int or a float, or may."""
    found = []
    hints = get_type_hints(kind)
    for field in fields(kind):
        hint = hints[field.name]
        if is_dataclass(hint):
            found += numbers(hint, f"{prefix}{field.name}.")
        elif {int, float} & {hint, *get_args(hint)}:
            found.append(f"{prefix}{field.name}")
    return found


def test_every_number_among_the_settings_has_bounds_and_nothing_else_has() -> None:
    engines = [name for group, kind in settings_groups().items() for name in numbers(kind, f"{group}.")]
    assert sorted(BOUNDS) == sorted([*numbers(), *engines])
    assert set(BOUNDS) <= set(setting_names())


@pytest.mark.parametrize("name", sorted(BOUNDS))
@pytest.mark.parametrize("text", ["nan", "inf", "-1", "-1e400", "1" + 40 * "0"])
def test_what_is_no_sensible_number_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(InvalidSettings, match=name.replace(".", r"\.")) as caught:
        load_settings(flags={name: text})
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_the_bounds_themselves_are_allowed(name: str) -> None:
    for bound in BOUNDS[name]:
        load_settings(flags={name: bound})


def test_the_message_has_value_and_bounds() -> None:
    with pytest.raises(InvalidSettings) as caught:
        load_settings(environment={"DOCPIPE_EXTRACTION__REVIEW_CONFIDENCE": "nan"})
    assert caught.value.message == (
        "extraction.review_confidence is nan; it may be from 0 to 1 (DOCPIPE_EXTRACTION__REVIEW_CONFIDENCE)"
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("limits.max_page", "limits.max_pages"),
        ("max_pages", "limits.max_pages"),
        ("extraction.review_confidnce", "extraction.review_confidence"),
        ("shcema", "schema"),
    ],
)
def test_an_unknown_setting_is_told_with_the_one_that_was_meant(name: str, meant: str) -> None:
    with pytest.raises(InvalidSettings, match=rf"{name}: no such setting \(command line\); did you mean {meant}\?"):
        load_settings(flags={name: "1"})
    variable = f"DOCPIPE_{name.replace('.', '__').upper()}"
    with pytest.raises(InvalidSettings, match=rf"no such setting \({variable}\); did you mean {meant}\?"):
        load_settings(environment={variable: "1"})


@pytest.mark.parametrize(
    ("environment", "flags"),
    [
        ({"DOCPIPE_LIMITS": "5", "DOCPIPE_LIMITS__MAX_PAGES": "5"}, {}),
        ({"DOCPIPE_LIMITS": "5"}, {"limits.max_pages": "5"}),
        ({}, {"limits.max_pages": "5", "limits.max_pages.x": "5"}),
        ({}, {"": "5"}),
        ({}, {"__class__": "1"}),
        ({}, {"limits.__class__": "1"}),
        ({}, {"limits": "1"}),
        ({}, {"limits..max_pages": "1"}),
    ],
)
def test_a_group_is_no_value_and_a_value_no_group(environment: dict[str, str], flags: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings):
        load_settings(environment=environment, flags=flags)


def test_a_password_is_in_no_message() -> None:
    with pytest.raises(InvalidSettings) as caught:
        load_settings(flags={"passwords": 1234567, "limits.max_pages": "secret-like"})
    assert "1234567" not in caught.value.message
    assert "secret-like" in caught.value.message


def test_the_variable_that_shows_tracebacks_is_no_setting() -> None:
    assert load_settings(environment={"DOCPIPE_DEBUG": "1"}) == load_settings()
