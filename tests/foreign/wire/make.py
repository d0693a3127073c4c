"""Makes one of each kind with `formats.py`, under the recorded keys; prints them as JSON for our own code to open."""

import json
import os

import cbor2

import formats as f
from check import key, load, registries

MEMBER, HEAD, NEWCOMER = (f.Person(key(name, "seed")) for name in ("member", "head", "newcomer"))
PHONE = f.Phone(key("member_phone", "pkcs8"))
SAS, UPE, SPACE = key("sas", "id"), key("upe", "id"), key("space", "id")
NOW_S = 1_790_000_000


def header(purpose, kid, author):
    return {"purpose": purpose, "id": os.urandom(16), "space": SPACE, "unit": SAS, "kid": kid, "author": author}


def entry():
    """The SAS's head admits the newcomer and gives the circle's key."""
    member, circle = key("newcomer", "id"), key("sas", "circle_all")
    public = f.public_of(key("newcomer", "hpke_secret"))
    certificate = f.make_certificate(
        HEAD, key("head", "id"), [3, member, SAS, 0], NEWCOMER.public, public, NOW_S, NOW_S + 86_400
    )
    name = f.hpke_kid(f.public_of(circle))
    wrapped = f.hpke_seal(public, "himaya/1 circle key", f.wrap_aad(SAS, 0, name, member), circle)
    content = cbor2.dumps([certificate, [[0, name, member, wrapped]]])
    payload = cbor2.dumps([NOW_S * 1000, 4, content])
    unit = registries().units[SAS]
    return f.sign(f.ENTRY, HEAD, key("head", "id"), [1, SAS, unit["next"], unit["last"]], payload)


def main():
    space_key, member, phone = key("space", "key"), key("member", "id"), key("member_phone", "id")
    event = header(f.EVENT, f.space_kid(space_key), member)
    circles = [(SAS, 0, f.public_of(key("sas", "circle_all"))), (UPE, 0, f.public_of(key("upe", "circle_all")))]
    grant = header(f.GRANT, f.space_kid(space_key), member)
    capture = header(f.CAPTURE, f.hpke_kid(circles[0][2]), phone)
    receipt = header(f.RECEIPT, bytes(16), phone)
    grant = f.seal_grant(grant, MEMBER, space_key, 6, 1, circles)
    request = {0: NOW_S * 1000, 1: 42, 3: [grant], 4: [], 5: 7, 6: 8, 7: 100, 8: 0, 9: True}
    newcomer = {
        0: key("newcomer", "id"),
        1: [0, [NEWCOMER.public]],
        2: f.public_of(key("newcomer", "hpke_secret")),
        3: phone,
        4: [1, [PHONE.public]],
    }
    made = {
        "event": f.seal_event(event, MEMBER, space_key, b"made elsewhere"),
        "event_deflated": f.seal_event({**event, "id": os.urandom(16)}, MEMBER, space_key, b"again " * 40, deflate=True),
        "grant": grant,
        "capture": f.seal_capture(capture, PHONE, circles[0][2], b"captured elsewhere"),
        "receipt": f.make_envelope(receipt, PHONE, cbor2.dumps([f.digest(grant), NOW_S * 1000 << 16])),
        "entry": entry(),
        "request": f.sign(f.REQUEST, PHONE, phone, [], cbor2.dumps(request)),
        "newcomer": f.sign(f.NEWCOMER, NEWCOMER, key("newcomer", "id"), [], cbor2.dumps(newcomer)),
        "bundle": b"himaya\x00\x01" + cbor2.dumps({0: [bytes.fromhex(load("registries")[0]["bytes"])], 1: [grant]}),
    }
    print(json.dumps({name: data.hex() for name, data in made.items()}))


if __name__ == "__main__":
    main()
