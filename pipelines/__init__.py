"""Raw evidence in, features out: bank statements, account aggregator, bureaus.

Pure functions over polars frames. Nothing here knows the service, its database, its queue, the environment
or the clock: today's date is an argument. Never call it in a process forked after polars started its threads.
"""

from pipelines.aa import (
    AccountEvidence,
    AccountProfile,
    Holder,
    Holding,
    epf_employment,
    fi_objects_in,
    read_fi_object,
    read_fi_objects,
)
from pipelines.bsa import BsaReport, StatementAnalysis, analyse_statement, bank_features, cam_prefill
from pipelines.bureau import (
    BureauReport,
    bureau_details,
    bureau_features,
    bureau_features_frame,
    bureau_summary,
    read_cibil,
    read_crif,
    read_equifax,
    read_experian,
)
from pipelines.errors import EvidenceError
from pipelines.features import Features
from pipelines.frames import TRANSACTIONS

__all__ = [
    "TRANSACTIONS",
    "AccountEvidence",
    "AccountProfile",
    "BsaReport",
    "BureauReport",
    "EvidenceError",
    "Features",
    "Holder",
    "Holding",
    "StatementAnalysis",
    "analyse_statement",
    "bank_features",
    "bureau_details",
    "bureau_features",
    "bureau_features_frame",
    "bureau_summary",
    "cam_prefill",
    "epf_employment",
    "fi_objects_in",
    "read_cibil",
    "read_crif",
    "read_equifax",
    "read_experian",
    "read_fi_object",
    "read_fi_objects",
]
