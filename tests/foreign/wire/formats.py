"""The wire formats a second time, from `wire/himaya.cddl` and the RFCs: cbor2, cryptography and pyhpke, none of our code.

Every reader raises on anything that is not exactly right.
"""

import hashlib
import io
import os
import pathlib
import zlib

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey

HEADER, ROLE, SEAL_TO = -65537, -65538, -65539
EDDSA, ES256, A256GCM = -8, -7, 3
EVENT, GRANT, CAPTURE, RECEIPT, CERTIFICATE, ENTRY, REQUEST, NEWCOMER = range(1, 9)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SUITE = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)


def need(condition, what):
    """Raises unless `condition` holds; `assert` would vanish under -O."""
    if not condition:
        raise ValueError(what)


def one(data):
    """Exactly one CBOR item that fills `data`."""
    stream = io.BytesIO(data)
    value = cbor2.CBORDecoder(stream).decode()
    need(stream.tell() == len(data), "trailing bytes")
    return value


def digest(data):
    return hashlib.sha256(data).digest()


def kid(label, key):
    return digest(label.encode() + key)[:16]


def space_kid(key):
    return kid("himaya/1 space key", key)


def hpke_kid(public):
    return kid("himaya/1 hpke key", public)


# Signatures


class Person:
    """An Ed25519 signer from its seed."""

    alg = EDDSA

    def __init__(self, seed):
        self.key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message):
        return self.key.sign(message)


class Phone:
    """A P-256 signer from PKCS#8; gives the lower s."""

    alg = ES256

    def __init__(self, pkcs8):
        self.key = load_der_private_key(pkcs8, None)
        self.public = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, message):
        r, s = utils.decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


def verify(alg, public, message, signature):
    """`public` is 32 bytes of Ed25519 or 65 of P-256; the algorithm must be the key's."""
    need(len(signature) == 64, "signature length")
    if len(public) == 32:
        need(alg == EDDSA, "algorithm")
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    else:
        need(alg == ES256 and len(public) == 65, "algorithm")
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        need(2 * s <= ORDER, "the higher s")
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))


