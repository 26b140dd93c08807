"""Papers of meetings: one document each, shown as a page and as a PDF."""
