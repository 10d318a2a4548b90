"""Where a pipeline's YAML file may lie, and what follows from it: name, folder of scripts, status file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from penstock.errors import DefinitionError

_OWN_STEM = "pipeline"
_NAME = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of one pipeline.

    Args:
        path: The YAML file.
        project: The folder that holds the folder of pipelines; scripts run in it.
    """

    path: Path
    project: Path

    @property
    def has_own_folder(self) -> bool:
        """Whether it is `x/pipeline.yaml`, not `x.yaml`."""
        return self.path.stem == _OWN_STEM and self.path.parent.parent != self.project

    @property
    def stem(self) -> str:
        """What the file, or its folder, is called."""
        return self.path.parent.name if self.has_own_folder else self.path.stem

    @property
    def name(self) -> str:
        """The pipeline's name, as it is typed.

        Raises:
            DefinitionError: The file, or its folder, has a name that no pipeline can have.
        """
        if not _NAME.fullmatch(self.stem):
            better = re.sub(r"[\W_]+", "-", self.stem).strip("-")
            raise DefinitionError(
                f"`{self.shown}` cannot name a pipeline: only letters, digits, `-` and `_` can",
                hint=f"call it `{better}`" if better else "give it another name",
            )
        return self.stem.replace("_", "-")

    @property
    def scripts(self) -> Path:
        """The folder of its scripts."""
        return self.path.parent if self.has_own_folder else self.path.parent / self.stem

    @property
    def status_file(self) -> Path:
        """Where other tools look how its tasks stand."""
        return self.path.parent / f".{self.stem}.status.json"

    @property
    def shown(self) -> str:
        """What messages call the file: its path below the project."""
        return str(self.path.relative_to(self.project)) if self.path.is_relative_to(self.project) else str(self.path)
