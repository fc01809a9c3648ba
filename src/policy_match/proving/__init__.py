"""Proving rules: worked cases, boundary probes and mutants of every measure."""
