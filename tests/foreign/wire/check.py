"""Opens every recorded vector with `formats.py`, and validates each against `wire/himaya.cddl`.

Prints one line a check and, last, `N passed, N failed`. Exit code 1 on any failure.
"""

import base64
import json
import pathlib
import sys
import traceback

import cbor2
import pycddl

import formats as f

ROOT = pathlib.Path(__file__).resolve().parents[3]
VECTORS = ROOT / "tests/vectors/wire/v1"


def load(name):
    return json.loads((VECTORS / f"{name}.json").read_text())


KEYS = load("keys")


def key(*path):
    value = KEYS
    for part in path:
        value = value[part]
    return bytes.fromhex(value)


def registries():
    result = f.Registries(key("authority", "verify_key"))
    for vector in load("registries"):
        result.apply(bytes.fromhex(vector["bytes"]))
    return result


def envelope(vector, purpose):
    header, payload = f.open_envelope(bytes.fromhex(vector["bytes"]), purpose, registries())
    for name, value in header.items():
        f.need(vector["fields"][name] == (value.hex() if isinstance(value, bytes) else value), name)
    return header, payload


def check_certificates():
    for vector in load("certificates"):
        fields = vector["fields"]
        issuer = key(fields["issuer"], "verify_key")
        role, public, seal_to, issued, expires = f.open_certificate(bytes.fromhex(vector["bytes"]), issuer)
        f.need([part.hex() if isinstance(part, bytes) else part for part in role] == fields["role"], "role")
        f.need(public.hex() == fields["verify_key"], "key")
        f.need((seal_to.hex() if seal_to else None) == fields["seal_to"], "HPKE key")
        f.need((issued, expires) == (fields["issued_at_s"], fields["expires_at_s"]), "times")


def check_newcomer():
    (vector,) = load("newcomer")
    fields, data = vector["fields"], bytes.fromhex(vector["bytes"])
    text = fields["text"]
    f.need(base64.b32decode(text + "=" * (-len(text) % 8)) == data, "text")
    short = base64.b32encode(f.digest(data)[:10]).decode()
    f.need(" ".join(short[at : at + 4] for at in range(0, 16, 4)) == fields["fingerprint"], "fingerprint")
    body = f.open_newcomer(data)
    f.need(f.verify_key(body[4]).hex() == fields["device_key"], "device key")
    for number, name in ((0, "member"), (2, "seal_to"), (3, "device")):
        f.need(body[number].hex() == fields[name], name)


def check_registries():
    result = f.Registries(key("authority", "verify_key"))
    for vector in load("registries"):
        f.need(result.apply(bytes.fromhex(vector["bytes"])) == vector["fields"], "fields")
    sas = result.units[key("sas", "id")]
    f.need(len(sas["members"]) == 2 and len(sas["devices"]) == 2, "members and devices")
    f.need(sas["gone"] == {key("phone", "id")}, "removed")
    for circle, secret, person in ((0, "circle_all", "member"), (0, "circle_all", "head"), (4, "circle_heads", "head")):
        name = f.hpke_kid(f.public_of(key("sas", secret)))
        wrapped = sas["circles"][circle][name][key(person, "id")]
        aad = f.wrap_aad(key("sas", "id"), circle, name, key(person, "id"))
        opened = f.hpke_open(key(person, "hpke_secret"), "himaya/1 circle key", aad, wrapped)
        f.need(opened == key("sas", secret), "circle key")


def check_events():
    for vector in load("events") + load("events_dictionary"):
        codec, content = f.open_event(*envelope(vector, f.EVENT), key("space", "key"))
        f.need((codec, content.hex()) == (vector["fields"]["codec"], vector["fields"]["body"]), "body")


def check_grant():
    (vector,) = load("grant")
    header, payload = envelope(vector, f.GRANT)
    position, scope, recipients = f.one(payload)
    f.need((position, scope) == (vector["fields"]["position"], vector["fields"]["scope"]), "position and scope")
    for index, (unit, circle, name) in enumerate(vector["fields"]["recipients"]):
        f.need([recipients[index][0].hex(), recipients[index][1]] == [unit, circle], "recipient")
        f.need(f.open_grant(header, payload, index, key(name, "circle_all")) == key("space", "key"), "key")


def check_capture():
    (vector,) = load("capture")
    _, content = f.open_capture(*envelope(vector, f.CAPTURE), key("sas", "circle_all"))
    f.need(content.hex() == vector["fields"]["body"], "body")


