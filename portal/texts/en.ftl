# The citizen's account.
portal-title = My account
portal-intro = Sign in once: the services below then open without asking for a password again. Each knows you under a different pseudonym.
portal-sign-in = Sign in to my account
portal-messages = Waiting for you
portal-no-message = No service has left you a message.
portal-refresh = Refresh
portal-mine = My services
portal-mine-text = These services know you already, each by a different pseudonym. One click lets you in.
portal-others = Other services
portal-messages-of = Messages from this service
portal-muted = You do not see the messages of this service.
portal-mute = Stop seeing messages from { $service }
portal-hear = See messages from { $service } again
message-opened = Procedure opened
message-waiting = Your turn
message-decided = Decided
message-appointment = Appointment
message-ready = Document ready
message-at = On { $time }.
message-said = Received on { $time }.
portal-services = Services
portal-private = Private body
portal-no-service = No service is open yet.
portal-leave = Leave every service
portal-leave-text = Signing out here signs you out of every service opened from this browser, and of your identity provider.
portal-sessions = See my open sessions
portal-sign-out = Sign me out everywhere

# What is asked of you elsewhere.
portal-elsewhere = What is asked of you elsewhere
portal-requests-text = A service told you to open your account to answer a request.
portal-device-text = A television, a kiosk or another device shows a code.
account-asked = { $minutes ->
    [0] Asked less than a minute ago.
    [one] Asked { $minutes } minute ago.
   *[other] Asked { $minutes } minutes ago.
}
account-no-decision = Your answer was not received
    .what = The form arrived without an answer. Nothing was sent to the service.
    .next = Go back to the previous page and choose one of the two buttons.

# Codes of devices.
device-title = Sign in on a device
device-lead = The device shows a code of ten letters. Copy it here to see who asks for your sign-in.
device-code = Code shown by the device
device-code-hint = Eight letters, such as WDJB-MJHT. Capitals, dashes and spaces do not matter.
device-continue = Continue
device-unknown = This code is not valid, or it has expired. Check it on the device, or ask the device for a new one.
device-too-many = Too many codes were tried. Wait ten minutes, then try again.
device-warning-title = Beware of fraud
device-warning = Go on only if you started this sign-in yourself, on a device in front of you. If somebody sent you this code or this link, refuse: they could sign in in your place.
device-show-title = { $service } asks to sign you in
device-show-lead = Compare this code with the one your device shows:
device-show-next = You will then choose your account, and see what the service will receive.
device-accept = It is the same code, continue
device-refuse = Refuse the request
device-gone = This request waits for no answer any more
    .what = It has expired, was answered already, or was opened in another browser.
    .next = Ask the device for a new code, then type it again.

# Requests of services.
requests-title = Pending requests
requests-sign-in = Sign in to see the requests that wait for you, and no others.
requests-sign-in-button = Sign in
requests-lead = These services wait for your answer. If you accept, you will first see what the service will receive.
requests-asks = { $service } asks to sign you in.
requests-message = Compare with what the service shows or tells you:
requests-until = You can answer until { $time }.
requests-accept = Answer { $service }
requests-refuse = Refuse the request of { $service }
requests-warning = Answer only a request you expect, from a service you are dealing with right now. If in doubt, refuse: nothing will be sent.
requests-none = No request waits for you.
requests-none-next = If a service asked you to open your account, its request arrives here within seconds, and stays for a few minutes only.
requests-again = Look again
request-gone = This request waits for no answer any more
    .what = It has expired, or was answered already.
    .next = If you were expecting it, start again from the service.

# Open sessions.
sessions-title = My open sessions
sessions-sign-in = Sign in to see your open sessions, and only those.
sessions-lead = A session is open in each browser where you signed in. Close those you no longer need.
sessions-here = This browser
sessions-since = Signed in on { $time }.
sessions-level-eidas1 = Security level: simple.
sessions-level-eidas2 = Security level: strong.
sessions-level-eidas3 = Security level: highest.
sessions-services = Open services: { $services }.
sessions-no-service = No service is open with this session.
sessions-told = What was said of you
sessions-told-provider = { $provider }, where you signed in on { $time }, stated:
sessions-told-register = The civil register, asked on { $time }, confirmed:
sessions-told-methods = Means of sign-in:
sessions-told-hint = This information goes with the session. Each service receives only what it showed you.
method-pwd = password
method-otp = one-time code
method-hwk = hardware key
method-swk = software key
method-pop = proof of holding a key
method-user = presence confirmed
method-mfa = several factors
method-fpt = fingerprint
method-face = face recognition
method-pin = personal code
method-sms = text message
method-sc = smart card
sessions-close = Close the session of { $time }
sessions-close-here = Close this browser’s session
sessions-not-me = The sign-in of { $time }: it was not me
sessions-warning-title = A session that you do not recognise?
sessions-warning = Close it at once, then change the password of your account at the identity provider shown. Note its identification code: the helpdesk can find what happened by it.

