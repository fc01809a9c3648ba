"""Load a rule folder strictly: every fault of every file as `file:line: what, allowed, what to do`.

Layout: `definitions/<id>.yaml`, `measures/<level>/<package>/<id>.v<N>.yaml`, documents
as `<id>.yaml`. Shape is checked by `schema.py`, names and values by `assemble.py`, what
an author owes by `audit.py`, meaning by `lint.py`. A folder with a single fault is
refused whole, so that the last good release stays in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from policy_match.authoring.assemble import Filed, Shelf, assemble
from policy_match.authoring.audit_documents import audit_document
from policy_match.authoring.audit_issuers import audit_issuers
from policy_match.authoring.findings import Findings
from policy_match.authoring.shape import read_shape
from policy_match.eligibility.documents import PolicyDocument
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Definition, Measure
from policy_match.errors import Issue, RuleError
from policy_match.facts.taxonomies import Taxonomies
from policy_match.facts.vocabulary import Vocabulary
from policy_match.strict_yaml import Document, read_file

LEVELS = ("national", "province", "city", "district", "zone")
DRAFTS = "DRAFT"
_FILE = re.compile(r"(?P<id>[a-z][a-z0-9_-]+)\.v(?P<version>[1-9][0-9]*)\.yaml$")
_YAML = re.compile(r"\.ya?ml$", re.IGNORECASE)
_Model = TypeVar("_Model", Definition, PolicyDocument)


def load_rulebook(rules: Path, documents: Path, vocabulary: Vocabulary, *, audited: bool = True) -> Rulebook:
    """Read, check and compile a rule folder and the document register it cites.

    `audited` False leaves out the author's duties (clauses, boundaries), for drafts in work.
    RuleError with every Issue found, by file and line; the rulebook only if there is none.
    """
    folder = _Folder(rules, documents)
    shelf = folder.shelf(vocabulary.taxonomies)
    compiled = assemble(shelf, vocabulary, audited=audited)
    issues = folder.issues()
    if issues:
        raise RuleError(*issues)
    return Rulebook(vocabulary, compiled, shelf.documents, {name: d for name, (d, _) in shelf.definitions.items()})


def load_with_draft(rules: Path, documents: Path, vocabulary: Vocabulary, draft: Path) -> tuple[Rulebook, Rule]:
    """The rule folder as it would be with one more measure file, wherever that lies, and the rule of that file.

    Every version of the same measure gives way, but for a later one that supersedes the file. RuleError as for
    `load_rulebook`; the faults of the file name it as it was given.
    """
    folder = _Folder(rules, documents, draft)
    shelf = folder.shelf(vocabulary.taxonomies)
    compiled = assemble(shelf, vocabulary, audited=True)
    issues = folder.issues()
    if issues:
        raise RuleError(*issues)
    (filed,) = (filed for filed in shelf.measures if filed.findings.document.path == str(draft))
    rule = next(rule for rule in compiled if rule.measure is filed.measure)
    definitions = {name: definition for name, (definition, _) in shelf.definitions.items()}
    return Rulebook(vocabulary, compiled, shelf.documents, definitions), rule


class _Folder:
    """A folder being read; the findings of every file that was opened. `draft`: a file that is read with it."""

    def __init__(self, rules: Path, documents: Path, draft: Path | None = None) -> None:
        self.rules, self.documents, self.draft = rules, documents, draft
        self.opened: list[Findings] = []
        self.keys: dict[str, Path] = {}

    def issues(self) -> list[Issue]:
        """Every fault once, by file and line."""
        found = {issue: None for findings in self.opened for issue in (*findings.document.issues, *findings.issues)}
        return sorted(found, key=_place)

    def shelf(self, lists: Taxonomies) -> Shelf:
        registered = self.named(self.documents, PolicyDocument, self.documents.parent.parent)
        documents = {name: document for name, (document, _) in registered.items()}
        document_ids = {path.stem for path in self.documents.rglob("*.yaml")}
        for document, findings in registered.values():
            audit_document(document, document_ids, findings)
            audit_issuers(document, lists, findings)
        definitions = self.named(self.rules / "definitions", Definition, self.rules.parent)
        paths = list(self.files(self.rules / "measures", self.rules.parent))
        drafted = None if self.draft is None else self.drafted(self.draft, documents)
        if drafted is not None:
            paths = [path for path in paths if not _gives_way(path, drafted.measure)]
        measures = tuple(filed for path in paths if (filed := self.measure(path)) is not None)
        if not paths:
            folder = Findings(Document(f"{self.rules.name}/measures"))
            folder.refuse(
                "FOLDER",
                "目录里没有措施文件",
                (),
                f"measures/<{'|'.join(LEVELS)}>/<包>/<编号>.v<版本>.yaml",
                "检查规则目录",
            )
            self.opened.append(folder)
        found = (_FILE.match(path.name) for path in paths)
        versions = {(name["id"], int(name["version"])) for name in found if name is not None}
        if drafted is not None:
            measures, versions = (*measures, drafted), versions | {(drafted.measure.id, drafted.measure.version)}
        return Shelf(
            documents=documents,
            definitions=definitions,
            measures=measures,
            document_ids=document_ids,
            definition_ids={path.stem for path in (self.rules / "definitions").rglob("*.yaml")},
            versions=versions,
        )

    def files(self, folder: Path, root: Path) -> Iterator[Path]:
        """Rule files under a folder, by path; a YAML file of another ending would be passed over, so it is refused."""
        for path in sorted(folder.rglob("*")):
            if path.suffix == ".yaml":
                yield path
            elif _YAML.search(path.name):
                findings = Findings(Document(str(path.relative_to(root))))
                findings.refuse("FILE_NAME", f"扩展名“{path.suffix}”不对", (), ".yaml", "改扩展名，否则文件不会被读取")
                self.opened.append(findings)

    def named(self, folder: Path, model: type[_Model], root: Path) -> dict[str, tuple[_Model, Findings]]:
        """The files `<id>.yaml` of a folder by id, those that have their shape."""
        found: dict[str, tuple[_Model, Findings]] = {}
        for path in self.files(folder, root):
            findings = self.open(path, root)
            read = None if findings.document.issues else read_shape(model, findings)
            if read is None:
                continue
            if read.id != path.stem:
                what = f"文件名与编号不符（{read.id}）"
                findings.refuse("FILE_NAME", what, ("id",), f"{read.id}.yaml", "改文件名或改编号")
            elif read.id in found:
                findings.refuse("DUPLICATE_ID", f"编号“{read.id}”重复", ("id",), "每个编号一个文件", "改号或合并")
            else:
                found[read.id] = read, findings
        return found

    def measure(self, path: Path) -> Filed | None:
        """One measure file; None, with its faults, if its shape, place or name is wrong."""
        findings = self.open(path, self.rules.parent)
        measure = None if findings.document.issues else read_shape(Measure, findings)
        if measure is None:
            return None
        parts = path.relative_to(self.rules / "measures").parts
        name = _FILE.match(parts[-1])
        if len(parts) != 3 or parts[0] not in LEVELS or name is None:
            allowed = f"measures/<{'|'.join(LEVELS)}>/<包>/<编号>.v<版本>.yaml"
            findings.refuse("FILE_NAME", "文件位置或名称不对", (), allowed, "移动或改名")
            return None
        if (name["id"], int(name["version"])) != (measure.id, measure.version):
            what = f"文件名与编号、版本不符（{measure.id}.v{measure.version}）"
            place = ("id",) if name["id"] != measure.id else ("version",)
            findings.refuse(
                "FILE_NAME", what, place, f"{measure.id}.v{measure.version}.yaml", "改文件名，或改编号、版本"
            )
            return None
        first = self.keys.setdefault(measure.key, path)
        if first != path:
            what = f"{measure.key} 与 {first.relative_to(self.rules)} 重复"
            findings.refuse("DUPLICATE_ID", what, ("id",), "每个编号和版本一个文件", "改版本号，或删去其中一个")
            return None
        return Filed(measure, findings, parts[0], parts[1])

    def drafted(self, path: Path, documents: Mapping[str, PolicyDocument]) -> Filed | None:
        """The draft, in the level and package of its document; its name and place are free."""
        findings = self.open(path, None)
        measure = None if findings.document.issues else read_shape(Measure, findings)
        if measure is None:
            return None
        document = documents.get(measure.document.id)
        level, package = ("city", None) if document is None else (document.level, document.package)
        return Filed(measure, findings, level, package or DRAFTS)

    def open(self, path: Path, root: Path | None) -> Findings:
        shown = path if root is None else path.relative_to(root)
        findings = Findings(read_file(path, shown_as=str(shown)))
        self.opened.append(findings)
        return findings


def _gives_way(path: Path, draft: Measure) -> bool:
    """Whether a measure file is a version of what a draft replaces, and not the one that will supersede the draft."""
    name = _FILE.match(path.name)
    if name is None or name["id"] != draft.id:
        return False
    return draft.effective.through != "superseded" or int(name["version"]) <= draft.version


def _place(issue: Issue) -> tuple[str, int, str]:
    file, _, line = issue.where.rpartition(":")
    return file, int(line), issue.what
