# Où se trouve une chose : toujours ces quatre mots, toujours avec leur signe.
where-on_phone = ○ sur ce téléphone
where-sent = ◔ envoyé
where-arrived = ◑ arrivé à l’unité
where-seen = ● vu par une personne
where-not_arrived = pas arrivé : appelez
