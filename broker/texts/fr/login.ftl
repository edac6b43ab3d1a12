# Les étapes d’une connexion.
choose-title = Choisissez votre compte
choose-lead = Utilisez un compte que vous avez déjà. Le service ne verra pas votre mot de passe.
choose-none-eligible = Aucun compte ne permet d’accéder à { $service } pour le moment.
shared-device = Ce n’est pas mon appareil
shared-device-hint = Rien ne sera retenu ici : chaque service vous demandera de vous connecter de nouveau.
choose-again = Choisir un autre compte
back-to-service = Revenir à { $service }
continue-login = Continuer la connexion
try-again = Réessayer
level-asked-eidas1 = Ce service accepte une connexion simple, par exemple avec un mot de passe.
level-asked-eidas2 = Ce service demande une connexion renforcée : en plus du mot de passe, un code ou une clé d’accès.
level-asked-eidas3 = Ce service demande le niveau de sécurité le plus élevé : un moyen de connexion remis après vérification de votre identité.
corroboration-asked = Il demande aussi que deux comptes différents confirment votre identité.
level-reached-eidas1 = Niveau de sécurité de votre connexion : simple.
level-reached-eidas2 = Niveau de sécurité de votre connexion : renforcé.
level-reached-eidas3 = Niveau de sécurité de votre connexion : le plus élevé.
ineligible-disabled = Indisponible pour le moment.
ineligible-not-for-client = Non accepté par { $service }.
ineligible-has-vouched = A déjà confirmé votre identité : un autre compte doit le faire aussi.
ineligible-level-too-low = Pas assez protégé pour { $service }.

setback-cancelled = Vous n’avez pas terminé la connexion avec { $provider }. Vous pouvez réessayer ou choisir un autre compte.
setback-failed = { $provider } n’a pas pu vous connecter. Réessayez ou choisissez un autre compte.
setback-timeout = { $provider } n’a pas répondu à temps. Réessayez ou choisissez un autre compte.
setback-unreachable = { $provider } est injoignable pour le moment. Réessayez plus tard ou choisissez un autre compte.
setback-untrustworthy = La réponse de { $provider } n’a pas pu être vérifiée. Rien n’a été transmis. Réessayez ou choisissez un autre compte.
setback-not-allowed = { $provider } ne peut pas être utilisé pour ce service. Choisissez un autre compte.
setback-level-too-low = Votre connexion avec { $provider } n’est pas assez protégée pour ce service. Réessayez avec un second facteur ou choisissez un autre compte.
setback-identity-incomplete = { $provider } n’a pas transmis toute votre identité. Complétez votre compte chez { $provider } ou choisissez un autre compte.
setback-not-confirmed = L’identité transmise par { $provider } n’a pas pu être confirmée. Choisissez un autre compte.
setback-somebody-else = Vous vous êtes connecté avec une autre identité que celle attendue par le service. Choisissez l’autre compte.
setback-more-is-needed = Vous êtes déjà connecté avec { $provider }, mais ce service demande une connexion plus protégée. Confirmez votre identité pour continuer.
setback-second-is-needed = { $provider } a confirmé votre identité. Choisissez maintenant un second compte, chez un autre fournisseur d’identité.
setback-contradicted = { $provider } vous connaît sous une autre identité que votre premier compte. Choisissez un compte à votre nom.
setback-not-the-session = Vous vous êtes connecté avec une autre identité que celle de votre session ouverte. Si c’est bien ce que vous voulez, connectez-vous de nouveau avec ce compte : l’autre session sera fermée.
setback-barred = L’identité avec laquelle vous vous êtes connecté est gelée ou fermée. Choisissez un autre compte, ou revenez au service.
setback-way-closed = Vous avez fermé vous-même l’accès par { $provider }. Choisissez un autre compte.
setback-another-account = Choisissez le compte que vous voulez utiliser.

