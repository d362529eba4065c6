# coupons

## figures

coupons-figures-nav = Takwimu za kuponi
coupons-figures-title = Kampeni zilivyoleta
coupons-figures-csv = Kuponi kwa CSV
coupons-figures-xlsx = Kuponi kwa Excel
coupons-figures-all-campaigns = Kampeni zote
coupons-figures-which-days = Siku zipi
coupons-figures-which-bars = Nguzo zinaonyesha nini
coupons-figures-last-days = Siku { $count } zilizopita
coupons-figures-own-days = Siku nyingine
coupons-figures-from = Kuanzia
coupons-figures-to = Hadi
coupons-figures-show = Onyesha
coupons-figures-before = kabla: { $before }
coupons-figures-these = Siku hizi
coupons-figures-earlier = Siku zilizotangulia
coupons-figures-by-day = Siku kwa siku
coupons-figures-by-week = Wiki kwa wiki
coupons-figures-seen = Fomu iliyofunguliwa
coupons-figures-submitted = Fomu iliyotumwa
coupons-figures-issued = Zilizotolewa
coupons-figures-sent = Zilizotumwa
coupons-figures-opened = Zilizofunguliwa
coupons-figures-redeemed = Zilizotumika
coupons-figures-rate = Sehemu iliyotumika
coupons-figures-waited = Muda hadi kutumika
coupons-figures-sales = Mauzo ya kuponi
coupons-figures-sold = Mauzo
coupons-figures-discounts = Gharama ya punguzo
coupons-figures-margin = Faida baada ya punguzo
coupons-figures-estimate = ≈ Kwa sehemu ni makadirio: kuponi ikitumika bila oda wala kiasi, au bidhaa zikiwa hazina gharama, tunatumia wastani wa thamani na faida ya bidhaa ambazo kampeni inatangaza.
coupons-figures-nothing = Hakuna kilichotokea siku hizi
coupons-figures-nothing-hint = Anzisha kampeni au chagua siku nyingine.
coupons-figures-best = Kampeni bora
coupons-figures-campaign = Kampeni
coupons-figures-products = Bidhaa zilizouzwa kwa kuponi
coupons-figures-products-hint = Hapa zinahesabiwa oda tu; kaunta bila oda hakuna anayetaja bidhaa zilizouzwa.
coupons-figures-product = Bidhaa
coupons-figures-quantity = Kiasi
coupons-figures-way = Kutoka fomu hadi kaunta
coupons-figures-places = Kuponi zilitumika wapi
coupons-figures-people = Na nani
coupons-figures-nowhere = Bila mahali maalumu
coupons-figures-days = { $count ->
    [one] siku { $count }
   *[other] siku { $count }
}
coupons-figures-hours = { $count ->
    [one] saa { $count }
   *[other] saa { $count }
}
coupons-figures-minutes = { $count ->
    [one] dakika { $count }
   *[other] dakika { $count }
}
