"""Charts read off their pixels: axes by their tick labels, series by their colours, values by their lengths."""
