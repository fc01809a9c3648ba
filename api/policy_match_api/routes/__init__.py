"""JSON routes under /api/v1, and /health at the root."""
