# Le compte citoyen.
portal-title = Mon compte
portal-intro = Connectez-vous une fois : les services ci-dessous s’ouvrent ensuite sans vous redemander de mot de passe. Chacun vous connaît sous un pseudonyme différent.
portal-services = Les services
portal-private = Organisme privé
portal-no-service = Aucun service n’est encore ouvert.
portal-leave = Quitter tous les services
portal-leave-text = Se déconnecter ici vous déconnecte de tous les services ouverts depuis ce navigateur, et de votre fournisseur d’identité.
portal-sessions = Voir mes sessions ouvertes
portal-sign-out = Me déconnecter partout

# Ce qui vous est demandé ailleurs.
portal-elsewhere = Ce qui vous est demandé ailleurs
portal-requests-text = Un service vous a dit d’ouvrir votre compte pour répondre à une demande.
portal-device-text = Un téléviseur, une borne ou un autre appareil affiche un code.
account-asked = { $minutes ->
    [0] Demandé il y a moins d’une minute.
    [one] Demandé il y a { $minutes } minute.
   *[other] Demandé il y a { $minutes } minutes.
}
account-no-decision = Votre réponse n’a pas été reçue
    .what = Le formulaire est arrivé sans réponse. Rien n’a été transmis au service.
    .next = Revenez à la page précédente et choisissez l’un des deux boutons.

# Les codes des appareils.
device-title = Connecter un appareil
device-lead = L’appareil affiche un code de dix lettres. Recopiez-le ici pour voir qui demande votre connexion.
device-code = Code affiché par l’appareil
device-code-hint = Huit lettres, par exemple WDJB-MJHT. Majuscules, tirets et espaces ne comptent pas.
device-continue = Continuer
device-unknown = Ce code n’est pas valable, ou il a expiré. Vérifiez-le sur l’appareil, ou demandez-lui un nouveau code.
device-too-many = Trop de codes ont été essayés. Attendez dix minutes, puis réessayez.
device-warning-title = Attention à la fraude
device-warning = Ne continuez que si vous avez vous-même démarré cette connexion, sur un appareil que vous avez devant vous. Si quelqu’un vous a envoyé ce code ou ce lien, refusez : il pourrait se connecter à votre place.
device-show-title = { $service } demande à vous connecter
device-show-lead = Comparez ce code avec celui que votre appareil affiche :
device-show-next = Vous choisirez ensuite votre compte, puis vous verrez ce que le service recevra.
device-accept = C’est le même code, continuer
device-refuse = Refuser la demande
device-gone = Cette demande n’attend plus de réponse
    .what = Elle a expiré, a déjà reçu une réponse, ou a été ouverte dans un autre navigateur.
    .next = Redemandez un code à l’appareil, puis saisissez-le de nouveau.

# Les demandes des services.
requests-title = Demandes en attente
requests-sign-in = Connectez-vous pour voir les demandes qui vous attendent, et elles seules.
requests-sign-in-button = Me connecter
requests-lead = Ces services attendent votre réponse. Si vous acceptez, vous verrez d’abord ce que le service recevra.
requests-asks = { $service } demande à vous connecter.
requests-message = Comparez avec ce que le service vous affiche ou vous dit :
requests-until = Vous pouvez répondre jusqu’au { $time }.
requests-accept = Répondre à { $service }
requests-refuse = Refuser la demande de { $service }
requests-warning = Ne répondez qu’à une demande que vous attendez, d’un service avec lequel vous êtes en relation en ce moment. Dans le doute, refusez : rien ne sera transmis.
requests-none = Aucune demande ne vous attend.
requests-none-next = Si un service vous a demandé d’ouvrir votre compte, sa demande arrive ici en quelques secondes, et n’y reste que quelques minutes.
requests-again = Regarder de nouveau
request-gone = Cette demande n’attend plus de réponse
    .what = Elle a expiré, ou elle a déjà reçu une réponse.
    .next = Si vous l’attendiez, recommencez depuis le service.

# Les sessions ouvertes.
sessions-title = Mes sessions ouvertes
sessions-sign-in = Connectez-vous pour voir vos sessions ouvertes, et elles seules.
sessions-lead = Une session est ouverte dans chaque navigateur où vous vous êtes connecté. Fermez celles dont vous n’avez plus besoin.
sessions-here = Ce navigateur
sessions-since = Connexion du { $time }.
sessions-level-eidas1 = Niveau de sécurité : simple.
sessions-level-eidas2 = Niveau de sécurité : renforcé.
sessions-level-eidas3 = Niveau de sécurité : le plus élevé.
sessions-services = Services ouverts : { $services }.
sessions-no-service = Aucun service n’est ouvert avec cette session.
sessions-told = Ce qui a été dit de vous
sessions-told-provider = { $provider }, où vous vous êtes connecté le { $time }, a indiqué :
sessions-told-register = Le registre d’état civil, interrogé le { $time }, a confirmé :
sessions-told-methods = Moyens de connexion :
sessions-told-hint = Ces informations disparaissent avec la session. Chaque service ne reçoit que celles qu’il vous a montrées.
method-pwd = mot de passe
method-otp = code à usage unique
method-hwk = clé matérielle
method-swk = clé logicielle
method-pop = preuve de possession d’une clé
method-user = présence confirmée
method-mfa = plusieurs facteurs
method-fpt = empreinte digitale
method-face = reconnaissance du visage
method-pin = code personnel
method-sms = message reçu par téléphone
method-sc = carte à puce
sessions-close = Fermer la session du { $time }
sessions-close-here = Fermer la session de ce navigateur
sessions-warning-title = Une session que vous ne reconnaissez pas ?
sessions-warning = Fermez-la tout de suite, puis changez le mot de passe de votre compte chez le fournisseur d’identité indiqué. Notez son code d’identification : l’assistance pourra retrouver ce qui s’est passé.

# Les justificatifs.
portal-evidence = Mes justificatifs
portal-evidence-text = Qui peut encore demander quoi à quelle administration, et ce que vous avez refusé.
evidence-list-title = Mes justificatifs
evidence-list-sign-in = Connectez-vous pour voir vos décisions, et elles seules.
evidence-list-none = Aucun service n’a demandé de justificatif à votre nom.
evidence-list-lead = Voici ce que vous avez décidé, du plus récent au plus ancien. Vous pouvez retirer à tout moment ce qui vaut encore.
evidence-list-live = En cours
evidence-list-sent = Transmission à { $service } acceptée le { $time }.
evidence-list-partly = Transmission d’une partie à { $service } acceptée le { $time }.
evidence-list-refused = Transmission à { $service } refusée le { $time }.
evidence-list-contested = Information contestée le { $time } ; rien n’a été transmis à { $service }.
evidence-list-purpose = Pourquoi
evidence-list-holder = Qui détient l’information
evidence-list-fields = Informations
evidence-list-pulls = Demandes
evidence-list-pulled = { $pulls } sur { $most } au plus
evidence-list-last = La dernière le { $time }
evidence-list-until = { $service } peut encore demander ces informations jusqu’au { $time }.
evidence-list-end = Ne plus transmettre « { $evidence } » à { $service }
evidence-list-ended = Terminé le { $time }.
evidence-gone = Cette décision n’existe pas
    .what = L’adresse ne désigne aucune de vos décisions.
    .next = Revenez à la liste de vos justificatifs.
