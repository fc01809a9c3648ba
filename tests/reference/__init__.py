"""A plain evaluator of the rule language, to hold the engine against: one subject at a time, three values, no columns.

It reads the measure models and the cells, and nothing else of the engine: amounts, dates, trees of
industries and places, and the logic are all written here a second time, as simply as can be.
True, False and None stand for the three values.
"""
