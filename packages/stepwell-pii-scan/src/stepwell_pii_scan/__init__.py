"""Find personal data in a dataset and block, mask, generalise or drop it."""

from stepwell_pii_scan._allowance import Allowance
from stepwell_pii_scan._k_anonymity import KAnonymity
from stepwell_pii_scan._own import OwnRecogniser
from stepwell_pii_scan._pii_scan import PiiScan
from stepwell_pii_scan._rule import Rule

__all__ = ["Allowance", "KAnonymity", "OwnRecogniser", "PiiScan", "Rule"]
