# أسماء لوائح الميدان. المفتاح هو: اللائحة-الرمز.

risk-none = لا خطر
risk-low = ضعيف
risk-medium = متوسط
risk-high = مرتفع
risk-danger = خطر مباشر

stage-spotted = رصد
stage-reported = تبليغ
stage-received = استقبال
stage-heard = استماع
stage-assessed = تشخيص
stage-planned = خطة مواكبة معتمدة
stage-supported = مساعدة ودعم
stage-followed_up = تتبع
stage-closed = ملف مغلق

sex-girl = فتاة
sex-boy = فتى
sex-unknown = غير معروف

age_band-0-5 = من 0 إلى 5 سنوات
age_band-6-11 = من 6 إلى 11 سنة
age_band-12-14 = من 12 إلى 14 سنة
age_band-15-17 = من 15 إلى 17 سنة

concern-street_situation = وضعية شارع
concern-begging = تسول
concern-child_labour = تشغيل الأطفال
concern-domestic_work = عمل منزلي
concern-physical_violence = عنف جسدي
concern-sexual_violence = عنف جنسي
concern-psychological_violence = عنف نفسي
concern-neglect = إهمال
concern-abandonment = طفل متخلى عنه
concern-separated = طفل منفصل عن ذويه أو غير مرافق
concern-missing = طفل مختفٍ أو هارب
concern-child_marriage = زواج القاصر
concern-child_mother = أم قاصر
concern-trafficking = اتجار بالبشر أو استغلال
concern-conflict_with_law = في نزاع مع القانون
concern-witness_or_victim = شاهد أو ضحية أمام القضاء
concern-substance_use = تعاطي المخدرات
concern-disability = إعاقة دون رعاية
concern-serious_illness = مرض خطير
concern-out_of_school = منقطع عن الدراسة
concern-without_registration = غير مسجل في الحالة المدنية
concern-migrant_or_refugee = مهاجر أو لاجئ أو طالب لجوء
concern-stateless = عديم الجنسية
concern-parent_detained = طفل أحد والديه معتقل
concern-self_harm = خطر إيذاء النفس أو الانتحار
concern-online_abuse = عنف عبر الإنترنت
concern-other = أخرى

need-shelter_tonight = إيواء هذه الليلة
need-emergency_medical = علاج طبي مستعجل
need-medical = علاج طبي
need-psychological = دعم نفسي
need-listening = استماع
need-legal_aid = مساعدة قانونية
need-judicial_report = تبليغ قضائي
need-police = شرطة
need-food = طعام
need-clothing = ملابس ونظافة
need-family_mediation = وساطة أسرية
need-family_tracing = بحث عن الأسرة
need-school = عودة إلى المدرسة
need-non_formal_education = تربية غير نظامية وتكوين
need-papers = تسجيل في الحالة المدنية ووثائق
need-disability_services = خدمات الإعاقة
need-addiction = علاج الإدمان
need-foster_care = كفالة
need-residential_care = رعاية مؤسساتية
need-material_aid = مساعدة مادية للأسرة
need-interpreter = ترجمان
need-return_home = عودة إلى البيت
need-other = أخرى

decline_reason-full = لا مكان شاغر
decline_reason-closed = مغلق
decline_reason-not_our_mandate = خارج اختصاص الوحدة
decline_reason-age = يستقبل أعمارا أخرى
decline_reason-sex = يستقبل الجنس الآخر فقط
decline_reason-jurisdiction = تابع لنفوذ ترابي آخر
decline_reason-no_staff = لا أحد متاح
decline_reason-child_left = غادر الطفل
decline_reason-other = أخرى

service_kind-sas = وحدة الخدمات الاجتماعية المتنقلة
service_kind-upe = وحدة حماية الطفولة
service_kind-cape = مركز المواكبة لحماية الطفولة
service_kind-shelter = مركز إيواء
service_kind-hospital = مستشفى
service_kind-health_centre = مركز صحي
service_kind-police = شرطة
service_kind-gendarmerie = درك ملكي
service_kind-court = محكمة
service_kind-school = مدرسة
service_kind-association = جمعية
service_kind-other = خدمة أخرى

service_status-open = مفتوح
service_status-full = ممتلئ
service_status-closed = مغلق
service_status-no_answer = لا يجيب

sexes-girls = الفتيات
sexes-boys = الفتيان
sexes-both = الفتيات والفتيان
