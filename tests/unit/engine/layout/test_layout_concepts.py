"""What the fields of a schema mean, and the captions by which a document prints it in many languages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from docpipe.engine.layout.keys import concepts
from docpipe.engine.layout.keys.field_names import named
from docpipe.engine.layout.parties.addresses import has_legal_form
from docpipe.literals.captions import Concept
from docpipe.schema.load import parse_schema
from tests.unit.engine.layout.conftest import Print, page_of, reply_of, table_of

TEXT: dict[str, Any] = {"type": ["string", "null"]}
NUMBER: dict[str, Any] = {"type": ["number", "null"]}
WHOLE: dict[str, Any] = {"type": ["integer", "null"]}
DATE: dict[str, Any] = {**TEXT, "format": "date"}


def schema(title: str = "", **properties: Any) -> dict[str, Any]:
    return {"title": title, "type": "object", "properties": properties}


def lines(*texts: str) -> list[Print]:
    return [(50.0, 60.0 + 20.0 * at, text) for at, text in enumerate(texts)]


def read(document: Mapping[str, Any], *prints: Print) -> tuple[dict[str, Any], dict[str, float]]:
    """(the answer, the score of each value)."""
    reply = reply_of(document, [page_of(prints)])
    assert reply.finish == "stop", reply.error
    return json.loads(reply.text), {span.path: span.score for span in reply.spans}


def meant(document: Mapping[str, Any], path: str) -> set[str]:
    meaning = named(parse_schema(document, "any"), ())[1][path].meaning
    return {concept.name for concept in meaning.concepts} if meaning is not None else set()


def anything(_concept: Concept) -> bool:
    return True


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("invoice no", "invoice_number"),
        ("invoice number", "invoice_number"),
        ("number of the invoice", "invoice_number"),
        ("invoice id", "invoice_number"),
        ("Rechnungsnummer", "invoice_number"),
        ("Rechnungs-Nr.", "invoice_number"),
        ("請求書番号", "invoice_number"),
        ("date of birth", "birth_date"),
        ("birth date", "birth_date"),
        ("deposit amount", "deposit"),
        ("employee full name", "employee"),
    ],
)
def test_a_name_in_many_words_and_languages_is_one_concept(text: str, concept: str) -> None:
    assert concept in {each.name for each in concepts.named(text, anything)}


@pytest.mark.parametrize("text", ["colour of the sky at noon", "xyzzy", "", "a b c d e f g h i j"])
def test_other_words_are_no_concept(text: str) -> None:
    assert concepts.named(text, anything) == ()


@pytest.mark.parametrize(
    ("name", "field", "line", "value"),
    [
        ("gross_salary", NUMBER, "Salaire brut : 2 210,40", 2210.4),
        ("netSalary", NUMBER, "Auszahlungsbetrag: 2.520,82", 2520.82),
        ("policyNumber", TEXT, "Vakuutusnumero: 442-118-9", "442-118-9"),
        ("meter_no", TEXT, "Číslo elektroměru: 7004491", "7004491"),
        ("date_of_birth", DATE, "Születési idő: 1992.07.21", "1992-07-21"),
        ("issued_on", DATE, "Дата выдачи: 12.03.2024", "2024-03-12"),
        ("flight", TEXT, "항공편: HG 207", "HG 207"),
        ("tracking_no", TEXT, "送り状番号: 4401-7782", "4401-7782"),
        ("nights", WHOLE, "Antall netter: 3", 3),
        ("landlord", TEXT, "Εκμισθωτής: Μαρία Παππά", "Μαρία Παππά"),
    ],
)
def test_a_field_without_labels_is_found_by_a_caption(
    name: str, field: Mapping[str, Any], line: str, value: object
) -> None:
    answer, scores = read(schema(**{name: field}), *lines("Some document", line))
    assert answer[name] == value
    assert scores[name] < 0.95


def test_a_declared_label_is_surer_than_a_caption() -> None:
    labelled = {**NUMBER, "x-docpipe": {"labels": {"fr": ["Salaire brut"]}}}
    prints = lines("Salaire brut : 2 210,40")
    by_label = read(schema(pay=labelled), *prints)[1]["pay"]
    by_caption = read(schema(gross_salary=NUMBER), *prints)[1]["gross_salary"]
    assert by_caption < by_label


def test_the_description_tells_what_a_name_does_not() -> None:
    field = {**DATE, "description": "The date of birth of whom it is about"}
    assert meant(schema(day=field), "day") == {"birth_date"}


def test_words_within_a_description_do_not_make_a_text_a_date() -> None:
    field = {**TEXT, "description": "Contract account: as printed on the bill."}
    assert meant(schema(acct=field), "acct") == set()


def test_a_word_of_another_language_within_a_name_means_nothing() -> None:
    assert "score" not in meant(schema(meter_point=TEXT), "meter_point")


def test_a_caption_of_another_kind_of_value_is_not_what_a_field_means() -> None:
    assert meant(schema(premium=NUMBER), "premium") == {"premium"}
    assert "premium" not in meant(schema(premium=DATE), "premium")


def test_the_field_that_is_named_so_has_the_concept_and_the_other_has_not() -> None:
    document = schema(total=NUMBER, worth={**NUMBER, "title": "Grand total"})
    assert "total" in meant(document, "total")
    assert "total" not in meant(document, "worth")
    assert "total" in meant(schema(worth={**NUMBER, "title": "Grand total"}), "worth")


def test_a_party_in_a_name_says_whose_it_is() -> None:
    document = schema(supplier_phone=TEXT, customer_phone=TEXT)
    answer, _ = read(document, *lines("Telefon: 0711 445566"))
    assert None in (answer["supplier_phone"], answer["customer_phone"])


PAYSLIP = schema("Payslip", employee_name=TEXT, gross_pay=NUMBER)


def test_a_bare_name_is_that_of_the_only_person_and_for_review() -> None:
    answer, scores = read(PAYSLIP, *lines("Naam: Sanne de Wit", "Brutoloon: 2.210,40"))
    assert answer["employee_name"] == "Sanne de Wit"
    assert scores["employee_name"] < 0.5


def test_a_bare_name_of_two_possible_persons_is_nobodys() -> None:
    document = schema("Policy", policyholder=TEXT, patient=TEXT)
    answer, _ = read(document, *lines("Naam: Sanne de Wit"))
    assert answer == {"policyholder": None, "patient": None}


def test_a_stand_in_is_not_taken_where_a_field_means_it() -> None:
    document = schema(total=NUMBER, amount_due=NUMBER)
    meaning = named(parse_schema(document, "any"), ())[1]["total"].meaning
    assert meaning is not None
    assert "amount_due" not in {concept.name for concept in meaning.stand_ins}
    answer, _ = read(document, *lines("Til betaling: 2.417,50"))
    assert answer == {"total": None, "amount_due": 2417.5}


@pytest.mark.parametrize(
    ("name", "line", "value"),
    [
        ("iban", "IBAN: FR76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
        ("account_number", "Número de cuenta: 0049 1500 05 1234567892", "0049 1500 05 1234567892"),
        ("account_number", "Kontonummer: 12.03.2024", None),
    ],
)
def test_the_number_of_an_account_is_read_to_its_end(name: str, line: str, value: object) -> None:
    assert read(schema(**{name: TEXT}), *lines(line))[0][name] == value


def test_columns_are_found_by_captions() -> None:
    rows = {"type": "array", "items": schema(booking_date=DATE, description=TEXT, amount=NUMBER)}
    prints = table_of(100, (50, 150, 380), [("Datum", "Omschrijving", "Bedrag"), ("03-04-2025", "Huur", "910,00")])
    answer, _ = read(schema(transactions=rows), *prints)
    assert answer["transactions"] == [{"booking_date": "2025-04-03", "description": "Huur", "amount": 910}]


def test_two_texts_that_are_columns_are_no_pairs_of_a_form() -> None:
    rows = {"type": "array", "items": schema(subject=TEXT, grade=TEXT)}
    answer, _ = read(schema(grades=rows), *lines("School: Harwood", "Issued: today"))
    assert answer["grades"] == []


def test_labels_and_values_stay_pairs_of_a_form() -> None:
    rows = {"type": "array", "items": schema(label=TEXT, value=TEXT)}
    answer, _ = read(schema(fields=rows), *lines("School: Harwood"))
    assert answer["fields"] == [{"label": "School", "value": "Harwood"}]


@pytest.mark.parametrize(
    ("text", "legal"),
    [
        ("株式会社みなと商会", True),
        ("江南电器有限公司", True),
        ("ООО Север", True),
        ("Pohjola Rahti Oy", True),
        ("Jana Nováková", False),
        ("田中 花子", False),
        ("Via Asa 3", False),
    ],
)
def test_company_words_of_other_scripts_tell_a_company(text: str, legal: bool) -> None:
    assert has_legal_form(text) is legal
