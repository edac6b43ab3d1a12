# Le compte citoyen.
portal-title = Mon compte
portal-intro = Connectez-vous une fois : les services ci-dessous s’ouvrent ensuite sans vous redemander de mot de passe. Chacun vous connaît sous un pseudonyme différent.
portal-services = Les services
portal-private = Organisme privé
portal-no-service = Aucun service n’est encore ouvert.
portal-leave = Quitter tous les services
portal-leave-text = Se déconnecter ici vous déconnecte de tous les services ouverts depuis ce navigateur, et de votre fournisseur d’identité.
portal-sign-out = Me déconnecter partout
