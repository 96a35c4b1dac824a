"""What consent is asked for, and how long one lasts."""

from datetime import timedelta

# None: until it is withdrawn. The same times stand in the texts.
LIFE: dict[str, timedelta | None] = {
    "KYC": None,
    "BUREAU": timedelta(days=180),
    "AA": timedelta(days=365),
    "BSA": timedelta(days=365),
    "LOCATION": timedelta(days=30),
    "MARKETING": timedelta(days=365),
    "COMM_WHATSAPP": None,
    "DATA_SHARING_LSP": timedelta(days=365),
}
PURPOSES = tuple(LIFE)
