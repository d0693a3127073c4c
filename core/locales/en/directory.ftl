# The guide: nearest suitable service, and the CSV file.

unit-metres = { $n } m
unit-kilometres = { $n } km
unit-minutes = { $n } min
unit-hours = { $n } h
unit-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}

when-today = { $clock }
when-tomorrow = tomorrow { $clock }
when-weekday = { $day } { $clock }
when-date = { $date } { $clock }
weekday-mo = Monday
weekday-tu = Tuesday
weekday-we = Wednesday
weekday-th = Thursday
weekday-fr = Friday
weekday-sa = Saturday
weekday-su = Sunday

choice-distance = { $distance }, about { $travel }
passed-nearer = { $distance } nearer
passed-away = { $distance } away

reason-open-always = open day and night
reason-open-until = open until { $time }
reason-told-open-until = said to be open until { $time }
reason-emergency-intake = takes children in danger at any hour
reason-takes = takes { $who } { $min }–{ $max }
reason-places = { $places ->
    [one] { $places } place, told { $age } ago
   *[other] { $places } places, told { $age } ago
}

doubt-capacity-never-told = places not known: call
doubt-capacity-old = places last told { $age } ago: call
doubt-closes-soon = closes soon, at { $time }: call
doubt-age-partly = takes { $min }–{ $max } only: ask the age
doubt-sex-unknown = takes { $who } only
doubt-area-unknown = works for some areas only: ask

obstacle-lacks-need = does not offer: { $need }
obstacle-wrong-age = takes { $min }–{ $max } only
obstacle-wrong-sex = takes { $who } only
obstacle-outside-area = works for another area
obstacle-closed = closed
obstacle-closed-until = closed until { $time }
obstacle-closes-before-arrival = closes before you arrive, at { $time }
obstacle-no-places = no place left, told { $age } ago
obstacle-full = full
obstacle-full-until = full until { $time }
obstacle-told-closed = said to be closed
obstacle-told-closed-until = said to be closed until { $time }
obstacle-no-answer = does not answer
obstacle-no-answer-until = does not answer, try again after { $time }

csv-too-large = The file is too large: 8 MB and 20,000 rows at the most. Split it.
csv-encoding = The file is not UTF-8 text. Save it again as “CSV UTF-8”.
csv-empty = The file is empty.
csv-missing-column = The column “{ $column }” is missing.
csv-unknown-column = The first row holds a heading that is not known. Compare it with an export.
csv-repeated-column = The column “{ $column }” stands twice.
csv-shape = Row { $row }: the number of cells does not match the headings, or a quote is not closed.
csv-required = Row { $row }, { $column }: write something here.
csv-form = Row { $row }, { $column }: not understood.
csv-form-hours = Row { $row }, { $column }: write hours like “Mo-Fr 08:30-16:30; Sa 09:00-12:00”, “24/7” or “closed”.
csv-form-exceptions = Row { $row }, { $column }: one date a line, like “2026-11-06 closed # Green March”.
csv-form-phone = Row { $row }, { $column }: 2 to 15 digits, with + in front for an international number.
csv-form-degrees = Row { $row }, { $column }: degrees with a point, like 33.57310.
csv-form-age = Row { $row }, { $column }: a whole number from 0 to 17.
csv-form-needs = Row { $row }, { $column }: 1 to 32 codes of needs, each once, apart by spaces.
csv-form-area = Row { $row }, { $column }: census codes like 06.141, each once, apart by spaces.
csv-form-yes-no = Row { $row }, { $column }: “yes” or “no”.
csv-form-time = Row { $row }, { $column }: a time like 2026-11-06T08:30:00Z.
csv-form-id = Row { $row }, { $column }: 32 digits as in an export; leave it empty for a new service.
csv-form-list = Row { $row }, { $column }: not a word of the list. Compare it with an export.
csv-ages-reversed = Row { $row }, { $column }: the last age is under the first.
csv-incomplete = Row { $row }, { $column }: this goes together with a cell beside it; fill in both or neither.
csv-repeated-id = Row { $row }, { $column }: an earlier row has the same id.
