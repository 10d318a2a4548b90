"""From a YAML file to a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import normpath
from pathlib import Path

from penstock.engine.definition.abilities import Abilities
from penstock.engine.definition.modules import Stamp, stamp_of
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.task import Task
from penstock.engine.definition.yaml.bodies import Bodies, iter_task_files
from penstock.engine.definition.yaml.circle import follow_patterns, refuse_circle, refuse_two_makers
from penstock.engine.definition.yaml.compose import MOST_BYTES, compose
from penstock.engine.definition.yaml.datasets import Shelf
from penstock.engine.definition.yaml.deployments import Timetable
from penstock.engine.definition.yaml.forms import Told
from penstock.engine.definition.yaml.keys import PIPELINE
from penstock.engine.definition.yaml.layout import Layout
from penstock.engine.definition.yaml.params import read_params
from penstock.engine.definition.yaml.report import Report
from penstock.engine.definition.yaml.step import Cast
from penstock.engine.definition.yaml.tasks import TaskMaker
from penstock.errors import DefinitionError


def load_pipeline(
    path: Path, project: Path, *, abilities: Abilities | None = None, status_file: Path | None = None
) -> Pipeline:
    """Return the pipeline a YAML file describes; the file is only read.

    Args:
        path: `x.yaml` in a folder of pipelines, or `x/pipeline.yaml` in a folder of its own.
        project: The folder that holds the folder of pipelines: scripts run in it, and paths begin there.
        status_file: Where it keeps its status file, if not beside the YAML file.

    Raises:
        DefinitionError: The file cannot be read; all that is wrong with it is told with its place.
    """
    return Loader(path, project, abilities, status_file).load()


class Loader:
    """Reads one file.

    Args:
        path: See `load_pipeline`, as for the others.
    """

    def __init__(
        self, path: Path, project: Path, abilities: Abilities | None = None, status_file: Path | None = None
    ) -> None:
        self._layout = Layout(_absolute(path), _absolute(project))
        self._abilities = abilities or Abilities()
        self._status_file = status_file
        self._report = Report(self._layout.shown)
        #: Of the Python files that tasks come from, as far as the file could be read; taken before they are.
        self.stamps: dict[Path, Stamp | None] = {}

    def load(self) -> Pipeline:
        """Return the pipeline.

        Raises:
            DefinitionError: See `load_pipeline`.
        """
        name = self._layout.name
        told = PIPELINE.read(compose(self._bytes(), self._report), self._report)
        assert told is not None  # noqa: S101 - the root is a mapping
        top: Mapping[str, Told] = told.value
        return self._pipeline(name, top)

    def _bytes(self) -> bytes:
        try:
            with self._layout.path.open("rb") as file:
                return file.read(MOST_BYTES + 1)
        except OSError as error:
            raise DefinitionError(
                f"cannot read `{self._layout.shown}`: {error.strerror or error}", hint="check that it is there"
            ) from error

    def _pipeline(self, name: str, top: Mapping[str, Told]) -> Pipeline:
        report, layout = self._report, self._layout
        params = read_params(top.get("params"), report)
        names = tuple(param.name for param in params)
        cast = Cast(top["steps"].value if "steps" in top else (), names, report)
        files = [file for step in cast.steps for file in iter_task_files(step.fields, layout.scripts)]
        self.stamps = {file: stamp_of(file) for file in files}
        tasks = self._tasks(top, cast, names)
        deployments = Timetable(self._abilities.check_rule, report).read(top, cast.steps)
        report.raise_if_any()
        try:
            return Pipeline(
                name,
                tasks=tasks,
                params=params,
                doc=_text(top, "description"),
                deployments=deployments,
                title=_text(top, "name"),
                workers=top["workers"].value if "workers" in top else None,
                file=layout.path,
                status_file=self._status_file or layout.status_file,
            )
        except DefinitionError as error:
            error.message = f"{layout.shown}: {error.message}"
            raise

    def _tasks(self, top: Mapping[str, Told], cast: Cast, params: tuple[str, ...]) -> list[Task]:
        report, layout = self._report, self._layout
        shown = Layout(layout.scripts, layout.project).shown
        maker = TaskMaker(
            top,
            layout.project,
            params,
            cast,
            Bodies(layout.scripts, shown, report),
            Shelf(layout.project, self._abilities.open_table, params, report),
            report,
        )
        maker.check_variables(top.get("env"))
        for _, value in top["env"].value if "env" in top else ():
            maker.check_braces(value, set())
        tasks = follow_patterns([task for step in cast.steps for task in maker.make(step)])
        places = {name: step.place for step in cast.steps for name in step.tasks}
        refuse_two_makers(tasks, places, report)
        refuse_circle(tasks, places, report)
        return tasks


def _absolute(path: Path) -> Path:
    return Path(normpath(path.absolute()))  # unlike `resolve`, it keeps links as they are written


def _text(top: Mapping[str, Told], key: str) -> str:
    return " ".join(top[key].value.split()) if key in top else ""
