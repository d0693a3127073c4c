# Where a thing is: always these four, always with their sign.
where-on_phone = ○ on this phone
where-sent = ◔ sent
where-arrived = ◑ arrived at the unit
where-seen = ● seen by a person
where-not_arrived = not arrived: call