consent-title-asked = Autorisez-vous la transmission de vos données ?
consent-title-informed = Vos données transmises au service
consent-title-anonymous = Vous restez anonyme
consent-address-own = { $service } recevra votre adresse électronique. Vous pouvez lui donner à la place une adresse relais : ses messages vous parviennent, et vous la coupez quand vous voulez.
consent-address-alias = { $service } recevra une adresse relais, qu’aucun autre service ne connaît. Ses messages vous parviennent, jusqu’à ce que vous la coupiez dans « Mes accès ».
consent-address-led = Si vous continuez, ses messages vous parviendront désormais à { $address }.
consent-tell-alias = Donner une adresse relais
consent-tell-own = Donner plutôt ma propre adresse
consent-lead-asked = { $service } demande les données ci-dessous. Rien n’est transmis sans votre accord.
consent-lead-informed = Si vous continuez, { $service } recevra les données ci-dessous.
consent-lead-anonymous = Si vous continuez, { $service } ne recevra aucune donnée personnelle.
consent-anonymous-text = Le service vous reconnaîtra d’une visite à l’autre par un identifiant qui lui est propre et qui ne dit rien de vous.
consent-identity = Votre identité
consent-data = Vos données administratives
consent-data-text = { $service } pourra les demander à l’administration qui les détient :
consent-offline = Après votre départ
consent-offline-text = { $service } pourra continuer à demander ces données quand vous ne serez plus connecté, pendant { $days } jours au plus.
consent-about = À propos de cette connexion
consent-providers = { $provider } et { $second } ont tous deux confirmé votre identité.
consent-provider = Vous êtes connecté avec { $provider }.
service-policy = Comment { $service } utilise vos données
service-terms = Conditions d’utilisation de { $service }
service-logo = Logo de { $service }
consent-accept = J’autorise
consent-refuse = Je refuse
consent-continue = Continuer vers { $service }
consent-stop = Ne pas continuer
consent-other = Ce n’est pas moi, ou utiliser un autre compte

claim-family-name = Nom de naissance
claim-preferred-username = Nom d’usage
claim-given-name = Prénoms
claim-gender = Sexe
claim-birthdate = Date de naissance
claim-idp-birthdate = Date de naissance, selon votre fournisseur d’identité
claim-birthplace = Lieu de naissance
claim-birthcountry = Pays de naissance
claim-email = Adresse électronique
claim-email-verified = Adresse électronique vérifiée
claim-verified-yes = Oui
claim-verified-no = Non
claim-phone-number = Téléphone
claim-idp-id = Fournisseur d’identité utilisé
claim-absent = Non renseigné
claim-birthplace-abroad = À l’étranger
claim-code = code { $code }
gender-female = Féminin
gender-male = Masculin
gender-unspecified = Non précisé

sign-out-title = Voulez-vous vous déconnecter ?
sign-out-lead = Votre session est ouverte dans ce navigateur.
sign-out-lead-service = { $service } propose de fermer votre session dans ce navigateur.
sign-out-text = Vous serez déconnecté de tous les services où vous êtes entré avec cette session, et de votre fournisseur d’identité.
sign-out-accept = Me déconnecter
sign-out-refuse = Rester connecté
sign-out-stayed = Vous êtes toujours connecté
    .text = Votre session reste ouverte dans ce navigateur.
signed-out = Vous êtes déconnecté
    .text = Votre session est fermée, ici et dans les services où vous étiez entré avec elle. Sur un ordinateur partagé, fermez aussi le navigateur.
signed-out-missed = Vous êtes déconnecté ici
    .text = Votre session est fermée, ici et auprès des services où vous étiez entré avec elle. Vous êtes peut-être encore connecté chez { $providers }, qui ne répond pas pour le moment.
    .next = Déconnectez-vous-y plus tard, ou fermez le navigateur si cet ordinateur est partagé.

easy-consent-asked = { $service } veut des informations sur vous.
    Regardez la liste en dessous.
    Vous êtes d’accord ? Appuyez sur le premier bouton.
    Vous n’êtes pas d’accord ? Appuyez sur le deuxième bouton.
    Dire non ne vous met pas en faute.
easy-consent-informed = { $service } va recevoir des informations sur vous.
    Regardez la liste en dessous.
    Tout est juste ? Appuyez sur le premier bouton.
    Vous voulez vous arrêter ? Appuyez sur le deuxième bouton.

# Un service qui n’est pas pour de vrai.
sandbox = Bac à sable
    .what = { $service } est un service à l’essai. N’y employez que des identités d’essai.
