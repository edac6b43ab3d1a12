# The steps of a login.
choose-title = Choose your account
choose-lead = Use an account you already have. The service will not see your password.
choose-none-eligible = No account can be used for { $service } at the moment.
shared-device = This is not my device
shared-device-hint = Nothing will be remembered here: each service will ask you to sign in again.
choose-again = Choose another account
back-to-service = Back to { $service }
continue-login = Continue signing in
try-again = Try again
level-asked-eidas1 = This service accepts a simple sign-in, for instance with a password.
level-asked-eidas2 = This service needs a strong sign-in: a code or a passkey besides the password.
level-asked-eidas3 = This service needs the highest security level: a means of sign-in handed out after your identity was checked.
corroboration-asked = It also needs two different accounts to confirm your identity.
level-reached-eidas1 = Security level of your sign-in: simple.
level-reached-eidas2 = Security level of your sign-in: strong.
level-reached-eidas3 = Security level of your sign-in: highest.
ineligible-disabled = Not available at the moment.
ineligible-not-for-client = Not accepted by { $service }.
ineligible-has-vouched = Has confirmed your identity already: another account must do so too.
ineligible-level-too-low = Not secure enough for { $service }.

setback-cancelled = You did not finish signing in with { $provider }. You can try again or choose another account.
setback-failed = { $provider } could not sign you in. Try again or choose another account.
setback-timeout = { $provider } did not answer in time. Try again or choose another account.
setback-unreachable = { $provider } cannot be reached at the moment. Try again later or choose another account.
setback-untrustworthy = The answer of { $provider } could not be verified. Nothing was sent. Try again or choose another account.
setback-not-allowed = { $provider } cannot be used for this service. Choose another account.
setback-level-too-low = Your sign-in with { $provider } is not secure enough for this service. Try again with a second factor or choose another account.
setback-identity-incomplete = { $provider } did not send your whole identity. Complete your account at { $provider } or choose another account.
setback-not-confirmed = The identity sent by { $provider } could not be confirmed. Choose another account.
setback-somebody-else = You signed in with another identity than the one the service expects. Choose the other account.
setback-more-is-needed = You are already signed in with { $provider }, but this service needs a better protected sign-in. Confirm your identity to go on.
setback-second-is-needed = { $provider } confirmed your identity. Now choose a second account, with another identity provider.
setback-contradicted = { $provider } knows you by another identity than your first account does. Choose an account of your own.
setback-not-the-session = You signed in as somebody other than the person whose session is open. If that is what you want, sign in again with this account: the other session will be closed.
setback-barred = The identity you signed in with is frozen or closed. Choose another account, or go back to the service.
setback-way-closed = You closed the way in by { $provider } yourself. Choose another account.
setback-another-account = Choose the account you want to use.

consent-title-asked = Do you allow your data to be sent?
consent-title-informed = Your data sent to the service
consent-title-anonymous = You stay anonymous
consent-address-own = { $service } will receive your e-mail address. You may give it a relay address instead: its messages reach you, and you cut it whenever you like.
consent-address-alias = { $service } will receive a relay address, which no other service knows. Its messages reach you until you cut it in “My ways in”.
consent-address-led = If you continue, its messages will reach you at { $address } from now on.
consent-tell-alias = Give a relay address
consent-tell-own = Give my own address instead
consent-lead-asked = { $service } asks for the data below. Nothing is sent without your consent.
consent-lead-informed = If you continue, { $service } will receive the data below.
consent-lead-anonymous = If you continue, { $service } will receive no personal data.
consent-anonymous-text = The service will recognise you from one visit to the next by an identifier of its own that says nothing about you.
consent-identity = Your identity
consent-data = Your administrative data
consent-data-text = { $service } will be able to ask the administration that holds them for:
consent-offline = After you leave
consent-offline-text = { $service } will be able to go on asking for these data when you are no longer signed in, for { $days } days at most.
consent-about = About this sign-in
consent-providers = { $provider } and { $second } both confirmed your identity.
consent-provider = You are signed in with { $provider }.
service-policy = How { $service } uses your data
service-terms = Terms of use of { $service }
service-logo = Logo of { $service }
consent-accept = I allow it
consent-refuse = I refuse
consent-continue = Continue to { $service }
consent-stop = Do not continue
consent-other = This is not me, or use another account

claim-family-name = Name at birth
claim-preferred-username = Name in use
claim-given-name = Given names
claim-gender = Sex
claim-birthdate = Date of birth
claim-idp-birthdate = Date of birth, as your identity provider has it
claim-birthplace = Place of birth
claim-birthcountry = Country of birth
claim-email = E-mail address
claim-email-verified = E-mail address verified
claim-verified-yes = Yes
claim-verified-no = No
claim-phone-number = Telephone
claim-idp-id = Identity provider used
claim-absent = Not provided
claim-birthplace-abroad = Abroad
claim-code = code { $code }
gender-female = Female
gender-male = Male
gender-unspecified = Not stated

sign-out-title = Do you want to sign out?
sign-out-lead = You have a session open in this browser.
sign-out-lead-service = { $service } suggests closing your session in this browser.
sign-out-text = You will be signed out of every service you entered with this session, and of your identity provider.
sign-out-accept = Sign out
sign-out-refuse = Stay signed in
sign-out-stayed = You are still signed in
    .text = Your session stays open in this browser.
signed-out = You are signed out
    .text = Your session is closed, here and at the services you entered with it. On a shared computer, close the browser too.
signed-out-missed = You are signed out here
    .text = Your session is closed, here and at the services you entered with it. You may still be signed in at { $providers }, which does not answer at the moment.
    .next = Sign out there later, or close the browser if this is a shared computer.

easy-consent-asked = { $service } wants information about you.
    Look at the list below.
    Do you agree? Press the first button.
    Do you not agree? Press the second button.
    It is not wrong to say no.
easy-consent-informed = { $service } will get information about you.
    Look at the list below.
    Is everything right? Press the first button.
    Do you want to stop? Press the second button.

# A service that is not for real.
sandbox = Sandbox
    .what = { $service } is being tried out. Use nothing but test identities here.
