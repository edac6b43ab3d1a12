# The pages of the embedded identity provider.
idp-home-title = Your account
idp-home-hello = Hello { $name }
idp-home-text = Sign in to see your account and how it is protected.
idp-home-signed-in = You are signed in. Services that use this account will not ask for your password again until you sign out.
idp-home-link = Back to the home page
idp-security-link = Sign-in and security

idp-sign-in-title = Sign in
idp-login = Account name
idp-password = Password
idp-password-refused = The account name or the password is not right. Check them and try again.
idp-or-passkey = Or without a password
idp-use-passkey = Use a passkey
idp-passkey-needs-script = A passkey needs JavaScript in your browser.
idp-passkey-unsupported = This browser cannot use passkeys.
idp-passkey-failed = The passkey could not be used. Try again, or choose another way.
idp-cancel = Cancel and go back to the service

idp-second-factor-title = Confirm that it is you
idp-second-factor-text = This service asks for a second factor besides your password.
idp-code = Code
idp-code-hint = The six digits that your authenticator application shows.
idp-code-refused = This code is wrong or was used already. Wait for the next one and type it.
idp-verify = Confirm

idp-no-second-factor-title = This service needs a second factor
idp-no-second-factor-text = Your password was right, but this service asks for more than a password and your account has no second factor yet.
idp-no-second-factor-next = Add an authenticator application or a passkey to your account, then start again from the service.
idp-back-to-service = Go back to the service
idp-add-second-factor = Add a second factor

idp-security-title = Sign-in and security
idp-security-who = You are signed in as { $name } (account name: { $login }).
idp-password-only = This account is protected by your password.
idp-factors-title = Second factors
idp-factors-text = They protect your account even if somebody learns your password, and open services that need a higher level.
idp-factors-none = You have none yet.
idp-kind-totp = Authenticator application
idp-kind-passkey = Passkey
idp-added = Added on { $date }.
idp-used = Last used on { $date }.
idp-never-used = Not used yet.
idp-add-totp = Add an authenticator application
idp-add-passkey = Add a passkey
idp-add-passkey-text = Your device keeps the passkey and asks for your fingerprint, your face or your PIN. It signs you in without a password.
idp-make-passkey = Make a passkey
idp-label = Name
idp-label-hint = To tell it from others, for example “My phone”.
idp-totp-step-1 = Open your authenticator application.
idp-totp-step-2 = Scan the picture, or type the key below it.
idp-totp-step-3 = Type the code that the application shows.
idp-totp-qr = QR code with the key that is written below
idp-totp-secret = Key:
idp-totp-link = Open in the application of this device

idp-remove = Remove
idp-keep = Keep
idp-remove-totp = Remove this authenticator application?
idp-remove-passkey = Remove this passkey?
idp-remove-text = You will no longer be able to sign in with it.
idp-remove-last = It is your last second factor: services that need a higher level will be closed to you until you add another.
idp-done-totp-added = The authenticator application was added.
idp-done-passkey-added = The passkey was added.
idp-done-passkey-failed = The passkey was not added. Try again.
idp-done-removed = The second factor was removed.

idp-sign-out-title = Sign out of { $provider }?
idp-sign-out-text = Services that you signed in to with this account are told.
idp-stay = Stay signed in
idp-signed-out-title = You are signed out
idp-signed-out-text = On a shared computer, close the browser as well.

idp-too-many = Too many attempts
    .what = Many attempts failed on this account or from your network. We are pausing passwords and codes to keep the account safe.
    .next = If you have a passkey, go back and use it: passkeys are never paused. Otherwise wait ten minutes, or use a device where you signed in before.
idp-busy = Many people are signing in at the moment
    .what = Your password was not looked at.
    .next = Try again in a moment.
idp-request-refused = This sign-in request is not valid
    .what = The service sent a request that cannot be answered ({ $error }: { $description }).
    .next = Go back to the service and start again. If it happens again, tell the service.

idp-mail-added-subject = { $provider }: a second factor was added to your account
idp-mail-added =
    Hello,

    A second factor was added to your { $provider } account.

    If it was not you, sign in at { $address } without delay, remove it, and tell our helpdesk.
idp-mail-removed-subject = { $provider }: a second factor was removed from your account
idp-mail-removed =
    Hello,

    A second factor was removed from your { $provider } account.

    If it was not you, sign in at { $address } without delay and tell our helpdesk.
