"""Which rows `Split` keeps aside."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from stepwell import ConfigurationError, DataError, Dataset
from stepwell_train import Split

PINNED = [9, 10, 14]
START = datetime(2026, 1, 1, tzinfo=UTC)


def people(count: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": range(count),
            "house": [i % 50 for i in range(count)],
            "paid": ["yes" if i % 5 else "no" for i in range(count)],
            "at": [(START + timedelta(hours=i)).replace(tzinfo=None) for i in range(count)],
        }
    )


def aside(split: Split, frame: Any, **roles: str) -> set[int]:
    done = split.run(data=Dataset.of(frame, roles=roles))
    assert len(done.data) + len(done.holdout) == len(frame)
    return set(done.holdout.to_polars()["id"])


def test_share_of_the_rows_is_kept_aside() -> None:
    assert 450 < len(aside(Split(holdout=0.25, columns=["id"]), people(2000))) < 550


@pytest.mark.parametrize(
    "split",
    [
        Split(columns=["id"]),
        Split(),
        Split(by="group", columns=["house"]),
        Split(by="time", columns=["at"], cutoff="2026-01-15"),
    ],
    ids=str,
)
def test_holdout_stays_holdout_when_rows_are_added(split: Split) -> None:
    yesterday, today = people(1000), people(1500)
    assert aside(split, yesterday) == {row for row in aside(split, today) if row < 1000}


def test_few_rows_near_the_limit_change_sides_when_stratified() -> None:
    split = Split(by="stratified", columns=["id"])
    yesterday = aside(split, people(1000), paid="target")
    today = {row for row in aside(split, people(1500), paid="target") if row < 1000}
    assert len(yesterday ^ today) < 20


def test_side_is_fixed_for_all_times() -> None:
    assert sorted(aside(Split(columns=["id"]), people(20))) == PINNED


def test_identifier_by_role_keeps_rows_in_place_when_columns_are_added() -> None:
    plain, wider = people(500), people(500).with_columns(extra=pl.lit(1))
    assert aside(Split(), plain, id="identifier") == aside(Split(), wider, id="identifier")


def test_equal_rows_stay_together_without_an_identifier() -> None:
    frame = people(300).with_columns(id=pl.lit(1), at=pl.lit(START.replace(tzinfo=None)))
    done = Split(holdout=0.5).run(data=Dataset.of(frame))
    assert done.data.to_polars().join(done.holdout.to_polars(), on=["house", "paid"]).is_empty()


def test_order_chunks_and_library_do_not_matter() -> None:
    frame = people(500)
    expected = aside(Split(), frame)
    assert aside(Split(), frame.sample(fraction=1, shuffle=True, seed=1)) == expected
    assert aside(Split(), pl.concat([frame[:7], frame[7:]], rechunk=False)) == expected
    assert aside(Split(), frame.to_pandas()) == expected
    assert aside(Split(), frame.with_columns(pl.col("id").cast(pl.Int16))) == expected


@pytest.mark.parametrize("by", ["hash", "stratified"])
def test_rows_with_the_same_identifier_stay_together(by: Any) -> None:
    """Also where their classes differ."""
    frame = people(600).with_columns(id=pl.col("id") % 200)
    roles: Any = {"id": "identifier", "paid": "target"}
    done = Split(by=by).run(data=Dataset.of(frame, roles=roles))
    assert not set(done.data.to_polars()["id"]) & set(done.holdout.to_polars()["id"])


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
    assert not set(done.data.to_polars()["at"]) & set(done.holdout.to_polars()["at"])


@pytest.mark.parametrize(
    ("time", "cutoff"),
    [
        (pl.col("at"), "2026-01-03"),
        (pl.col("at"), "2026-01-03T00:00:00"),
        (pl.col("at").dt.date(), "2026-01-03"),
        (pl.col("at").dt.replace_time_zone("Europe/Berlin"), "2026-01-03"),
        (pl.col("at").dt.replace_time_zone("Europe/Berlin"), "2026-01-02T23:00:00Z"),
        (pl.col("id") + 1000, "1048"),
        (pl.col("id") / 2, "24"),
    ],
    ids=str,
)
def test_cutoff_is_the_first_moment_of_the_holdout(time: pl.Expr, cutoff: str) -> None:
    split = Split(by="time", columns=["when"], cutoff=cutoff)
    assert aside(split, people(100).with_columns(when=time)) == set(range(48, 100))


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical, pl.Enum(["yes", "no"])])
def test_every_class_has_its_share_when_stratified(kind: Any) -> None:
    frame = people(500).with_columns(pl.col("paid").cast(kind))
    done = Split(by="stratified", holdout=0.2).run(data=Dataset.of(frame, roles={"paid": "target"}))
    counts = dict(done.holdout.to_polars()["paid"].value_counts().iter_rows())
    assert counts == {"yes": 80, "no": 20}


def test_order_of_rows_and_roles_stay_on_both_sides() -> None:
    done = Split().run(data=Dataset.of(people(100), roles={"paid": "target", "id": "identifier"}))
    assert done.data.roles == done.holdout.roles
    assert done.data.roles.target == "paid"
    assert done.data.to_polars()["id"].is_sorted()


REFUSED = [
    (Split(columns=["idd"]), "Did you mean 'id'?"),
    (Split(by="group"), "Write Split(by='group', columns=[\"...\"])"),
    (Split(by="time"), "does not know the column"),
    (Split(by="time", columns=["paid"]), "'paid' is String, which is no moment"),
    (Split(by="time", columns=["at", "id"]), "needs one column; there are at, id"),
    (Split(by="time", columns=["at"], cutoff="20.5"), "Write a moment such as 2026-01-31"),
    (Split(by="time", columns=["at"], cutoff="2026-01-02T00:00Z"), "only if the column has a time"),
    (Split(by="time", columns=["id"], cutoff="2026-01-02"), "Write a number, as the column"),
    (Split(by="time", columns=["at"], cutoff="2030-01-01"), "leaves the holdout empty"),
    (Split(by="time", columns=["at"], cutoff="2000-01-01"), "leaves the rows to train on empty"),
    (Split(by="stratified"), "needs to know the target"),
]


@pytest.mark.parametrize(("split", "message"), REFUSED)
def test_split_that_cannot_be_made_says_what_to_write(split: Split, message: str) -> None:
    with pytest.raises(DataError) as caught:
        split.run(data=Dataset.of(people(100)))
    assert message in str(caught.value)


@pytest.mark.parametrize("split", [Split(), Split(by="time", columns=["at"])], ids=str)
def test_no_rows_are_refused(split: Split) -> None:
    with pytest.raises(DataError, match="of 0 rows leaves the holdout empty"):
        split.run(data=Dataset.of(people(10).clear()))


def test_missing_identifier_is_counted() -> None:
    frame = pl.DataFrame({"id": [1, None, 3], "x": [1, 2, 3]})
    with pytest.raises(DataError, match="missing in 1 of 3 rows"):
        Split(columns=["id"]).run(data=Dataset.of(frame))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"holdout": 0}, "holdout"),
        ({"holdout": 1.0}, "holdout"),
        ({"holdout": float("nan")}, "holdout"),
        ({"by": "random"}, "'hash', 'stratified', 'group' or 'time'"),
        ({"cutoff": "2026-01-01"}, "cutoff is for by='time'; here, by is 'hash'"),
        ({"columns": "id"}, "columns"),
        ({"by": "time", "cutoff": "soon"}, "'soon' is neither a moment, such as 2026-01-31, nor"),
    ],
)
def test_configuration_that_makes_no_sense_is_refused(fields: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Split(**fields)
