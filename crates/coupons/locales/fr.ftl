# coupons

## figures

coupons-figures-nav = Chiffres des coupons
coupons-figures-title = Résultats des campagnes
coupons-figures-csv = Coupons en CSV
coupons-figures-xlsx = Coupons pour Excel
coupons-figures-all-campaigns = Toutes les campagnes
coupons-figures-which-days = Quels jours
coupons-figures-which-bars = Ce que montrent les barres
coupons-figures-last-days = { $count } derniers jours
coupons-figures-own-days = Autres jours
coupons-figures-from = Du
coupons-figures-to = Au
coupons-figures-show = Afficher
coupons-figures-before = avant : { $before }
coupons-figures-these = Ces jours
coupons-figures-earlier = Les jours d’avant
coupons-figures-by-day = Jour par jour
coupons-figures-by-week = Semaine par semaine
coupons-figures-seen = Formulaire ouvert
coupons-figures-submitted = Formulaire envoyé
coupons-figures-issued = Émis
coupons-figures-sent = Envoyés
coupons-figures-opened = Ouverts
coupons-figures-redeemed = Utilisés
coupons-figures-rate = Part utilisée
coupons-figures-waited = Délai d’utilisation
coupons-figures-sales = Ventes avec coupon
coupons-figures-sold = Vendu
coupons-figures-discounts = Coût des remises
coupons-figures-margin = Marge après remises
coupons-figures-estimate = ≈ En partie une estimation : quand un coupon est utilisé sans commande ni montant, ou que des articles n’ont pas de coût, nous prenons la valeur et la marge moyennes des produits mis en avant par la campagne.
coupons-figures-nothing = Rien ne s’est passé ces jours-ci
coupons-figures-nothing-hint = Lancez une campagne ou choisissez d’autres jours.
coupons-figures-best = Meilleures campagnes
coupons-figures-campaign = Campagne
coupons-figures-products = Produits vendus avec un coupon
coupons-figures-products-hint = Seules les commandes comptent ici ; en caisse sans commande, personne n’indique les produits vendus.
coupons-figures-product = Produit
coupons-figures-quantity = Quantité
coupons-figures-way = Du formulaire à la caisse
coupons-figures-places = Où les coupons ont été utilisés
coupons-figures-people = Par qui
coupons-figures-nowhere = Sans lieu précis
coupons-figures-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
coupons-figures-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
coupons-figures-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
