"""Read releases: what the rule folder of the program says, and the rulebooks of those that an archive keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from policy_match import __version__
from policy_match import release as release_code
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange import release_folder
from policy_match.exchange.release_folder import files_of, read_release, write_release
from policy_match.release import Release
from policy_match.store import releases
from policy_match.workflows.cut_words import is_ours
from policy_match.workflows.open_rules import open_rulebook

_KEPT = 4


@dataclass(frozen=True)
class Shelf:
    """The rule folder of the program as a release, and the rulebooks of other releases that were opened, by hash.

    `cache`: the folder of what can be built anew, None for none.
    """

    rules: Path
    corpus: Path
    cache: Path | None = None
    opened: dict[str, Rulebook] = field(default_factory=dict, repr=False)

    @cached_property
    def release(self) -> Release:
        """What the folder says; RuleError with every fault of a file that cannot be read."""
        return read_release(self.rules, self.corpus, __version__)

    @cached_property
    def folder(self) -> Rulebook:
        """The rulebook of the folder; RuleError with every fault of every file."""
        return open_rulebook(self.rules, self.corpus)

    @cached_property
    def hash(self) -> str:
        """The hash of `release`: looked up by the bytes of the files, for reading them takes a quarter of a second."""
        kept = None
        if self.cache is not None and self.cache.is_dir():
            kept = self.cache / "releases" / self._bytes_hash()
        if kept is not None and kept.is_file():
            return kept.read_text("ascii")
        found = self.release.hash
        if kept is not None and is_ours(kept.parent):
            part = kept.with_suffix(".part")
            part.write_text(found, encoding="ascii")
            part.replace(kept)
        return found

    def _bytes_hash(self) -> str:
        content = sha256(__version__.encode())
        for module in (release_code, release_folder):
            content.update(Path(str(module.__file__)).read_bytes())
        for name, path in files_of(self.rules, self.corpus).items():
            content.update(f"{name}\n{sha256(path.read_bytes()).hexdigest()}\n".encode())
        return content.hexdigest()

    def rulebook(self, session: Session, release_hash: str) -> Rulebook:
        """The rulebook of a kept release; RuleError if a text of it was changed or this program cannot read it."""
        if release_hash not in self.opened:
            self.opened[release_hash] = compiled(releases.release(session, release_hash))
            for old in [*self.opened][:-_KEPT]:
                del self.opened[old]
        return self.opened[release_hash]


def compiled(release: Release) -> Rulebook:
    """The rulebook of a release, by the loader that reads rule folders; RuleError for what it refuses."""
    with TemporaryDirectory(prefix="policy_match_release_") as folder:
        return open_rulebook(*write_release(release, Path(folder)))


def read_texts(session: Session, shelf: Shelf, release_hash: str) -> Release:
    """The texts of a release, from the program's folder where that is the one, else as kept; RuleError if one was changed."""
    return shelf.release if release_hash == shelf.hash else releases.release(session, release_hash)
