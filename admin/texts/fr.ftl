# La page d’état d’un nœud, pour l’exploitant.
admin-status-title = État du nœud
admin-status-issuer = Émetteur :
admin-health = Santé
admin-health-ok = Tout répond
    .what = Ce nœud peut recevoir du trafic.
admin-health-bad = Une vérification échoue
    .what = Ce nœud ne doit pas recevoir de trafic.
admin-warning-provider-keys = Clés de fournisseurs d’identité trop anciennes
admin-check-ok = Répond
admin-check-bad = Ne répond pas :
admin-clients = Services
admin-clients-count = { $count ->
    [one] Un service enregistré
   *[other] { $count } services enregistrés
}
admin-providers = Fournisseurs d’identité
admin-providers-count = { $count ->
    [one] Un fournisseur enregistré
   *[other] { $count } fournisseurs enregistrés
}
admin-name = Nom
admin-authentication = Authentification
admin-state = État
admin-active = Actif
admin-inactive = Désactivé
admin-issuer = Émetteur
admin-levels = Niveaux
admin-keys = Clés de signature
admin-keys-caption = La clé suivante est déjà publiée ; la précédente vérifie encore.
admin-stage = Rôle
admin-stage-next = Suivante
admin-stage-current = Signe
admin-stage-previous = Précédente
admin-ledger = Journal
admin-ledger-size = Entrées
admin-ledger-checkpointed = Entrées couvertes par un sceau signé
