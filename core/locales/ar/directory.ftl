# الدليل: أقرب خدمة مناسبة، وملف CSV.

unit-metres = { $n } م
unit-kilometres = { $n } كم
unit-minutes = { $n } د
unit-hours = { $n ->
    [zero] أقل من ساعة
    [one] ساعة واحدة
    [two] ساعتين
    [few] { $n } ساعات
    [many] { $n } ساعة
   *[other] { $n } ساعة
}
unit-days = { $n ->
    [zero] أقل من يوم
    [one] يوم واحد
    [two] يومين
    [few] { $n } أيام
    [many] { $n } يوما
   *[other] { $n } يوم
}

when-today = { $clock }
when-tomorrow = غدا { $clock }
when-weekday = { $day } { $clock }
when-date = { $date } { $clock }
weekday-mo = الاثنين
weekday-tu = الثلاثاء
weekday-we = الأربعاء
weekday-th = الخميس
weekday-fr = الجمعة
weekday-sa = السبت
weekday-su = الأحد

choice-distance = { $distance }، حوالي { $travel }
passed-nearer = أقرب بـ { $distance }
passed-away = على بعد { $distance }

reason-open-always = مفتوح ليلا ونهارا
reason-open-until = مفتوح إلى { $time }
reason-told-open-until = صرح بأنه مفتوح إلى { $time }
reason-emergency-intake = يستقبل الأطفال في خطر في أي ساعة
reason-takes = يستقبل { $who } من { $min } إلى { $max } سنة
reason-places = { $places ->
    [zero] لا مكان شاغر، حسب تصريح قبل { $age }
    [one] مكان شاغر واحد، حسب تصريح قبل { $age }
    [two] مكانان شاغران، حسب تصريح قبل { $age }
    [few] { $places } أماكن شاغرة، حسب تصريح قبل { $age }
    [many] { $places } مكانا شاغرا، حسب تصريح قبل { $age }
   *[other] { $places } مكان شاغر، حسب تصريح قبل { $age }
}

doubt-capacity-never-told = الأماكن الشاغرة غير معروفة: اتصلوا
doubt-capacity-old = آخر تصريح بالأماكن قبل { $age }: اتصلوا
doubt-closes-soon = يغلق قريبا، على { $time }: اتصلوا
doubt-age-partly = يستقبل فقط من { $min } إلى { $max } سنة: تحققوا من السن
doubt-sex-unknown = يستقبل { $who } فقط
doubt-area-unknown = يغطي بعض المجالات الترابية فقط: تحققوا

obstacle-lacks-need = لا يقدم: { $need }
obstacle-wrong-age = يستقبل فقط من { $min } إلى { $max } سنة
obstacle-wrong-sex = يستقبل { $who } فقط
obstacle-outside-area = تابع لنفوذ ترابي آخر
obstacle-closed = مغلق
obstacle-closed-until = مغلق إلى { $time }
obstacle-closes-before-arrival = يغلق قبل وصولكم، على { $time }
obstacle-no-places = لا مكان شاغر، حسب تصريح قبل { $age }
obstacle-full = ممتلئ
obstacle-full-until = ممتلئ إلى { $time }
obstacle-told-closed = صرح بأنه مغلق
obstacle-told-closed-until = صرح بأنه مغلق إلى { $time }
obstacle-no-answer = لا يجيب
obstacle-no-answer-until = لا يجيب، أعيدوا الاتصال بعد { $time }

csv-too-large = الملف كبير جدا: 8 ميغابايت و20000 سطر على الأكثر. قسموه.
csv-encoding = الملف ليس نصا بترميز UTF-8. احفظوه من جديد بصيغة «CSV UTF-8».
csv-empty = الملف فارغ.
csv-missing-column = العمود «{ $column }» ناقص.
csv-unknown-column = في السطر الأول عنوان غير معروف. قارنوه بملف مصدَّر.
csv-repeated-column = العمود «{ $column }» مكرر.
csv-shape = السطر { $row }: عدد الخانات لا يوافق العناوين، أو علامة اقتباس لم تغلق.
csv-required = السطر { $row }، { $column }: خانة يجب ملؤها.
csv-form = السطر { $row }، { $column }: غير مفهوم.
csv-form-hours = السطر { $row }، { $column }: اكتبوا الأوقات هكذا: «Mo-Fr 08:30-16:30; Sa 09:00-12:00» أو «24/7» أو «closed».
csv-form-exceptions = السطر { $row }، { $column }: تاريخ واحد في كل سطر، هكذا: «2026-11-06 closed # المسيرة الخضراء».
csv-form-phone = السطر { $row }، { $column }: من 2 إلى 15 رقما، مع + في البداية للرقم الدولي.
csv-form-degrees = السطر { $row }، { $column }: درجات، هكذا: 33.57310.
csv-form-age = السطر { $row }، { $column }: عدد صحيح من 0 إلى 17.
csv-form-needs = السطر { $row }، { $column }: من 1 إلى 32 رمزا للحاجات، كل رمز مرة واحدة، تفصل بينها مسافات.
csv-form-area = السطر { $row }، { $column }: رموز الإحصاء مثل 06.141، كل رمز مرة واحدة، تفصل بينها مسافات.
csv-form-yes-no = السطر { $row }، { $column }: «نعم» أو «لا».
csv-form-time = السطر { $row }، { $column }: وقت مثل 2026-11-06T08:30:00Z.
csv-form-id = السطر { $row }، { $column }: 32 رقما كما في ملف مصدَّر، أو خانة فارغة لخدمة جديدة.
csv-form-list = السطر { $row }، { $column }: كلمة ليست في اللائحة. قارنوها بملف مصدَّر.
csv-ages-reversed = السطر { $row }، { $column }: السن الأقصى أقل من السن الأدنى.
csv-incomplete = السطر { $row }، { $column }: خانة مرتبطة بأخرى مجاورة؛ املؤوا الاثنتين أو اتركوهما فارغتين.
csv-repeated-id = السطر { $row }، { $column }: سطر سابق يحمل المعرف نفسه.
