"""Comparison with peers on one seeded workload: `python -m benchmarks`."""
