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
device-code-hint = Dix lettres, par exemple WDJBR-MJHTC. Majuscules, tirets et espaces ne comptent pas.
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
sessions-gone = Cette session n’est pas ouverte
    .what = L’adresse ne désigne aucune de vos sessions ouvertes : elle a déjà été fermée, ou elle est terminée. Rien n’a été fermé.
    .next = Regardez les sessions qui sont ouvertes.

# Les justificatifs.
erasure-link = Faire effacer « { $evidence } »
erasure-title = Faire effacer « { $evidence } »
erasure-lead = Chaque organisme a trente jours pour répondre. Il efface ce qu’il a reçu ou gardé, ou il vous dit quelle loi le lui interdit. Sa réponse s’affichera ici.
erasure-ends = Cet accord vaut encore : votre demande y met fin.
erasure-whom = À qui le demander ?
erasure-service = Il a reçu ces informations.
erasure-holder = Il garde la trace de les avoir transmises ; il continue de détenir les informations elles-mêmes.
erasure-nobody = Cochez au moins un organisme.
erasure-ask = Demander l’effacement
erasure-leave = Ne rien demander
erasure-asked = Effacement demandé à { $party } ; réponse attendue avant le { $time }.
erasure-overdue = { $party } aurait dû répondre avant le { $time } à votre demande d’effacement. L’exploitant de ce site est alerté.
erasure-done = { $party } a effacé ces informations le { $time }.
erasure-refused = { $party } a refusé l’effacement le { $time }.
erasure-ground = Texte invoqué : { $ground }

# « Ce n’était pas moi ».
portal-not-me = Ce n’était pas moi
portal-not-me-text = Quelqu’un s’est connecté à votre place ? Gelez votre identité partout, tout de suite.
not-me-title = Ce n’était pas moi
not-me-lead = Si quelqu’un d’autre se sert de votre identité, gelez-la. Dès que vous confirmez :
not-me-effect-sessions = toutes vos sessions se ferment, sur tous les appareils, et personne ne peut plus se connecter sous votre identité, nulle part ;
not-me-effect-services = chaque service que vous utilisez est prévenu et ne peut plus rien demander en votre nom ;
not-me-effect-evidence = vos accords de transmettre des justificatifs sont suspendus ;
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
not-me-visit-wrong = Un code compte douze lettres et chiffres. Laissez vide si vous n’en avez pas.
not-me-contact = Où vous joindre
not-me-contact-hint = Un numéro de téléphone ou une adresse. Ils ne servent qu’à ce dossier.
not-me-report = Envoyer le signalement
not-me-too-many = Trop de signalements ont été envoyés
    .what = Plusieurs signalements sont déjà partis de ce réseau dans la dernière heure. Ils sont bien arrivés.
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
thaw-then = Votre identité fonctionne alors de nouveau. Vos accords de transmission de justificatifs valent de nouveau. Les sessions et les accès d’avant le gel ne reviennent pas : chaque service vous redemandera de vous connecter.
thaw-begin = Commencer
thaw-again = Réessayer
thaw-alone-title = Vous n’avez qu’un compte, ou un agent a gelé l’identité
thaw-alone = Appelez l’assistance du service concerné, ou présentez-vous à un guichet public avec une pièce d’identité et votre numéro de dossier. Deux agents vérifient ensemble qu’il s’agit de vous.
thawed-done = Votre identité fonctionne de nouveau
    .text = Vous pouvez vous connecter partout. Ce qui était ouvert avant reste fermé.
thawed-not = Votre identité n’a pas été rouverte
    .text = Il faut deux comptes de la même personne, chez deux fournisseurs différents, l’un après l’autre.

# Receipts: downloaded from the account, verified by anybody.
receipt-not-yet = Le reçu n’est pas encore prêt
    .what = Votre décision est enregistrée, mais le journal n’est pas encore signé jusque-là.
    .next = Revenez dans une minute.
receipts-verify-title = Vérifier un reçu
receipts-verify-lead = Un reçu prouve ce qui a été décidé pour un justificatif, et que le journal de ces échanges n’a pas été modifié depuis. Tout le monde peut le vérifier ici, sans se connecter.
receipts-verify-file = Choisir le fichier du reçu
receipts-verify-paste = Contenu du reçu
receipts-verify-paste-hint = Le fichier téléchargé depuis votre compte, ouvert avec un éditeur de texte.
receipts-verify-button = Vérifier
receipts-verify-holds = Ce reçu est authentique
receipts-verify-holds-text = Tous les contrôles sont bons : ce qui suit a bien été décidé et enregistré.
receipts-verify-fails = Ce reçu n’est pas authentique
receipts-verify-fails-text = Au moins un contrôle a échoué. Ne vous fiez pas à ce que dit ce reçu.
receipts-verify-checks = Les contrôles
receipts-verify-by-hub = Contrôles faits par ce site. Rien n’est conservé.
receipts-verify-by-browser = Contrôles faits par votre navigateur. Le reçu n’a pas été envoyé.
receipts-verify-says = Ce que dit le reçu
receipts-verify-how = Comment vérifier sans nous faire confiance
receipts-verify-how-browser = Avec JavaScript, votre navigateur fait lui-même tous les contrôles et n’envoie rien.
receipts-verify-how-alone = Vous pouvez aussi garder les clés publiques et vérifier plus tard, hors ligne : guichet receipt verify recu.jwt --keys receipt-keys.json
receipts-verify-keys = Télécharger les clés publiques
receipt-check-form = C’est un reçu.
receipt-check-signature = Il est signé par ce site.
receipt-check-entries = Les inscriptions qu’il contient n’ont pas été modifiées.
receipt-check-decision = Il dit la même chose que l’inscription de la décision.
receipt-check-checkpoint = L’état du journal est signé.
receipt-check-inclusion = Les inscriptions sont dans le journal signé.
receipt-check-holds = Oui.
receipt-problem-form = Non : ce texte n’est pas un reçu.
receipt-problem-signature = Non : la signature n’est pas bonne.
receipt-problem-key = Non : il est signé par une autre clé.
receipt-problem-changed = Non : l’inscription n° { $n } a été modifiée.
receipt-problem-foreign = Non : l’inscription n° { $n } ne concerne pas cet échange.
receipt-problem-undecided = Non : l’inscription de la décision manque.
receipt-problem-differs = Non : il dit autre chose.
receipt-problem-checkpoint = Non : la signature du journal n’est pas bonne.
receipt-problem-tree = Non : l’inscription n° { $n } n’est pas dans le journal.
receipt-row-outcome = Décision
receipt-row-decided = Date
receipt-row-service = Service demandeur
receipt-row-evidence = Justificatif
receipt-row-holder = Qui détient les informations
receipt-row-asked = Informations demandées
receipt-row-granted = Informations qui peuvent partir
receipt-row-purpose = Pourquoi
receipt-row-basis = Fondement
receipt-row-usage = Usage
receipt-row-until = Valable jusqu’au
receipt-row-retention = Conservation par le service, en jours
receipt-row-pulls = Nombre de transmissions
receipt-row-ended = Fin anticipée
receipt-row-hidden = Tenu secret par la loi
receipt-outcome-sent = Transmettre
receipt-outcome-partly = Transmettre une partie
receipt-outcome-refused = Ne pas transmettre
receipt-outcome-contested = Contester
receipt-basis-explicit_request = Demande de l’usager
receipt-basis-consent = Consentement
receipt-basis-legal_obligation = Obligation légale
receipt-usage-single = Une seule fois
receipt-usage-recurring = Plusieurs fois
receipt-ended-revoked = Retirée par l’usager
receipt-ended-given_back = Rendue par le service
receipt-ended-replaced = Remplacée par une autre décision
receipt-ended-unused = Inutilisée
receipt-ended-withdrawn = Retirée par l’administration
receipts-counts-title = Les échanges, comptés par trois
receipts-counts-lead = Chaque jour, ce site, les administrations qui transmettent et les services qui reçoivent comptent les justificatifs transmis. Les trois comptes doivent être égaux.
receipts-counts-caption = Transmissions par jour et par administration
receipts-counts-day = Jour
receipts-counts-holder = Administration
receipts-counts-hub = Ce site
receipts-counts-sent = L’administration
receipts-counts-received = Les services
receipts-counts-few = peu
receipts-counts-differ = différence
receipts-counts-small = « peu » : moins de { $fewer } ; le nombre exact en dirait trop.
receipts-counts-none = Aucun justificatif n’a encore été transmis les jours passés.
receipts-counts-hidden-title = Échanges tenus secrets par la loi
receipts-counts-hidden = Aujourd’hui : { $hidden }. Ouverts depuis à leur date : { $opened }.
receipts-counts-json = Les mêmes comptes, pour les programmes (JSON)

