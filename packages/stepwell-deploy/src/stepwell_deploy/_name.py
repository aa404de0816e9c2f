"""The name of a model in the decision log, checked where it is written."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from stepwell.authoring import checked_name


def _checked(name: str) -> str:
    return checked_name(name, what="model")


Name = Annotated[str, AfterValidator(_checked)]
