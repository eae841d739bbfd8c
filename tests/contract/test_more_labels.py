"""More true labels never make a field worse: what a schema declares is not overruled by what its labels look like."""

from __future__ import annotations

import asyncio
import copy
import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from docpipe.engine.layout.compiled import compile_schema
from docpipe.engine.layout.engine import LayoutEngine
from docpipe.engine.layout.reader import read_request
from docpipe.evaluate.counts import Score
from docpipe.evaluate.fields import compare
from docpipe.evaluate.truth import Truth, read_labels
from docpipe.extract.document import extract
from docpipe.extract.workbench import workbench
from docpipe.records import Reply, Request, Source
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import load_schema, parse_schema
from docpipe.settings_sources import load_settings
from docpipe.synth import generate

DOCUMENTS, SEED = 12, 202_611

# What documents print for a field besides the schema's own labels, in several languages.
TRUE_LABELS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "invoice": {
        "invoice_number": ("Bill number", "Invoice identifier", "Belegkennung", "Faktura-Id", "Numéro de la facture"),
        "invoice_date": ("Date of this invoice", "Ausgestellt am", "Émise le", "Fecha de la factura"),
        "due_date": ("Pay no later than", "Zahlung spätestens am", "À régler avant le", "Pagar antes del"),
        "order_reference": ("PO of the buyer", "Ihre Bestellung vom", "Commande du client"),
        "customer_number": ("Client account", "Kundenkennung", "Identifiant client"),
        "delivery_note": ("Dispatch note", "Warenbegleitschein", "Albarán de entrega"),
        "preceding_invoice": (
            "Invoice being corrected",
            "Berichtigte Rechnung",
            "Facture rectifiée",
            "Code of invoice",
        ),
        "seller.name": ("Trading as", "Firmierung", "Raison sociale du vendeur"),
        "seller.address": ("Registered office", "Firmensitz", "Siège social", "Where we are"),
        "buyer.name": ("Customer's company", "Besteller", "Razón social del cliente"),
        "buyer.address": ("Customer's premises", "Sitz des Kunden", "Domicilio del cliente"),
        "delivery_address": ("Place of unloading", "Abladestelle", "Lieu de déchargement", "Drop-off point"),
        "line_items.item_number": ("Catalogue entry", "Katalogeintrag", "Référence du catalogue"),
        "line_items.description": (
            *(
                "Item name",
                "Name of the article",
                "Product name",
                "Artikelname",
                "Nom du produit",
                "Nombre del producto",
            ),
            *("Nome prodotto", "Service name", "Name der Leistung", "Nom de la prestation", "Nombre del servicio"),
        ),
        "line_items.quantity": (
            *("Hours", "Days", "Stunden", "Tage", "Heures", "Jours", "Horas", "Días", "Ore", "Giorni", "Uren", "Dagen"),
            *("Std", "Kolli", "Cartons", "Boxes", "Volume", "Volumen", "Menge/Std", "Shipped", "Geliefert"),
        ),
        "line_items.unit": ("Measured in", "Gemessen in", "Unité de mesure du produit", "Measure name"),
        "line_items.unit_price": (
            "Rate per unit",
            "Hourly rate",
            "Day rate",
            "Stundensatz",
            "Tagessatz",
            "Taux horaire",
        ),
        "line_items.discount": ("Less", "Abzug", "Rabais accordé", "Korting regel"),
        "line_items.tax_rate": ("Tax class", "Steuerklasse", "Classe de TVA", "Tipo IVA aplicado"),
        "line_items.amount": ("Line value", "Zeilenwert", "Valeur de la ligne", "Extended"),
        "subtotal": ("Net before tax", "Summe vor Steuer", "Somme avant taxes"),
        "tax": ("Value added", "Steueranteil", "Montant des taxes", "Tax at the rate above"),
        "total": ("Sum including tax", "Summe mit Steuer", "Somme taxes comprises"),
        "amount_due": ("Still open", "Noch offen", "Reste dû"),
        "prepaid_amount": ("Already settled", "Bereits beglichen", "Déjà réglé"),
        "tax_breakdown.rate": ("Class", "Klasse", "Catégorie"),
        "tax_breakdown.base": ("Goods before tax", "Warenwert vor Steuer", "Valeur avant taxes"),
        "tax_breakdown.amount": ("Share of tax", "Steueranteil je Satz", "Part de taxe"),
        "payment_terms": ("How and when to pay", "Wie zu zahlen ist", "Comment régler"),
        "payment_means": ("Settled through", "Beglichen durch", "Réglé au moyen de"),
        "notes": ("For your information", "Zur Kenntnis", "Pour information"),
    },
    "receipt": {
        "seller.name": ("Outlet", "Verkaufsstelle", "Point de vente"),
        "seller.address": ("Where we are", "So finden Sie uns", "Où nous trouver"),
        "receipt_number": ("Slip", "Kassenzettel", "Ticket de caisse"),
        "line_items.description": ("Item name", "Product name", "Artikelname", "Nom du produit", "Nombre del producto"),
        "line_items.quantity": ("Pcs sold", "Kilos", "Litres", "Liter", "Kg", "Weight", "Gewicht", "Poids", "Peso"),
        "line_items.unit_price": ("Rate per unit", "Rate per kg", "Kilopreis", "Prix au kilo"),
        "line_items.amount": ("Line value", "Zeilenwert", "Valeur de la ligne"),
        "total": ("Sum including tax", "Summe mit Steuer", "Somme taxes comprises"),
        "tax": ("Value added", "Steueranteil", "Part de taxe"),
        "tax_breakdown.rate": ("Class", "Klasse", "Catégorie"),
        "tax_breakdown.base": ("Goods before tax", "Warenwert vor Steuer", "Valeur avant taxes"),
        "tax_breakdown.amount": ("Share of tax", "Steueranteil je Satz"),
        "payment_method": ("Settled through", "Beglichen durch", "Réglé au moyen de"),
        "cash_paid": ("Handed over", "Erhalten bar", "Remis en espèces"),
        "change": ("Back to you", "Zurück an Sie", "À vous rendre"),
    },
    "form": {
        "fields.key": ("Question", "Caption", "Item"),
        "fields.value": ("Answer", "Entry", "Name of applicant"),
        "checkboxes.label": ("Option", "Choice"),
        "checkboxes.group": ("Question", "Topic"),
    },
}


