"""Every Stepwell run as an MLflow run, without waiting for MLflow."""

from stepwell_tracking._address import tracking_uri, without_credentials
from stepwell_tracking._helper import helper_command, helper_environment
from stepwell_tracking._mlflow import Mlflow, MlflowError, prepare_process, told
from stepwell_tracking._observer import MlflowTracking
from stepwell_tracking._sync import Synced, sync

__all__ = [
    "Mlflow",
    "MlflowError",
    "MlflowTracking",
    "Synced",
    "helper_command",
    "helper_environment",
    "prepare_process",
    "sync",
    "told",
    "tracking_uri",
    "without_credentials",
]
