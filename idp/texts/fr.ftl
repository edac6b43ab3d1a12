# Les pages du fournisseur d’identité embarqué.
idp-home-title = Votre compte
idp-home-hello = Bonjour { $name }
idp-home-text = Connectez-vous pour voir votre compte et comment il est protégé.
idp-home-signed-in = Votre session est ouverte. Les services qui utilisent ce compte ne vous redemanderont pas votre mot de passe avant votre déconnexion.
idp-home-link = Retour à l’accueil
idp-security-link = Connexion et sécurité

idp-sign-in-title = Se connecter
idp-login = Identifiant
idp-password = Mot de passe
idp-password-refused = L’identifiant ou le mot de passe n’est pas correct. Vérifiez-les et réessayez.
idp-or-passkey = Ou sans mot de passe
idp-use-passkey = Utiliser une clé d’accès
idp-passkey-needs-script = Une clé d’accès demande JavaScript dans votre navigateur.
idp-passkey-unsupported = Ce navigateur ne sait pas utiliser les clés d’accès.
idp-passkey-failed = La clé d’accès n’a pas pu être utilisée. Réessayez, ou choisissez un autre moyen.
idp-cancel = Annuler et revenir au service

idp-second-factor-title = Confirmez que c’est bien vous
idp-second-factor-text = Ce service demande un second facteur en plus de votre mot de passe.
idp-code = Code
idp-code-hint = Les six chiffres affichés par votre application d’authentification.
idp-code-refused = Ce code est faux ou a déjà servi. Attendez le suivant et saisissez-le.
idp-verify = Confirmer

idp-no-second-factor-title = Ce service demande un second facteur
idp-no-second-factor-text = Votre mot de passe est correct, mais ce service demande plus qu’un mot de passe et votre compte n’a pas encore de second facteur.
idp-no-second-factor-next = Ajoutez une application d’authentification ou une clé d’accès à votre compte, puis recommencez depuis le service.
idp-back-to-service = Revenir au service
idp-add-second-factor = Ajouter un second facteur

idp-security-title = Connexion et sécurité
idp-security-who = Votre compte est celui de { $name } (identifiant : { $login }).
idp-password-only = Ce compte est protégé par votre mot de passe.
idp-factors-title = Seconds facteurs
idp-factors-text = Elles protègent votre compte même si quelqu’un apprend votre mot de passe, et ouvrent les services qui demandent un niveau plus élevé.
idp-factors-none = Vous n’en avez pas encore.
idp-kind-totp = Application d’authentification
idp-kind-passkey = Clé d’accès
idp-added = Ajoutée le { $date }.
idp-used = Dernière utilisation le { $date }.
idp-never-used = Jamais utilisée.
idp-add-totp = Ajouter une application d’authentification
idp-add-passkey = Ajouter une clé d’accès
idp-add-passkey-text = Votre appareil garde la clé et demande votre empreinte, votre visage ou votre code. Elle vous connecte sans mot de passe.
idp-make-passkey = Créer une clé d’accès
idp-label = Nom
idp-label-hint = Pour la distinguer des autres, par exemple « Mon téléphone ».
idp-totp-step-1 = Ouvrez votre application d’authentification.
idp-totp-step-2 = Scannez l’image, ou saisissez la clé écrite dessous.
idp-totp-step-3 = Saisissez le code affiché par l’application.
idp-totp-qr = Code QR contenant la clé écrite dessous
idp-totp-secret = Clé :
idp-totp-link = Ouvrir dans l’application de cet appareil

idp-remove = Supprimer
idp-keep = Garder
idp-remove-totp = Supprimer cette application d’authentification ?
idp-remove-passkey = Supprimer cette clé d’accès ?
idp-remove-text = Vous ne pourrez plus vous connecter avec elle.
idp-remove-last = C’est votre dernier second facteur : les services qui demandent un niveau plus élevé vous seront fermés tant que vous n’en ajoutez pas un autre.
idp-done-totp-added = L’application d’authentification est ajoutée.
idp-done-passkey-added = La clé d’accès est ajoutée.
idp-done-passkey-failed = La clé d’accès n’a pas été ajoutée. Réessayez.
idp-done-removed = Le second facteur est supprimé.

idp-sign-out-title = Se déconnecter de { $provider } ?
idp-sign-out-text = Les services que vous utilisez avec ce compte sont prévenus.
idp-stay = Garder ma session ouverte
idp-signed-out-title = Votre session est fermée
idp-signed-out-text = Sur un ordinateur partagé, fermez aussi le navigateur.

idp-too-many = Trop de tentatives
    .what = De nombreuses tentatives ont échoué sur ce compte ou depuis votre réseau. Par sécurité, les mots de passe et les codes font une pause.
    .next = Si vous avez une clé d’accès, revenez en arrière et utilisez-la : les clés d’accès ne sont jamais en pause. Sinon, attendez dix minutes, ou utilisez un appareil avec lequel vous vous êtes déjà connecté.
idp-busy = Beaucoup de personnes se connectent en ce moment
    .what = Votre mot de passe n’a pas été examiné.
    .next = Réessayez dans un instant.
idp-request-refused = Cette demande de connexion n’est pas valable
    .what = Le service a envoyé une demande à laquelle on ne peut pas répondre ({ $error } : { $description }).
    .next = Retournez sur le service et recommencez. Si cela se reproduit, prévenez le service.

idp-mail-added-subject = { $provider } : un second facteur a été ajouté à votre compte
idp-mail-added =
    Bonjour,

    Un second facteur a été ajouté à votre compte { $provider }.

    Si ce n’est pas vous, connectez-vous sans attendre à { $address }, supprimez-le et prévenez notre assistance.
idp-mail-removed-subject = { $provider } : un second facteur a été supprimé de votre compte
idp-mail-removed =
    Bonjour,

    Un second facteur a été supprimé de votre compte { $provider }.

    Si ce n’est pas vous, connectez-vous sans attendre à { $address } et prévenez notre assistance.
