//! Invented words of the demo: first and family names, nicknames, what was noticed. No child, worker or unit is real.

pub const BOYS: &[&str] =
    &["ياسين", "أيوب", "زكرياء", "بلال", "سفيان", "أنس", "إلياس", "رضوان", "طه", "منير", "عماد", "هشام"];
pub const GIRLS: &[&str] =
    &["سلمى", "إيمان", "هاجر", "شيماء", "دعاء", "نور", "زينب", "وئام", "رميساء", "ملاك", "غزلان", "حسناء"];
/// Family names made up for the demo: none is meant for anybody.
pub const FAMILIES: &[&str] = &[
    "الورديغاني",
    "بنشمرور",
    "أيت زمكار",
    "المرزوقاني",
    "بوطنجير",
    "التيفلاوي",
    "الزهرواغي",
    "أوبلقاش",
    "المسكورني",
    "بنعطروش",
    "الدغبوجي",
    "أمزلواغ",
    "الخبشاوي",
    "بوزغرار",
    "الشقلاوني",
    "أيت تمغار",
];
pub const NICKNAMES: &[&str] =
    &["Zitouna", "Kaskrout", "Chrifo", "Bouhali l'pti", "Nmira", "Tchico", "Ghzala", "Pikala"];
pub const LOOKS: &[&str] = &[
    "red cap, grey jacket too large, barefoot on the left",
    "pull vert troué au coude droit, cheveux très courts",
    "حذاء رياضي أبيض وندبة فوق الحاجب الأيسر",
    "carries a blue school bag with a torn strap",
    "djellaba marron, bandage à la main gauche",
    "قميص أصفر وسروال قصير رغم البرد",
];
pub const NOTES: &[&str] = &[
    "sleeps behind the third kiosk, afraid of the night guard",
    "dit venir d'un douar à deux heures de car, sans papiers",
    "يقول إنه لم يأكل منذ أمس ويخاف العودة إلى البيت",
    "begging with an older boy who answers in the child's place",
    "tousse beaucoup, refuse d'aller à l'hôpital seule",
    "طلبت الاتصال بخالتها ولا تتذكر الرقم كاملا",
    "sells paper handkerchiefs at the lights until after midnight",
    "a fugué il y a trois jours, parle d'un oncle violent",
    "ينام قرب المحطة مع كلب صغير ويرفض تركه",
];
pub const LANDMARKS: &[&str] = &[
    "derrière la gare routière, quai 9",
    "under the old ramparts arch",
    "قرب موقف الشاحنات",
    "porte du souk couvert",
    "beside the closed cinema",
    "جنب نافورة الساحة الصغيرة",
    "parking de la halle aux grains",
    "steps of the post office",
];
pub const VEHICLES: &[&str] = &["Kangoo blanc", "Dacia bleue", "Transit gris", "Partner vert", "Duster beige"];
pub const CREWS: &[&str] = &["Naïma B.", "عبد الغفور م.", "Loubna T.", "رشيدة ق.", "Driss Z.", "فاطنة و."];
