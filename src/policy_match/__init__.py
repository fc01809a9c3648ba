"""policy_match: which support a project and its enterprise may have, proved clause by clause."""

__version__ = "0.1.0"
