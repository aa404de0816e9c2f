"""Find personal data in a dataset and block, mask or drop it."""

from stepwell_pii_scan._allowance import Allowance
from stepwell_pii_scan._pii_scan import PiiScan

__all__ = ["Allowance", "PiiScan"]
