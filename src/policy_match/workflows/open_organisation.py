"""Open the organisation of the archive's rules."""

from __future__ import annotations

from policy_match.exchange.organisation import load_organisation
from policy_match.lifecycle.organisation import Organisation
from policy_match.workflows.open_archive import Archive


def open_organisation(archive: Archive) -> Organisation:
    """Read rules/organisation.yaml; RuleError with every fault, UsageError without the file."""
    return load_organisation(archive.rules / "organisation.yaml", archive.table, archive.vocabulary.taxonomies)
