# Le compte citoyen.
portal-title = Mon compte
portal-intro = Connectez-vous une fois : les services ci-dessous s’ouvrent ensuite sans vous redemander de mot de passe. Chacun vous connaît sous un pseudonyme différent.
portal-sign-in = Me connecter à mon compte
portal-messages = Ce qui vous attend
portal-no-message = Aucun service ne vous a laissé de message.
portal-refresh = Actualiser
portal-mine = Mes services
portal-mine-text = Ces services vous connaissent déjà, chacun sous un pseudonyme différent. Un clic vous y fait entrer.
portal-others = Les autres services
portal-messages-of = Messages de ce service
portal-muted = Vous ne voyez pas les messages de ce service.
portal-mute = Ne plus voir les messages de { $service }
portal-hear = Voir de nouveau les messages de { $service }
message-opened = Dossier ouvert
message-waiting = À vous d’agir
message-decided = Décision rendue
message-appointment = Rendez-vous
message-ready = Document prêt
message-at = Le { $time }.
message-said = Reçu le { $time }.
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
sessions-not-me = La connexion du { $time } : ce n’était pas moi
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

# « Ce n’était pas moi ».
portal-not-me = Ce n’était pas moi
portal-not-me-text = Quelqu’un s’est connecté à votre place ? Gelez votre identité partout, tout de suite.
not-me-title = Ce n’était pas moi
not-me-lead = Si quelqu’un d’autre se sert de votre identité, gelez-la. Dès que vous confirmez :
not-me-effect-sessions = toutes vos sessions se ferment, sur tous les appareils, et personne ne peut plus se connecter sous votre identité, nulle part ;
not-me-effect-services = chaque service que vous utilisez est prévenu et ne peut plus rien demander en votre nom ;
not-me-effect-evidence = vos autorisations de transmettre des justificatifs sont suspendues ;
not-me-effect-case = un dossier est ouvert avec la liste des connexions en cours. Vous en recevez le numéro.
not-me-back-title = Vous non plus ne pourrez plus vous connecter
not-me-back = Pour rouvrir votre identité, il faudra vous connecter avec deux de vos comptes, ou la faire rouvrir par deux agents.
not-me-visit = Code d’identification de la connexion suspecte
not-me-visit-hint = Douze lettres et chiffres, par exemple ABCD-2345-WXYZ. Il figure dans l’avis reçu ou dans la liste de vos sessions.
not-me-confirm = Geler mon identité partout
not-me-sign-in = Connectez-vous pour geler votre identité aussitôt, partout.
not-me-sign-in-button = Me connecter pour geler mon identité
not-me-report-title = Vous n’avez pas de compte, ou vous ne pouvez plus y entrer
not-me-report-lead = Dites ce qui s’est passé. Des agents examinent chaque signalement ; cette page ne dit à personne si une identité est connue ici.
not-me-statement = Que s’est-il passé ?
not-me-statement-hint = Par exemple : quel service, quel jour, ce que vous avez reçu. N’écrivez aucun mot de passe.
not-me-statement-missing = Dites en quelques mots ce qui s’est passé.
not-me-contact = Où vous joindre
not-me-contact-hint = Un numéro de téléphone ou une adresse. Ils ne servent qu’à ce dossier.
not-me-report = Envoyer le signalement
not-me-too-many = Trop de signalements ont été envoyés
    .what = Plusieurs signalements sont déjà partis de cette connexion dans la dernière heure. Ils sont bien arrivés.
    .next = Si vous avez autre chose à ajouter, réessayez dans une heure, ou téléphonez à l’assistance du service concerné.
not-me-frozen = Votre identité est gelée
    .what = Personne ne peut plus s’en servir. Vos sessions sont fermées et vos services sont prévenus.
not-me-reported = Votre signalement est enregistré
    .what = Des agents vont l’examiner. S’ils ont de quoi penser que votre identité est utilisée ici, ils la gèlent.
not-me-case = Numéro de dossier :
not-me-case-hint = Notez-le : il sera demandé au téléphone et au guichet. À lui seul il n’ouvre rien.
not-me-next = La suite
not-me-next-passwords = Changez le mot de passe de vos comptes chez vos fournisseurs d’identité, à commencer par celui de la connexion suspecte.
not-me-next-thaw = Une fois rassuré, rouvrez votre identité avec deux de vos comptes :
not-me-next-thaw-link = dégeler mon identité
not-me-next-agents = Avec un seul compte, adressez-vous à un agent : deux agents vérifient ensemble qu’il s’agit de vous avant de la rouvrir.
not-me-next-agents-look = Un agent reprend contact avec vous si vous avez laissé de quoi vous joindre.
not-me-next-police = En cas d’usurpation d’identité, vous pouvez porter plainte : gardez ce que vous avez reçu, et ce numéro.
not-me-help-title = Par téléphone ou au guichet
not-me-help = Appelez l’assistance du service concerné, ou présentez-vous à un guichet public (mairie, maison France services) avec une pièce d’identité. Un agent peut geler une identité aussitôt.

# Le dégel.
thaw-title = Dégeler mon identité
thaw-lead = Connectez-vous avec deux de vos comptes, chez deux fournisseurs d’identité différents : personne ne rouvre votre identité en n’en tenant qu’un.
thaw-first = Choisissez un premier compte et connectez-vous.
thaw-second = Choisissez-en un second, chez un autre fournisseur, et connectez-vous.
thaw-then = Votre identité fonctionne alors de nouveau. Les sessions et les accès d’avant le gel ne reviennent pas : chaque service vous redemandera de vous connecter.
thaw-begin = Commencer
thaw-again = Réessayer
thaw-alone-title = Vous n’avez qu’un compte, ou un agent a gelé l’identité
thaw-alone = Appelez l’assistance du service concerné, ou présentez-vous à un guichet public avec une pièce d’identité et votre numéro de dossier. Deux agents vérifient ensemble qu’il s’agit de vous.
thawed-done = Votre identité fonctionne de nouveau
    .text = Vous pouvez vous connecter partout. Ce qui était ouvert avant le gel reste fermé.
thawed-not = Votre identité n’a pas été rouverte
    .text = Il faut deux comptes de la même personne, chez deux fournisseurs différents, l’un après l’autre.