# Le tour du compte.
nav-home = Accueil
nav-data = Mes données
nav-history = Historique
nav-ways = Mes accès
nav-sessions = Connexions
nav-rights = Mes droits
nav-not-me = Ce n’était pas moi

# L’historique.
history-title = Mon historique
history-file = historique
history-sign-in = Connectez-vous pour voir votre historique, et lui seul.
history-lead = Tout ce qui s’est passé ici avec votre identité et vos données, du plus récent au plus ancien.
history-filter-kind = Quoi
history-filter-all = Tout
history-filter-service = Service
history-filter-every = Tous les services
history-filter-from = Du
history-filter-to = Au
history-filter-steps = Montrer aussi les étapes techniques
history-filter-steps-hint = Chaque connexion passe par plusieurs étapes, toutes inscrites au journal.
history-filter-show = Afficher
history-filter-clear = Revenir aux six derniers mois
history-none = Rien ne correspond à ces critères.
history-closed-title = Une période n’est pas affichée
history-closed = Deux personnes ont été confondues pendant un temps. Ce qui a été inscrit alors n’apparaît chez aucune des deux, car rien ne dit à qui cela appartient. Un agent peut vous renseigner.
history-pages = Pages de l’historique
history-newest = Le plus récent
history-older = Plus ancien
history-service = Service :
history-holder = Détenteur :
history-more = Détails
history-not-me = Ce n’était pas moi
history-acting-for = pour { $name }
history-place-unknown = Inconnu : l’endroit n’a pas été noté.
history-places = Le lieu d’une connexion est indiqué quand il est connu.
history-period = Du { $from } au { $to }.
history-period-since = Depuis le { $from }.
history-period-until = Jusqu’au { $to }.
history-export-title = Garder une copie
history-export-text = Le fichier contient tout ce que les critères ci-dessus retiennent, sur toutes les pages.
history-export-pdf = Télécharger en PDF, pour lire ou imprimer
history-export-csv = Télécharger en CSV, pour un tableur
history-export-json = Télécharger en JSON, pour un programme
history-statement-title = La preuve que rien ne manque
history-statement-text = Le relevé compte toutes les inscriptions qui vous concernent et les prouve une à une. Ce compte est lui-même inscrit au journal : qui détient le journal peut vérifier que rien n’a été omis ni ajouté. Il contient la clé de votre historique : ne le remettez qu’à qui vous voulez tout montrer.
history-statement-make = Télécharger le relevé complet
history-statement-verify = Vérifier un relevé
history-class-sign_in = Connexion
history-class-exchange = Échange de données
history-class-refusal = Refus
history-class-change = Changement
history-class-look = Consultation
history-class-step = Étape
history-column-entry = N° dans le journal
history-column-time = Date
history-column-class = Catégorie
history-column-kind = Code
history-column-what = Quoi
history-column-who = Par qui
history-column-service = Service
history-column-provider = Fournisseur d’identité
history-column-data-provider = Fournisseur de données
history-column-about = Données
history-column-level = Niveau
history-column-means = Moyens
history-column-place = Lieu
history-column-code = Code d’identification
history-level-eidas1 = Simple
history-level-eidas2 = Renforcé
history-level-eidas3 = Le plus élevé
history-by-you = Vous
history-by-service = Le service
history-by-holder = Le fournisseur de données
history-by-provider = Le fournisseur d’identité
history-by-hub = Ce site
history-by-agent = Un agent de l’exploitant de ce site
history-other = Une opération a été inscrite
history-login-started = Une connexion a été demandée
history-sso-started = Un service s’est ouvert sans vous redemander de vous identifier
history-login-refused = La demande d’un service a été refusée
history-provider-shown = La liste des fournisseurs d’identité a été affichée
history-provider-chosen = Un fournisseur d’identité a été choisi
history-provider-returned = Le fournisseur d’identité a répondu
history-provider-failed = Le fournisseur d’identité n’a pas pu vous identifier
history-register-asked = Le registre d’état civil a été interrogé
history-identity-verified = Vous vous êtes identifié
history-identity-refused = Votre identification a été refusée
history-identity-contradicted = Deux fournisseurs d’identité ont nommé deux personnes différentes
history-person-renamed = Votre état civil a été mis à jour d’après le registre
history-person-shown = Votre fiche technique a été consultée
history-person-frozen = Votre identité a été gelée
history-person-closed = Votre compte a été fermé
history-person-thawed = Votre identité a été dégelée
history-person-barred = Une connexion a été empêchée : l’identité était gelée ou le compte fermé
history-ways-changed = Vous avez changé vos accès ou vos alertes
history-ways-change-failed = Un changement d’accès n’a pas été fait : un autre est venu avant
history-way-refused = Une connexion par un accès que vous aviez fermé a été refusée
history-alert-sent = Une alerte vous a été envoyée
history-alias-made = Une adresse relais a été donnée au service
history-alias-cut = Vous avez coupé l’adresse relais du service
history-alias-led = L’adresse relais du service conduit à une autre de vos adresses
history-alias-joined = Vous avez rétabli l’adresse relais du service
history-archive-made = Vous avez pris l’archive de ce que ce site détient sur vous
history-case-shown = Un dossier vous concernant a été consulté
history-correction-proposed = Une correction de votre fiche a été proposée
history-correction-confirmed = Une correction de votre fiche a été faite
history-correction-undone = Une correction de votre fiche a été annulée
history-correction-failed = Une correction de votre fiche n’a pas été faite
history-consent-shown = Ce que le service recevrait vous a été montré
history-consent-given = Vous vous êtes connecté au service
history-consent-withdrawn = Vous avez retiré votre accord
history-consent-refused = Vous avez refusé de vous connecter au service
history-login-abandoned = Vous avez quitté la connexion avant la fin
history-service-returned = Le service a reçu votre connexion
history-deferred-requested = Un appareil ou un service a demandé votre connexion
history-deferred-approved = Vous avez accepté la demande d’un appareil ou d’un service
history-deferred-refused = La demande d’un appareil ou d’un service a été refusée
history-token-issued = Le service a obtenu son accès
history-token-refreshed = Le service a prolongé son accès
history-token-exchanged = Le service a transmis son accès à un autre
history-token-introspected = La validité d’un accès a été vérifiée
history-token-revoked = Le service a rendu son accès
history-token-refused = Un accès a été refusé au service
history-refresh-token-reused = Un accès présenté deux fois a été retiré au service
history-code-replayed = Une connexion présentée deux fois a été annulée
history-userinfo-served = Le service a lu vos informations d’identité
history-session-ended = Une de vos sessions a été fermée
history-provider-signed-out = Votre fournisseur d’identité vous a déconnecté
history-message-left = Un service vous a laissé un message
history-service-muted = Vous ne voyez plus les messages d’un service
history-service-unmuted = Vous voyez de nouveau les messages d’un service
history-history-stated = Un relevé complet vous a été remis
history-evidence-requested = Un justificatif a été demandé
history-evidence-identified = Votre identité a été indiquée au détenteur, pour vous retrouver
history-evidence-shown = Un justificatif vous a été montré
history-evidence-prepared = Le détenteur a préparé un justificatif
history-evidence-not-found = Le détenteur n’a pas trouvé de justificatif
history-evidence-decided-sent = Vous avez accepté de transmettre un justificatif
history-evidence-decided-partly = Vous avez accepté de transmettre une partie d’un justificatif
history-evidence-decided-refused = Vous avez refusé de transmettre un justificatif
history-evidence-decided-contested = Vous avez contesté un justificatif
history-evidence-voucher-issued = Le service a reçu un bon pour retirer un justificatif
history-evidence-released = Un justificatif a été transmis au service
history-evidence-delivered-released = Le détenteur a confirmé l’envoi d’un justificatif
history-evidence-delivered-received = Le service a confirmé la réception d’un justificatif
history-evidence-refused = Un justificatif a été refusé au service
history-evidence-unconfirmed = La réception d’un justificatif n’a pas été confirmée
history-evidence-revoked = L’accord de transmettre un justificatif a pris fin
history-evidence-revoked-unused = L’accord de transmettre un justificatif a pris fin, faute d’avoir servi
history-evidence-narrowed = Vous avez retiré des informations d’un accord
history-evidence-erasure-requested = Vous avez demandé l’effacement de ce qui a été transmis
history-evidence-erased = Ce qui a été transmis a été effacé
history-evidence-erasure-refused = L’effacement a été refusé
history-evidence-hidden = Un échange vous a été caché pendant un temps, par la loi

