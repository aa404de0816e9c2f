"""Which way a metric is better."""

from __future__ import annotations

from difflib import get_close_matches

_HIGHER = frozenset(
    {
        "accuracy",
        "accuracy_score",
        "average_precision",
        "average_precision_score",
        "balanced_accuracy",
        "balanced_accuracy_score",
        "cohen_kappa_score",
        "d2_absolute_error_score",
        "d2_log_loss_score",
        "d2_pinball_score",
        "d2_tweedie_score",
        "explained_variance",
        "explained_variance_score",
        "f1",
        "f1_score",
        "jaccard",
        "jaccard_score",
        "matthews_corrcoef",
        "ndcg_score",
        "precision",
        "precision_score",
        "r2",
        "r2_score",
        "recall",
        "recall_score",
        "roc_auc",
        "roc_auc_ovo",
        "roc_auc_ovr",
        "roc_auc_score",
        "specificity",
        "top_k_accuracy",
        "top_k_accuracy_score",
        "true_negative_rate",
        "true_positive_rate",
    }
)

_LOWER = frozenset(
    {
        "brier_score",
        "brier_score_loss",
        "expected_calibration_error",
        "false_negative_rate",
        "false_positive_rate",
        "hamming_loss",
        "log_loss",
        "mae",
        "mape",
        "max_error",
        "mean_absolute_error",
        "mean_absolute_percentage_error",
        "mean_gamma_deviance",
        "mean_pinball_loss",
        "mean_poisson_deviance",
        "mean_squared_error",
        "mean_squared_log_error",
        "median_absolute_error",
        "mse",
        "rmse",
        "rmsle",
        "root_mean_squared_error",
        "root_mean_squared_log_error",
        "zero_one_loss",
    }
)

_AVERAGES = ("_macro", "_micro", "_weighted", "_samples")
_KNOWN = _HIGHER | _LOWER


def direction_of(better_on: str) -> bool | None:
    """Whether more of a metric is better; None for one that is not known.

    The name of a step before it, scikit-learn's `neg_` and the averages of multi-class metrics
    are understood.
    """
    metric = better_on.rpartition(".")[2]
    if metric.startswith("neg_"):
        negated = direction_of(metric.removeprefix("neg_"))
        return None if negated is None else not negated
    for average in _AVERAGES:
        metric = metric.removesuffix(average)
    return metric in _HIGHER if metric in _KNOWN else None


def nearest(better_on: str) -> str:
    """A sentence that proposes the known metric that was probably meant, else an empty string."""
    near = get_close_matches(better_on.rpartition(".")[2], _KNOWN, n=1)
    return f"Did you mean {near[0]!r}?" if near else ""
