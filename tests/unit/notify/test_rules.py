"""Channels in the settings: what they may say, where an error is, and that no secret is ever shown."""

from __future__ import annotations

import textwrap
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.bootstrap import environment_of
from penstock.errors import UsageError
from penstock.notify.channel import Occasion
from penstock.settings import LoadedSettings, load_settings

GOOD = """
    [penstock]
    smtp_url = "smtp://me:s3cret-password@mail.example.org:587"
    mail_from = "penstock@example.org"
    console_url = "https://pipes.example.org/"

    [penstock.notify.chat]
    webhook = "https://chat.example.org/hooks/s3cret-path?token=s3cret-token"
    on = ["failure", "recovery"]
    pipelines = ["campaign-*"]

    [penstock.notify.night]
    email = ["ops@example.org"]
    late_after = "30m"

    [penstock.notify.bell]
    command = ["./ring.sh", "s3cret-argument"]
"""


def load(folder: Path, text: str, environ: dict[str, str] | None = None) -> LoadedSettings:
    (folder / "penstock.toml").write_text(textwrap.dedent(text))
    return load_settings(environ or {}, folder)


def test_channels_are_read_with_their_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD).settings
    assert list(settings.notify) == ["bell", "chat", "night"]
    chat, night, bell = settings.notify["chat"], settings.notify["night"], settings.notify["bell"]
    assert chat.on == (Occasion.FAILURE, Occasion.RECOVERY)
    assert chat.follows("campaign-finance")
    assert not chat.follows("other")
    assert (night.late_after, night.email, night.on) == (timedelta(minutes=30), ("ops@example.org",), tuple(Occasion))
    assert bell.command == ("./ring.sh", "s3cret-argument")
    assert settings.console_url == "https://pipes.example.org"


def test_nothing_that_shows_settings_shows_a_secret(tmp_path: Path) -> None:
    loaded = load(tmp_path, GOOD)
    shown = f"{loaded!r} {loaded.describe()!r} {loaded.settings!s} {environment_of(loaded.settings)!r}"
    assert "s3cret" not in shown.replace("s3cret-argument", "")
    told = {knob.name: knob.value for knob in loaded.describe()}
    assert "s3cret" not in str(told)
    assert "https://chat.example.org/***" in str(told["notify"])
    assert told["smtp_url"] == "smtp://me:***@mail.example.org:587"


def test_child_processes_are_told_nothing_private(tmp_path: Path) -> None:
    environment = environment_of(load(tmp_path, GOOD).settings)
    assert not {"PENSTOCK_SMTP_URL", "PENSTOCK_NOTIFY"} & set(environment)


def test_channels_may_stand_in_the_environment(tmp_path: Path) -> None:
    given = {"PENSTOCK_NOTIFY": '{"ops": {"webhook": "https://example.org/x"}}'}
    assert list(load(tmp_path, "", given).settings.notify) == ["ops"]


@pytest.mark.parametrize(
    ("line", "place", "told"),
    [
        ('webhook = "ftp://example.org/s3cret"', 5, "`notify.ops.webhook` takes an address"),
        ('webhook = "https://exa mple.org/s3cret"', 5, "`notify.ops.webhook` takes an address"),
        ('webhook = "https://me:s3cret@example.org/"', 5, "`notify.ops.webhook` takes an address"),
        ('email = "ops@example.org"', 5, "`notify.ops.email` takes a list"),
        ('email = ["ops@example.org\\nBcc: x@example.org"]', 5, "`notify.ops.email` takes an e-mail address"),
        ("command = []", 5, "`notify.ops.command` takes a program"),
        ('comand = ["x"]', 5, "did you mean `command`?"),
        ('email = ["a@example.org"]\ncommand = ["x"]', 4, "`notify.ops` takes one of"),
        ('on = ["failure"]', 4, "`notify.ops` takes one of"),
        ('command = ["x"]\non = ["failures"]', 6, "not `failures`"),
        ('command = ["x"]\nlate_after = "soon"', 6, "`notify.ops.late_after` takes a duration"),
        ('command = ["x"]\nlate_after = "0s"', 6, "`notify.ops.late_after` takes a duration"),
        ('command = ["x"]\npipelines = []', 6, "`notify.ops.pipelines` takes a list"),
    ],
)
def test_a_wrong_channel_is_told_with_its_line(tmp_path: Path, line: str, place: int, told: str) -> None:
    (tmp_path / "penstock.toml").write_text(f'[penstock]\ncontact = "x"\n\n[penstock.notify.ops]\n{line}\n')
    with pytest.raises(UsageError) as refused:
        load_settings({}, tmp_path)
    assert refused.value.message.startswith(f"penstock.toml:{place}: ")
    assert told in refused.value.message
    assert "s3cret" not in f"{refused.value.message} {refused.value.hint}"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('smtp_url = "mail.example.org"', "`smtp_url` takes a mail server"),
        ('smtp_url = "smtp://me:s3cret#x@mail.example.org"', "`smtp_url` takes a mail server"),
        ('mail_from = "nobody"', "`mail_from` takes an e-mail address"),
        ('console_url = "https://pipes.example.org/?x=1"', "`console_url` takes the console's address"),
        ("notify = 3", "`notify` takes tables by name"),
        ("notify = { ops = 3 }", "`notify.ops` takes tables by name"),
        ('notify = { "a b" = { command = ["x"] } }', "`notify.a b` takes names"),
    ],
)
def test_a_wrong_shared_value_is_told_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        load(tmp_path, f"[penstock]\n{line}\n")
    assert refused.value.message.startswith("penstock.toml:2: ")
    assert told in refused.value.message
    assert "s3cret" not in refused.value.message


def test_a_wrong_value_in_the_environment_is_told_by_its_variable(tmp_path: Path) -> None:
    for text in ("{s3cret", '{"ops": {"webhook": "s3cret"}}'):
        with pytest.raises(UsageError, match=r"^PENSTOCK_NOTIFY: ") as refused:
            load(tmp_path, "", {"PENSTOCK_NOTIFY": text})
        assert "s3cret" not in refused.value.message