# Mes données.
portal-data = Mes données
portal-data-text = Qui peut encore demander quoi, à quelle administration, et ce que chaque service a reçu.
portal-history = Mon historique
portal-history-text = Vos connexions, vos échanges, vos refus, et qui a consulté votre fiche.
data-title = Mes données
data-sign-in = Connectez-vous pour voir vos données et vos décisions, et elles seules.
data-lead = Ce que chaque service a de vous, ce qu’il peut encore demander, et comment l’arrêter.
data-live-title = Qui peut encore demander quoi
data-order = Ordre de la liste
data-by-service = Par service
data-by-holder = Par administration
data-to-service = { $name } peut demander
data-from-holder = { $name } peut transmettre
data-none-live = Personne ne peut rien demander à votre sujet en ce moment.
data-past-title = Ce qui est terminé ou refusé
data-live = En cours
data-sent = Transmission à { $service } acceptée le { $time }.
data-partly = Transmission d’une partie à { $service } acceptée le { $time }.
data-refused = Transmission à { $service } refusée le { $time }.
data-contested = Information contestée le { $time } ; rien n’a été transmis à { $service }.
data-service = Qui demande
data-purpose = Pourquoi
data-holder = Qui détient l’information
data-fields = Informations
data-until = Jusqu’au
data-pulls = Demandes
data-pulled = { $pulls } sur { $most } au plus
data-last = La dernière le { $time }
data-never = Aucune jusqu’ici
data-standing-fetched = { $service } a reçu ces informations et ne peut plus les demander. Vous pouvez encore retirer votre accord.
data-standing-not-begun = Vous n’êtes pas revenu à { $service } : ce service n’a rien reçu et ne peut rien demander.
data-by-law = La loi ordonne cette transmission : vous pouvez y mettre fin, mais non en retirer une partie.
data-end = Ne plus transmettre « { $evidence } » à { $service }
data-change = Retirer des informations de « { $evidence } » pour { $service }
data-renew = Renouveler « { $evidence } » chez { $service }
data-receipt = Télécharger le reçu : « { $evidence } », { $service }
data-verify = Vérifier un reçu
data-ended-revoked = Vous y avez mis fin le { $time }.
data-ended-given_back = Le service y a mis fin le { $time }.
data-ended-replaced = Une décision plus récente l’a remplacée le { $time }.
data-ended-unused = Terminée le { $time }, faute d’avoir servi.
data-ended-withdrawn = L’administration y a mis fin le { $time }.
data-unconfirmed = Réception non confirmée
    .what = L’une des deux administrations n’a pas confirmé la dernière transmission. Toutes deux ont été prévenues.
data-told-title = Ce que les services ont reçu de votre identité
data-told-text = Chaque service n’a reçu que ce qu’il vous a montré, et vous connaît sous un pseudonyme différent.
data-told-none = Aucun service n’a rien reçu de votre identité.
data-told-nothing = Rien qu’un pseudonyme.
data-told-asked = Avec votre accord, la dernière fois le { $time }.
data-told-informed = Après vous en avoir informé, la dernière fois le { $time }.
data-told-offline = Le service peut prolonger cet accès sans vous.
data-told-withdraw = Délier { $service } et retirer mon accord
data-told-withdrawn-badge = Accord retiré
data-told-withdrawn = Vous avez retiré votre accord le { $time }. Le service vous le redemandera à la prochaine connexion. Ce qu’il a déjà reçu reste chez lui : demandez-lui de l’effacer.
data-gone = Cette décision n’existe pas
    .what = L’adresse ne désigne aucune de vos décisions, ou elle ne peut plus être changée.
    .next = Revenez à la liste de vos données.
