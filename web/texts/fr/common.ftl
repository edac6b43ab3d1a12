# Ce que toutes les pages disent.
skip-to-content = Aller au contenu
demo-label = Avertissement
demo-notice = Démonstration : tout est fictif ici, les personnes comme les données.
destination-label = Service demandé
destination = Vous continuez vers
navigation-label = Navigation
language-label = Langue
footer-help = Aide
footer-accessibility = Accessibilité
continue = Continuer
cancel = Annuler
back = Retour
save = Enregistrer
sign-out = Se déconnecter
sign-in = Se connecter
yes = Oui
no = Non
optional = (facultatif)
error-prefix = Erreur :
alert-info = Information
alert-success = C’est fait
alert-warning = Attention
alert-error = Erreur
step-of = Étape { $current } sur { $total }
form-post-title = Retour au service
form-post-text = Vous allez être renvoyé vers le service. Si rien ne se passe, appuyez sur le bouton.

# Un service, tel qu’on le présente avant que la personne dise oui.
service-public = { $service } est un service public.
service-private = { $service } est un organisme privé.
service-host = Son adresse : { $host }.

reading-label = Façon de lire
reading-easy = Facile à lire (FALC)
reading-full = Version complète
reading-large = Écrire plus grand
reading-normal = Taille normale

assistance-title = Sans internet :
assistance-phone = téléphone
assistance-desk = guichet
assistance-post = courrier
assistance-none = adressez-vous à l’accueil du service public que vous voulez joindre, par téléphone, au guichet ou par courrier.