@dataclass(frozen=True)
class Case:
    """One document as the engine is asked about it."""

    truth: Truth
    requests: tuple[Request, ...]


class Listener(LayoutEngine):
    """Keeps the requests and answers nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []

    async def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        return Reply("{}", "stop", self.info.name)


Rendered = Callable[[str], list[Case]]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """kind -> its documents, drawn and rendered once."""

    @cache
    def cases(kind: str) -> list[Case]:
        folder = generate(kind, DOCUMENTS, SEED, tmp_path_factory.mktemp("labels") / kind)
        engine = Listener()
        flags = {"schema": kind, "inputs": [str(folder)], "out": str(folder / "unused")}
        bench = workbench(load_schema(kind), engine, load_settings("", os.environ, flags))
        found = []
        try:
            for truth in read_labels(folder):
                path: Path = next(
                    base / truth.file for base in (folder, folder.parent) if (base / truth.file).is_file()
                )
                engine.requests.clear()
                asyncio.run(extract(Source(str(path), path.stat().st_size), bench))
                found.append(Case(truth, tuple(engine.requests)))
        finally:
            bench.close()
        return found

    return cases


def scores(document: Mapping[str, Any], kind: str, cases: list[Case]) -> dict[str, Score]:
    """field -> its Score over the documents, read by the layout engine under `document`."""
    schema, total = parse_schema(document, kind), defaultdict[str, Score](Score)
    compiled = compile_schema(schema)
    for case in cases:
        parts = []
        for request in case.requests:
            text, spans = read_request(compiled, request)
            pages = [replace(page, pixels=None) for page in request.pages]
            parts.append(resolve_window(schema, pages, Reply(text, "stop", "layout", spans=spans), grounded=False))
        value = resolve_document(schema, parts, [], 0.5).value
        compared = compare(case.truth.label, value, case.truth.accept, complete=case.truth.complete)
        for field, score in compared.scores().items():
            total[field].add(score)
    return dict(total)


@pytest.fixture(scope="module")
def usual(rendered: Rendered) -> Callable[[str], dict[str, Score]]:
    """kind -> the scores of its fields under the shipped schema."""
    return cache(lambda kind: scores(load_schema(kind).document, kind, rendered(kind)))


def with_labels(document: Mapping[str, Any], path: str, labels: tuple[str, ...]) -> dict[str, Any]:
    """A copy of the schema document in which the field has these labels too, but for those of other fields."""
    changed = copy.deepcopy(dict(document))
    schema = parse_schema(document, "schema")
    others = {
        label.casefold() for where, node in schema.root.leaves_of_all() if where != path for label in node.all_labels()
    }
    node: dict[str, Any] = changed
    for name in path.split("."):
        node = node.get("items", node)["properties"][name]
    own = node.setdefault("x-docpipe", {}).setdefault("labels", {})
    own["en"] = [*own.get("en", ()), *(label for label in labels if label.casefold() not in others)]
    return changed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "path"), [(kind, path) for kind, fields in TRUE_LABELS.items() for path in fields], ids=lambda text: text
)
def test_true_labels_never_lower_the_f1_of_their_field(
    kind: str, path: str, rendered: Rendered, usual: Callable[[str], dict[str, Score]]
) -> None:
    more = with_labels(load_schema(kind).document, path, TRUE_LABELS[kind][path])
    before, after = usual(kind), scores(more, kind, rendered(kind))
    assert after.get(path, Score()).f1 >= before.get(path, Score()).f1
    array = path.partition(".")[0]
    assert after.get(array, Score()).f1 >= before.get(array, Score()).f1  # whole rows, where it is a column