change-title = Retirer des informations de « { $evidence } »
change-lead = Décochez ce que { $service } ne doit plus recevoir. C’est immédiat : ni le service ni l’administration n’ont à être d’accord, et tous deux sont prévenus.
change-fields = Informations transmises
change-more = Pour en ajouter, il faut que { $service } vous le redemande.
change-do = Ne transmettre que ce qui est coché
change-leave = Ne rien changer
change-nothing-left = Tout est décoché : pour ne plus rien transmettre, mettez fin à l’accord.
change-nothing-taken = Rien n’est décoché : décochez au moins une information.

# Le relevé d’un historique, vérifié.
statement-holds = Ce relevé est authentique et complet
statement-holds-text = { $n } inscriptions, toutes prouvées ; leur compte est celui qui a été inscrit au journal.
statement-fails = Ce relevé n’est pas authentique, ou pas complet
statement-fails-text = Au moins un contrôle a échoué. Ne vous fiez pas à ce relevé.
statement-how = Un relevé d’historique, lui, est contrôlé par ce site, qui n’en garde rien. S’il est long, vérifiez-le sur votre ordinateur avec la même commande ; avec le journal entier : guichet receipt recount.
statement-check-form = C’est un relevé d’historique.
statement-check-signature = Il est signé par ce site.
statement-check-checkpoint = L’état du journal est signé.
statement-check-entries = Les inscriptions concernent toutes la même personne et n’ont pas été modifiées.
statement-check-count = Leur compte est celui qui a été inscrit au journal.
statement-check-inclusion = Elles sont dans le journal signé.
statement-check-earlier = Rien d’un relevé antérieur n’y manque.
statement-check-history = Le journal n’a pas deux histoires.
statement-problem-form = Non : ce texte n’est pas un relevé.
statement-problem-line = Non : la ligne { $n } n’est pas une inscription.
statement-problem-signature = Non : la signature n’est pas bonne.
statement-problem-changed = Non : l’inscription n° { $n } a été modifiée.
statement-problem-slipped-in = Non : l’inscription n° { $n } n’est pas à sa place ou concerne quelqu’un d’autre.
statement-problem-not-stated = Non : ce compte n’a pas été inscrit au journal.
statement-problem-count = Non : il y a ici { $n } inscriptions, et ce ne sont pas celles du compte.
statement-problem-tree = Non : l’inscription n° { $n } n’est pas dans le journal.
statement-problem-checkpoint = Non : la signature du journal n’est pas bonne.
# Les accès.
portal-ways-text = Quels fournisseurs d’identité peuvent vous connecter, et sur quels appareils vous l’êtes.
again-title = Connectez-vous à nouveau
again-lead = Ce que vous voulez changer peut fermer votre compte à d’autres, ou à vous : pour votre sécurité, cela demande une connexion de moins de cinq minutes.
again-too-new = Vous êtes connecté par un fournisseur d’identité qui ne parle pour vous que depuis peu. Connectez-vous par un autre, que vous utilisiez avant ; ou revenez après le { $time }.
again-other = Me connecter par un autre accès
again-sign-in = Me connecter à nouveau
again-then = Vous reviendrez ensuite à la page où vous étiez : faites-y votre choix.
again-cannot = Vous ne pouvez plus vous connecter ainsi ?
again-cannot-text = Appelez l’assistance, ou présentez-vous à un guichet public : un agent, après avoir vérifié votre identité, peut rouvrir vos accès. Si quelqu’un d’autre se sert de votre identité, gelez-la tout de suite.
again-back = Revenir sans rien changer
ways-fresh = Pour changer quelque chose ici, une connexion de moins de cinq minutes est demandée, à votre niveau habituel le plus élevé.
ways-alias-leads = Conduit à { $address }
ways-title = Mes accès
ways-sign-in = Connectez-vous pour voir vos accès, et eux seuls.
ways-lead = Vous décidez qui peut vous connecter. Ce que vous fermez ici est fermé partout, aussitôt.
ways-providers = Vos fournisseurs d’identité
ways-providers-text = Un accès fermé ne connecte plus personne à votre nom, même avec le bon mot de passe. Les sessions ouvertes par cet accès se ferment.
ways-in-use-now = Utilisé en ce moment
ways-is-closed = Fermé
ways-closed-since = Fermé le { $time }.
ways-in-use-hint = Vous êtes connecté par cet accès : pour le fermer, connectez-vous d’abord par un autre.
ways-may = { $provider } peut-il vous connecter ?
ways-may-yes = Oui : l’accès est ouvert
ways-may-no = Non : l’accès est fermé
ways-others = Les fournisseurs qui s’ajouteront
ways-others-may = Un nouveau fournisseur d’identité pourra-t-il vous connecter ?
ways-others-yes = Oui, tant que vous ne le fermez pas
ways-others-no = Non, tant que vous ne l’ouvrez pas ici
ways-sessions = Vos sessions
ways-sessions-text = Chaque navigateur où vous êtes connecté, et le moyen de l’en déconnecter.
ways-last = A parlé pour vous la dernière fois le { $time }.
ways-never = N’a jamais parlé pour vous.
ways-unlink = Ces fournisseurs gardent votre compte chez eux : fermer un accès ici ne le supprime pas là-bas. Il n’y a rien d’autre à délier : le guichet vous reconnaît à votre identité, pas à un compte.
ways-alerts = Être averti des connexions
ways-alerts-text = Chaque alerte arrive dans votre compte, avec de quoi geler votre identité d’un clic si ce n’était pas vous. Elles ne peuvent pas toutes être coupées : c’est ainsi que vous verriez une fraude.
ways-alerts-which = De quelles connexions voulez-vous être averti ?
ways-alerts-unusual = Seulement des connexions inhabituelles
ways-alerts-unusual-hint = Un appareil, un fournisseur d’identité ou un service jamais vu, ou un accès fermé.
ways-alerts-all = De toutes les connexions
ways-save = Enregistrer
ways-save-hint = Vos choix sont enregistrés ensemble. Si vous recevez vos alertes par courriel, un seul courriel dit tout ce qui a changé.
ways-nothing-to-save = Vous n’avez rien changé : il n’y a rien à enregistrer.
ways-address = Par courriel aussi
ways-address-is = Vos alertes sont envoyées à
ways-address-forget = Ne plus m’écrire et oublier cette adresse
ways-address-give = Recevoir les alertes par courriel
ways-address-other = Donner une autre adresse
ways-email = Adresse électronique
ways-email-hint = Elle reste chiffrée, ne sert qu’à vos alertes, et n’est donnée à personne.
ways-email-send = M’envoyer un code
ways-code-sent = Un code vient d’être envoyé à { $address }.
ways-code = Code reçu par courriel
ways-code-hint = Six chiffres, valables quinze minutes.
ways-code-confirm = Confirmer l’adresse
ways-aliases = Vos adresses relais
ways-aliases-text = Chacune n’est connue que d’un service. Coupée, elle ne laisse plus rien passer, aussitôt ; le service ne connaît pas votre adresse.
ways-alias-cut = Coupée
ways-alias-cut-since = Coupée le { $time } : rien ne passe plus.
ways-alias-made = Donnée le { $time }. Ses messages vous parviennent.
ways-alias-do-cut = Couper l’adresse donnée à { $service }
ways-alias-join = Rétablir l’adresse donnée à { $service }
ways-done-cut = L’adresse est coupée : plus rien ne passe.
ways-done-joined = L’adresse est rétablie.
ways-devices = Vos appareils
ways-devices-text = Les appareils où vous vous êtes connecté depuis trois mois. Un appareil oublié compte de nouveau comme inconnu.
ways-no-device = Aucun appareil n’est connu.
ways-device-unknown = Appareil inconnu
ways-device-here = Cet appareil
ways-device-last = Dernière connexion le { $time }.
ways-device-first = Connu depuis le { $time }.
ways-device-forget = Oublier { $device }, vu le { $time }
ways-done-saved = C’est enregistré. Vos choix valent dès maintenant, partout.
ways-done-unchanged = Rien n’a changé : c’était déjà votre choix.
ways-done-asked = Un code vous a été envoyé. Tapez-le ci-dessous, dans « Par courriel aussi ».
ways-done-confirmed = L’adresse est confirmée : vos alertes y seront aussi envoyées.
ways-done-forgotten = C’est oublié.
ways-done-not-an-address = Ce n’est pas une adresse électronique. Vérifiez-la, par exemple prenom@exemple.fr.
ways-done-wrong-code = Ce code n’est pas le bon, ou il a expiré. Vérifiez le dernier courriel reçu, ou demandez un nouveau code.
ways-done-too-many = Trop de changements ou de codes en peu de temps. Attendez une heure, puis réessayez.
message-sign-in = Connexion
message-unusual = Connexion inhabituelle
message-kept-out = Connexion refusée
message-changed = Choix modifié
message-not-me = Le { $time } : ce n’était pas moi
sessions-device = Appareil : { $device }.
sessions-used = Dernière utilisation le { $time }.
sessions-close-others = { $others ->
    [one] Fermer l’autre session
   *[other] Fermer les { $others } autres sessions
}
ways-in-use = Cet accès ne peut pas être fermé maintenant
    .what = Vous êtes connecté par ce fournisseur d’identité. Le fermer vous laisserait dehors : rien n’a été changé.
    .next = Connectez-vous à votre compte par un autre fournisseur d’identité, puis fermez celui-ci.
