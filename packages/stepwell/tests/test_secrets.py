"""Secrets are masked in whatever is written down, and references to them stay unresolved."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stepwell import ConfigurationError, Load, Pipeline, step
from stepwell._secrets import MASK, is_secret_name, masked, resolved

SECRET = [
    "password", "db_password", "passwd", "DB_PASS", "smtp_pass", "passphrase", "pwd",
    "secret", "client_secret", "secrets", "token", "HF_TOKEN", "accessToken", "api_key", "apiKey",
    "APIKey", "API_KEY", "apikey", "AWS_SECRET_ACCESS_KEY", "private_key", "account-key",
    "AccountKey", "signingKey", "credentials", "Authorization", "sas_token",
]  # fmt: skip
PLAIN = [
    "use_cls_token", "use_token", "tokenizer", "max_tokens", "token_count", "key", "sort_key",
    "primary_key", "foreign_key", "keys", "author", "passenger", "secretary", "compass",
    "private_key_path", "target", "password_length", "", "_", "é",
]  # fmt: skip


def test_names_of_secrets() -> None:
    """(fault 25)"""
    assert [name for name in SECRET if not is_secret_name(name)] == []


def test_names_of_no_secrets() -> None:
    """(fault 25)"""
    assert [name for name in PLAIN if is_secret_name(name)] == []


MASKED: dict[str, tuple[Any, Any]] = {
    "by name": ({"api_key": "abc"}, {"api_key": MASK}),
    "by name, a number": ({"pwd": 1234}, {"pwd": MASK}),
    "by name, a flag": ({"token": False}, {"token": False}),
    "no secret by name": ({"use_cls_token": "x"}, {"use_cls_token": "x"}),
    "by name, nothing": ({"token": None, "secret": ""}, {"token": None, "secret": ""}),
    "by name, a list": ({"passwords": ["a", "b"]}, {"passwords": [MASK, MASK]}),
    "by name, nested": (
        {"credentials": {"user": "me", "deep": [{"x": "y"}]}},
        {"credentials": {"user": MASK, "deep": [{"x": MASK}]}},
    ),
    "deep inside": ({"a": [{"b": {"token": "abc"}}]}, {"a": [{"b": {"token": MASK}}]}),
    "user and password in a URL": ("s3://me:hunter2@host/x", f"s3://{MASK}@host/x"),
    "user in a URL": ("https://abc123@host/x", f"https://{MASK}@host/x"),
    "password with an @": ("pg://me:hun@ter2@host/x", f"pg://{MASK}@host/x"),
    "password with a slash": ("pg://me:hun/ter2@host/x", f"pg://{MASK}@host/x"),
    "several URLs": ("a://b:c@d and e://f:g@h", f"a://{MASK}@d and e://{MASK}@h"),
    "token in a URL": ("https://h/x?a=1&token=abc&b=2", f"https://h/x?a=1&token={MASK}&b=2"),
    "signed URL": (
        "https://h/x?X-Amz-Expires=9&X-Amz-Signature=abc",
        f"https://h/x?X-Amz-Expires=9&X-Amz-Signature={MASK}",
    ),
    "shared access signature": ("az://c/x?sv=1&sig=a%2Bc", f"az://c/x?sv=1&sig={MASK}"),
    "connection string": (
        "Protocol=https;AccountName=me;AccountKey=abc==;Suffix=x",
        f"Protocol=https;AccountName=me;AccountKey={MASK};Suffix=x",
    ),
    "connection parameters": ("host=h password=abc dbname=d", f"host=h password={MASK} dbname=d"),
    "value of a secret variable": ({"note": "it is topsecret1!"}, {"note": f"it is {MASK}!"}),
    "longer value first": ("topsecret12", MASK),
    "value of a plain variable": ("plain-value", "plain-value"),
    "current folder": ("/srv/project", "/srv/project"),
    "short value of a secret variable": ("abc and abcdef", "abc and abcdef"),
    "reference": ({"token": "${HF_TOKEN}"}, {"token": "${HF_TOKEN}"}),
    "reference in a URL": ("s3://${USER}:${PW}@host", "s3://${USER}:${PW}@host"),
    "reference in a parameter": ("https://h?token=${T}", "https://h?token=${T}"),
    "path with an @": ("s3://bucket/data@v2.csv", "s3://bucket/data@v2.csv"),
    "plain URL": ("https://h/x?page=2", "https://h/x?page=2"),
    "tuple": (("a", 1), ["a", 1]),
}  # fmt: skip
ENVIRONMENT = {
    "MY_TOKEN": "topsecret1",
    "OTHER_TOKEN": "topsecret12",
    "PLAIN": "plain-value",
    "SHORT_TOKEN": "abc",
    "PWD": "/srv/project",
}


@pytest.mark.parametrize(("given", "expected"), MASKED.values(), ids=MASKED.keys())
def test_masked(given: Any, expected: Any) -> None:
    """(fault 25)"""
    assert masked(given, environment=ENVIRONMENT) == expected


def test_reference_is_resolved_when_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PART", "x")
    assert resolved("a/${PART}/${PART}$y") == "a/x/x$y"
    with pytest.raises(ConfigurationError, match="The environment variable MISSING is not set"):
        resolved("${MISSING}")


def written(folder: Path) -> str:
    return "".join(f.read_text(errors="replace") for f in folder.rglob("*") if f.is_file())


def test_record_and_store_hold_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """(fault 25)"""
    monkeypatch.setenv("MY_API_KEY", "from-the-environment")

    @step(returns="n")
    def calls(*, api_key: str, url: str, note: str, use_cls_token: str) -> int:
        return 1

    configured = calls(
        api_key="given-by-hand",
        url="https://me:in-the-url@host",
        note="it is from-the-environment",
        use_cls_token="no-secret",
    )
    run = Pipeline("p", [configured]).run(store=tmp_path / "store")
    [recorded] = run.record["steps"]
    assert recorded["configuration"] == {
        "api_key": MASK,
        "url": f"https://{MASK}@host",
        "note": f"it is {MASK}",
        "use_cls_token": "no-secret",
    }
    everything = written(tmp_path / "store") + str(run.record)
    for secret in ("given-by-hand", "in-the-url", "from-the-environment"):
        assert secret not in everything


def test_reference_stays_unresolved_in_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(fault 26)"""
    (tmp_path / "private").mkdir()
    pl.DataFrame({"a": [1]}).write_csv(tmp_path / "private/rows.csv")
    monkeypatch.setenv("DATA", str(tmp_path / "private"))
    run = Pipeline("p", [Load(source="${DATA}/rows.csv")]).run(store=tmp_path / "store")
    assert run["data"].to_polars().rows() == [(1,)]
    assert run.record["steps"][0]["configuration"]["source"] == "${DATA}/rows.csv"
    assert str(tmp_path / "private") not in written(tmp_path / "store")


def test_error_shows_the_reference_and_not_what_it_stands_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(fault 26)"""
    monkeypatch.setenv("DATA", str(tmp_path / "private"))
    run = Pipeline("p", [Load(source="${DATA}/rows.csv")]).run(store=False)
    assert str(run.step("load").reason).startswith("${DATA}/rows.csv does not exist")
