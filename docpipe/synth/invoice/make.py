"""One invoice, from its plan to its bytes and its truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from docpipe.synth import truth
from docpipe.synth.degrade.photo import photograph
from docpipe.synth.degrade.pixels import Degraded
from docpipe.synth.degrade.scan import scan
from docpipe.synth.document import Made
from docpipe.synth.formats import Dates
from docpipe.synth.invoice import truth as invoice_truth
from docpipe.synth.invoice.bill import Bill
from docpipe.synth.invoice.captions import Wording
from docpipe.synth.invoice.content import Setting, Wish, draw_bill, draw_setting
from docpipe.synth.invoice.draft import Draft
from docpipe.synth.invoice.hardships import harden
from docpipe.synth.invoice.layouts import A4, A5, LAYOUTS, LETTER, Layout
from docpipe.synth.invoice.look import Look, draw_look
from docpipe.synth.invoice.plan import SAMPLED, SAMPLED_HARD, SAMPLED_RARE, Plan, plan
from docpipe.synth.sheet import Sheet
from docpipe.synth.traits import NONE, Traits, draw_traits, told_of
from docpipe.synth.write import pdf

# Difficulty -> the layouts that have a place for it.
_PLACES_FOR: Final = {
    "beside": ("order_form", "footer_only"),
    "grid": ("window_letter", "order_form", "half_sheet", "summary_first", "listing"),
}


@dataclass(frozen=True)
class Paper:
    """A laid-out bill."""

    bill: Bill
    sheet: Sheet
    captions: dict[str, str]


def _count(kind: str, rng: Random) -> int:
    """How many positions a document of `kind` has."""
    most = {"long": (45, 75), "photo": (1, 6), "scan": (1, 9), "credit": (1, 5), "lump": (0, 0)}.get(kind)
    return rng.randint(*most) if most else rng.choice((1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20))


def _wording(setting: Setting, language: str, rng: Random, rare: float) -> Wording:
    colons = {"fr": (" :", " :", "", ":")}.get(language, (":", ":", "", ""))
    return Wording(language, setting.place, rng.choice(colons), rng.random() < 0.12, rng.random() < 0.08, rng, rare)


def _layout(job: Plan, wish: Wish, seed: int, traits: Traits) -> Paper:
    """Draw and lay out. Everything but the number of positions is the same for one plan and seed, however often it
    is tried.
    """
    rng = Random(f"invoice {seed} {job.index}")
    setting = draw_setting(job.language, rng)
    look: Look = draw_look(job.language, setting, job.layout.mono, rng)
    words = _wording(setting, job.language, rng, 1.0 if "rare_keys" in traits else job.rare)
    dates: Dates = look.dates
    bill = draw_bill(setting, wish, dates, Random(f"bill {seed} {job.index} {wish.lines}"))
    if traits:
        bill = harden(bill, traits, dates, Random(f"hardships {seed} {job.index} {wish.lines}"))
        look = replace(look, ruling="lines") if traits & {"colon_rows", "section_sums"} else look
        job = replace(job, layout=_suited(job, traits, seed))
    size = A5 if job.layout.small else LETTER if setting.place == "US" else A4
    if bill.sums.prepaid or look.due_repeated:
        words.keep_usual("total")
    draft = Draft(Sheet(*size), bill, look, words, rng, traits)
    job.layout.draw(draft)
    _settle_reference(draft)
    if "picture_name" in traits:
        draft.sheet.picture("seller.name")
    return Paper(bill, draft.sheet, truth.captions(draft.sheet))


def _suited(job: Plan, traits: Traits, seed: int) -> Layout:
    """A layout that has a place for what `traits` ask of it: the planned one where it has."""
    fitting = [names for trait, names in _PLACES_FOR.items() if trait in traits]
    names = [name for name in fitting[0] if all(name in others for others in fitting)] if fitting else []
    if not names or job.layout.name in names:
        return job.layout
    name = Random(f"layout {seed} {job.index}").choice(names)
    return next(layout for layout in LAYOUTS if layout.name == name)


def _settle_reference(draft: Draft) -> None:
    """Under "Your reference" a number is the buyer's reference, whatever the buyer took it from."""
    captions = truth.captions(draft.sheet)
    if invoice_truth.caption_means("buyer_reference", draft.bill.language, captions.get("order_reference", "")):
        draft.sheet.rename("order_reference", "buyer_reference")


def _table_pages(sheet: Sheet) -> int:
    """On how many pages positions are printed."""
    return sum(
        any(path.startswith("line_items") for mark in sheet.texts(page) for path in mark.paths)
        for page in range(len(sheet.pages))
    )


def lay_out(job: Plan, seed: int, traits: Traits = NONE) -> Paper:
    """The laid-out document of `job`: a long one has positions on two pages or more, a scan or photo fits on one
    page. `traits` are its difficulties.
    """
    rng = Random(f"wish {seed} {job.index}")
    count, credit = (
        _count(job.kind, rng),
        job.kind == "credit" or (job.kind in ("scan", "photo") and rng.random() < 0.1),
    )
    negative = credit and rng.random() < 0.5
    paper = _layout(job, Wish(job.language, count, credit, negative), seed, traits)
    while job.kind == "long" and _table_pages(paper.sheet) < 2:
        count += 12
        paper = _layout(job, Wish(job.language, count, credit, negative), seed, traits)
    while job.kind in ("scan", "photo") and len(paper.sheet.pages) > 1 and count > 1:
        count -= 1
        paper = _layout(job, Wish(job.language, count, credit, negative), seed, traits)
    return paper


def make(index: int, seed: int, languages: Sequence[str] = SAMPLED) -> Made:
    """Document `index` of `seed` as samples/invoices has it: a digital PDF, or a scan or photograph of it."""
    job = plan(index, seed, languages, SAMPLED_RARE)
    traits = draw_traits("invoice", seed, index, SAMPLED_HARD)
    paper = lay_out(job, seed, traits)
    document = pdf(paper.sheet, f"{paper.bill.number}")
    boxes = truth.boxes(paper.sheet)
    suffix, degradation, pages = "pdf", "none", len(paper.sheet.pages)
    if job.kind in ("scan", "photo"):
        noise = Random(f"degrade {seed} {index}")
        worn: Degraded = photograph(document, boxes, noise) if job.kind == "photo" else scan(document, boxes, noise)
        document, boxes, suffix, degradation = worn.content, worn.boxes, worn.suffix, worn.description
    label = invoice_truth.label(paper.bill, paper.sheet)
    accept = invoice_truth.accept(paper.bill, paper.sheet, label)
    return Made(
        suffix,
        document,
        {
            "language": job.language,
            "pages": pages,
            "doc_type": "invoice",
            "text_layer": degradation == "none",
            "synthetic": {
                "seed": seed,
                "layout": job.layout.name,
                "kind": job.kind,
                "degradation": degradation,
                **told_of(traits),
                "captions": paper.captions,
                "printed": truth.printed(paper.sheet),
            },
            "label": label,
            **({"accept": accept} if accept else {}),
            "boxes": boxes,
        },
    )
