"""Eligibility: rule files in, three-valued verdicts with their reasons out."""
