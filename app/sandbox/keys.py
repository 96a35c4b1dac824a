"""Key pairs of the sandbox, for development only: published with the source, they protect nothing.

Two RSA pairs, 2048 bits. One belongs to the sandbox's Account Aggregator, one to the lender (FIU) that
talks to it. One P-256 pair, with which the sandbox's SendGrid signs its events. Production refuses to start with
them, as with every default credential.
"""

import json

# PEM; signs what the sandbox's Account Aggregator answers and notifies.
AA_PRIVATE_KEY = """\
-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCCmy/xej6nbAvY
qld4HKSw2uJ9dNNQQsZTVe9LP6bjMwcnhWQR3MqqbzuxqM2JDv1h9A1IX6EWwmtg
LWfpMOhVEnSe++nQkULOU+o8zSSuh1V4IWoo27S4dtNduM9Q5DLmUH3TR+sp7GNM
Zv06lSRa5pn+EkaNB3AcjznlP8W+u9qTfpdgT+IUT0EeOaVlKILVhSbXZAvSMDVX
exXuJmmPCSwQuu4RpsQi0KXAJE1law7fuwFKpZNbTU4baotI9eSXVFcnfXVih0m+
E+ZK/8yQY39ZaLhezOsH9ZrGYJe5rCgaFfvTYUL+zDXeCFJAsEZVzIxRncyUvCXK
/GhHYHMrAgMBAAECggEALQH+uRgX7EkrIey9vNoeFQYxI+u1AIUqZECKeKOERupo
TkHFFPTB8I7pgtU5k0BTqERaqXSvBjFUoG21T+J3Rg3Ym4sTbbkJTSIU6AQH3o8r
sHzPYSopcqIcP8F2zBj/w2e8nKk9jJJ2O7eID36i6yJpsekpX+NOysC+wlZCNnJ3
Hua6BL1ZlJRXfPpBSjiBkDICZ1E9f6q6ng7qgL1ioBRcYY/SpzLy30Dg4HYB7lt1
ezGauoarIsAKoTJYQM+QuLTDfeNkj0kF6oTZVEAHspL7yR2HqlSyIbztzDgWt6Db
AKmUNwalPvYib3T3dXJvq1RUaucm/WS/bzV4yvrJJQKBgQC3kxHmV0oiffRB+jmL
H37UfuhAuAguTUDeRECHSGe3jI45B/X/1t1S54PiW4O8LSdTK3AtYxUHSLsherdG
eJKwZg3jtn6QzdBQRXkqDwIMDpZGMcYsyJHBOtX4b1nMiFsg/UJ8uzajGUEZnEJR
dUYaDFz4QAdxHaIqgWpXvX1edwKBgQC2IljPfNdoC9trCW7/YqHbQ11ox5yDF/1a
V5F97R5JZEwvt9m+yS8szHeOz5T2E4otfbNyaiRIYqEqn9bOJNqXcjb7V9gauijf
wbgcuWN4FF0kbtVegKxRQob8+AthKSBBrnFnKK74ra9SZgTVyi+hiQVNZwI3+ted
q58FTlS57QKBgQCkM8QWEkw4sAtVHLpuDB0Je/7JLRP8PpPgfJJvr78+OlZZAxry
3kGYT4fzaEJchtMfHMK5hmAf5Nml57uaKG2lpZOU9P8fDUnhE1N+4G/HUyDt5sXJ
9xoRCkysbQWY4vsIdiELqvYDS6qketYDQPAUiqx6TeOaNZSBisMRemhynwKBgFAO
DMc2cl/TRmBnxxgNvGLp2zbg9hRRCRUahGK7RKKxqSMYRmcresbQIITvDOSUdhnE
tIlHyibe40Qe+YWmgUYr96rGU8B7rtebCFfnzKbNHJuU88gT+qnE+hxa0nWkY/86
s7HKGg5IGVW4bcuikQkJdwEsk7cTVI6DDuSAJ5GJAoGAehvTrmbISX71mjUm8vGn
G4kx0Z7R+InWd+8lxeC76CHQMayqEPmG56o8PcNMFBEbjgFhy/X3x9OgKuQ2cvZc
PX9CVOL2xNNzQMzGHgimN5f9xwLaF2nZ2oyN3v7b8pDeYDuqArwUfDTKGs0buEqP
+z6W6pWVzj3qSeVMBoefws0=
-----END PRIVATE KEY-----
"""

