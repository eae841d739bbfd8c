"""Questions in a ruled grid, with a column of boxes for yes and one for no."""

from __future__ import annotations

from collections.abc import Sequence

from docpipe.synth.form.lines import frame
from docpipe.synth.form.paper import Form, put_box


def put_grid(form: Form, heads: Sequence[str], questions: Sequence[str], ticked: Sequence[int]) -> None:
    """A row for each question; `ticked` says which of `heads` is ticked in it, -1 for none."""
    pen, tall = form.pen, form.pen.size * 1.9
    form.room(tall * (len(questions) + 2))
    wide = pen.size * 4.2
    edges = [form.right - wide * (len(heads) - place) for place in range(len(heads) + 1)]
    first = len(form.label["checkboxes"])
    for place, head in enumerate(heads):
        paths = [f"checkboxes[{first + row * len(heads) + place}].label" for row in range(len(questions))]
        pen.put((edges[place] + edges[place + 1]) / 2, form.y + pen.size * 1.3, head, align="centre", paths=paths)
    form.y += tall
    side = pen.size * 0.95
    for question, answer in zip(questions, ticked, strict=True):
        groups = [f"checkboxes[{len(form.label['checkboxes']) + place}].group" for place in range(len(heads))]
        frame(form, form.left, form.y, form.right, form.y + tall)
        base = form.y + pen.size * 1.3
        pen.put(form.left + 4, base, question, paths=groups, limit=edges[0] - form.left - 10)
        for place, head in enumerate(heads):
            path = f"checkboxes[{len(form.label['checkboxes'])}].checked"
            x = (edges[place] + edges[place + 1] - side) / 2
            put_box(form, x, base, side, answer == place, False, path)
            form.label["checkboxes"].append({"label": head, "checked": answer == place, "group": question})
        form.y += tall
    form.y += pen.size * 0.9
