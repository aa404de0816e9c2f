"""What messages propose, and how they name what exists."""

import pytest

from stepwell.authoring import did_you_mean, listed, told_labels


@pytest.mark.parametrize(
    ("name", "existing", "proposed"),
    [
        ("roc_acu", ["roc_auc", "recall"], "Did you mean 'roc_auc'?"),
        ("ID", ["income", "id", "aid"], "Did you mean 'id'?"),
        ("email", ["EMAIL_ADDRESS", "PHONE_NUMBER"], "Did you mean 'EMAIL_ADDRESS'?"),
        ("auc", ["roc_auc_ovr", "roc_auc_ovr_weighted"], ""),
        ("id", ["identifier_of_the_branch"], ""),
        ("zebra", ["income", "id"], ""),
        ("c" * 4_999, ["c" * 5_000], ""),
    ],
)
def test_nearest_name_is_proposed(name: str, existing: list[str], proposed: str) -> None:
    assert did_you_mean(name, existing) == proposed


def test_long_names_and_long_lists_are_cut() -> None:
    assert listed(["a", "b" * 5_000]) == f"a, {'b' * 60}…"
    assert listed(map(str, range(20)), most=2) == "0, 1 and 18 more"
    assert listed([]) == "none"


@pytest.mark.parametrize(
    ("labels", "near", "told"),
    [
        (["Erika", "Max"], "Anna", "2 of type str"),
        (["Erika", "Max"], "erika ", "2 of type str; one differs from it in type, capitals or "),
        ([0, 1], "1", "2 of type int; one differs from it in type, capitals or spaces only"),
        ([0, "1"], None, "2 of type int and str"),
        ([], "1", "none"),
    ],
)
def test_labels_are_told_without_showing_them(
    labels: list[object], near: object, told: str
) -> None:
    assert told_labels(labels, near=near).startswith(told)
