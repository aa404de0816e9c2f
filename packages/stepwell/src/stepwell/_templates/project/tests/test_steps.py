"""What the project's own steps do, each on a few rows."""

from pathlib import Path

import polars as pl

from applicants import age_band, publish


def test_ages_are_split_at_the_given_one() -> None:
    ages = pl.DataFrame({"age_in_years": [24, 25, 26]})
    banded = age_band.function(ages, young_up_to=25)
    assert banded["age_band"].to_list() == ["up to 25", "up to 25", "over 25"]


def test_nothing_but_what_the_branches_need_is_published(tmp_path: Path) -> None:
    scored = pl.DataFrame({"prediction": ["good"], "score": [0.9], "sex": ["female"]})
    named = scored.with_columns(
        prediction_id=pl.lit("1-2"), model_version=pl.lit("1"), predicted_at=None
    )
    into = tmp_path / "predictions" / "today.parquet"
    assert publish.function(named, into=str(into)) == 1
    assert "sex" not in pl.read_parquet(into).columns