# Evidence.
portal-evidence = My documents
portal-evidence-text = Who may still ask which administration for what, and what you refused.
evidence-list-title = My documents
evidence-list-sign-in = Sign in to see your decisions, and yours alone.
evidence-list-none = No service has asked for a document in your name.
evidence-list-lead = This is what you decided, the newest first. You can take back at any time what still stands.
evidence-list-live = Standing
evidence-list-sent = Sending to { $service } agreed on { $time }.
evidence-list-partly = Sending a part to { $service } agreed on { $time }.
evidence-list-refused = Sending to { $service } refused on { $time }.
evidence-list-contested = Information contested on { $time }; nothing was sent to { $service }.
evidence-list-purpose = Why
evidence-list-holder = Who holds the information
evidence-list-fields = Information
evidence-list-pulls = Requests
evidence-list-pulled = { $pulls } of { $most } at most
evidence-list-last = The latest on { $time }
evidence-list-until = { $service } may still ask for this information until { $time }.
evidence-list-end = Send “{ $evidence }” to { $service } no longer
evidence-list-ended = Ended on { $time }.
evidence-gone = There is no such decision
    .what = The address names none of your decisions.
    .next = Go back to the list of your documents.

# "It was not me".
portal-not-me = It was not me
portal-not-me-text = Did somebody sign in in your place? Freeze your identity everywhere, at once.
not-me-title = It was not me
not-me-lead = If somebody else is using your identity, freeze it. As soon as you confirm:
not-me-effect-sessions = all your sessions close, on every device, and nobody can sign in with your identity any more, anywhere;
not-me-effect-services = every service you use is told, and can ask for nothing in your name any more;
not-me-effect-evidence = your permissions to send evidence are suspended;
not-me-effect-case = a case is opened with the list of the sign-ins that were open. You get its number.
not-me-back-title = You will not be able to sign in either
not-me-back = To open your identity again you will have to sign in with two of your accounts, or have two agents open it.
not-me-visit = Identification code of the suspicious sign-in
not-me-visit-hint = Twelve letters and digits, such as ABCD-2345-WXYZ. It stands in the notice you got or in the list of your sessions.
not-me-confirm = Freeze my identity everywhere
not-me-sign-in = Sign in to freeze your identity at once, everywhere.
not-me-sign-in-button = Sign in to freeze my identity
not-me-report-title = You have no account, or cannot enter it any more
not-me-report-lead = Say what happened. Agents look at every report; this page tells nobody whether an identity is known here.
not-me-statement = What happened?
not-me-statement-hint = For instance: which service, which day, what you received. Do not write any password.
not-me-statement-missing = Say in a few words what happened.
not-me-contact = Where you can be reached
not-me-contact-hint = A telephone number or an address. They are used for this case only.
not-me-report = Send the report
not-me-too-many = Too many reports were sent
    .what = Several reports left from this connection within the last hour already. They arrived.
    .next = If you have something to add, try again in an hour, or telephone the helpdesk of the service concerned.
not-me-frozen = Your identity is frozen
    .what = Nobody can use it any more. Your sessions are closed and your services are being told.
not-me-reported = Your report is recorded
    .what = Agents will look at it. If they have reason to think that your identity is used here, they freeze it.
not-me-case = Case number:
not-me-case-hint = Note it down: you will be asked for it on the telephone and at the desk. By itself it opens nothing.
not-me-next = What happens next
not-me-next-passwords = Change the passwords of your accounts at your identity providers, beginning with the one of the suspicious sign-in.
not-me-next-thaw = Once you are reassured, open your identity again with two of your accounts:
not-me-next-thaw-link = unfreeze my identity
not-me-next-agents = With one account only, turn to an agent: two agents check together that it is you before they open it again.
not-me-next-agents-look = An agent gets back to you if you left a way to reach you.
not-me-next-police = In case of identity theft you can file a complaint with the police: keep what you received, and this number.
not-me-help-title = By telephone or at a desk
not-me-help = Call the helpdesk of the service concerned, or visit a public service desk (town hall, France services) with an identity document. An agent can freeze an identity at once.

# Unfreezing.
thaw-title = Unfreeze my identity
thaw-lead = Sign in with two of your accounts, at two different identity providers: nobody opens your identity by holding one of them.
thaw-first = Choose a first account and sign in.
thaw-second = Choose a second one, at another provider, and sign in.
thaw-then = Your identity then works again. The sessions and permissions from before do not come back: each service will ask you to sign in again.
thaw-begin = Begin
thaw-again = Try again
thaw-alone-title = You have one account only, or an agent froze the identity
thaw-alone = Call the helpdesk of the service concerned, or visit a public service desk with an identity document and your case number. Two agents check together that it is you.
thawed-done = Your identity works again
    .text = You can sign in everywhere. What was open before the freeze stays closed.
thawed-not = Your identity was not opened again
    .text = It takes two accounts of the same person, at two different providers, one after the other.
