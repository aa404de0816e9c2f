"""What is tried before a model goes live: that it loads, and that there is a way back."""

from __future__ import annotations

from stepwell import Finding, Model, StepwellError
from stepwell.authoring import Store


def smoke_test(store: Store, fingerprint: str) -> Finding:
    """Whether the stored model is intact and loads, from its files and not from memory."""
    try:
        intact(store, fingerprint).load()
    except StepwellError as error:
        return _failed(error.message)
    except Exception as error:  # a library's own error, whose text may quote data
        return _failed(f"Loading it raised {type(error).__name__}.")
    return Finding(check="smoke test", verdict="passed", message="The stored model loads.")


def intact(store: Store, fingerprint: str) -> Model:
    """The stored model, all of its files read and compared. Raises StoreError, CorruptedError."""
    model: Model = store.get(fingerprint, "model")
    model.verify()
    return model


def way_back(store: Store, champion: str | None) -> Finding:
    """Whether the model that a rollback would restore is still complete in the store."""
    if champion is None:
        return Finding(
            check="way back", verdict="passed", message="There is no model to go back to."
        )
    try:
        intact(store, champion)
    except StepwellError as error:
        return Finding(
            check="way back",
            verdict="warned",
            message=f"A rollback would not work: {error.message}",
        )
    return Finding(check="way back", verdict="passed", message="The champion can be restored.")


def _failed(reason: str) -> Finding:
    return Finding(
        check="smoke test", verdict="failed", message=f"The model does not load: {reason}"
    )
