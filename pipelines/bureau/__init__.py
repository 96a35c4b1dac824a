"""Bureau reports into one schema, and the bureau features out of it. One file per bureau."""

from pipelines.bureau.cibil import read_cibil
from pipelines.bureau.crif import read_crif
from pipelines.bureau.equifax import read_equifax
from pipelines.bureau.experian import read_experian
from pipelines.bureau.features import bureau_features, bureau_features_frame
from pipelines.bureau.report import BureauReport
from pipelines.bureau.summary import bureau_details, bureau_summary

__all__ = [
    "BureauReport",
    "bureau_details",
    "bureau_features",
    "bureau_features_frame",
    "bureau_summary",
    "read_cibil",
    "read_crif",
    "read_equifax",
    "read_experian",
]
