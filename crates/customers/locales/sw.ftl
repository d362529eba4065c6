customers-nav = Wateja
customers-title = Wateja
customers-new = Mteja mpya
customers-export = Jedwali (CSV)
customers-search = Tafuta
customers-sort = Mpangilio
customers-sort-last-order = Oda ya karibuni
customers-sort-name = Kwa jina
customers-sort-owes = Deni kubwa
customers-owes-only = Wenye deni
customers-show = Onyesha
customers-all = Wote
customers-none = Bado hakuna wateja
customers-none-help = Anayeagiza kwa jina, simu au barua pepe huonekana hapa mwenyewe.
customers-none-such = Hakuna mteja wa namna hii.
customers-more = Zaidi
customers-name = Jina
customers-phone = Simu
customers-email = Barua pepe
customers-language = Lugha
customers-language-unknown = Ya biashara
customers-orders = Oda
customers-spent = Ametumia
customers-owes = Anadaiwa
customers-owed = Unamdaiwa naye
customers-last-order = Oda ya mwisho
customers-last-on = ya mwisho { $day }
customers-order = Oda mpya
customers-give-credit = Toa salio
customers-cards = Kadi na salio
customers-call = Piga simu
customers-open = Fedha ambazo hazijalipwa
customers-order-number = Oda { $number }
customers-to-give-back = { $amount } za kurudisha
customers-no-orders = Bado hakuna oda.
customers-number = Nambari
customers-when = Lini
customers-total = Jumla
customers-money = Fedha
customers-goods = Bidhaa
customers-test = Jaribio
customers-contact = Mawasiliano
customers-also = Pia
customers-change = Badilisha
customers-save = Hifadhi
customers-notes = Maelezo
customers-notes-help = Kwa timu yako tu: mteja hayaoni kamwe.
customers-note = Jambo la kujua
customers-note-add = Andika
customers-note-remove = Ondoa
customers-same-person = Ni mtu mmoja
customers-merge = Unganisha wateja wawili
customers-merge-intro = Je, huyu ni mtu mmoja? Oda, kuponi, idhini, maelezo, nambari na madeni vitaunganishwa.
customers-merge-kept = Jina na mawasiliano haya yatabaki.
customers-merge-for-good = Haiwezi kutenguliwa.
customers-merge-do = Unganisha
customers-merge-search = Nani ni mtu mmoja na { $name }?
customers-no = Hapana, acha
customers-forget = Msahau mteja huyu
customers-forget-sure = Umsahau { $name }?
customers-forget-goes = Jina, simu, barua pepe, anwani, maelezo, idhini na majibu vitaondolewa, hapa, kwenye kila oda na kila kuponi. Kuponi zilizo mkononi mwa mteja zitabaki halali, bila jina. Viungo vya oda vitaacha kufanya kazi. Haiwezi kutenguliwa.
customers-forget-stays = Kiasi hubaki vitabuni, na risiti na ankara hubaki jinsi zilivyotolewa: sheria inataka hivyo.
customers-forget-do = Sahau
customers-flash-added = Imeandikwa.
customers-flash-saved = Imehifadhiwa.
customers-flash-noted = Imeandikwa.
customers-flash-note-removed = Maelezo yameondolewa.
customers-flash-merged = Sasa ni mteja mmoja.
customers-flash-forgotten = Mteja amesahauliwa.
customers-fault-name = Andika herufi zisizozidi 120, kwenye mstari mmoja.
customers-fault-phone = Andika nambari pamoja na msimbo wa nchi, kama +224 620 00 00 00.
customers-fault-email = Andika anwani kama jina@mfano.org.
problem-customer-unknown = Hakuna mteja huyu. Labda aliunganishwa na mwingine.
problem-note-unknown = Maelezo haya yameshaondolewa.
problem-customer-nobody = Andika jina, simu au barua pepe.
problem-customer-known = Tayari ni ya mteja mwingine. Andika nyingine, au waunganishe wawili.
problem-customer-same = Tayari ni mteja mmoja.
problem-customer-open = Mteja huyu bado ana oda ambazo hazijakamilika: zikamilishe au zifute, na malipo yamalizwe, kwanza.
customers-debtors = { $count ->
    [one] Mteja { $count } anadaiwa { $amount }
   *[other] Wateja { $count } wanadaiwa { $amount }
}
customers-forget-open = { $count ->
    [one] Oda moja bado haijakamilika: ikamilishe au ifute, na malipo yamalizwe, kabla ya kumsahau mteja.
   *[other] Oda { $count } bado hazijakamilika: zikamilishe au zifute, na malipo yamalizwe, kabla ya kumsahau mteja.
}
happened-customer-added = Mteja ameandikwa
happened-customer-changed = Mteja amebadilishwa
happened-customer-merged = Wateja wawili wameunganishwa
happened-customer-forgotten = Mteja amesahauliwa
happened-customer-noted = Maelezo kuhusu mteja
happened-customer-note-removed = Maelezo kuhusu mteja yameondolewa
customers-import = Ingiza faili
customers-narrow = Vichujio zaidi
customers-of-campaign = Ana kuponi ya
customers-consent = Idhini
customers-agreed-any = Wote
customers-agreed-yes = Amekubali
customers-agreed-no = Hajakubali
customers-agreed-refused = Hakubali
customers-agreed-never = Hajaulizwa
customers-question = Amejibu
customers-question-none = Swali lolote
customers-answer = Jibu linaanza na
customers-answers = Majibu
customers-yes = Ndiyo
customers-coupons = Kuponi
customers-no-coupons = Hakuna kuponi bado.
customers-coupon = Msimbo
customers-campaign = Kampeni
customers-state = Hali
customers-coupon-until = hadi { $day }
customers-consent-withdraw = Ondoa idhini
customers-consent-words = Mteja amekubali nini?
customers-consent-give = Andika idhini
customers-consent-given = Amekubali:
customers-consent-refused = Hakubali:
customers-consent-link = Soma zaidi
customers-consent-by-form = fomu
customers-consent-by-file = kutoka kwenye faili
customers-consent-by-staff = aliambia wafanyakazi
customers-consent-version = toleo { $version }
customers-flash-consent = Idhini imeandikwa.
customers-file = Yote yaliyohifadhiwa kuhusu mteja huyu
customers-import-title = Ingiza wateja
customers-import-done = Faili imeingizwa
customers-import-help = Faili ya CSV ambayo mstari wake wa kwanza unataja safu: Jina, Simu, Barua pepe, Lugha. Mwenye simu au barua pepe ya mteja ndiye mteja huyo: faili ileile inaweza kuingizwa tena. Kwanza unaona kitakachotokea.
customers-import-consent-help = Kuwa kwenye faili si kukubali. Ikiwa wateja wamekubali, sema hivyo kwenye safu Idhini (ndiyo au hapana), Tarehe ya idhini na Maneno ya idhini.
customers-import-file = Faili
customers-import-limits = CSV, hadi mistari { $rows } na MiB { $size }
customers-import-known = Wateja ulionao tayari
customers-import-known-update = Chukua faili inavyosema; isichosema kinabaki
customers-import-known-leave = Waache walivyo; ingiza wapya tu
customers-import-look = Ona kitakachotokea
customers-import-confirm = Ingiza
customers-import-other = Faili nyingine
customers-import-waits = Faili inasubiri hapa hadi { $time }, kisha inafutwa.
customers-import-unread = Safu ambazo hazikuingizwa: { $columns }
customers-import-line = Mstari
customers-import-outcome = Kinachotokea
customers-import-added = Mpya
customers-import-unchanged = Sawa
customers-import-left = Anajulikana, anaachwa alivyo
customers-import-changed = Imebadilishwa: { $fields }
customers-import-more = { $count ->
    [one] Mstari mmoja zaidi
   *[other] Mistari { $count } zaidi
}
customers-import-count-added = { $count ->
    [one] Mteja mpya { $count }
   *[other] Wateja wapya { $count }
}
customers-import-count-changed = { $count ->
    [one] Mteja { $count } amebadilishwa
   *[other] Wateja { $count } wamebadilishwa
}
customers-import-count-unchanged = { $count ->
    [one] Mteja { $count } yupo tayari vivyo hivyo
   *[other] Wateja { $count } wapo tayari vivyo hivyo
}
customers-import-count-left = { $count ->
    [one] Mteja { $count } ameachwa alivyo
   *[other] Wateja { $count } wameachwa walivyo
}
customers-import-count-refused = { $count ->
    [one] Mstari { $count } unahitaji kurekebishwa
   *[other] Mistari { $count } inahitaji kurekebishwa
}
customers-import-at = Mstari { $line }: { $text }
customers-import-file-large = Faili inazidi MiB { $value }. Igawanye.
customers-import-file-empty = Faili ni tupu. Chagua yenye kichwa na angalau mstari mmoja.
customers-import-file-no-text = Hii si faili ya CSV. Kwenye lahajedwali chagua “Hifadhi kama… CSV UTF-8”, kisha faili hiyo hapa.
customers-import-file-long-cell = Kisanduku ni kirefu mno. Je, alama ya kufunga nukuu imekosekana?
customers-import-file-quote = Alama ya nukuu inafunguliwa hapa na haifungwi. Ifunge.
customers-import-file-columns = Kuna safu zaidi ya { $value }. Bakiza zinazohusu wateja.
customers-import-file-rows = Kuna mistari zaidi ya { $value }. Gawanya faili.
customers-import-file-no-contact = Hakuna safu inayoitwa Simu au Barua pepe. Ipe moja jina hilo kwenye mstari wa kwanza.
customers-import-file-heading = Safu “{ $value }” inasema sawa na nyingine. Ondoa moja.
customers-import-line-cells = Visanduku vingi kuliko kichwa. Je, alama ya nukuu imekosekana?
customers-import-line-no-contact = Andika simu au barua pepe: kwa jina pekee hakuna anayetambulika.
customers-import-line-name = Jina ni refu mno. Andika herufi zisizozidi 120.
customers-import-line-phone = “{ $value }” si nambari ya simu. Iandike na msimbo wa nchi, kama +224 620 00 00 00.
customers-import-line-email = “{ $value }” si barua pepe. Andika kama jina@mfano.org.
customers-import-line-language = “{ $value }” si lugha ya hapa. Andika en, fr, it au sw, au acha wazi.
customers-import-line-consent = Idhini “{ $value }”: andika ndiyo au hapana, au acha wazi.
customers-import-line-consent-at = “{ $value }” si tarehe ya idhini. Iandike kama 2026-05-31, isiwe baada ya leo.
customers-import-line-consent-words = Maneno ya idhini ni marefu mno. Andika herufi zisizozidi 1000.
customers-import-line-repeated = “{ $value }” iko tayari kwenye mstari { $line }. Fanya mstari mmoja.
customers-import-line-two = Simu na barua pepe ni za wateja wawili. Waunganishe kwanza, au ondoa moja kwenye mstari.
problem-customers-file-gone = Faili hii iliingizwa tayari, nyingine ilichaguliwa, au ilisubiri zaidi ya siku moja ikafutwa. Ichague tena.
happened-customer-consent = Idhini ya mteja
