# Names of the lists of the field. Keys are list-code.

risk-none = no risk
risk-low = low
risk-medium = medium
risk-high = high
risk-danger = immediate danger

stage-spotted = spotted
stage-reported = reported
stage-received = received
stage-heard = heard
stage-assessed = assessed
stage-planned = plan approved
stage-supported = supported
stage-followed_up = followed up
stage-closed = closed

sex-girl = girl
sex-boy = boy
sex-unknown = not known

age_band-0-5 = 0 to 5 years
age_band-6-11 = 6 to 11 years
age_band-12-14 = 12 to 14 years
age_band-15-17 = 15 to 17 years

concern-street_situation = street situation
concern-begging = begging
concern-child_labour = child labour
concern-domestic_work = domestic work
concern-physical_violence = physical violence
concern-sexual_violence = sexual violence
concern-psychological_violence = psychological violence
concern-neglect = neglect
concern-abandonment = abandonment
concern-separated = separated or unaccompanied
concern-missing = missing or runaway
concern-child_marriage = child marriage
concern-child_mother = child mother
concern-trafficking = trafficking or exploitation
concern-conflict_with_law = in conflict with the law
concern-witness_or_victim = witness or victim before a court
concern-substance_use = substance use
concern-disability = disability without care
concern-serious_illness = serious illness
concern-out_of_school = out of school
concern-without_registration = without birth registration
concern-migrant_or_refugee = migrant, refugee or asylum seeker
concern-stateless = stateless
concern-parent_detained = child of a detained parent
concern-self_harm = risk of self-harm or suicide
concern-online_abuse = online abuse
concern-other = other

need-shelter_tonight = shelter tonight
need-emergency_medical = emergency medical care
need-medical = medical care
need-psychological = psychological support
need-listening = listening
need-legal_aid = legal aid
need-judicial_report = judicial report
need-police = police
need-food = food
need-clothing = clothing and hygiene
need-family_mediation = family mediation
need-family_tracing = family tracing
need-school = return to school
need-non_formal_education = non-formal education and training
need-papers = birth registration and papers
need-disability_services = disability services
need-addiction = addiction care
need-foster_care = foster care (kafala)
need-residential_care = residential care
need-material_aid = material aid to the family
need-interpreter = interpreter
need-return_home = return home
need-other = other

decline_reason-full = no place left
decline_reason-closed = closed
decline_reason-not_our_mandate = not the unit's task
decline_reason-age = takes other ages
decline_reason-sex = takes the other sex only
decline_reason-jurisdiction = works for another area
decline_reason-no_staff = nobody available
decline_reason-child_left = the child left
decline_reason-other = other

service_kind-sas = mobile social service
service_kind-upe = child-protection unit
service_kind-cape = child-protection support centre
service_kind-shelter = shelter
service_kind-hospital = hospital
service_kind-health_centre = health centre
service_kind-police = police
service_kind-gendarmerie = gendarmerie
service_kind-court = court
service_kind-school = school
service_kind-association = association
service_kind-other = other service

service_status-open = open
service_status-full = full
service_status-closed = closed
service_status-no_answer = no answer

sexes-girls = girls
sexes-boys = boys
sexes-both = girls and boys
