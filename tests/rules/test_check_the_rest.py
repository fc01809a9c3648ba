"""`rules check` reads every data file of a folder: a slip is told to whoever changed it, and not at night in the log of a worker."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bad_rules import SHIPPED, folder_with

from policy_match.errors import RuleError
from policy_match.workflows.check_rules import check_rules

FILES = (
    "permissions.yaml", "organisation.yaml", "entitlement.yaml", "letterhead.yaml", "messages.yaml", "retention.yaml",
    "look_back.yaml", "watch.yaml", "registers/FAI.yaml",
)  # fmt: skip


def test_the_faults_of_all_files_are_told_together_each_with_its_file(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    for name in ("facts.yaml", "lifecycle.yaml", "indicators.yaml", "schemes", "registers", "pipelines", *FILES):
        copy, shipped = folder / "rules" / name, SHIPPED / name
        if shipped.is_dir():
            shutil.copytree(shipped, copy)
        elif not copy.exists():
            shutil.copy(shipped, copy)
    documents = SHIPPED.parent / "corpus"
    shutil.copytree(documents / "taxonomies", folder / "corpus" / "taxonomies", dirs_exist_ok=True)
    check_rules(folder / "rules", folder / "corpus")
    for name in FILES:
        path = folder / "rules" / name
        path.write_text(path.read_text("utf-8") + "\nnobody_knows_this: 1\n", encoding="utf-8")

    with pytest.raises(RuleError) as refused:
        check_rules(folder / "rules", folder / "corpus")

    told = {issue.where.rpartition(":")[0].rpartition("rules/")[2] or issue.where for issue in refused.value.issues}
    assert {Path(one).name for one in told} == {Path(name).name for name in FILES}
