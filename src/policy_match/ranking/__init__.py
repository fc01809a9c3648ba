"""The order in which matches are shown: sums of named parts, never a verdict.

Relevance R says how near a measure is to a subject, priority P what to look at first. Both are
weighted means; a part that is not known, or that the measure does not limit, is left out and the
rest weighed anew, so that it never counts as 0. Weights are data (`rules/ranking.yaml`).
"""
