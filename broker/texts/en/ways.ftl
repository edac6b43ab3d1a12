# What everybody learns of the ways into their identity.
notice-sign-in = Sign-in to { $service } by { $provider }, from: { $device }.
notice-unknown-device = an unknown device
notice-new-provider = It is the first time by this identity provider.
notice-new-device = This device was never used before.
notice-new-service = It is the first time at this service.
notice-suspicious = It looked suspicious.
notice-kept-out = Somebody wanted to enter { $service } by { $provider }, a way in that you closed. They did not get in.
notice-closed = The way in by { $provider } was closed.
notice-opened = The way in by { $provider } was opened again.
notice-others-closed = New identity providers are closed beforehand from now on.
notice-others-opened = New identity providers are open beforehand from now on.
notice-alerts-all = You are told of every sign-in from now on.
notice-alerts-unusual = You are told of unusual sign-ins only from now on.
notice-address-given = An e-mail address was confirmed for your alerts.
notice-address-gone = Alerts are no longer sent by e-mail.
notice-alias-cut = The relay address given to { $service } was cut.
notice-alias-joined = The relay address given to { $service } was joined again.
notice-alias-led = The relay address given to { $service } leads to another address of yours from now on.
notice-device-forgotten = A device was forgotten.
notice-reopened = An agent opened every way into your identity again that was closed.
notice-subject-sign-in = Sign-in to your account
notice-subject-unusual = Unusual sign-in to your account
notice-subject-kept-out = A sign-in to your account was refused
notice-subject-changed = Your ways in have changed
notice-mail =
    Hello,

    { $what }

    On { $time }. Identification code: { $code }

    Was it you? Then there is nothing to do.

    Was it not you? Freeze your identity at once, with one click, without signing in:
    { $link }
    This link is good for thirty days and does nothing else: pass it on to nobody.

    You may also call the helpdesk, or go to a public service desk, and give the identification code. Nobody will ask you for your password.
notice-support-subject = A request waits in your account
notice-support-mail =
    Hello,

    The helpdesk asks for your agreement to see what is hidden of one of your sign-ins. Unless you agree, nothing of it is shown to them.

    Read the request and answer it in your account:
    { $link }

    Left unanswered, it is over after a day. Nobody will ask you for your password, or for a code, by e-mail or by phone.
notice-code-subject = Your confirmation code
notice-code-mail =
    Hello,

    Your code: { $code }

    Type it into your account to receive your alerts at this address. It is good for fifteen minutes.

    You asked for nothing? Ignore this message: without the code nothing will be sent here.

# The mail to whoever closed their account, with the link that opens it again.
reopen-mail-subject = Your account is closed
reopen-mail =
    Hello,

    Your account was closed on { $time }.

    It was not you, or you changed your mind? Until { $until } this link opens it again. You will be asked to sign in as you usually do:
    { $link }

    What was taken back does not return: each service will ask you again.

    You meant to close it? Then there is nothing to do. Nobody will ask you for your password.
