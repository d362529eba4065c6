customers-nav = Clienti
customers-title = Clienti
customers-new = Nuovo cliente
customers-export = Tabella (CSV)
customers-search = Cerca
customers-sort = Ordine
customers-sort-last-order = Ultimo ordine
customers-sort-name = Per nome
customers-sort-owes = Debito più alto
customers-owes-only = Chi deve
customers-show = Mostra
customers-all = Tutti
customers-none = Ancora nessun cliente
customers-none-help = Chi ordina con un nome, un telefono o un’e-mail appare qui da solo.
customers-none-such = Nessun cliente corrisponde.
customers-more = Altri
customers-name = Nome
customers-phone = Telefono
customers-email = E-mail
customers-language = Lingua
customers-language-unknown = Quella dell’attività
customers-orders = Ordini
customers-spent = Speso
customers-owes = Deve
customers-owed = Gli si deve
customers-last-order = Ultimo ordine
customers-last-on = l’ultimo il { $day }
customers-order = Nuovo ordine
customers-give-credit = Dare un credito
customers-cards = Buoni e crediti
customers-call = Chiama
customers-open = Conti aperti
customers-order-number = Ordine { $number }
customers-to-give-back = { $amount } da restituire
customers-no-orders = Ancora nessun ordine.
customers-number = Numero
customers-when = Quando
customers-total = Totale
customers-money = Denaro
customers-goods = Merce
customers-test = Prova
customers-contact = Contatti
customers-also = Anche
customers-change = Modifica
customers-save = Salva
customers-notes = Note
customers-notes-help = Solo per la squadra: il cliente non le vede mai.
customers-note = Che cosa è utile sapere
customers-note-add = Annota
customers-note-remove = Togli
customers-same-person = È la stessa persona
customers-merge = Unire due clienti in uno
customers-merge-intro = È la stessa persona? Ordini, buoni, consensi, note, numeri e debiti vengono riuniti.
customers-merge-kept = Questo nome e questi contatti restano.
customers-merge-for-good = Non si può annullare.
customers-merge-do = Unisci
customers-merge-search = Chi è la stessa persona di { $name }?
customers-no = No, lascia così
customers-forget = Dimentica questo cliente
customers-forget-sure = Dimenticare { $name }?
customers-forget-goes = Nome, telefono, e-mail, indirizzi, note, consensi e risposte vengono tolti, qui, da ogni ordine e da ogni buono. I buoni che il cliente ha in mano restano validi, senza nome. I link agli ordini non funzionano più. Non si può annullare.
customers-forget-stays = Gli importi restano nei conti, e ricevute e fatture restano come sono state emesse: lo chiede la legge.
customers-forget-do = Dimentica
customers-flash-added = Annotato.
customers-flash-saved = Salvato.
customers-flash-noted = Annotato.
customers-flash-note-removed = La nota è stata tolta.
customers-flash-merged = Ora sono un solo cliente.
customers-flash-forgotten = Il cliente è dimenticato.
customers-fault-name = Scrivere al massimo 120 caratteri, su una riga.
customers-fault-phone = Scrivere il numero con il prefisso del paese, come +224 620 00 00 00.
customers-fault-email = Scrivere un indirizzo come nome@esempio.org.
problem-customer-unknown = Questo cliente non c’è. Forse è stato unito a un altro.
problem-note-unknown = Questa nota è già stata tolta.
problem-customer-nobody = Scrivere un nome, un telefono o un’e-mail.
problem-customer-known = È già di un altro cliente. Scriverne un altro, o unire i due.
problem-customer-same = Sono già un solo cliente.
problem-customer-open = Questo cliente ha ancora ordini aperti: prima vanno conclusi o annullati, e i conti saldati.
customers-debtors = { $count ->
    [one] { $count } cliente deve { $amount }
   *[other] { $count } clienti devono { $amount }
}
customers-forget-open = { $count ->
    [one] Un ordine è ancora aperto: prima di dimenticare il cliente va concluso o annullato, e saldato.
   *[other] { $count } ordini sono ancora aperti: prima di dimenticare il cliente vanno conclusi o annullati, e saldati.
}
happened-customer-added = Cliente annotato
happened-customer-changed = Cliente modificato
happened-customer-merged = Due clienti uniti
happened-customer-forgotten = Cliente dimenticato
happened-customer-noted = Nota su un cliente
happened-customer-note-removed = Nota su un cliente tolta
customers-import = Importa un file
customers-narrow = Altri filtri
customers-of-campaign = Ha un buono di
customers-consent = Consenso
customers-agreed-any = Tutti
customers-agreed-yes = Ha accettato
customers-agreed-no = Non ha accettato
customers-agreed-refused = Non accetta
customers-agreed-never = Mai chiesto
customers-question = Ha risposto a
customers-question-none = Qualsiasi domanda
customers-answer = La risposta inizia con
customers-answers = Risposte
customers-yes = Sì
customers-coupons = Buoni
customers-no-coupons = Ancora nessun buono.
customers-coupon = Codice
customers-campaign = Campagna
customers-state = Stato
customers-coupon-until = fino al { $day }
customers-consent-withdraw = Revoca il consenso
customers-consent-words = Che cosa accetta il cliente?
customers-consent-give = Annota il consenso
customers-consent-given = Ha accettato:
customers-consent-refused = Non accetta:
customers-consent-link = Per saperne di più
customers-consent-by-form = modulo
customers-consent-by-file = da un file
customers-consent-by-staff = detto al personale
customers-consent-version = versione { $version }
customers-flash-consent = Il consenso è annotato.
customers-file = Tutto ciò che è conservato su questo cliente
customers-import-title = Importare clienti
customers-import-done = Il file è importato
customers-import-help = Un file CSV la cui prima riga dà il nome alle colonne: Nome (o Nome e Cognome), Telefono, E-mail, Lingua. Chi ha il telefono o l’e-mail di un cliente è quel cliente: lo stesso file si può quindi importare di nuovo. Prima si vede che cosa succederebbe.
customers-import-consent-help = Stare in un file non vuol dire accettare. Se i clienti hanno accettato, va detto nelle colonne Consenso (sì o no), Data del consenso e Testo del consenso.
customers-import-file = File
customers-import-limits = CSV, al massimo { $rows } righe e { $size } MiB
customers-import-known = Clienti che ci sono già
customers-import-known-update = Riprendere ciò che dice il file; ciò che non dice resta
customers-import-known-leave = Lasciarli come sono; importare solo i nuovi
customers-import-look = Vedi che cosa succederebbe
customers-import-confirm = Importa
customers-import-other = Un altro file
customers-import-waits = Il file attende qui fino al { $time }, poi viene cancellato.
customers-import-unread = Colonne tralasciate: { $columns }
customers-import-line = Riga
customers-import-outcome = Che cosa succede
customers-import-added = Nuovo
customers-import-unchanged = Uguale
customers-import-left = Già presente, lasciato com’è
customers-import-changed = Modificato: { $fields }
customers-import-more = { $count ->
    [one] Ancora una riga
   *[other] Ancora { $count } righe
}
customers-import-count-added = { $count ->
    [one] { $count } cliente nuovo
   *[other] { $count } clienti nuovi
}
customers-import-count-changed = { $count ->
    [one] { $count } cliente modificato
   *[other] { $count } clienti modificati
}
customers-import-count-unchanged = { $count ->
    [one] { $count } cliente è già così
   *[other] { $count } clienti sono già così
}
customers-import-count-left = { $count ->
    [one] { $count } cliente lasciato com’è
   *[other] { $count } clienti lasciati come sono
}
customers-import-count-refused = { $count ->
    [one] { $count } riga da correggere
   *[other] { $count } righe da correggere
}
customers-import-at = Riga { $line }: { $text }
customers-import-file-large = Il file supera { $value } MiB. Va diviso.
customers-import-file-empty = Il file è vuoto. Sceglierne uno con un’intestazione e almeno una riga.
customers-import-file-no-text = Non è un file CSV. Nel foglio di calcolo scegliere «Salva con nome… CSV UTF-8», poi quel file qui.
customers-import-file-long-cell = Una cella è troppo lunga. Manca una virgoletta di chiusura?
customers-import-file-quote = Qui si apre una virgoletta che non si chiude. Va chiusa.
customers-import-file-columns = Ci sono più di { $value } colonne. Tenere quelle sui clienti.
customers-import-file-rows = Ci sono più di { $value } righe. Dividere il file.
customers-import-file-no-contact = Nessuna colonna si chiama Telefono o E-mail. Chiamarne una così nella prima riga.
customers-import-file-heading = La colonna «{ $value }» dice lo stesso di un’altra. Toglierne una.
customers-import-line-cells = Più celle dell’intestazione. Manca una virgoletta?
customers-import-line-no-contact = Scrivere un telefono o un’e-mail: dal solo nome non si riconosce nessuno.
customers-import-line-name = Il nome è troppo lungo. Scrivere al massimo 120 caratteri.
customers-import-line-phone = «{ $value }» non è un numero. Scriverlo con il prefisso del paese, come +224 620 00 00 00.
customers-import-line-email = «{ $value }» non è un’e-mail. Scriverne una come nome@esempio.org.
customers-import-line-language = «{ $value }» non è una lingua di qui. Scrivere en, fr, it o sw, o lasciare vuoto.
customers-import-line-consent = Consenso «{ $value }»: scrivere sì o no, o lasciare vuoto.
customers-import-line-consent-at = «{ $value }» non è una data di consenso. Scriverla come 2026-05-31, non dopo oggi.
customers-import-line-consent-words = Il testo del consenso è troppo lungo. Scrivere al massimo 1000 caratteri.
customers-import-line-repeated = «{ $value }» sta già alla riga { $line }. Fare una riga sola.
customers-import-line-two = Il telefono e l’e-mail sono di due clienti. Prima unirli, o togliere uno dei due dalla riga.
problem-customers-file-gone = Questo file è già stato importato, ne è stato scelto un altro, oppure ha atteso più di un giorno ed è stato cancellato. Sceglierlo di nuovo.
happened-customer-consent = Consenso di un cliente
