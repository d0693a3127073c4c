# Le guide : service adapté le plus proche, et le fichier CSV.

unit-metres = { $n } m
unit-kilometres = { $n } km
unit-minutes = { $n } min
unit-hours = { $n } h
unit-days = { $n ->
    [one] { $n } jour
   *[other] { $n } jours
}

when-today = { $clock }
when-tomorrow = demain { $clock }
when-weekday = { $day } { $clock }
when-date = { $date } { $clock }
weekday-mo = lundi
weekday-tu = mardi
weekday-we = mercredi
weekday-th = jeudi
weekday-fr = vendredi
weekday-sa = samedi
weekday-su = dimanche

choice-distance = { $distance }, environ { $travel }
passed-nearer = plus proche de { $distance }
passed-away = à { $distance }

reason-open-always = ouvert jour et nuit
reason-open-until = ouvert jusqu’à { $time }
reason-told-open-until = se dit ouvert jusqu’à { $time }
reason-emergency-intake = reçoit à toute heure les enfants en danger
reason-takes = reçoit { $who } { $min }–{ $max } ans
reason-places = { $places ->
    [one] { $places } place, dit il y a { $age }
   *[other] { $places } places, dit il y a { $age }
}

doubt-capacity-never-told = places non connues : appelez
doubt-capacity-old = places dites il y a { $age } : appelez
doubt-closes-soon = ferme bientôt, à { $time } : appelez
doubt-age-partly = reçoit seulement { $min }–{ $max } ans : demandez l’âge
doubt-sex-unknown = reçoit seulement : { $who }
doubt-area-unknown = ne couvre que certains territoires : demandez

obstacle-lacks-need = ne propose pas : { $need }
obstacle-wrong-age = reçoit seulement { $min }–{ $max } ans
obstacle-wrong-sex = reçoit seulement : { $who }
obstacle-outside-area = relève d’un autre territoire
obstacle-closed = fermé
obstacle-closed-until = fermé jusqu’à { $time }
obstacle-closes-before-arrival = ferme avant votre arrivée, à { $time }
obstacle-no-places = plus de place, dit il y a { $age }
obstacle-full = complet
obstacle-full-until = complet jusqu’à { $time }
obstacle-told-closed = se dit fermé
obstacle-told-closed-until = se dit fermé jusqu’à { $time }
obstacle-no-answer = ne répond pas
obstacle-no-answer-until = ne répond pas, rappelez après { $time }

csv-too-large = Le fichier est trop grand : 8 Mo et 20 000 lignes au plus. Partagez-le.
csv-encoding = Le fichier n’est pas du texte UTF-8. Enregistrez-le de nouveau en « CSV UTF-8 ».
csv-empty = Le fichier est vide.
csv-missing-column = La colonne « { $column } » manque.
csv-unknown-column = La première ligne contient un titre inconnu. Comparez avec un export.
csv-repeated-column = La colonne « { $column } » est en double.
csv-shape = Ligne { $row } : le nombre de cellules ne correspond pas aux titres, ou un guillemet n’est pas fermé.
csv-required = Ligne { $row }, { $column } : à remplir.
csv-form = Ligne { $row }, { $column } : non compris.
csv-form-hours = Ligne { $row }, { $column } : écrivez les heures ainsi : « Lu-Ve 08:30-16:30; Sa 09:00-12:00 », « 24/7 » ou « closed ».
csv-form-exceptions = Ligne { $row }, { $column } : une date par ligne, ainsi : « 2026-11-06 closed # Marche verte ».
csv-form-phone = Ligne { $row }, { $column } : 2 à 15 chiffres, avec + devant pour un numéro international.
csv-form-degrees = Ligne { $row }, { $column } : des degrés, ainsi : 33.57310.
csv-form-age = Ligne { $row }, { $column } : un nombre entier de 0 à 17.
csv-form-needs = Ligne { $row }, { $column } : 1 à 32 codes de besoins, chacun une fois, séparés par des espaces.
csv-form-area = Ligne { $row }, { $column } : des codes du recensement comme 06.141, chacun une fois, séparés par des espaces.
csv-form-yes-no = Ligne { $row }, { $column } : « oui » ou « non ».
csv-form-time = Ligne { $row }, { $column } : un instant comme 2026-11-06T08:30:00Z.
csv-form-id = Ligne { $row }, { $column } : 32 chiffres comme dans un export ; laissez vide pour un nouveau service.
csv-form-list = Ligne { $row }, { $column } : ce mot n’est pas dans la liste. Comparez avec un export.
csv-ages-reversed = Ligne { $row }, { $column } : le dernier âge est inférieur au premier.
csv-incomplete = Ligne { $row }, { $column } : va avec une cellule voisine ; remplissez les deux ou aucune.
csv-repeated-id = Ligne { $row }, { $column } : une ligne précédente porte le même id.
