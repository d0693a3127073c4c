# Noms des listes du domaine. Les clés sont liste-code.

risk-none = aucun risque
risk-low = faible
risk-medium = moyen
risk-high = élevé
risk-danger = danger immédiat

stage-spotted = repéré
stage-reported = signalé
stage-received = accueilli
stage-heard = écouté
stage-assessed = évalué
stage-planned = projet approuvé
stage-supported = accompagné
stage-followed_up = suivi
stage-closed = clôturé

sex-girl = fille
sex-boy = garçon
sex-unknown = non connu

age_band-0-5 = 0 à 5 ans
age_band-6-11 = 6 à 11 ans
age_band-12-14 = 12 à 14 ans
age_band-15-17 = 15 à 17 ans

concern-street_situation = situation de rue
concern-begging = mendicité
concern-child_labour = travail des enfants
concern-domestic_work = travail domestique
concern-physical_violence = violence physique
concern-sexual_violence = violence sexuelle
concern-psychological_violence = violence psychologique
concern-neglect = négligence
concern-abandonment = abandon
concern-separated = séparé ou non accompagné
concern-missing = disparu ou en fugue
concern-child_marriage = mariage d’enfant
concern-child_mother = mère mineure
concern-trafficking = traite ou exploitation
concern-conflict_with_law = en conflit avec la loi
concern-witness_or_victim = témoin ou victime devant la justice
concern-substance_use = usage de substances
concern-disability = handicap sans prise en charge
concern-serious_illness = maladie grave
concern-out_of_school = hors de l’école
concern-without_registration = non inscrit à l’état civil
concern-migrant_or_refugee = migrant, réfugié ou demandeur d’asile
concern-stateless = apatride
concern-parent_detained = enfant d’un parent détenu
concern-self_harm = risque d’automutilation ou de suicide
concern-online_abuse = violence en ligne
concern-other = autre

need-shelter_tonight = hébergement cette nuit
need-emergency_medical = soins médicaux d’urgence
need-medical = soins médicaux
need-psychological = soutien psychologique
need-listening = écoute
need-legal_aid = assistance juridique
need-judicial_report = signalement judiciaire
need-police = police
need-food = repas
need-clothing = vêtements et hygiène
need-family_mediation = médiation familiale
need-family_tracing = recherche de la famille
need-school = retour à l’école
need-non_formal_education = éducation non formelle et formation
need-papers = état civil et papiers
need-disability_services = services pour le handicap
need-addiction = soins en addictologie
need-foster_care = famille d’accueil (kafala)
need-residential_care = prise en charge résidentielle
need-material_aid = aide matérielle à la famille
need-interpreter = interprète
need-return_home = retour au foyer
need-other = autre

decline_reason-full = plus de place
decline_reason-closed = fermé
decline_reason-not_our_mandate = ne relève pas de l’unité
decline_reason-age = reçoit d’autres âges
decline_reason-sex = ne reçoit que l’autre sexe
decline_reason-jurisdiction = relève d’un autre territoire
decline_reason-no_staff = personne de disponible
decline_reason-child_left = l’enfant est parti
decline_reason-other = autre

service_kind-sas = SAS mobile
service_kind-upe = unité de protection de l’enfance
service_kind-cape = centre d’accompagnement pour la protection de l’enfance
service_kind-shelter = centre d’hébergement
service_kind-hospital = hôpital
service_kind-health_centre = centre de santé
service_kind-police = police
service_kind-gendarmerie = gendarmerie royale
service_kind-court = tribunal
service_kind-school = école
service_kind-association = association
service_kind-other = autre service

service_status-open = ouvert
service_status-full = complet
service_status-closed = fermé
service_status-no_answer = ne répond pas

sexes-girls = filles
sexes-boys = garçons
sexes-both = filles et garçons
