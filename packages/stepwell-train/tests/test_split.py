"""Which rows `Split` keeps aside."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from stepwell import ConfigurationError, DataError, Dataset
from stepwell_train import Split


def people(count: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": range(count),
            "house": [i % 50 for i in range(count)],
            "paid": ["yes" if i % 5 else "no" for i in range(count)],
            "at": [datetime(2026, 1, 1) + timedelta(hours=i) for i in range(count)],
        }
    )


def aside(split: Split, frame: pl.DataFrame, **roles: str) -> set[int]:
    done = split.run(data=Dataset.of(frame, roles=roles))
    assert len(done.data) + len(done.holdout) == frame.height
    return set(done.holdout.to_polars()["id"])


def test_share_of_the_rows_is_kept_aside() -> None:
    assert 450 < len(aside(Split(holdout=0.25, columns=["id"]), people(2000))) < 550


def test_holdout_stays_holdout_when_rows_are_added() -> None:
    split = Split(columns=["id"])
    yesterday, today = people(1000), people(1500)
    assert aside(split, yesterday) == {row for row in aside(split, today) if row < 1000}


def test_identifier_by_role_keeps_rows_in_place_when_columns_are_added() -> None:
    plain, wider = people(500), people(500).with_columns(extra=pl.lit(1))
    assert aside(Split(), plain, id="identifier") == aside(Split(), wider, id="identifier")


def test_order_of_the_rows_does_not_matter() -> None:
    frame = people(500)
    assert aside(Split(), frame) == aside(Split(), frame.sample(fraction=1, shuffle=True, seed=1))


def test_another_key_makes_another_split() -> None:
    assert aside(Split(key="a"), people(500)) != aside(Split(key="b"), people(500))


def test_rows_of_a_group_stay_together() -> None:
    done = Split(by="group", columns=["house"]).run(data=Dataset.of(people(1000)))
    houses = set(done.data.to_polars()["house"]), set(done.holdout.to_polars()["house"])
    assert not houses[0] & houses[1]


def test_newest_rows_are_kept_aside_by_time() -> None:
    assert aside(Split(by="time", holdout=0.1), people(100), at="time") == set(range(90, 100))


def test_rows_of_one_moment_stay_together_by_time() -> None:
    frame = people(100).with_columns(at=pl.col("at").dt.truncate("1d"))
    done = Split(by="time", holdout=0.1, columns=["at"]).run(data=Dataset.of(frame))
    assert done.data.to_polars()["at"].max() < done.holdout.to_polars()["at"].min()  # type: ignore[operator]


def test_cutoff_is_the_first_moment_of_the_holdout() -> None:
    split = Split(by="time", columns=["at"], cutoff="2026-01-03")
    assert aside(split, people(100)) == set(range(48, 100))


def test_every_class_has_its_share_when_stratified() -> None:
    frame = people(500)
    done = Split(by="stratified", holdout=0.2).run(data=Dataset.of(frame, roles={"paid": "target"}))
    counts = dict(done.holdout.to_polars()["paid"].value_counts().iter_rows())
    assert counts == {"yes": 80, "no": 20}


def test_roles_stay_on_both_sides() -> None:
    done = Split().run(data=Dataset.of(people(100), roles={"paid": "target"}))
    assert done.data.roles.target == done.holdout.roles.target == "paid"


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (Split(columns=["idd"]), "Did you mean 'id'?"),
        (Split(by="group"), "Write Split(by='group', columns=[\"...\"])"),
        (Split(by="time"), "does not know the column"),
        (Split(by="time", columns=["paid"]), "not a time"),
        (Split(by="time", columns=["at"], cutoff="soon"), "Write a moment such as 2026-01-31"),
        (Split(by="time", columns=["at"], cutoff="2030-01-01"), "leaves the holdout empty"),
        (Split(by="stratified"), "needs to know the target"),
    ],
)
def test_split_that_cannot_be_made_says_what_to_write(split: Split, message: str) -> None:
    with pytest.raises(DataError) as caught:
        split.run(data=Dataset.of(people(100)))
    assert message in str(caught.value)


def test_missing_identifier_is_counted() -> None:
    frame = pl.DataFrame({"id": [1, None, 3], "x": [1, 2, 3]})
    with pytest.raises(DataError, match="missing in 1 of 3 rows"):
        Split(columns=["id"]).run(data=Dataset.of(frame))


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5])
def test_share_outside_of_0_and_1_is_refused(share: float) -> None:
    with pytest.raises(ConfigurationError, match="holdout"):
        Split(holdout=share)
