"""XML signatures of the kind that UIDAI puts under an e-Aadhaar: enveloped, over the whole document, RSA with SHA-256.

Source: W3C, XML Signature Syntax and Processing 1.1. What a signature says of itself is not believed: it is checked
with certificates that were configured, whatever its KeyInfo holds, and other algorithms, other references or a second
signature are refused. Where a name space of the document around it is in force in SignedInfo and not used there,
inclusive canonicalisation comes out otherwise here, and the signature is refused.
"""

import base64
import copy
import hashlib
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificates
from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
DIGEST_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
# canonicalisation: whether it is the exclusive one; comments are no part of what is signed
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
CANONICAL = {INCLUSIVE: False, "http://www.w3.org/2001/10/xml-exc-c14n#": True}


class SignatureRefused(Exception):
    """The document is not signed by whom it should be, or not as it stands; the text says what is wrong."""


def verify(xml: bytes, certificates: str) -> None:
    """Check that one of these certificates (PEM) signed exactly this document. Raises SignatureRefused."""
    root = _root(xml)
    signature = _only(root, f"{DS}Signature")
    info = _only(signature, f"{DS}SignedInfo")
    _check_proof(info, _bytes(_only(signature, f"{DS}SignatureValue")), certificates)
    reference = _only(info, f"{DS}Reference")
    if reference.get("URI") != "":
        raise SignatureRefused("it signs something else than the document")
    is_exclusive = _exclusive(_transforms(reference))
    _expect(_only(reference, f"{DS}DigestMethod"), DIGEST_SHA256)
    expected = _bytes(_only(reference, f"{DS}DigestValue"))
    _cut_out(signature)
    if hashlib.sha256(_canonical(root.getroottree(), is_exclusive)).digest() != expected:
        raise SignatureRefused("the document was changed after it was signed")


def _root(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        raise SignatureRefused("not XML") from None
    if root.getroottree().docinfo.doctype:
        raise SignatureRefused("XML with a document type")
    return root


def _only(parent: etree._Element, tag: str) -> etree._Element:
    found = parent.findall(tag)
    if len(found) != 1:
        raise SignatureRefused(f"expected one {etree.QName(tag).localname}, found {len(found)}")
    return found[0]


def _bytes(element: etree._Element) -> bytes:
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except ValueError:
        raise SignatureRefused(f"{etree.QName(element).localname} is not base64") from None


def _expect(element: etree._Element, algorithm: str) -> None:
    if element.get("Algorithm") != algorithm:
        raise SignatureRefused(f"{etree.QName(element).localname} is not {algorithm}")


def _exclusive(algorithm: str | None) -> bool:
    if algorithm not in CANONICAL:
        raise SignatureRefused(f"unknown canonicalisation {algorithm}")
    return CANONICAL[algorithm]


def _transforms(reference: etree._Element) -> str | None:
    """The canonicalisation that comes after the signature was taken out; inclusive where none is named."""
    found = _only(reference, f"{DS}Transforms").findall(f"{DS}Transform")
    named = [transform.get("Algorithm") for transform in found]
    if named[:1] != [ENVELOPED] or len(named) > 2 or any(len(transform) for transform in found):
        raise SignatureRefused("it does not sign the whole document as it stands")
    return named[1] if named[1:] else INCLUSIVE


def _check_proof(info: etree._Element, proof: bytes, certificates: str) -> None:
    _expect(_only(info, f"{DS}SignatureMethod"), RSA_SHA256)
    method = _only(info, f"{DS}CanonicalizationMethod")
    # on its own: among others lxml declares name spaces in it that are not there
    signed = _canonical(etree.ElementTree(copy.deepcopy(info)), _exclusive(method.get("Algorithm")))
    if not any(_is_by(key, proof, signed) for key in _keys(certificates)):
        raise SignatureRefused("it was made with another key")


def _keys(certificates: str) -> Iterable[RSAPublicKey]:
    keys = (found.public_key() for found in load_pem_x509_certificates(certificates.encode()))
    return (key for key in keys if isinstance(key, RSAPublicKey))


def _is_by(key: RSAPublicKey, proof: bytes, signed: bytes) -> bool:
    try:
        key.verify(proof, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _canonical(tree: etree._ElementTree, is_exclusive: bool) -> bytes:
    return etree.tostring(tree, method="c14n", exclusive=is_exclusive, with_comments=False)


def _cut_out(element: etree._Element) -> None:
    """Take an element out and leave the text behind it, which is no part of it."""
    parent, before = element.getparent(), element.getprevious()
    tail = element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)