def check_receipt():
    (vector,) = load("receipt")
    _, payload = envelope(vector, f.RECEIPT)
    of, at = f.one(payload)
    f.need((of.hex(), at) == (vector["fields"]["of"], vector["fields"]["at"]), "receipt")


def check_request():
    (vector,) = load("request")
    fields = vector["fields"]
    signed = f.Signed(bytes.fromhex(vector["bytes"]), f.REQUEST)
    f.need(signed.fields == [] and signed.key_id.hex() == fields["signer"], "signer")
    signed.verify(registries().units[key("sas", "id")]["devices"][signed.key_id])
    names = ("at_millis", "nonce", "incarnation", "push", "entries", "after", "entries_after", "limit", "wait_s", "all")
    for number, name in enumerate(names):
        value = f.one(signed.payload)[number]
        if isinstance(value, list):
            value = [part.hex() for part in value]
        f.need((value.hex() if isinstance(value, bytes) else value) == fields[name], name)


def check_answers():
    answer, trouble = (f.one(bytes.fromhex(vector["bytes"])) for vector in load("answers"))
    fields, refusal = (vector["fields"] for vector in load("answers"))
    f.need(answer[0].hex() == fields["incarnation"] and answer[1] == fields["at_millis"], "hub")
    f.need([outcome for _, (outcome, _) in answer[2]] == fields["outcomes"], "outcomes")
    f.need([item[0] for item in answer[4]] == fields["positions"], "positions")
    f.need([item[0] for item in answer[5]] == fields["registry_positions"] and answer[6] is fields["more"], "more")
    f.need(trouble == {0: refusal["trouble"], 1: refusal["retry_after_s"]}, "trouble")


def check_bundle():
    (vector,) = load("bundle")
    data = bytes.fromhex(vector["bytes"])
    f.need(data[:8] == b"himaya\x00\x01", "magic")
    body = f.one(data[8:])
    f.need(len(body[0]) == vector["fields"]["entries"] and len(body[1]) == vector["fields"]["envelopes"], "parts")
    result = f.Registries(key("authority", "verify_key"))
    for entry in body[0]:
        result.apply(entry)
    f.open_envelope(body[1][0], f.GRANT, result)
    f.open_envelope(body[1][1], f.CAPTURE, result)


def check_tampers():
    """A foreign implementation that takes anything would prove nothing."""
    for name, purpose in (("grant", f.GRANT), ("receipt", f.RECEIPT)):
        data = bytes.fromhex(load(name)[0]["bytes"])
        known = registries()
        for at in range(len(data)):
            turned = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            try:
                f.open_envelope(turned, purpose, known)
            except Exception:
                continue
            raise ValueError(f"{name}: byte {at} turned was taken")


def validate(rule, data):
    """Against one rule of the description: the first rule of a CDDL is the one that counts (RFC 8610 section 2)."""
    text = (ROOT / "wire/himaya.cddl").read_text()
    pycddl.Schema(f"start = {rule}\n{text}").validate_cbor(data)


def check_description():
    for name in ("certificates", "newcomer", "registries", "events", "events_dictionary", "grant", "capture", "receipt", "request", "answers"):
        for vector in load(name):
            data, rule = bytes.fromhex(vector["bytes"]), vector["format"]
            validate(rule, data)
            if rule in ("answer", "trouble"):
                continue
            protected, _, payload, _ = cbor2.loads(data)
            validate(f"{rule}-header", protected)
            if rule == "event":
                inner, _, _ = cbor2.loads(payload)
                validate("event-inner-header", inner)
            if rule == "entry":
                _, kind, content = cbor2.loads(payload)
                if kind != 8:
                    validate(f"entry-act-{kind}", content)
            validate(f"{rule}-payload", payload)
    validate("bundle-map", bytes.fromhex(load("bundle")[0]["bytes"])[8:])
    for content in (b"k4!", b"x" * 500):
        validate("padded-body", f.pad(content, deflate=len(content) > 100))
    # A description that takes anything would prove nothing.
    for rule, wrong in (("receipt-payload", [b"short", 1]), ("grant-payload", [1, 9, []]), ("trouble", {0: "x"})):
        try:
            validate(rule, cbor2.dumps(wrong))
        except pycddl.ValidationError:
            continue
        raise ValueError(f"{rule} takes what is wrong")


def main():
    passed = failed = 0
    for name, check in list(globals().items()):
        if not name.startswith("check_"):
            continue
        try:
            check()
            passed += 1
            print(f"ok      {name.removeprefix('check_')}")
        except Exception:
            failed += 1
            print(f"FAILED  {name.removeprefix('check_')}")
            traceback.print_exc(file=sys.stdout)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