ways-unknown = Cela n’est pas dans vos accès
    .what = L’adresse ne désigne aucun fournisseur, ni aucun appareil ou adresse relais de vous : peut-être n’y est-il plus. Rien n’a été changé.
    .next = Regardez ce qui est dans vos accès.

# Les droits.
rights-title = Mes droits
rights-lead = Ce que la loi vous permet de faire de ce que le guichet détient sur vous, et comment. Tout peut aussi se faire par téléphone, par courrier ou à un guichet public.
rights-access = Tout voir : votre archive
rights-access-text = Un seul fichier contient tout ce que le guichet détient sur vous : services qui vous connaissent, accords, justificatifs et leurs reçus, messages, accès, appareils, sessions, historique. Il est signé : chacun peut vérifier que rien n’y a été changé.
rights-access-button = Télécharger mon archive
rights-access-hint = Un fichier ZIP, qui s’ouvre sur tout appareil. Gardez-le pour vous : il dit beaucoup de vous.
rights-rectification = Corriger une erreur
rights-rectification-text = Le guichet ne garde pas votre état civil : il le reçoit à chaque connexion. Une erreur se corrige là d’où elle vient, et la correction arrive partout à la connexion suivante.
rights-wrong-civil = Nom, prénoms, naissance
rights-wrong-civil-to = À la mairie de naissance, ou au service central d’état civil pour une naissance à l’étranger ; le registre corrigé vaut ensuite partout.
rights-wrong-contact = Adresse électronique, téléphone, nom d’usage
rights-wrong-contact-to = Dans votre compte chez le fournisseur d’identité qui les a transmis.
rights-wrong-evidence = Une information d’un justificatif
rights-wrong-evidence-to = Auprès de l’administration qui la détient : au moment de décider, le bouton « C’est faux » la prévient et rien n’est transmis.
rights-wrong-person = Vous êtes pris pour un autre
rights-wrong-person-to = Appelez l’assistance : deux agents peuvent séparer ou réunir deux dossiers, et défaire leur geste.
rights-objection = M’opposer
rights-objection-text = Chacun de ces choix vaut aussitôt, sans avoir à donner de raison :
rights-objection-evidence = ne plus laisser un service demander un justificatif, ou retirer un accord
rights-objection-ways = fermer un accès à votre identité
rights-objection-messages = ne plus voir les messages d’un service
rights-erasure = Faire effacer
rights-erasure-text = Ce qui peut s’effacer, et ce que la loi fait garder :
rights-erasure-now = Vos adresses, vos appareils et vos adresses relais s’effacent ou se coupent dans « Mes accès » ; vos sessions disparaissent quand vous les fermez.
rights-erasure-services = Ce qu’un service a reçu se demande à ce service, ou depuis le justificatif concerné : sa réponse, oui ou la loi qui l’en empêche, s’affiche dans votre compte.
rights-erasure-kept = Le journal d’audit est gardé, sans nom ni date de naissance : c’est la preuve de ce qui a été fait en votre nom. Le compte lui-même, vous pouvez le fermer.
rights-complaint = Me plaindre
rights-complaint-first = D’abord, si vous voulez, auprès du délégué à la protection des données de { $controller } : { $contact }.
rights-complaint-text = À tout moment auprès de l’autorité de protection des données : { $authority }. Joignez votre archive : elle est signée, et vaut preuve de ce que le guichet détenait.
rights-complaint-link = Déposer une plainte : { $authority }
rights-controller = l’exploitant du guichet
rights-authority = celle de votre pays
rights-register-text = Qui traite quelles données, pourquoi, sur quelle base et combien de temps : le registre est établi à partir de ce qui fonctionne réellement, à l’instant où vous l’ouvrez.
archive-about = Tout ce que ce guichet détient sur la personne connectée au moment de la demande, fichier par fichier.
archive-not-kept = Le nom, les prénoms, le sexe, la date et le lieu de naissance ne sont gardés nulle part en clair : ils arrivent à chaque connexion, restent scellés le temps d’une session et disparaissent avec elle. La personne est reconnue par une empreinte à clé, qui ne permet pas de les retrouver. Les valeurs des justificatifs ne sont jamais conservées.
archive-verify = Le fichier manifest.jwt porte l’empreinte SHA-256 de chaque fichier et la signature du guichet. Vérifier : guichet archive verify ARCHIVE --keys CLES, avec les clés publiées à /exchange/receipts/keys.
statement-unsettled = Votre relevé ne peut pas encore être fait
    .what = Il a été établi il y a peu que deux identités connues d’ici sont la vôtre, et cela peut encore être corrigé. Un relevé ouvre tout l’historique, pour de bon, à qui l’a : il attend que ce soit certain.
    .next = Votre historique se lit et s’exporte déjà. Revenez pour le relevé dans un mois, ou demandez à l’assistance.

