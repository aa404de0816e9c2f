"""Steps that decide whether a model goes into production, and keep the log of it."""

from stepwell_deploy._champion import Champion, Crowned
from stepwell_deploy._deploy import Deploy, Deployed
from stepwell_deploy._follow import follow
from stepwell_deploy._rollback import rollback

__all__ = ["Champion", "Crowned", "Deploy", "Deployed", "follow", "rollback"]
