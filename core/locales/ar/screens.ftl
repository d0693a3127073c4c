# أين يوجد الشيء: دائما هذه الكلمات الأربع، دائما مع علامتها.
where-on_phone = ○ في هذا الهاتف
where-sent = ◔ أُرسل
where-arrived = ◑ وصل إلى الوحدة
where-seen = ● اطلع عليه شخص
where-not_arrived = لم يصل: اتصلوا