archive-under-way = Votre archive est déjà en préparation
    .what = Une seule se prépare à la fois, et la vôtre a été demandée à l’instant.
    .next = Attendez une minute, puis demandez-la de nouveau.
archive-later = Trop d’archives se préparent en ce moment
    .what = Celles d’autres personnes occupent toutes les places. Rien n’est perdu.
    .next = Réessayez dans quelques minutes.

# Le registre des traitements.
processing-title = Registre des traitements
processing-lead = Établi à l’instant, à partir des services, des fournisseurs, du catalogue et des réglages de ce guichet (règlement (UE) 2016/679, article 30).
processing-controller = Responsable du traitement
processing-contact = Délégué à la protection des données
processing-authority = Autorité de contrôle
processing-sources = D’où viennent les identités
processing-purpose = Pourquoi
processing-basis = Base légale
processing-data = Données
processing-recipients = Destinataires
processing-retention = Durée
processing-of-hub = Ce que fait le guichet lui-même
processing-of-services = Les services où il vous connecte
processing-of-evidence = Les justificatifs d’une administration à l’autre
processing-json = Le même registre, pour les machines (JSON)
processing-public-task = Mission d’intérêt public (article 6, 1, e)
processing-pseudonym = un pseudonyme propre à ce service
processing-service-purpose = Connecter les usagers à ce service
processing-service-public = Mission d’intérêt public (article 6, 1, e) : l’usager est informé de chaque donnée
processing-service-private = Consentement (article 6, 1, a) : l’usager accepte chaque transmission
processing-service-kept = Le guichet n’en garde que le nom des données transmises ; la suite relève du service.
processing-evidence-kept = { $service } peut garder l’information { $duration } au plus ; le guichet n’en garde pas la valeur.
processing-session = Connexion et session
processing-session-purpose = Reconnaître l’usager d’un service à l’autre sans lui redemander son mot de passe
processing-session-data = Identité transmise par le fournisseur d’identité, scellée
processing-session-to = Aucun, sinon le service choisi et ce que l’usager a vu
processing-session-kept = { $duration } au plus, puis tout disparaît
processing-index = Reconnaissance des personnes
processing-index-purpose = Donner à chaque service le même pseudonyme pour la même personne
processing-index-data = Empreinte à clé de l’identité, sans l’identité
processing-index-to = Aucun
processing-index-kept = Tant que la personne se sert du guichet
processing-devices = Appareils et alertes
processing-devices-purpose = Avertir l’usager d’une connexion inhabituelle
processing-devices-data = Nom approximatif de l’appareil, services et fournisseurs utilisés, adresse électronique si l’usager en donne une, scellés
processing-devices-to = L’usager lui-même
processing-devices-kept = Appareils : { $duration } après la dernière connexion ; adresse : jusqu’à ce que l’usager l’efface
processing-messages = Messages dans le compte
processing-messages-purpose = Montrer à l’usager ce que ses services lui disent
processing-messages-data = Le message, scellé, sous le pseudonyme de ce service
processing-messages-to = L’usager lui-même
processing-messages-kept = { $duration } au plus
processing-audit = Journal d’audit
processing-audit-purpose = Prouver ce qui a été fait au nom de chacun, et trouver les fraudes
processing-audit-data = Identifiants aléatoires, services, fournisseurs, heures, lieu approximatif s’il est connu ; jamais de nom, de date de naissance ni d’adresse
processing-audit-to = L’usager ; les agents habilités ; l’autorité judiciaire sur demande
processing-audit-kept = Conservé pour preuve, selon la loi ; une signature y est apposée toutes les { $duration }
lasting-days = { $count } jours
lasting-hours = { $count } heures
lasting-minutes = { $count } min

life-events-title = Un événement de la vie
life-events-text = Dites ce qui vous arrive : voici les services qui vous concernent.

rights-to-hub = L’équipe de ce site
rights-to-register = L’état civil
rights-asked-title = Vos demandes
rights-asked-of = Destinataire : { $to }. Envoyée le { $time }.
rights-state-asked = Envoyée
rights-state-late = En retard
rights-state-passed_on = Transmise
rights-state-done = Faite
rights-state-refused = Refusée
rights-state-withdrawn = Retirée
rights-since-asked = Envoyée le { $time }. La réponse est due avant le { $due }.
rights-since-late = La réponse était due avant le { $due }. Vous pouvez faire une réclamation.
rights-since-passed_on = Transmise le { $time } à qui détient la donnée. La réponse est due avant le { $due }.
rights-since-done = Faite le { $time }.
rights-since-refused = Refusée le { $time }. La raison est donnée ; vous pouvez faire une réclamation.
rights-since-withdrawn = Vous l’avez retirée le { $time }.
rights-ask-rectification = Demander une rectification
    .lead = Dites ce qui est faux et ce qui est juste. La demande est transmise à qui détient la donnée, et vous suivez la réponse ici.
rights-ask-erasure = Demander un effacement
    .lead = Dites ce qui doit être effacé. Un refus donne le texte de loi qui oblige à garder.
rights-ask-objection = M’opposer à un traitement
    .lead = Dites à quel usage de vos données vous vous opposez, et pourquoi.
rights-ask-complaint = Faire une réclamation
    .lead = Écrivez ce que vous reprochez. Vous prenez ensuite un dossier signé à envoyer à l’autorité.
