"""Over random pipelines and random mutations: what runs is what was planned, and `why` names what was mutated."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from penstock import File, Param
from penstock.engine.planning.plan import Action
from penstock.engine.planning.reason import ReasonKind
from penstock.engine.planning.request import RunRequest
from tests.engines import a_pipeline, a_task, an_engine, by_name, run


@st.composite
def worlds(draw):
    """A random graph: edges by number; which tasks read a file or a parameter; which results never change."""
    size = draw(st.integers(1, 9))
    edges = {n: sorted(draw(st.sets(st.integers(0, n - 1), max_size=3))) if n else [] for n in range(size)}
    flags = st.lists(st.booleans(), min_size=size, max_size=size)
    return size, edges, draw(flags), draw(flags), draw(flags)


mutations = st.sampled_from(["version", "file", "param", "nothing", "force", "reset"])


class World:
    """A pipeline over files that can be mutated in one place at a time."""

    def __init__(self, root, shape):
        self.root = root
        self.size, self.edges, self.reads_file, self.reads_param, self.is_constant = shape
        self.versions = [0] * self.size
        self.params = {f"p{n}": "0" for n in range(self.size)}
        self.ran = []
        for n in range(self.size):
            self.path(n).write_text("0")

    def path(self, n):
        return self.root / f"f{n}.txt"

    def body(self, n):
        def work(ctx):
            self.ran.append(n)
            own = [self.path(n).read_text()] if self.reads_file[n] else []
            own += [ctx.params[f"p{n}"]] if self.reads_param[n] else []
            above = [ctx.result(f"t{m}") for m in self.edges[n]]
            return "constant" if self.is_constant[n] else [n, self.versions[n], own, above]

        return work

    def pipeline(self):
        tasks = [
            a_task(
                f"t{n}",
                self.body(n),
                depends_on=[f"t{m}" for m in self.edges[n]],
                inputs=[File(str(self.path(n)))] if self.reads_file[n] else [],
                version=self.versions[n],
            )
            for n in range(self.size)
        ]
        return a_pipeline(*tasks, params=[Param(f"p{n}", default="0") for n in range(self.size)])

    def mutate(self, kind, n, step):
        """Change one thing about task n; return the kind of reason it must be given, or None if it must stay fresh."""
        if kind == "version":
            self.versions[n] += 1
            return ReasonKind.VERSION_CHANGED
        if kind == "file":
            self.path(n).write_text(f"step {step}")
            return ReasonKind.INPUT_CHANGED if self.reads_file[n] else None
        if kind == "param":
            self.params[f"p{n}"] = str(step)
            return ReasonKind.PARAM_CHANGED if self.reads_param[n] else None
        return {"force": ReasonKind.FORCED, "reset": ReasonKind.NEVER_RAN}.get(kind)


@settings(max_examples=60, deadline=None)
@given(worlds(), st.lists(st.tuples(mutations, st.integers(0, 8)), min_size=1, max_size=4))
def test_what_is_mutated_is_what_runs_and_what_why_names(shape, steps):
    with TemporaryDirectory() as folder:
        world = World(Path(folder), shape)
        with an_engine(world.root / "home", world.pipeline(), state_url="memory://") as engine:
            store = engine.store
            assert run(engine).status == "completed"
            world.ran.clear()
            for step, (kind, place) in enumerate(steps, 1):
                n = place % world.size
                expected = world.mutate(kind, n, step)
                engine.registry._found["sample"] = pipeline = world.pipeline()
                if kind == "reset":
                    engine.reset("sample", tasks=(f"t{n}",))
                asked = {
                    "params": world.params,
                    "force": kind == "force",
                    "tasks": (f"t{n}",) if kind == "force" else (),
                }
                plan = engine.plan(RunRequest("sample", **asked))
                view = run(engine, **asked)
                _check(world, pipeline, plan, view, n, expected)
                world.ran.clear()
            assert store is engine.store


def _check(world, pipeline, plan, view, n, expected):  # noqa: PLR0917
    ran = {f"t{m}" for m in world.ran}
    planned = {d.task for d in plan.decisions if d.action is Action.RUN}
    possible = planned | {d.task for d in plan.decisions if d.action is Action.CHECK}
    assert len(world.ran) == len(ran), "a body ran twice"
    assert planned <= ran <= possible
    tasks = by_name(view)
    assert {name for name, task in tasks.items() if task.status == "completed"} == ran
    if expected is None:
        assert ran == set()
    else:
        assert f"t{n}" in ran
        assert tasks[f"t{n}"].reason_facts["kind"] == expected.value
        assert ran <= {f"t{n}"} | pipeline.graph.descendants([f"t{n}"])
        if world.is_constant[n] and expected is not ReasonKind.FORCED:
            assert ran == {f"t{n}"}, "an unchanged result did not stop the wave"
    for name in ran - {f"t{n}"}:
        assert tasks[name].reason_facts["kind"] == ReasonKind.RESULT_CHANGED.value
        assert tasks[name].reason_facts["what"] in {*pipeline.graph.upstream(name)} & ran
