customers-nav = Clients
customers-title = Clients
customers-new = Nouveau client
customers-export = Tableau (CSV)
customers-search = Rechercher
customers-sort = Ordre
customers-sort-last-order = Dernière commande
customers-sort-name = Par nom
customers-sort-owes = Plus grosse dette
customers-owes-only = Qui doit
customers-show = Afficher
customers-all = Tous
customers-none = Pas encore de clients
customers-none-help = Qui commande avec un nom, un téléphone ou un e-mail apparaît ici tout seul.
customers-none-such = Aucun client ne correspond.
customers-more = Suite
customers-name = Nom
customers-phone = Téléphone
customers-email = E-mail
customers-language = Langue
customers-language-unknown = Celle de l’entreprise
customers-orders = Commandes
customers-spent = Dépensé
customers-owes = Doit
customers-owed = Vous lui devez
customers-last-order = Dernière commande
customers-last-on = la dernière le { $day }
customers-order = Nouvelle commande
customers-give-credit = Donner un avoir
customers-cards = Cartes et avoirs
customers-call = Appeler
customers-open = Ce qui reste à régler
customers-order-number = Commande { $number }
customers-to-give-back = { $amount } à rendre
customers-no-orders = Pas encore de commande.
customers-number = Numéro
customers-when = Quand
customers-total = Total
customers-money = Argent
customers-goods = Marchandise
customers-test = Essai
customers-contact = Coordonnées
customers-also = Aussi
customers-change = Modifier
customers-save = Enregistrer
customers-notes = Notes
customers-notes-help = Pour votre équipe seulement : le client ne les voit jamais.
customers-note = Ce qu’il est bon de savoir
customers-note-add = Noter
customers-note-remove = Retirer
customers-same-person = C’est la même personne
customers-merge = Réunir deux fiches client
customers-merge-intro = Est-ce une seule personne ? Commandes, bons, accords, notes, numéros et dettes sont réunis.
customers-merge-kept = Ce nom et ces coordonnées sont gardés.
customers-merge-for-good = C’est définitif.
customers-merge-do = Réunir
customers-merge-search = Qui est la même personne que { $name } ?
customers-no = Non, laisser ainsi
customers-forget = Oublier ce client
customers-forget-sure = Oublier { $name } ?
customers-forget-goes = Le nom, le téléphone, l’e-mail, les adresses, les notes, les accords et les réponses sont retirés, ici, de chaque commande et de chaque bon. Les bons que le client a en main restent valables, sans nom. Les liens vers les commandes ne marchent plus. C’est sans retour.
customers-forget-stays = Les montants restent dans les comptes, et les reçus et factures restent tels qu’ils ont été émis : la loi l’exige.
customers-forget-do = Oublier
customers-flash-added = C’est noté.
customers-flash-saved = Enregistré.
customers-flash-noted = C’est noté.
customers-flash-note-removed = La note est retirée.
customers-flash-merged = Ils ne font plus qu’un client.
customers-flash-forgotten = Le client est oublié.
customers-fault-name = Écrivez au plus 120 caractères, sur une ligne.
customers-fault-phone = Écrivez le numéro avec l’indicatif du pays, comme +224 620 00 00 00.
customers-fault-email = Écrivez une adresse comme nom@exemple.org.
problem-customer-unknown = Ce client n’existe pas. Peut-être a-t-il été réuni avec un autre.
problem-note-unknown = Cette note est déjà retirée.
problem-customer-nobody = Écrivez un nom, un téléphone ou un e-mail.
problem-customer-known = C’est déjà celui d’un autre client. Écrivez-en un autre, ou réunissez les deux.
problem-customer-same = C’est déjà un seul client.
problem-customer-open = Ce client a encore des commandes ouvertes : terminez-les ou annulez-les, et réglez l’argent, d’abord.
customers-debtors = { $count ->
    [one] { $count } client doit { $amount }
   *[other] { $count } clients doivent { $amount }
}
customers-forget-open = { $count ->
    [one] Une commande est encore ouverte : terminez-la ou annulez-la, et réglez son argent, avant d’oublier le client.
   *[other] { $count } commandes sont encore ouvertes : terminez-les ou annulez-les, et réglez leur argent, avant d’oublier le client.
}
happened-customer-added = Client noté
happened-customer-changed = Client modifié
happened-customer-merged = Deux clients réunis
happened-customer-forgotten = Client oublié
happened-customer-noted = Note sur un client
happened-customer-note-removed = Note sur un client retirée
customers-import = Importer un fichier
customers-narrow = Plus de filtres
customers-of-campaign = A un bon de
customers-consent = Accord
customers-agreed-any = Tous
customers-agreed-yes = A accepté
customers-agreed-no = N’a pas accepté
customers-agreed-refused = N’accepte pas
customers-agreed-never = Jamais demandé
customers-question = A répondu à
customers-question-none = Toute question
customers-answer = La réponse commence par
customers-answers = Réponses
customers-yes = Oui
customers-coupons = Bons
customers-no-coupons = Pas encore de bon.
customers-coupon = Code
customers-campaign = Campagne
customers-state = État
customers-coupon-until = jusqu’au { $day }
customers-consent-withdraw = Retirer l’accord
customers-consent-words = Qu’est-ce que le client accepte ?
customers-consent-give = Noter l’accord
customers-consent-given = A accepté :
customers-consent-refused = N’accepte pas :
customers-consent-link = En savoir plus
customers-consent-by-form = formulaire
customers-consent-by-file = d’un fichier
customers-consent-by-staff = dit à l’équipe
customers-consent-version = version { $version }
customers-flash-consent = L’accord est noté.
customers-file = Tout ce qui est gardé sur ce client
customers-import-title = Importer des clients
customers-import-done = Le fichier est importé
customers-import-help = Un fichier CSV dont la première ligne nomme les colonnes : Nom (ou Prénom et Nom), Téléphone, E-mail, Langue. Qui a le téléphone ou l’e-mail d’un client est ce client : le même fichier peut donc être importé à nouveau. Vous voyez d’abord ce qui se passerait.
customers-import-consent-help = Figurer dans un fichier n’est pas accepter. Si vos clients ont accepté, dites-le dans les colonnes Accord (oui ou non), Date de l’accord et Texte de l’accord.
customers-import-file = Fichier
customers-import-limits = CSV, au plus { $rows } lignes et { $size } Mio
customers-import-known = Clients que vous avez déjà
customers-import-known-update = Reprendre ce que dit le fichier ; ce qu’il ne dit pas reste
customers-import-known-leave = Les laisser tels quels ; n’importer que les nouveaux
customers-import-look = Voir ce qui se passerait
customers-import-confirm = Importer
customers-import-other = Un autre fichier
customers-import-waits = Le fichier attend ici jusqu’au { $time }, puis il est effacé.
customers-import-unread = Colonnes laissées de côté : { $columns }
customers-import-line = Ligne
customers-import-outcome = Ce qui se passe
customers-import-added = Nouveau
customers-import-unchanged = Identique
customers-import-left = Connu, laissé tel quel
customers-import-changed = Modifié : { $fields }
customers-import-more = { $count ->
    [one] Encore une ligne
   *[other] Encore { $count } lignes
}
customers-import-count-added = { $count ->
    [one] { $count } nouveau client
   *[other] { $count } nouveaux clients
}
customers-import-count-changed = { $count ->
    [one] { $count } client modifié
   *[other] { $count } clients modifiés
}
customers-import-count-unchanged = { $count ->
    [one] { $count } client est déjà là tel quel
   *[other] { $count } clients sont déjà là tels quels
}
customers-import-count-left = { $count ->
    [one] { $count } client laissé tel quel
   *[other] { $count } clients laissés tels quels
}
customers-import-count-refused = { $count ->
    [one] { $count } ligne à corriger
   *[other] { $count } lignes à corriger
}
customers-import-at = Ligne { $line } : { $text }
customers-import-file-large = Le fichier dépasse { $value } Mio. Divisez-le.
customers-import-file-empty = Le fichier est vide. Choisissez-en un avec un en-tête et au moins une ligne.
customers-import-file-no-text = Ce n’est pas un fichier CSV. Dans votre tableur, choisissez « Enregistrer sous… CSV UTF-8 », puis ce fichier ici.
customers-import-file-long-cell = Une cellule est bien trop longue. Manque-t-il un guillemet fermant ?
customers-import-file-quote = Un guillemet s’ouvre ici et ne se ferme jamais. Fermez-le.
customers-import-file-columns = Il y a plus de { $value } colonnes. Gardez celles qui concernent les clients.
customers-import-file-rows = Il y a plus de { $value } lignes. Divisez le fichier.
customers-import-file-no-contact = Aucune colonne ne s’appelle Téléphone ou E-mail. Nommez-en une ainsi dans la première ligne.
customers-import-file-heading = La colonne « { $value } » dit la même chose qu’une autre. Retirez l’une des deux.
customers-import-line-cells = Plus de cellules que l’en-tête. Manque-t-il un guillemet ?
customers-import-line-no-contact = Écrivez un téléphone ou un e-mail : un nom seul ne fait reconnaître personne.
customers-import-line-name = Le nom est trop long. Écrivez au plus 120 caractères.
customers-import-line-phone = « { $value } » n’est pas un numéro. Écrivez-le avec l’indicatif, comme +224 620 00 00 00.
customers-import-line-email = « { $value } » n’est pas un e-mail. Écrivez-en un comme nom@exemple.org.
customers-import-line-language = « { $value } » n’est pas une langue d’ici. Écrivez en, fr, it ou sw, ou laissez vide.
customers-import-line-consent = Accord « { $value } » : écrivez oui ou non, ou laissez vide.
customers-import-line-consent-at = « { $value } » n’est pas une date d’accord. Écrivez-la comme 2026-05-31, pas après aujourd’hui.
customers-import-line-consent-words = Le texte de l’accord est trop long. Écrivez au plus 1000 caractères.
customers-import-line-repeated = « { $value } » figure déjà à la ligne { $line }. Faites-en une seule ligne.
customers-import-line-two = Le téléphone et l’e-mail sont de deux clients. Réunissez-les d’abord, ou retirez l’un des deux de la ligne.
problem-customers-file-gone = Ce fichier a déjà été importé, un autre a été choisi depuis, ou il a attendu plus d’un jour et a été effacé. Choisissez-le à nouveau.
happened-customer-consent = Accord d’un client
