"""Models that take seconds to learn are kept in a file named by the hash of all they were learned from.

The file is a pickle of our own: the folder must be one that only the service's account can write to.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from policy_match.workflows.cut_words import is_ours

Model = TypeVar("Model")
_BUILT_WITH = ("policy-match", "scikit-learn", "scipy", "numpy", "jieba", "pypinyin")
_CODE = Path(__file__).parents[1] / "text"


def kept_path(name: str, learned_from: object, folder: Path) -> Path:
    """Where a model is kept: the same for the same content, code and libraries."""
    content = hashlib.sha256(repr(([f"{one}={version(one)}" for one in _BUILT_WITH], learned_from)).encode())
    for path in sorted(_CODE.glob("*.py")):
        content.update(path.read_bytes())
    return folder / f"{name}-{content.hexdigest()[:20]}.pickle"


def kept(path: Path, kind: type[Model], learn: Callable[[], Model]) -> Model:
    """The model of a file, or learned anew and kept; a folder that cannot be written to is no error."""
    if path.is_file():
        found = pickle.loads(path.read_bytes())  # noqa: S301 # our own file, see above
        if isinstance(found, kind):
            return found
    model = learn()
    _keep(model, path)
    return model


def _keep(model: object, path: Path) -> None:
    """Write whole or not at all; older models of the name go."""
    if not is_ours(path.parent):
        return
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(pickle.dumps(model, protocol=pickle.HIGHEST_PROTOCOL))
    for old in path.parent.glob(f"{path.name.rsplit('-', 1)[0]}-*.pickle"):
        old.unlink(missing_ok=True)
    part.replace(path)
