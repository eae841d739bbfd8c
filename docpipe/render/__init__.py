"""Pages out of hostile files: pixels, words and geometry. The only door to MuPDF, PIL and OCR.

`renderer.Renderer` is what the rest of docpipe uses. Decoding happens in children that can be
killed; nothing that opens an input is imported into the caller's process.
"""
