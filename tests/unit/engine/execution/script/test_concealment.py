"""Which variables hold secrets, and in which shapes those are found."""

import pytest

from penstock.engine.execution.script.concealment import Concealment


@pytest.mark.parametrize(
    "name",
    [
        *("API_KEY", "openfec_api_key", "GITHUB_TOKEN", "DB_PASSWORD", "MY_PASSWD", "X_SECRET", "MYSQL_PWD"),
        *("SSH_PASSPHRASE", "PENSTOCK_PARAM_API_TOKEN"),
    ],
)
def test_a_telling_name_makes_a_secret(name):
    assert Concealment({name: "abcd-1234"}).scrub("it is abcd-1234!") == "it is ***!"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_KEY", "short"),
        ("API_KEY", "1234567890"),
        ("PATH", "abcdefgh"),
        ("PWD", "/srv/project"),
        ("PENSTOCK_ITEM_KEY", "filing-2024"),
        ("PENSTOCK_PARAM_KEYWORD", "elections"),
    ],
)
def test_what_is_no_secret_stays(name, value):
    assert Concealment({name: value}).scrub(f"it is {value}") == f"it is {value}"


def test_passwords_in_addresses_are_secrets_wherever_they_stand():
    hiding = Concealment({"STATE_URL": "postgresql://me:p4ssw0rd-x@db:5432/state?x=1"})
    assert hiding.scrub("postgresql://me:p4ssw0rd-x@db/ and p4ssw0rd-x") == "postgresql://me:***@db/ and ***"


def test_a_secret_that_holds_another_is_taken_out_whole():
    hiding = Concealment({"A_KEY": "abcdefgh", "B_KEY": "abcdefgh-and-more"})
    assert hiding.scrub("abcdefgh-and-more") == "***"


def test_every_line_of_a_long_secret_is_one():
    hiding = Concealment({"PRIVATE_KEY": "-----BEGIN-----\nMIIabcdefg\nend\n"})
    assert hiding.scrub("MIIabcdefg\nend") == "***\nend"


def test_what_else_is_secret_is_taken_out_as_well():
    assert Concealment({}, ["abcd-1234"]).scrub("it is abcd-1234!") == "it is ***!"
