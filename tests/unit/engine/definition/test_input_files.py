"""Files as inputs: a path that the system refuses to look for is told, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock import File
from penstock.engine.definition.param import Param
from penstock.engine.planning.request import RunRequest
from penstock.errors import SourceError
from tests.engines import a_pipeline, a_task, an_engine


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"{'z' * 300}.csv", "File name too long"),
        (f"{'z' * 300}/*.csv", "no file matches"),
        (f"*/../{'z' * 300}", "no file matches"),
        ("a\0b.csv", "no file matches"),
        ("{what}", "no file matches"),
        ("{what:%}", "is no pattern"),
    ],
)
@pytest.mark.parametrize("asked", ["plan", "run"])
def test_a_path_that_cannot_be_looked_for_is_told_and_starts_nothing(
    tmp_path: Path, path: str, told: str, asked: str
) -> None:
    reading = a_pipeline(
        a_task("read", inputs=[File(path, folder=tmp_path)]), params=[Param("what", str, "half\udc80\0")]
    )
    with an_engine(tmp_path / "home", reading) as engine:
        with pytest.raises(SourceError, match=told) as refused:
            getattr(engine, asked)(RunRequest("sample"))
        assert refused.value.hint
        assert engine.history() == []


def test_the_place_that_cannot_be_looked_at_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as refused:
        File("z" * 300, folder=tmp_path).fingerprint({}, None)
    assert f"`{tmp_path}/zzz" in refused.value.message
