"""Where the code of a script may lie: in the folder of its pipeline's scripts, or elsewhere in the project."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

#: Folders of what was installed, not written here.
_INSTALLED = frozenset({"site-packages", "dist-packages", "node_modules"})


@dataclass(frozen=True, slots=True)
class CodePlace:
    """The two folders whose code is a project's own; both without links.

    Args:
        folder: Of the pipeline's scripts; the pipelines that come with Penstock have theirs outside every project.
        project: The folder scripts run in.
    """

    folder: Path
    project: Path

    def holds(self, file: Path) -> bool:
        """Whether a file is code of the project: installed libraries and hidden folders are not."""
        if file.is_relative_to(self.folder):
            return True
        if not file.is_relative_to(self.project):
            return False
        folders = file.relative_to(self.project).parts[:-1]
        if any(name.startswith(".") or name in _INSTALLED for name in folders):
            return False
        between = (self.project.joinpath(*folders[:depth]) for depth in range(1, len(folders) + 1))
        return not any(is_file(folder / "pyvenv.cfg") for folder in between)

    def holds_data(self, file: Path, module: Path) -> bool:
        """Whether a data file that a module names belongs to its code; what lies about in the project does not."""
        if file.is_relative_to(self.folder):
            return True
        return module.parent != self.project and file.is_relative_to(module.parent) and self.holds(file)

    def shown(self, file: Path) -> str:
        """The file as reasons name it: seen from the scripts' folder or, behind `./`, from the project."""
        if file.is_relative_to(self.folder):
            return file.relative_to(self.folder).as_posix()
        return f"./{file.relative_to(self.project).as_posix()}" if file.is_relative_to(self.project) else file.name


def real(path: Path) -> Path:
    """Return a path without links; it need not exist."""
    return Path(os.path.realpath(path))


def is_file(path: Path) -> bool:
    """Whether there is a file; a name no file can have is none."""
    try:
        return path.is_file()
    except OSError:
        return False
