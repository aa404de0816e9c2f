"""Score rows with a model, and with the champion beside it, into one table of predictions."""

from stepwell_predict._predict import Predict, Predicted

__all__ = ["Predict", "Predicted"]
