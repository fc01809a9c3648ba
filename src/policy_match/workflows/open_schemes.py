"""The schemes of evaluation of the rules folder, and the one that is asked for."""

from __future__ import annotations

from policy_match.authoring.scheme_figures import check_figures
from policy_match.authoring.scheme_file import load_schemes
from policy_match.errors import Issue, NotFound
from policy_match.schemes.scheme import Scheme
from policy_match.schemes.words import Of
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_indicators import open_indicators

FOLDER = "schemes"


def open_schemes(archive: Archive) -> tuple[Scheme, ...]:
    """Every version of every scheme; RuleError if one cannot be read, none where the folder has none."""
    found = load_schemes(archive.rules / FOLDER, archive.vocabulary, archive.table)
    check_figures(found, open_indicators(archive))
    return found


def chosen_scheme(archive: Archive, of: Of, name: str | None = None, version: int | None = None) -> Scheme:
    """A scheme of a kind, the newest version without one; NotFound SCHEME_UNKNOWN with those there are."""
    every = [one for one in open_schemes(archive) if one.of is of]
    found = [one for one in every if name in (None, one.id) and version in (None, one.version)]
    if not found:
        said = " ".join(str(part) for part in (name, version) if part is not None) or of.value
        allowed = "、".join(f"{one.id} 第{one.version}版" for one in every) or f"rules/{FOLDER} 中还没有"
        raise NotFound(Issue("SCHEME_UNKNOWN", f"没有评价方案“{said[:60]}”", "--scheme", allowed, "改用列出的方案"))
    first = found[0].id
    return max((one for one in found if one.id == first), key=lambda one: one.version)
