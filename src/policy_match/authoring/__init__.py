"""Authoring: rule files read strictly, every fault told at its line, and how much of each measure has been seen."""