# PEM; the default of the credential `fiu_private_key`.
FIU_PRIVATE_KEY = """\
-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC8iG7VfYMcZwdl
MHh/hnUjX3omiiRJ9ypHPJi7ucnuMgGJ41vcjkytvSoIAFscnp57JuYyTzpIbflZ
K7y/DZ5c1tjKPRtlPFjH9Kdu8kxR9bJk+O43rujOkEVNfjl6NUt1jPBXa7z/5KHW
FKys6I8ZQ5tkfiuor7bRozJYZtHiVZe0tAatgVULhTk3KXNPSuA/aauBcUXoXiYm
Y9El9TFIWsMhiwzfde+38JMbRAmHvhnWy0kmK0CUa9bTi633pi50bXLGHeullnqF
PHgrXJzjCCbgXsjEX4Jmr4gdXIfTQUMo2vCdXv7iV6R4/blJVxIWxWaGtR1/1+uE
6IWKEWPhAgMBAAECggEAJ9sVxych9Pqo2xDsoFTt5Xz1JzmT41kPhIDAbwsfL649
mgdI767bce0n+goNONclfLZj+qW6Ff69tEalP6Ri4pB+wv45EOU5hYfob3Fkhf0R
afwf7ACbcbOZGwFAqF+k5KRXWLvLeDM+rTGwsVr2iWo76vorQ51l4hqEdaDC5PxD
Q1gbcfp6Z3x8Mdpnvs9EJ1VqNbEUmIRouYSwmBHQgeOVxLMBWWqjRpwj+4H1wYqs
A29N9faALQhN0u3KMwoFylmk4vfQDIzOh3Nc90/musFBio876goyMB9WJa+UKikY
7gzXYITYNcYWA1tkxujSln6d2w7cihmu2ogPJopDuQKBgQDj6L/HES0AmHQkf+vK
fTuIoOaUDI4nfNJplyzrLyPNIrjYh1yYhPvibei10u0DWdxNJHIpK8YZghBGlUH0
EQh8XYTUFc4luEaFXwOE7KoITybS4GP3uyYW7uB4kixMeUeAMW4zLfpi67JzkH9R
zJZRYtDeIR1icbh+vHIW51LVHQKBgQDTxT1lhCS5YCgjR3xOc32XJzDT79nru9v7
IF41J6y/lvIR6uyW9FdbO6W31a1kvTS+xY8jJr4Qo5yUf4WG7IP6T+eNk4UEN9E5
+8DbBs4JnONrfRGsi/FvfYI+ZMTcQrK0J2NTsIXiKILhvcZhwOy9NG1e7fa2uQwN
Rt7bFsuilQKBgQDTjPte67mLIPhF3RvgpGg7hacia5kUXE/vxWzjjak8w+syyksQ
I/ivEHh/Nh/dCW9th9QUFVbX3JwA+JD03U60KhaeyvLEno2PRUe9/fRCrD4MZk9E
58oOZYOlR4GpJrZQ7xEsnpQZeFD35nvYUQCC4Seh2Lku5QJtWbzJN8XynQKBgEr9
MkOLapG2KiBsBOmm3dcziofSDEH8kOY5TQLXnMVvRyLvJH5D4dctpP4XDUJ5+X6A
aLJS2sT7msu+6GKhyA5QUzeAAH9A4Lb+ngkxPK6Mvr9mV2bZW1JWiFNdzZQNjkhb
FkIhZRdzrv0O/XvKHErXkM8nxtBncIwXB31fchaNAoGBAJOY3LLao8Is4zx3zZew
AXBOof+nGhvzAzp/lThbL0J5aS9dAcrF4Chf5kisT23/dIjAw2tbYPcG3jTg6ldj
5bgnC8XGvpOfXBuEZQMLMbe86ujzrxuX6Kowp7bbQ14P5tZeClfu6q3ie4hBrWR6
uvTab6GnBR+55zCXO2TpSIG4
-----END PRIVATE KEY-----
"""


def _public_jwk(kid: str, modulus: str) -> str:
    return json.dumps({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": modulus, "e": "AQAB"})


# JWK in JSON, as the Central Registry publishes it; the default of the credential `aa_public_jwk`.
AA_PUBLIC_JWK = _public_jwk(
    "SQ24DkMdUzIvU3wyF137WPcRnZa96wr_XhYtVG--uRg",
    "gpsv8Xo-p2wL2KpXeByksNrifXTTUELGU1XvSz-m4zMHJ4VkEdzKqm87sajNiQ79YfQNSF-hFsJrYC1n6TDoVR"
    "J0nvvp0JFCzlPqPM0krodVeCFqKNu0uHbTXbjPUOQy5lB900frKexjTGb9OpUkWuaZ_hJGjQdwHI855T_Fvrva"
    "k36XYE_iFE9BHjmlZSiC1YUm12QL0jA1V3sV7iZpjwksELruEabEItClwCRNZWsO37sBSqWTW01OG2qLSPXkl1"
    "RXJ311YodJvhPmSv_MkGN_WWi4XszrB_WaxmCXuawoGhX702FC_sw13ghSQLBGVcyMUZ3MlLwlyvxoR2BzKw",
)

# JWK in JSON; what the sandbox's Account Aggregator verifies our requests with.
FIU_PUBLIC_JWK = _public_jwk(
    "x4E-jbdZt5LX9YjL4d9KZ6lSMcuCC2luAyVxnyXzLtk",
    "vIhu1X2DHGcHZTB4f4Z1I196JookSfcqRzyYu7nJ7jIBieNb3I5Mrb0qCABbHJ6eeybmMk86SG35WSu8vw2eXN"
    "bYyj0bZTxYx_SnbvJMUfWyZPjuN67ozpBFTX45ejVLdYzwV2u8_-Sh1hSsrOiPGUObZH4rqK-20aMyWGbR4lWX"
    "tLQGrYFVC4U5NylzT0rgP2mrgXFF6F4mJmPRJfUxSFrDIYsM33Xvt_CTG0QJh74Z1stJJitAlGvW04ut96YudG"
    "1yxh3rpZZ6hTx4K1yc4wgm4F7IxF-CZq-IHVyH00FDKNrwnV7-4lekeP25SVcSFsVmhrUdf9frhOiFihFj4Q",
)

# PEM; signs the events of the sandbox's SendGrid.
SENDGRID_PRIVATE_KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXhVNTNITtazr/LNj
QdWOB3TmHBZJklgO1/GOA252RUGhRANCAARi/7yrF2DEvXBLYM/S4O/t3lZ+q0Hc
gW4J7Xy3+er0UOK5+uMxT0KfoBMblW5d4gE3qI3+BSfHX4kKoejmP3Vv
-----END PRIVATE KEY-----
"""

# Base64 as SendGrid's settings page shows it; the default of the credential `webhook_public_key`.
SENDGRID_PUBLIC_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYv+8qxdgxL1wS2DP0uDv7d5WfqtB"
    "3IFuCe18t/nq9FDiufrjMU9Cn6ATG5VuXeIBN6iN/gUnx1+JCqHo5j91bw=="
)