rights-ask-complaint-to = Votre réclamation est pour { $authority }. Elle part quand vous envoyez vous-même le dossier.
rights-ask-to = Destinataire
rights-ask-to-hint = D’où vient la donnée, ou qui s’en sert.
rights-ask-statement = Votre demande
rights-ask-statement-hint = 4 000 caractères au plus. N’écrivez ni mot de passe ni numéro de carte.
rights-ask-send = Envoyer
rights-ask-kept = Votre texte est gardé chiffré. Il est effacé un an après la réponse.
rights-ask-no-addressee = Choisissez un destinataire de la liste.
rights-ask-no-statement = Écrivez votre demande.
rights-ask-too-long = Votre texte est trop long : 4 000 caractères au plus.
rights-ask-too-many = Trop de vos demandes attendent déjà une réponse. Retirez-en une, ou attendez.
rights-request-made = Envoyée
rights-request-due = Réponse due avant le
rights-request-number = Numéro
rights-request-answer = La réponse
rights-request-statement = Votre demande
rights-request-how = Ce qui se passe
rights-request-page = Aller au site : { $to }
rights-how-hub = L’équipe de ce site répond elle-même, dans le mois.
rights-how-register = L’état civil corrige lui-même ses actes : demandez-le à la mairie de votre lieu de naissance ou, né à l’étranger, au service central d’état civil à Nantes. L’équipe de ce site transmet votre demande et vous dit la réponse. La correction arrive ici à votre connexion suivante.
rights-how-provider = { $to } détient votre adresse et vos coordonnées : corrigez-les dans votre compte chez lui. L’équipe de ce site lui transmet votre demande si cela ne suffit pas. La correction arrive ici à votre connexion suivante.
rights-how-service = L’équipe de ce site transmet votre demande à { $to }, qui répond dans le mois.
rights-how-holder = { $to } détient la donnée à la source. L’équipe de ce site lui transmet votre demande ; une fois la donnée corrigée, chaque service reçoit la bonne à l’échange suivant.
rights-how-authority = Prenez le dossier : il contient votre réclamation, vos demandes avec leurs réponses, et tout ce que ce site détient sur vous, signé. Joignez-le au formulaire de l’autorité ({ $to }).
rights-bundle = Prendre le dossier signé
rights-bundle-hint = Un fichier ZIP. Sa signature prouve que rien n’y a été changé.
rights-withdraw = Retirer ma demande
rights-answered-rectification = Réponse à votre demande de rectification
rights-answered-erasure = Réponse à votre demande d’effacement
rights-answered-objection = Réponse à votre opposition
rights-answered-complaint = Réponse à votre réclamation

close-title = Fermer mon compte
close-lead = Vous pouvez fermer vous-même votre compte, tout de suite. Lisez d’abord ce que cela fait.
close-does-title = Ce que cela fait
close-does-sessions = Vous êtes déconnecté partout, et personne ne se connecte plus en votre nom par ce site.
close-does-consents = Tout ce que vous aviez accepté est retiré.
close-does-evidence = Plus aucun service ne reçoit de justificatif par ce site.
close-does-told = Les services qui vous connaissent par ce site en sont avertis.
close-not-title = Ce que cela ne fait pas
close-not-services = Vos dossiers chez les services restent : demandez-leur l’effacement.
close-not-providers = Vos comptes chez les fournisseurs d’identité restent : fermez-les chez eux.
close-kept-title = Ce que la loi oblige à garder
close-kept-log = Le journal : qui a fait quoi et quand, sous un nom chiffré, sans votre état civil.
close-kept-index = Une empreinte chiffrée de votre identité : sans elle, un inconnu pourrait rouvrir un compte à votre place.
close-kept-evidence = La preuve des échanges de justificatifs déjà faits.
close-undo-title = Vous avez { $days } jours pour changer d’avis
close-undo = Pendant { $days } jours, vous rouvrez votre compte en vous connectant par deux fournisseurs d’identité, ou avec deux agents. Ce qui a été retiré ne revient pas. Ensuite, la fermeture est définitive.
close-undo-mail = Si vous avez donné une adresse pour les alertes, un lien y part aussi : avec lui, une seule connexion suffit.
close-archive = Avant de partir, gardez une copie :
close-understood = J’ai lu, et je veux fermer mon compte
close-not-understood = Cochez la case pour fermer votre compte.
close-confirm = Fermer mon compte
close-next-told = Les services qui vous connaissent par ce site sont avertis maintenant.
close-next-undo = Vous changez d’avis ? Rouvrez votre compte dans les 30 jours avec deux fournisseurs d’identité :
close-next-kept = Gardez ce numéro : il est demandé si vous vous adressez à un agent.
not-me-closed = Votre compte est fermé
    .what = Plus personne ne se connecte en votre nom par ce site.

history-rights-asked = Vous avez fait une demande sur vos données
history-rights-answered-passed_on = Votre demande a été transmise
history-rights-answered-done = Votre demande a été faite
history-rights-answered-refused = Votre demande a été refusée
history-rights-answered-withdrawn = Vous avez retiré une demande
history-rights-failed-asked = Votre demande n’a pas été retenue : trop d’autres attendent déjà
history-rights-failed-answered = Une réponse n’a pas été retenue : votre demande était déjà réglée
history-rights-shown = Un agent a lu votre demande
history-rights-complaint-made = Vous avez pris un dossier de réclamation
history-ways-reopened = Un agent a rouvert tous les accès à votre identité

processing-requests = Demandes sur vos données
processing-requests-purpose = Répondre à qui demande une rectification, un effacement, s’oppose ou fait une réclamation
processing-requests-data = Ce que vous écrivez et la réponse, chiffrés
processing-requests-to = L’équipe de ce site, et qui détient la donnée
processing-requests-kept = { $duration } après la réponse

app-short-name = Guichet

easy-home = Ici, vous voyez vos services.
    Cliquez sur un service pour y aller.
    Vous n’avez pas besoin d’écrire encore votre mot de passe.
    Vous voyez aussi les messages des services.
easy-data = Ici, vous voyez qui a vos informations.
    Vous voyez quel service peut encore les demander.
    Vous pouvez dire non. C’est le bouton de chaque service.
    Quand vous dites non, le service ne reçoit plus rien.
easy-not-me = Quelqu’un se sert de votre nom ?
    Appuyez sur « Geler mon identité partout ».
    Plus personne ne peut entrer avec votre nom.
    Vous recevez un numéro. Gardez ce numéro.
    Un agent peut vous aider.
easy-rights = Vous avez des droits.
    Vous pouvez voir tout ce que nous savons de vous.
    Vous pouvez faire corriger une erreur.
    Vous pouvez faire effacer une information.
    Vous pouvez dire non à un service.
    Vous pouvez vous plaindre.
easy-close = Vous voulez partir ?
    Vous pouvez fermer votre compte.
    Plus personne ne pourra entrer avec votre nom.
    Vous avez 30 jours pour changer d’avis.

portal-known-since = Vous connaît depuis le { $time }.
portal-last-used = Dernière connexion le { $time }.
portal-last-level = Niveau : { $level }.
portal-unlink = Voir ce que { $service } a de vous, ou le délier
close-next-undo-link = rouvrir mon compte

# L’assistance
support-title = Assistance
support-asks = Un agent demande à voir ce qui est masqué d’une de vos connexions
support-sign-in = Connectez-vous pour voir ce que l’assistance vous demande.
support-sign-in-button = Se connecter
support-lead = Vous avez lu une référence ou un code à l’assistance. L’agent a vu ce qui s’est passé lors de cette connexion, et rien de personnel. Ici, il demande à en voir plus ; c’est vous qui décidez.
support-none = L’assistance ne vous demande rien.
support-of = Connexion { $handle }
support-who = Qui demande
support-why = Pourquoi
support-asked = Demandé le
support-what = Ce qui serait vu
support-what-text = Pendant une heure, par cet agent seul : votre historique trente jours avant et après cette connexion (heures, services, fournisseurs, niveaux), les secteurs où vous êtes connu, et depuis quand. Ni nom, ni date de naissance, ni adresse : ce site n’en conserve pas.
support-until-waiting = Vous pouvez répondre jusqu’au
support-until-agreed = Visible jusqu’au
support-until-refused = Refusé le
support-until-withdrawn = Repris le
support-until-over = Terminé depuis le
support-state-waiting = vous attend
support-state-agreed = accepté
support-state-refused = refusé
support-state-withdrawn = repris
support-state-over = terminé
support-accept = Accepter pour une heure
support-refuse = Refuser
support-withdraw = Reprendre mon accord
support-warning-title = Vous n’avez pas appelé l’assistance ?
support-warning = Alors refusez. Personne n’a besoin de votre mot de passe, et l’assistance ne le demande jamais.
support-gone = Cette demande est terminée
    .what = Il y a déjà été répondu, ou son délai est passé. Rien n’a changé.
    .next = Regardez ce qui est demandé maintenant.
