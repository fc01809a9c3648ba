"""Workflows: one use case per file, named by its verb. Only doors (CLI, service) call them."""
