# Une connexion demandée ailleurs : sur un appareil, ou par un service qui vous a désigné.
settled-approved = C’est fait
settled-approved-device = Vous avez autorisé { $service }. Vous pouvez revenir à votre appareil : il va se connecter de lui-même dans quelques secondes.
settled-approved-ciba = Vous avez autorisé { $service }. Le service va poursuivre de lui-même dans quelques secondes.
settled-refused = Demande refusée
settled-refused-device = Rien n’a été transmis à { $service }, et l’appareil ne sera pas connecté.
settled-refused-ciba = Rien n’a été transmis à { $service }, qui va en être averti.
settled-too-late = Il est trop tard pour répondre
settled-too-late-next = La demande de { $service } a expiré, ou elle a déjà reçu une réponse. Si vous l’attendiez, recommencez depuis le service ou l’appareil.
settled-close = Vous pouvez fermer cette page.
consent-approve = Autoriser
consent-deny = Refuser
refuse-request = Refuser la demande
settled-account = Mon compte
