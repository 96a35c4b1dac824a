"""Enveloped XML signatures: documents signed by another library (signxml 5.2.0) verify, and nothing else does."""

import pytest

from app.providers.xml_signatures import SignatureRefused, verify
from app.sandbox.keys import UIDAI_CERTIFICATE

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIICtTCCAZ2gAwIBAgIBATANBgkqhkiG9w0BAQsFADAdMRswGQYDVQQDDBJBIHNp
Z25lciBvZiBhIHRlc3QwIBcNMjYwMTAxMDAwMDAwWhgPMjA1NjAxMDEwMDAwMDBa
MB0xGzAZBgNVBAMMEkEgc2lnbmVyIG9mIGEgdGVzdDCCASIwDQYJKoZIhvcNAQEB
BQADggEPADCCAQoCggEBALbGgu77YQ9hw6Kj1xJcXdHuvTTtYh/gFFt0EeXEH//o
HQYlVfYfMf8sg4NoexA8EnrZ2XkbCdj2GNqwSkztF0IrOUVf6YPdV66H3eAhZ92F
G6WPJvdLmXaID9VV4kQ25qhM47WzvS+StnITn0s26N3rKLnHPM/8TXmCI8Mmz8Vj
p2nPDec2fIKndJpofA5LgMJsCJfWoLkYM5cP8/6Me+ip50lYQd3yNgbF2tTvjiVs
Vb07ZbGek/R+KV8OdM7PzbyZIuSrZYX8yT783V6Sf7/Fp6JhK7Q4KRUvS33T2qae
03680Gw3SFInRN7hD68mQH4NWtY0GoogAxNVXjBuADkCAwEAATANBgkqhkiG9w0B
AQsFAAOCAQEAEAzW9D6DmKcNmt+vvuh2RpfYNWvvEA0MB61i02u5yjyK3spYamqZ
2zhGefYtMnnNCWVCimT9zvTcnhgF285HUndLa6/DZ4IkCGzP8nq/pk3Vtg2GcPOG
LDHZk8DF8lfA4cAeveRiU3Rkbork2NVrM3j5Q7hxdAxW4s7Jpn9l7vuCI2YbdQ5B
ierCEbWjhb+A4e/Exs6vjkwXVM32jJuocoqXJ7u/n6XaWL8YZSWBk3QpaMzppcRU
aTgnjGHm7hTB5hYeHg7iy+/+szvmBEFYNMMsrdnTCiE8YnzZe6EXPs+1AuV/0QrD
yyN3IK79zd61Ct2Jr8ulN9ASmhVrscawHw==
-----END CERTIFICATE-----
"""
INCLUSIVE = (
    b'<KycRes ret="Y" code="vector" txn="1" ts="2026-05-01T10:00:00"><UidData tkn="" uid="xxxxxxxx1234'
    b'"><!-- no part of it --><Poi dob="01-01-1990" gender="F" name="ASHA &amp; VERMA"/><Poa house="12'
    b'" state="Karnataka" pc="560001" country="India"/></UidData><Signature xmlns="http://www.w3.org/2'
    b'000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xm'
    b'l-c14n-20010315"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"'
    b'/><Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#envelope'
    b'd-signature"/><Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/></Transfor'
    b'ms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>NuZ6VoE+kcMVB'
    b"/RWxxUZx9y9GrgGnnZY82WVLckyVHM=</DigestValue></Reference></SignedInfo><SignatureValue>R/8yyBA6Km"
    b"snhp89eEC3y2GhETO/x3Endfudso/P5O00/AmVL/UKGiSWrji3mb9kc3/xekwB+dWN7AqikQ6lKKr4VFsS4BNN1f01YvPRoe"
    b"pStM88sTavQg1yORO25IQFAMoYXo/VhbBWfRoBGRDjC/vXcV3wdmHyPwyH8trdOrAJOb4Ytzc0f6cNoAD5GG13oY4WMeZcF5"
    b"sQT7/+YxEy2pqpYF2emLzkO08/kl0Fn5cKrOFDyZX0qrpcjL7BWhaBpboCcZkvRqZ/o+q6LJxbelQ2rJKiUlNczBo0fOBG66"
    b"jibRsOrnPXpjCoN7Pf9g76ip8UiVWAQaZzlECbTGkl0A==</SignatureValue><KeyInfo/></Signature></KycRes>"
)
EXCLUSIVE = (
    b'<KycRes ret="Y" code="vector" txn="1" ts="2026-05-01T10:00:00"><UidData tkn="" uid="xxxxxxxx1234'
    b'"><!-- no part of it --><Poi dob="01-01-1990" gender="F" name="ASHA &amp; VERMA"/><Poa house="12'
    b'" state="Karnataka" pc="560001" country="India"/></UidData><Signature xmlns="http://www.w3.org/2'
    b'000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-ex'
    b'c-c14n#"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Refer'
    b'ence URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signat'
    b'ure"/><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms><DigestMethod'
    b' Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>NuZ6VoE+kcMVB/RWxxUZx9y9GrgGn'
    b"nZY82WVLckyVHM=</DigestValue></Reference></SignedInfo><SignatureValue>V8TRYbpRLWXuqK11WaadvYXLKB"
    b"Tpg+ZSUL4ymrvGbgTU4QkEiNzh1JYqJ3gNUIGA250qjP4LKK0CJbQttQ+tQjIxDbQl6DZq91YZCcxe7LRygIvhnL1IXCTW9E"
    b"CKxziCRmkWLvLLkgyeZdMxQKbRfZLAQjjcFIr32ys80b2dhAyKAtJZOq3ww63wOUKqWkWBRM1lPhd5YOD9q55EQ0/SAN7/2L"
    b"WfsiJLpo6DAGcAhq88ZQokal011AhgEcwL16orDrz7T1+nUw/nN5/U/yJTYce7l9s3gP5+4WL5UGazRL+2h6h5MVoDe8mWaw"
    b"llzXVoLE6KnnOjJRNvQA5XekCTCg==</SignatureValue><KeyInfo/></Signature></KycRes>"
)


@pytest.mark.parametrize("xml", [INCLUSIVE, EXCLUSIVE], ids=["inclusive", "exclusive"])
def test_what_was_signed_verifies_with_one_of_the_certificates(xml: bytes) -> None:
    verify(xml, CERTIFICATE)
    verify(xml, UIDAI_CERTIFICATE + CERTIFICATE)
    # neither is part of what is signed
    verify(xml.replace(b"no part of it", b"at all"), CERTIFICATE)
    verify(xml.replace(b'code="vector" txn="1"', b'txn="1"  code="vector"'), CERTIFICATE)


CHANGES = {
    "an attribute": (b'name="ASHA', b'name="USHA'),
    "a text": (b"<Poi", b"x<Poi"),
    "an element": (b"<Poi", b"<Poe/><Poi"),
    "the digest": (b"<DigestValue>", b"<DigestValue>AAAA"),
    "the proof": (b"<SignatureValue>", b"<SignatureValue>AAAA"),
    "no base64": (b"<SignatureValue>", b"<SignatureValue>!"),
    "another reference": (b'URI=""', b'URI="#part"'),
    "a weaker digest": (b"2001/04/xmlenc#sha256", b"2000/09/xmldsig#sha1"),
    "a weaker proof": (b"2001/04/xmldsig-more#rsa-sha256", b"2000/09/xmldsig#rsa-sha1"),
    "no signature": (b"Signature ", b"Seal "),
    "a document type": (b"<KycRes", b"<!DOCTYPE KycRes [<!ENTITY x 'y'>]><KycRes"),
    "no XML": (b"<KycRes", b"<"),
}


@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_what_was_changed_is_refused(old: bytes, new: bytes) -> None:
    assert old in INCLUSIVE
    changed = INCLUSIVE.replace(old, new)
    if new == b"Seal ":
        changed = changed.replace(b"</Signature>", b"</Seal>")
    with pytest.raises(SignatureRefused):
        verify(changed, CERTIFICATE)


def test_another_signer_is_refused() -> None:
    with pytest.raises(SignatureRefused, match="another key"):
        verify(INCLUSIVE, UIDAI_CERTIFICATE)


def test_a_signature_around_something_else_is_refused() -> None:
    """The signed document inside of another one: what is read must be what is signed."""
    signature = INCLUSIVE[INCLUSIVE.index(b"<Signature ") : INCLUSIVE.index(b"</KycRes>")]
    twice = INCLUSIVE.replace(b"</KycRes>", signature + b"</KycRes>")
    wrapped = b'<KycRes><UidData uid="xxxxxxxx9999"/><Object>' + INCLUSIVE + b"</Object></KycRes>"
    for xml in (twice, wrapped):
        with pytest.raises(SignatureRefused, match="expected one Signature"):
            verify(xml, CERTIFICATE)
