"""Eligibility: rules over facts, three-valued verdicts and the reasons for them."""
