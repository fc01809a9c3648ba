"""Text: tokens, vectors, understanding a query, search, industry from prose, reading official pages."""
