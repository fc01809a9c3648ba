"""The life of a project: points, intervals and leads, legal moves, clocks, visits, tickets and quota ledgers.

Pure: events and dates in, states and findings out. What the notice says and what is our default
stands in `rules/lifecycle.yaml`; no clock, no settings, no files are known here.
"""
