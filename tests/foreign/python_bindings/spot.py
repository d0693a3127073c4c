"""Makes a spotting through the bindings and reads it back.

    HIMAYA_PASSPHRASE=… python spot.py DEVICE_FOLDER MEMBER UNIT_TO_REFER_TO

The child is invented. Needs no package: the generated module `himaya` uses ctypes.
"""

import asyncio
import os
import sys

import himaya
from himaya import HimayaError, LatLon, NewAnswer, NewReferral, NewRound, NewSpotting, Place, Search, Whereabouts

folder, member, unit = sys.argv[1:4]
passed = failed = 0


def check(what, holds):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print("ok" if holds else "FAILED", what)


def refusal(call, kind):
    try:
        call()
    except kind as error:
        return error
    return None


device = himaya.Himaya.open(folder)
check("the worker is on the device", [worker.member for worker in device.workers()] == [member])
wrong = refusal(lambda: device.unlock(member, "not the five words"), HimayaError.Locked)
check("a wrong passphrase is refused, with the tries that are left", wrong and wrong.tries_left is not None)

crew = device.unlock(member, os.environ["HIMAYA_PASSPHRASE"])
round_ = crew.start_round(NewRound(vehicle="invented van"))
check("the round is open", crew.open_round().space == round_.space)

here = Place(point=LatLon(lat_deg=31.63, lon_deg=-8.0), landmark="bus station")
line = crew.spot(NewSpotting(
    sex="girl", age="12~2", name="Invented Child", concerns=["street_situation"], place=here, note="sleeps near the wall"))
check("it is on this phone", line.whereabouts == Whereabouts.ON_THIS_PHONE)
check("it is listed", [row.title for row in crew.list(["spotting"], 10)] == ["Invented Child"])
check("it is found by the beginning of its name", crew.search("invent", 5)[0].space == line.space)
read = crew.show(line.space)
check("its note reads back", any(field.text == "sleeps near the wall" for field in read.fields))
check("its number leads to it", crew.find(line.number) == line.space)

sent = crew.refer(line.space, NewReferral(to=unit, needs=["listening"]))
check("the referral is sent", sent.step == "sent" and crew.sent()[0].referral == sent.referral)
check("only the receiver accepts it", refusal(lambda: crew.answer(sent.referral, NewAnswer.ACCEPT()), HimayaError.Refused))
nearest = crew.nearest(Search(start=LatLon(lat_deg=31.63, lon_deg=-8.0), needs=[], sex="girl", risk="low"), "ar")
check("without a guide nobody is near", nearest.chosen == [])

check("an unknown term is refused by name",
      getattr(refusal(lambda: crew.list(["nonsense"], 1), HimayaError.Refused), "field", None) == "kind")
check("a spotting without a concern is refused",
      refusal(lambda: crew.spot(NewSpotting(sex="boy", concerns=[], place=Place())), HimayaError.Refused))

report = asyncio.run(crew.sync(0))
check("it was sent", report.sent > 0 and crew.status().unsent == 0)
check("the hub has it", crew.show(line.space).line.whereabouts == Whereabouts.SENT)

crew.lock()
check("locked is locked", refusal(lambda: crew.list([], 1), HimayaError.Locked))
capture = device.capture(NewSpotting(sex="boy", name="Another Invented Child", concerns=["begging"], place=Place()))
check("the lock screen takes a spotting", len(capture) == 32 and device.status().inbox == 1)
crew = device.unlock(member, os.environ["HIMAYA_PASSPHRASE"])
crew.sync_blocking(0)
check("and a crew member claims it", crew.claim(crew.captures()[0].capture).title == "Another Invented Child")

print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
