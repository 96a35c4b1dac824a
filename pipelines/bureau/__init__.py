"""Bureau reports into one schema, and the bureau features out of it. One file per bureau."""

from pipelines.bureau.cibil import read_cibil
from pipelines.bureau.features import bureau_features, bureau_features_frame
from pipelines.bureau.report import BureauReport

__all__ = ["BureauReport", "bureau_features", "bureau_features_frame", "read_cibil"]
