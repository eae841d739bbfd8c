"""Tables by the models that come with the PDF library. In the tabulator's process only."""
