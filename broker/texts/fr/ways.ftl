# Ce que chacun apprend des accès à son identité.
notice-sign-in = Connexion à { $service } par { $provider }, depuis : { $device }.
notice-unknown-device = un appareil inconnu
notice-new-provider = C’est la première fois par ce fournisseur d’identité.
notice-new-device = Cet appareil n’avait jamais servi.
notice-new-service = C’est la première fois à ce service.
notice-suspicious = Elle a paru suspecte.
notice-kept-out = Quelqu’un a voulu entrer à { $service } par { $provider }, un accès que vous avez fermé. Il n’est pas entré.
notice-closed = L’accès par { $provider } a été fermé.
notice-opened = L’accès par { $provider } a été rouvert.
notice-others-closed = Les nouveaux fournisseurs d’identité sont désormais fermés d’avance.
notice-others-opened = Les nouveaux fournisseurs d’identité sont désormais ouverts d’avance.
notice-alerts-all = Vous êtes désormais averti de chaque connexion.
notice-alerts-unusual = Vous êtes désormais averti des seules connexions inhabituelles.
notice-address-given = Une adresse électronique a été confirmée pour vos alertes.
notice-address-gone = Les alertes ne sont plus envoyées par courriel.
notice-alias-cut = L’adresse relais donnée à { $service } a été coupée.
notice-alias-joined = L’adresse relais donnée à { $service } a été rétablie.
notice-alias-led = L’adresse relais donnée à { $service } conduit désormais à une autre de vos adresses.
notice-device-forgotten = Un appareil a été oublié.
notice-reopened = Un agent a rouvert tous les accès à votre identité qui étaient fermés.
notice-subject-sign-in = Connexion à votre compte
notice-subject-unusual = Connexion inhabituelle à votre compte
notice-subject-kept-out = Une connexion à votre compte a été refusée
notice-subject-changed = Vos choix d’accès ont changé
notice-mail =
    Bonjour,

    { $what }

    Le { $time }. Code d’identification : { $code }

    C’était vous ? Vous n’avez rien à faire.

    Ce n’était pas vous ? Gelez votre identité tout de suite, d’un clic, sans vous connecter :
    { $link }
    Ce lien vaut trente jours et ne fait rien d’autre : ne le transmettez à personne.

    Vous pouvez aussi appeler l’assistance, ou vous présenter à un guichet public, et donner le code d’identification. Personne ne vous demandera votre mot de passe.
notice-support-subject = Une demande vous attend dans votre compte
notice-support-mail =
    Bonjour,

    L’assistance demande votre accord pour voir ce qui est masqué d’une de vos connexions. Sans votre accord, rien ne lui est montré.

    Lisez la demande et répondez dans votre compte :
    { $link }

    Sans réponse, elle s’éteint au bout d’un jour. Personne ne vous demandera votre mot de passe, ni un code, par courriel ou par téléphone.
notice-code-subject = Votre code de confirmation
notice-code-mail =
    Bonjour,

    Votre code : { $code }

    Tapez-le dans votre compte pour recevoir vos alertes à cette adresse. Il vaut quinze minutes.

    Vous n’avez rien demandé ? Ignorez ce message : sans le code, rien ne sera envoyé ici.

# The mail to whoever closed their account, with the link that opens it again.
reopen-mail-subject = Votre compte est fermé
reopen-mail =
    Bonjour,

    Votre compte a été fermé le { $time }.

    Ce n’était pas vous, ou vous changez d’avis ? Jusqu’au { $until }, ce lien le rouvre. Il vous sera demandé de vous connecter comme d’habitude :
    { $link }

    Ce qui a été retiré ne revient pas : chaque service vous redemandera votre accord.

    Vous vouliez le fermer ? Vous n’avez rien à faire. Personne ne vous demandera votre mot de passe.