history-support-looked-masked = Un agent a regardé une de vos connexions ; ce qui est personnel était masqué
history-support-looked-acted = Un agent est arrivé à vous par un de vos codes, pour agir
history-support-looked-agreed = Un agent a regardé ce que vous aviez accepté de montrer
history-support-asked = Un agent a demandé à voir ce qui est masqué d’une connexion
history-support-answered-agreed = Vous avez accepté qu’un agent le voie pendant une heure
history-support-answered-refused = Vous avez refusé la demande d’un agent
history-support-answered-withdrawn = Vous êtes revenu sur votre accord
history-support-purpose-citizen_called = Vous aviez appelé ou écrit
history-support-purpose-service_reported = Un service avait signalé un problème
history-support-purpose-fault = Une panne de ce site
history-support-purpose-misuse = Un possible usage abusif de votre identité

# The page of the mailed link that opens an account again.
reopen-title = Rouvrir mon compte
reopen-lead = Vous avez suivi le lien reçu à la fermeture de votre compte.
reopen-next = Connectez-vous maintenant comme vous en avez l’habitude : votre compte est rouvert aussitôt. Ce qui a été retiré ne revient pas.
reopen-begin = Me connecter et rouvrir mon compte
reopen-over = Ce lien ne mène plus à rien
    .what = Il a déjà servi, les 30 jours sont passés, ou l’adresse n’est pas complète.
    .next = Reprenez le lien du message en entier. Sinon, votre compte se rouvre avec deux fournisseurs d’identité, ou avec deux agents.

# L’avis reçu par courriel : un clic suffit.
freeze-lead = Vous avez reçu un avis à propos du { $time }. Code d’identification de cette connexion :
freeze-does = Si ce n’était pas vous, gelez votre identité : un clic suffit, sans vous connecter. Aussitôt :
freeze-was-me = C’était vous ? Fermez cette page : rien n’a changé.
freeze-over = Ce lien ne mène plus à rien
    .what = Il a plus de trente jours, il n’est pas complet, ou votre identité a déjà été gelée depuis cet avis.
    .next = Si elle est gelée, personne ne peut s’en servir. Sinon, gelez-la depuis la page « Ce n’était pas moi ».
not-me-next-held = Vos accords de transmission de justificatifs sont suspendus, non supprimés : ils valent de nouveau quand votre identité est rouverte. Le dossier garde la liste des connexions qui étaient ouvertes.
easy-freeze = Quelqu’un est entré avec votre nom ?
    Ce n’était pas vous ?
    Appuyez sur le bouton.
    Plus personne ne peut entrer avec votre nom.
    Vous recevez un numéro. Gardez ce numéro.
easy-not-me-out = Quelqu’un se sert de votre nom ?
    Appuyez sur le premier bouton.
    Vous vous connectez, puis vous bloquez tout.
    Vous ne pouvez pas vous connecter ?
    Écrivez plus bas ce qui s’est passé.
    Un agent lit votre message.
easy-frozen = C’est fait.
    Plus personne ne peut entrer avec votre nom. Vous non plus.
    Gardez le numéro.
    Changez vos mots de passe.
    Un agent peut vous aider, au téléphone ou au guichet.
easy-thaw = Vous voulez entrer de nouveau ?
    Connectez-vous deux fois, avec deux comptes.
    Vous avez un seul compte ? Un agent peut vous aider.
easy-history = Ici, vous voyez ce qui s’est passé.
    Vous voyez quand vous êtes entré dans un service.
    Vous voyez quel service a reçu vos informations.
    Vous ne reconnaissez pas une ligne ?
    Ouvrez les détails de cette ligne. Appuyez sur « Ce n’était pas moi ».
easy-ways = Ici, vous choisissez comment entrer.
    Vous pouvez fermer une entrée.
    Une entrée fermée ne marche plus pour personne.
    Vous pouvez recevoir un message quand quelqu’un entre avec votre nom.
    Pour changer quelque chose, vous devez vous connecter encore une fois.
easy-sessions = Ici, vous voyez où vous êtes connecté : ordinateurs, téléphones.
    Vous pouvez fermer une connexion. C’est le bouton de chaque connexion.
    Vous ne reconnaissez pas une connexion ?
    Appuyez sur « ce n’était pas moi ».

# Délier un service ; ce qui est proposé ; les messages plus anciens.
portal-unlinked = Délié le { $time } : ce service n’a plus aucun accès.
data-told-unlink = Délier { $service }
data-told-unlink-does = Délier un service met fin à tous ses accès et l’en prévient : il vous déconnecte. Y retourner le lie de nouveau.
data-told-unlinked-badge = Délié
data-told-unlinked = Vous avez délié ce service le { $time } : ses accès ont pris fin et il en a été prévenu. Ce qu’il a déjà reçu reste chez lui : demandez-lui de l’effacer.
history-consent-withdrawn-unlinked = Vous avez délié le service : ses accès ont pris fin
portal-suggested = Peut-être utiles aussi
portal-suggested-text = D’après vos services et les événements de la vie. Ce choix est fait à l’instant et n’est gardé nulle part.
portal-suggested-why = Souvent utile avec { $service } : « { $event } ».
portal-older-messages = { $n ->
    [one] Voir l’autre message
   *[other] Voir les { $n } autres messages
}
message-new-service = Nouveau service

# Le dossier d’un gel, relu après coup ; renouveler.
not-me-help-phone = Assistance : { $phone }
not-me-cases = Vos dossiers
not-me-case-froze = Identité gelée le { $time }
not-me-case-other = Dossier du { $time }
not-me-case-open = En cours
not-me-case-ended = Terminé le { $time }.
not-me-case-evidence = Les connexions qui étaient ouvertes
data-renew-how = { $service } vous le redemandera, et vous choisirez de nouveau.
portal-mastery = Garder la maîtrise
portal-rights-text = Tout télécharger, corriger, faire effacer, vous opposer, vous plaindre, fermer votre compte.
rights-complaint-ready = À envoyer par vous
    .what = Rien n’est encore parti : prenez le dossier signé et envoyez-le vous-même à l’autorité.
rights-complaint-written = Écrite
rights-complaint-for = Pour : { $to }. Écrite le { $time }.
