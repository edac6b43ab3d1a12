# Les pages d’aide et d’accessibilité.
help-title = Aide
help-lead = Quelques réponses pour vous connecter sereinement.
help-what = À quoi sert cette page de connexion ?
    .text = Elle vous permet d’accéder à un service en ligne avec un compte que vous avez déjà, sans créer de nouveau mot de passe.
help-account = Quel compte choisir ?
    .text = Choisissez un compte que vous utilisez déjà. Certains services demandent un compte mieux protégé : la page de choix indique lesquels conviennent.
help-data = Quelles données sont transmises ?
    .text = Seulement celles que la page vous montre avant de continuer. Chaque service vous connaît sous un identifiant différent et ne peut pas recouper vos démarches avec un autre.
help-stuck = Je ne peux pas continuer
    .text = Revenez au service et recommencez dans un seul onglet. Vérifiez que votre navigateur accepte les cookies. En cas d’erreur, notez la référence affichée.
help-phishing = Comment reconnaître la vraie page ?
    .text = Vérifiez l’adresse affichée par votre navigateur. Nous ne vous demandons jamais votre mot de passe par courriel, par SMS ni par téléphone.
help-contact = Obtenir de l’aide
    .text = Contactez l’assistance du service auquel vous vouliez accéder, en donnant la référence de l’incident s’il y en a une.
accessibility-title = Accessibilité
accessibility-lead = Ces pages sont faites pour tout le monde.
accessibility-aim = Notre objectif
    .text = Nous visons la conformité aux règles WCAG 2.2 niveau AA, sur lesquelles reposent la norme européenne EN 301 549 et le référentiel français RGAA.
accessibility-how = Ce que cela veut dire
    .text = Les pages se parcourent au clavier et avec un lecteur d’écran, s’agrandissent jusqu’à 400 % sans défilement horizontal, respectent vos réglages de contraste, de thème et d’animation, et fonctionnent sans JavaScript.
accessibility-limits = Limites connues
    .text = Les clés d’accès demandent JavaScript et un appareil compatible ; un autre moyen de connexion est toujours proposé. Cette déclaration repose sur des contrôles automatiques, pas encore sur un audit indépendant.
accessibility-contact = Signaler une difficulté
    .text = Si une page vous résiste, écrivez à l’assistance du service auquel vous vouliez accéder. Sans réponse satisfaisante, vous pouvez saisir le Défenseur des droits.

# La page qui prévient les services d’une déconnexion.
signing-out-title = Vous êtes déconnecté
signing-out-text = Les services où vous étiez entré sont prévenus.
signing-out-next = Vous continuez dans quelques secondes.
signing-out-frame = Un service est prévenu
