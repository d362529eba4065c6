# coupons

## figures

coupons-figures-nav = Risultati dei coupon
coupons-figures-title = Risultati delle campagne
coupons-figures-csv = Coupon in CSV
coupons-figures-xlsx = Coupon per Excel
coupons-figures-all-campaigns = Tutte le campagne
coupons-figures-which-days = Quali giorni
coupons-figures-which-bars = Che cosa mostrano le barre
coupons-figures-last-days = Ultimi { $count } giorni
coupons-figures-own-days = Altri giorni
coupons-figures-from = Dal
coupons-figures-to = Al
coupons-figures-show = Mostra
coupons-figures-before = prima: { $before }
coupons-figures-these = Questi giorni
coupons-figures-earlier = I giorni prima
coupons-figures-by-day = Giorno per giorno
coupons-figures-by-week = Settimana per settimana
coupons-figures-seen = Modulo aperto
coupons-figures-submitted = Modulo inviato
coupons-figures-issued = Emessi
coupons-figures-sent = Inviati
coupons-figures-opened = Aperti
coupons-figures-redeemed = Utilizzati
coupons-figures-rate = Quota utilizzata
coupons-figures-waited = Tempo fino all’utilizzo
coupons-figures-sales = Vendite con coupon
coupons-figures-sold = Venduto
coupons-figures-discounts = Costo degli sconti
coupons-figures-margin = Margine dopo gli sconti
coupons-figures-estimate = ≈ In parte una stima: se un coupon è utilizzato senza ordine né importo, o se la merce non ha un costo, si usano il valore e il margine medi dei prodotti promossi dalla campagna.
coupons-figures-nothing = In questi giorni non è successo nulla
coupons-figures-nothing-hint = Avvii una campagna o scelga altri giorni.
coupons-figures-best = Campagne migliori
coupons-figures-campaign = Campagna
coupons-figures-products = Prodotti venduti con un coupon
coupons-figures-products-hint = Qui contano solo gli ordini; in cassa senza ordine nessuno indica i prodotti venduti.
coupons-figures-product = Prodotto
coupons-figures-quantity = Quantità
coupons-figures-way = Dal modulo alla cassa
coupons-figures-places = Dove sono stati utilizzati
coupons-figures-people = Da chi
coupons-figures-nowhere = Nessun luogo in particolare
coupons-figures-days = { $count ->
    [one] { $count } giorno
   *[other] { $count } giorni
}
coupons-figures-hours = { $count ->
    [one] { $count } ora
   *[other] { $count } ore
}
coupons-figures-minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minuti
}
