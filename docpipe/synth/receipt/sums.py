"""Below the lines of a receipt: total, tax, payment, the slip of a card terminal."""

from __future__ import annotations

from collections.abc import Sequence

from docpipe.synth.places import fill
from docpipe.synth.receipt.hardships import words
from docpipe.synth.receipt.roll import Roll
from docpipe.synth.receipt.sale import ZERO


def foot(roll: Roll) -> None:
    """All below the lines."""
    sale, rng = roll.sale, roll.rng
    if rng.random() < 0.25:
        pieces = sum(1 if item.unit else int(item.quantity) for item in sale.items if not item.plain)
        roll.pair(roll.captions["items"], str(pieces))
    if sale.on_top:
        roll.label |= {"subtotal": float(sale.net), "tax": float(sale.tax)}
        roll.pair(roll.captions["net"], roll.amount(sale.net), "subtotal")
        if not sale.service:
            roll.pair(roll.captions["tax"], roll.amount(sale.tax), "tax")
    if sale.service or "rounding" in roll.traits:
        _before(roll)
    _total(roll)
    parts = [_payment, *([] if sale.on_top else [_taxes])]
    if rng.random() < 0.3:
        parts.reverse()
    for part in parts:
        part(roll)
    if sale.card and (rng.random() < 0.4 or "slip" in roll.traits):
        _slip(roll)


def _before(roll: Roll) -> None:
    """Sums on the way to the total: the goods, the service, the tax on top, what was to be paid before rounding."""
    sale, known = roll.sale, words(roll.sale.language)
    running = roll.odd.sample(known["running"], 2)
    if sale.service:
        if not sale.on_top:
            roll.pair(running[0], roll.amount(sum((item.amount for item in sale.items), ZERO)))
        roll.label["tip"] = float(sale.service)
        roll.pair(roll.odd.choice(known["service"]), roll.amount(sale.service), "tip")
        if sale.on_top:
            roll.pair(roll.captions["tax"], roll.amount(sale.tax), "tax")
    if "rounding" in roll.traits and sale.places == 2:
        roll.pair(running[1], roll.amount(sale.total - sale.rounding))
        roll.label["rounding"] = float(sale.rounding)
        roll.pair(roll.odd.choice(known["rounding"]), roll.amount(sale.rounding), "rounding")
        roll.captions["total"] = roll.odd.choice((*known["grand"], roll.captions["total"]))


def _total(roll: Roll) -> None:
    sale, pen = roll.sale, roll.pen
    size = pen.size * roll.rng.choice((1.0, 1.25, 1.5))
    roll.label["total"] = float(sale.total)
    roll.y += (size - pen.size) * 0.9
    caption = roll.captions["total"]
    text = roll.amount(sale.total)
    left = pen.put(
        roll.x0, roll.y, caption, size=size, bold=True, limit=(roll.x1 - roll.x0) * 0.55, caption_of="total",
        paths=roll.names_currency(caption),
    )  # fmt: skip
    wide = pen.put(roll.x1, roll.y, text, size=size, bold=True, align="right", paths=("total",))
    gap = roll.x1 - roll.x0 - left - wide
    if roll.mark and pen.width(roll.mark, size, True) + 6 < gap and roll.mark not in caption.split(" "):
        roll.label["currency"] = sale.currency
        pen.put(roll.x1 - wide - 4, roll.y, roll.mark, size=size, bold=True, align="right", paths=("currency",))
    roll.y += size * 1.35
    if sale.tip:
        roll.label["tip"] = float(sale.tip)
        roll.pair(roll.captions["tip"], roll.amount(sale.tip), "tip")
    roll.rule()


def _payment(roll: Roll) -> None:
    sale = roll.sale
    method = sale.card or roll.captions["cash"]
    roll.label["payment_method"] = method
    paid = sale.total + sale.tip if sale.card else sale.cash
    pen, text = roll.pen, roll.amount(paid)
    wide = pen.put(roll.x1, roll.y, text, align="right", paths=() if sale.card else ("cash_paid",))
    pen.put(roll.x0, roll.y, method, limit=roll.x1 - roll.x0 - wide - 6, paths=("payment_method",))
    roll.down()
    if not sale.card:
        roll.label["cash_paid"] = float(sale.cash)
        change = sale.cash - sale.total - sale.tip
        if change > ZERO or roll.rng.random() < 0.3:
            roll.label["change"] = float(change)
            roll.pair(roll.captions["change"], roll.amount(change), "change")
    roll.down(0.4)