def to_be_signed(protected, payload):
    """RFC 9052 section 4.4."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def sign(purpose, signer, key_id, fields, payload):
    protected = cbor2.dumps({1: signer.alg, 4: key_id, HEADER: [1, purpose, *fields]})
    return cbor2.dumps([protected, {}, payload, signer.sign(to_be_signed(protected, payload))])


class Signed:
    """A COSE_Sign1 in our one encoding."""

    def __init__(self, data, purpose):
        protected, unprotected, self.payload, self.signature = one(data)
        header = one(protected)
        need(list(header) == [1, 4, HEADER] and unprotected == {}, "header")
        need(cbor2.dumps([cbor2.dumps(header), {}, self.payload, self.signature]) == data, "encoding")
        version, self.purpose, *self.fields = header[HEADER]
        need(version == 1 and self.purpose == purpose, "version or purpose")
        self.alg, self.key_id, self.protected = header[1], header[4], protected

    def verify(self, public):
        verify(self.alg, public, to_be_signed(self.protected, self.payload), self.signature)


# HPKE and bodies


def public_of(secret):
    key = x25519.X25519PrivateKey.from_private_bytes(secret).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def hpke_open(secret, info, aad, wrapped):
    enc, ciphertext = wrapped
    key = KEMKey.from_pyca_cryptography_key(x25519.X25519PrivateKey.from_private_bytes(secret))
    return SUITE.create_recipient_context(enc, key, info=info.encode()).open(ciphertext, aad=aad)


def hpke_seal(public, info, aad, plain):
    key = KEMKey.from_pyca_cryptography_key(x25519.X25519PublicKey.from_public_bytes(public))
    enc, sender = SUITE.create_sender_context(key, info=info.encode())
    return [enc, sender.seal(plain, aad=aad)]


DICTIONARY = (pathlib.Path(__file__).resolve().parents[3] / "wire/src/dictionary.bin").read_bytes()


def unpad(padded):
    """Gives the codec and the content."""
    codec, content, zeros = one(padded)
    need(not any(zeros), "padding")
    if codec in (1, 2):
        inflater = zlib.decompressobj(-15, zdict=DICTIONARY) if codec == 2 else zlib.decompressobj(-15)
        content = inflater.decompress(content, 512 * 1024 + 1)
        need(inflater.eof and not inflater.unused_data, "deflate")
    else:
        need(codec == 0, "codec")
    need(len(content) <= 512 * 1024, "length")
    return codec, content


def pad(content, deflate=False):
    if deflate:
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
        content = deflater.compress(content) + deflater.flush()
    return cbor2.dumps([int(deflate), content, bytes(20)])


# Certificates, newcomers, registries


def open_certificate(data, issuer):
    """Gives role, key, HPKE key, issued, expires. Without an issuer: signed by the key inside."""
    signed = Signed(data, CERTIFICATE)
    need(signed.fields == [], "fields")
    claims = one(signed.payload)
    cose_key = claims[8][1]
    if cose_key[1] == 1:
        need(cose_key[-1] == 6, "curve")
        key = cose_key[-2]
    else:
        need(cose_key[1] == 2 and cose_key[-1] == 1, "curve")
        key = b"\x04" + cose_key[-2] + cose_key[-3]
    role = claims[ROLE]
    need((len(key) == 65) == (role[0] == 4), "key and role")
    signed.verify(issuer or key)
    return role, key, claims.get(SEAL_TO), claims[6], claims[4]


def make_certificate(signer, issuer_id, role, public, seal_to, issued, expires):
    if len(public) == 32:
        key = {1: 1, -1: 6, -2: public}
    else:
        key = {1: 2, -1: 1, -2: public[1:33], -3: public[33:]}
    claims = {4: expires, 6: issued, 8: {1: key}, ROLE: role}
    if seal_to:
        claims[SEAL_TO] = seal_to
    return sign(CERTIFICATE, signer, issuer_id, [], cbor2.dumps(claims))


def verify_key(value):
    """A key inside our own CBOR: `[0, [32 bytes]]` or `[1, [65 bytes]]`."""
    kind, (key,) = value
    need(len(key) == (32, 65)[kind], "key")
    return key


def open_newcomer(data):
    signed = Signed(data, NEWCOMER)
    body = one(signed.payload)
    signed.verify(verify_key(body[1]))
    need(signed.key_id == body[0], "signer")
    return body


def wrap_aad(unit, circle, key, member):
    return cbor2.dumps([unit, circle, key, member])


class Registries:
    """Numbered, linked, signed entries, and what they add up to. Raises on an entry that does not count."""

    def __init__(self, authority):
        self.authority = authority
        self.provinces, self.units = {}, {}

    def apply(self, data):
        signed = Signed(data, ENTRY)
        owner_kind, owner, number, previous = signed.fields
        at_millis, kind, content = one(signed.payload)
        table = (self.provinces, self.units)[owner_kind]
        known = table.get(owner)
        need(number == (known["next"] if known else 0), "number")
        need(previous == (known["last"] if known else bytes(32)), "link")
        if known is None:
            self.found(signed, owner_kind, owner, kind, one(content))
        elif owner_kind == 0:
            need(signed.key_id == owner and kind in (2, 8), "signer")
            signed.verify(known["key"])
            if kind == 2:
                role, *_ = open_certificate(one(content)[0], known["key"])
                need(role[0] == 2 and role[2] == owner, "unit")
        else:
            self.extend(signed, known, kind, content)
        entry = table[owner]
        entry["next"], entry["last"] = number + 1, digest(data)
        return {"owner_kind": owner_kind, "owner": owner.hex(), "number": number, "previous": previous.hex(),
                "signer": signed.key_id.hex(), "at_millis": at_millis, "digest": digest(data).hex()}

    def found(self, signed, owner_kind, owner, kind, content):
        if owner_kind == 0:
            role, key, *_ = open_certificate(content[0], self.authority)
            need(kind == 1 and role == [1, owner] and signed.key_id == owner, "province")
            signed.verify(key)
            self.provinces[owner] = {"key": key}
            return
        need(kind == 3, "kind")
        province = self.provinces[signed.key_id]["key"]
        signed.verify(province)
        unit, *_ = open_certificate(content[0], province)
        head, head_key, head_seal_to, *_ = open_certificate(content[1], province)
        device, device_key, *_ = open_certificate(content[2], province)
        need(unit[:3] == [2, owner, signed.key_id] and device[0] == 4 and device[2] == owner, "unit")
        need(head[0] == 3 and head[2:] == [owner, 1] and head_seal_to, "head")
        self.units[owner] = {"province": signed.key_id, "members": {head[1]: (head_key, True)},
                             "devices": {device[1]: device_key}, "gone": set(), "circles": {}}

    def extend(self, signed, unit, kind, content):
        owner = signed.fields[1]
        if signed.key_id == unit["province"]:
            issuer = self.provinces[unit["province"]]["key"]
        else:
            issuer, head = unit["members"][signed.key_id]
            need(head and signed.key_id not in unit["gone"], "signer")
        signed.verify(issuer)
        if kind == 4:
            certificate, wraps = one(content)
            role, key, seal_to, *_ = open_certificate(certificate, issuer)
            need(role[0] == 3 and role[2] == owner and seal_to and role[1] not in unit["members"], "member")
            for circle, name, member, wrapped in wraps:
                need(member == role[1], "wrap")
                unit["circles"][circle][name][member] = wrapped
            unit["members"][role[1]] = (key, role[3] == 1)
        elif kind == 5:
            role, key, *_ = open_certificate(one(content)[0], issuer)
            need(role[0] == 4 and role[2] == owner and role[1] not in unit["devices"], "device")
            unit["devices"][role[1]] = key
        elif kind == 6:
            circle, seal_to, wraps = one(content)
            for wrap in wraps:
                need(wrap[0] == circle and wrap[1] == hpke_kid(seal_to) and wrap[2] in unit["members"], "wrap")
            unit["circles"].setdefault(circle, {})[hpke_kid(seal_to)] = {wrap[2]: wrap[3] for wrap in wraps}
        elif kind == 7:
            _, (who,) = one(content)
            need(who in unit["members"] or who in unit["devices"], "removed")
            unit["gone"].add(who)
        else:
            need(kind == 8 and content == b"", "kind")

    def author_key(self, header):
        unit = self.units[header["unit"]]
        if header["purpose"] in (EVENT, GRANT):
            return unit["members"][header["author"]][0]
        return unit["devices"][header["author"]]


# Envelopes


def open_envelope(data, purpose, registries):
    """Gives the header and the payload of a verified envelope."""
    need(len(data) <= 256 * 1024, "size")
    signed = Signed(data, purpose)
    names = ("id", "space", "unit", "kid")
    need([len(field) for field in signed.fields] == [16] * 4 and len(signed.key_id) == 16, "fields")
    header = dict(zip(names, signed.fields), purpose=purpose, author=signed.key_id)
    signed.verify(registries.author_key(header))
    return header, signed.payload


def make_envelope(header, signer, payload):
    fields = [header[name] for name in ("id", "space", "unit", "kid")]
    return sign(header["purpose"], signer, header["author"], fields, payload)


def inner(header):
    return cbor2.dumps({1: A256GCM, HEADER: [header[name] for name in ("id", "space", "kid", "author")]})


def open_event(header, payload, key):
    need(header["kid"] == space_kid(key), "kid")
    protected, unprotected, ciphertext = one(payload)
    need(protected == inner(header) and list(unprotected) == [5], "inner header")
    aad = cbor2.dumps(["Encrypt0", protected, b""])  # RFC 9052 section 5.3
    return unpad(AESGCM(key).decrypt(unprotected[5], ciphertext, aad))


def seal_event(header, signer, key, content, deflate=False):
    nonce, protected = os.urandom(12), inner(header)
    aad = cbor2.dumps(["Encrypt0", protected, b""])
    ciphertext = AESGCM(key).encrypt(nonce, pad(content, deflate), aad)
    return make_envelope(header, signer, cbor2.dumps([protected, {5: nonce}, ciphertext]))


def grant_aad(header, position, scope, unit, circle, name):
    return cbor2.dumps([header["space"], header["kid"], header["unit"], unit, circle, name, position, scope])


def open_grant(header, payload, index, secret):
    position, scope, recipients = one(payload)
    unit, circle, name, wrapped = recipients[index]
    need(name == hpke_kid(public_of(secret)), "circle key")
    key = hpke_open(secret, "himaya/1 grant", grant_aad(header, position, scope, unit, circle, name), wrapped)
    need(space_kid(key) == header["kid"], "kid")
    return key


def seal_grant(header, signer, key, position, scope, to):
    recipients = []
    for unit, circle, public in to:
        name = hpke_kid(public)
        aad = grant_aad(header, position, scope, unit, circle, name)
        recipients.append([unit, circle, name, hpke_seal(public, "himaya/1 grant", aad, key)])
    return make_envelope(header, signer, cbor2.dumps([position, scope, recipients]))


def capture_aad(header):
    return cbor2.dumps([header[name] for name in ("id", "space", "unit", "author", "kid")])


def open_capture(header, payload, secret):
    (wrapped,) = one(payload)
    return unpad(hpke_open(secret, "himaya/1 capture", capture_aad(header), wrapped))


def seal_capture(header, signer, public, content):
    wrapped = hpke_seal(public, "himaya/1 capture", capture_aad(header), pad(content))
    return make_envelope(header, signer, cbor2.dumps([wrapped]))
