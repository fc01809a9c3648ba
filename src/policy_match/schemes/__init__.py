"""Evaluation by a scheme: indices, weights, benchmarks, grades; nothing here knows which scheme."""