def _taxes(roll: Roll) -> None:
    """A table of tax by rate, one line of tax, or nothing."""
    sale, pen, rng = roll.sale, roll.pen, roll.rng
    style = rng.choice(("table", "table", "table", "line", "none"))
    if style == "line":
        roll.label["tax"] = float(sale.tax)
        roll.pair(roll.captions["tax"], roll.amount(sale.tax), "tax")
        if rng.random() < 0.5:
            roll.label["subtotal"] = float(sale.net)
            roll.pair(roll.captions["net"], roll.amount(sale.net), "subtotal")
    if style != "table":
        return
    keys = rng.choice(
        (("rate", "base", "rate_tax", "gross"), ("rate", "gross", "base", "rate_tax"), ("rate", "rate_tax", "base"))
    )
    edges = [roll.x0 + (roll.x1 - roll.x0) * (0.22 + 0.78 * place / (len(keys) - 1)) for place in range(len(keys))]
    fields = {"rate": "rate", "base": "base", "rate_tax": "amount"}
    limit = (roll.x1 - roll.x0) * 0.78 / (len(keys) - 1) - 3
    for key, edge in zip(keys, edges, strict=True):
        of = f"tax_breakdown.{fields[key]}" if key in fields else ""
        pen.put(
            edge,
            roll.y,
            roll.captions[key],
            align="right",
            limit=limit if key != "rate" else 0.2 * (roll.x1 - roll.x0),
            caption_of=of,
        )
    roll.down()
    roll.label["tax_breakdown"] = []
    for index, (rate, net, tax, gross) in enumerate(sale.rates):
        if roll.letters:
            pen.put(roll.x0, roll.y, "ABC"[index])
        values = {"rate": rate, "base": net, "rate_tax": tax, "gross": gross}
        for key, edge in zip(keys, edges, strict=True):
            text = roll.amount(values[key]) if key != "rate" else f"{rate:f}".replace(".", roll.numbers.point) + "%"
            paths = (f"tax_breakdown[{index}].{fields[key]}",) if key in fields else ()
            pen.put(edge, roll.y, text, align="right", paths=paths, limit=limit if key != "rate" else 0.0)
        roll.label["tax_breakdown"].append({"rate": float(rate), "base": float(net), "amount": float(tax)})
        roll.down()
    if "tax_total" in roll.traits:
        _tax_sums(roll, keys, edges, limit)
    roll.rule()


def _tax_sums(roll: Roll, keys: Sequence[str], edges: Sequence[float], limit: float) -> None:
    """The last row of the tax table: the sums of all rates."""
    sale, pen = roll.sale, roll.pen
    values = {"base": (sale.net, "subtotal"), "rate_tax": (sale.tax, "tax"), "gross": (sale.net + sale.tax, "")}
    pen.put(roll.x0, roll.y, roll.odd.choice(words(sale.language)["sum"]), limit=0.2 * (roll.x1 - roll.x0))
    for key, edge in zip(keys, edges, strict=True):
        if key != "rate":
            value, path = values[key]
            pen.put(edge, roll.y, roll.amount(value), align="right", paths=(path,) if path else (), limit=limit)
            roll.label |= {path: float(value)} if path else {}
    roll.down()


def _slip(roll: Roll) -> None:
    """What the card terminal adds: numbers that are no field of the sale, and the total once more."""
    rng = roll.rng
    roll.rule()
    for text in ("TID {d4}{d4}", "AID A00000000{d5}", "**** **** **** {d4}", "AUTH {d6}", "EMV {d4}{d3}"):
        if rng.random() < 0.7:
            roll.centred(fill(text, rng))
    known = words(roll.sale.language)
    caption = roll.odd.choice(known["slip"]) if "slip" in roll.traits else ""
    roll.pair(caption, roll.amount(roll.sale.total + roll.sale.tip))
    if "slip" in roll.traits:
        roll.centred(roll.odd.choice(known["approved"]), bold=True)
