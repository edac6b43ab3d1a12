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
device-code-hint = Ten letters, such as WDJBR-MJHTC. Capitals, dashes and spaces do not matter.
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
sessions-gone = This session is not open
    .what = The address leads to no open session of yours: it was closed already, or is over. Nothing was closed.
    .next = Look at the sessions that are open.

# Evidence.
erasure-link = Have “{ $evidence }” erased
erasure-title = Have “{ $evidence }” erased
erasure-lead = Each body has thirty days to answer. It erases what it received or kept, or tells you which law forbids it. Its answer will be shown here.
erasure-ends = This agreement still stands: your request ends it.
erasure-whom = Whom do you ask?
erasure-service = It received this information.
erasure-holder = It keeps a trace of having sent it; it goes on holding the information itself.
erasure-nobody = Tick at least one body.
erasure-ask = Ask for erasure
erasure-leave = Ask for nothing
erasure-asked = { $party } was asked to erase it; an answer is expected before { $time }.
erasure-overdue = { $party } should have answered your request to erase before { $time }. The operator of this site has been alerted.
erasure-done = { $party } erased this information on { $time }.
erasure-refused = { $party } refused to erase it on { $time }.
erasure-ground = Text of law: { $ground }

# "It was not me".
portal-not-me = It was not me
portal-not-me-text = Did somebody sign in in your place? Freeze your identity everywhere, at once.
not-me-title = It was not me
not-me-lead = If somebody else is using your identity, freeze it. As soon as you confirm:
not-me-effect-sessions = all your sessions close, on every device, and nobody can sign in with your identity any more, anywhere;
not-me-effect-services = every service you use is told, and can ask for nothing in your name any more;
not-me-effect-evidence = your agreements to send evidence are suspended;
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
not-me-visit-wrong = A code has twelve letters and digits. Leave this empty if you have none.
not-me-contact = Where you can be reached
not-me-contact-hint = A telephone number or an address. They are used for this case only.
not-me-report = Send the report
not-me-too-many = Too many reports were sent
    .what = Several reports left from this network within the last hour already. They arrived.
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
thaw-then = Your identity then works again. Your agreements to send evidence hold again. The sessions and access from before do not come back: each service will ask you to sign in again.
thaw-begin = Begin
thaw-again = Try again
thaw-alone-title = You have one account only, or an agent froze the identity
thaw-alone = Call the helpdesk of the service concerned, or visit a public service desk with an identity document and your case number. Two agents check together that it is you.
thawed-done = Your identity works again
    .text = You can sign in everywhere. What was open before stays closed.
thawed-not = Your identity was not opened again
    .text = It takes two accounts of the same person, at two different providers, one after the other.

# Receipts: downloaded from the account, verified by anybody.
receipt-not-yet = The receipt is not ready yet
    .what = Your decision is on record, but the audit log is not signed that far yet.
    .next = Come back in a minute.
receipts-verify-title = Verify a receipt
receipts-verify-lead = A receipt proves what was decided about evidence, and that the audit log of these exchanges was not changed since. Anybody can verify it here, without signing in.
receipts-verify-file = Choose the file of the receipt
receipts-verify-paste = Content of the receipt
receipts-verify-paste-hint = The file you downloaded from your account, opened with a text editor.
receipts-verify-button = Verify
receipts-verify-holds = This receipt is authentic
receipts-verify-holds-text = Every check holds: what follows was decided and put on record.
receipts-verify-fails = This receipt is not authentic
receipts-verify-fails-text = At least one check failed. Do not rely on what this receipt says.
receipts-verify-checks = The checks
receipts-verify-by-hub = Checked by this site. Nothing is kept.
receipts-verify-by-browser = Checked by your browser. The receipt was not sent.
receipts-verify-says = What the receipt says
receipts-verify-how = How to verify without trusting us
receipts-verify-how-browser = With JavaScript, your browser makes every check itself and sends nothing.
receipts-verify-how-alone = You can also keep the public keys and verify later, offline: guichet receipt verify recu.jwt --keys receipt-keys.json
receipts-verify-keys = Download the public keys
receipt-check-form = It is a receipt.
receipt-check-signature = It is signed by this site.
receipt-check-entries = The entries it holds were not changed.
receipt-check-decision = It says what the entry of the decision says.
receipt-check-checkpoint = The state of the audit log is signed.
receipt-check-inclusion = The entries are in the signed audit log.
receipt-check-holds = Yes.
receipt-problem-form = No: this text is not a receipt.
receipt-problem-signature = No: the signature does not hold.
receipt-problem-key = No: it is signed with another key.
receipt-problem-changed = No: entry { $n } was changed.
receipt-problem-foreign = No: entry { $n } is not about this exchange.
receipt-problem-undecided = No: the entry of the decision is missing.
receipt-problem-differs = No: it says something else.
receipt-problem-checkpoint = No: the audit log’s signature does not hold.
receipt-problem-tree = No: entry { $n } is not in the audit log.
receipt-row-outcome = Decision
receipt-row-decided = Date
receipt-row-service = Service that asked
receipt-row-evidence = Evidence
receipt-row-holder = Who holds the information
receipt-row-asked = Information asked for
receipt-row-granted = Information that may leave
receipt-row-purpose = Why
receipt-row-basis = Ground
receipt-row-usage = Usage
receipt-row-until = Good until
receipt-row-retention = Kept by the service, in days
receipt-row-pulls = Times it was sent
receipt-row-ended = Ended early
receipt-row-hidden = Kept secret by law
receipt-outcome-sent = Send
receipt-outcome-partly = Send a part
receipt-outcome-refused = Do not send
receipt-outcome-contested = Contest
receipt-basis-explicit_request = Request of the citizen
receipt-basis-consent = Consent
receipt-basis-legal_obligation = Legal obligation
receipt-usage-single = Once
receipt-usage-recurring = Several times
receipt-ended-revoked = Taken back by the citizen
receipt-ended-given_back = Given back by the service
receipt-ended-replaced = Replaced by another decision
receipt-ended-unused = Not used
receipt-ended-withdrawn = Withdrawn by the administration
receipts-counts-title = Exchanges, counted by three
receipts-counts-lead = Every day this site, the administrations that send and the services that receive count the evidence that was sent. The three counts must be equal.
receipts-counts-caption = Evidence sent, by day and administration
receipts-counts-day = Day
receipts-counts-holder = Administration
receipts-counts-hub = This site
receipts-counts-sent = The administration
receipts-counts-received = The services
receipts-counts-few = few
receipts-counts-differ = difference
receipts-counts-small = “few”: fewer than { $fewer }; the exact number would say too much.
receipts-counts-none = No evidence was sent on the past days.
receipts-counts-hidden-title = Exchanges kept secret by law
receipts-counts-hidden = Today: { $hidden }. Opened at their date since: { $opened }.
receipts-counts-json = The same counts for programs (JSON)

# The way around the account.
nav-home = Home
nav-data = My data
nav-history = History
nav-ways = My ways in
nav-sessions = Sign-ins
nav-rights = My rights
nav-not-me = It was not me

# The history.
history-title = My history
history-file = history
history-sign-in = Sign in to see your history, and nobody else’s.
history-lead = Everything that happened here with your identity and your data, the latest first.
history-filter-kind = What
history-filter-all = Everything
history-filter-service = Service
history-filter-every = All services
history-filter-from = From
history-filter-to = To
history-filter-steps = Show technical steps too
history-filter-steps-hint = Each sign-in takes several steps, all of them in the audit log.
history-filter-show = Show
history-filter-clear = Back to the last six months
history-none = Nothing matches.
history-closed-title = A period is not shown
history-closed = For a time, two people were taken for one. What was recorded then is in neither history, since nothing says whose it is. An agent can tell you more.
history-pages = Pages of the history
history-newest = The latest
history-older = Older
history-service = Service:
history-holder = Holder:
history-more = Details
history-not-me = It was not me
history-acting-for = for { $name }
history-place-unknown = Unknown: the place was not recorded.
history-places = The place of a sign-in is told where it is known.
history-period = From { $from } to { $to }.
history-period-since = Since { $from }.
history-period-until = Until { $to }.
history-export-title = Keep a copy
history-export-text = The file holds everything that matches what is chosen above, on all pages.
history-export-pdf = Download as PDF, to read or print
history-export-csv = Download as CSV, for a spreadsheet
history-export-json = Download as JSON, for a program
history-statement-title = The proof that nothing is missing
history-statement-text = The statement counts every entry about you and proves each of them. The count itself is an entry of the audit log: whoever holds the audit log can check that nothing was left out or slipped in. It contains the key to your history: give it only to whom you want to show everything.
history-statement-make = Download the complete statement
history-statement-verify = Verify a statement
history-class-sign_in = Sign-in
history-class-exchange = Data exchange
history-class-refusal = Refusal
history-class-change = Change
history-class-look = Somebody looked
history-class-step = Step
history-column-entry = No. in the audit log
history-column-time = Date
history-column-class = Category
history-column-kind = Code
history-column-what = What
history-column-who = By whom
history-column-service = Service
history-column-provider = Identity provider
history-column-data-provider = Data provider
history-column-about = Data
history-column-level = Level
history-column-means = Means
history-column-place = Place
history-column-code = Identification code
history-level-eidas1 = Low
history-level-eidas2 = Substantial
history-level-eidas3 = High
history-by-you = You
history-by-service = The service
history-by-holder = The data provider
history-by-provider = The identity provider
history-by-hub = This site
history-by-agent = An agent of this site’s operator
history-other = Something was recorded
history-login-started = A sign-in was asked for
history-sso-started = A service opened without asking you to sign in again
history-login-refused = A service’s request was refused
history-provider-shown = The list of identity providers was shown
history-provider-chosen = An identity provider was chosen
history-provider-returned = The identity provider answered
history-provider-failed = The identity provider could not identify you
history-register-asked = The civil register was asked
history-identity-verified = You identified yourself
history-identity-refused = Your identification was refused
history-identity-contradicted = Two identity providers named two different people
history-person-renamed = Your civil status was updated from the register
history-person-shown = Your technical record was looked at
history-person-frozen = Your identity was frozen
history-person-closed = Your account was closed
history-person-thawed = Your identity was unfrozen
history-person-barred = A sign-in was prevented: the identity was frozen, or the account closed
history-ways-changed = You changed your ways in, or your alerts
history-ways-change-failed = A change of your ways in was not made: another came first
history-way-refused = A sign-in by a way in that you had closed was refused
history-alert-sent = An alert was sent to you
history-alias-made = A relay address was given to the service
history-alias-cut = You cut the relay address of the service
history-alias-led = The relay address of the service leads to another address of yours
history-alias-joined = You joined the relay address of the service again
history-archive-made = You took the archive of what this site holds about you
history-case-shown = A case about you was looked at
history-correction-proposed = A correction of your record was proposed
history-correction-confirmed = A correction of your record was made
history-correction-undone = A correction of your record was undone
history-correction-failed = A correction of your record was not made
history-consent-shown = You were shown what the service would receive
history-consent-given = You signed in to the service
history-consent-withdrawn = You took your consent back
history-consent-refused = You refused to sign in to the service
history-login-abandoned = You left before the sign-in was done
history-service-returned = The service received your sign-in
history-deferred-requested = A device or a service asked for your sign-in
history-deferred-approved = You accepted the request of a device or a service
history-deferred-refused = The request of a device or a service was refused
history-token-issued = The service got its access
history-token-refreshed = The service renewed its access
history-token-exchanged = The service passed its access on to another
history-token-introspected = An access was checked
history-token-revoked = The service gave its access back
history-token-refused = The service was refused access
history-refresh-token-reused = An access that was presented twice was taken from the service
history-code-replayed = A sign-in that was presented twice was undone
history-userinfo-served = The service read your identity information
history-session-ended = One of your sessions was closed
history-provider-signed-out = Your identity provider signed you out
history-message-left = A service left you a message
history-service-muted = You no longer see a service’s messages
history-service-unmuted = You see a service’s messages again
history-history-stated = You were given a complete statement
history-evidence-requested = Evidence was asked for
history-evidence-identified = Your identity was told to the holder, to find you
history-evidence-shown = Evidence was shown to you
history-evidence-prepared = The holder prepared evidence
history-evidence-not-found = The holder found no evidence
history-evidence-decided-sent = You agreed to send evidence
history-evidence-decided-partly = You agreed to send a part of some evidence
history-evidence-decided-refused = You refused to send evidence
history-evidence-decided-contested = You said that evidence is wrong
history-evidence-voucher-issued = The service got a voucher for evidence
history-evidence-released = Evidence was sent to the service
history-evidence-delivered-released = The holder confirmed that evidence left
history-evidence-delivered-received = The service confirmed that evidence arrived
history-evidence-refused = The service was refused evidence
history-evidence-unconfirmed = The arrival of evidence was not confirmed
history-evidence-revoked = The right to fetch evidence ended
history-evidence-revoked-unused = The right to fetch evidence ended, since nobody used it
history-evidence-narrowed = You took information away from a right to fetch
history-evidence-erasure-requested = You asked for what was sent to be erased
history-evidence-erased = What was sent was erased
history-evidence-erasure-refused = The erasure was refused
history-evidence-hidden = By law, an exchange was kept from you for a time

# My data.
portal-data = My data
portal-data-text = Who can still ask which administration for what, and what each service received.
portal-history = My history
portal-history-text = Your sign-ins, exchanges and refusals, and who looked at your record.
data-title = My data
data-sign-in = Sign in to see your data and your decisions, and nobody else’s.
data-lead = What each service has of you, what it can still ask for, and how to stop it.
data-live-title = Who can still ask for what
data-order = Order of the list
data-by-service = By service
data-by-holder = By administration
data-to-service = { $name } can ask for
data-from-holder = { $name } can send
data-none-live = Nobody can ask for anything about you at the moment.
data-past-title = What is over, or was refused
data-live = In force
data-sent = You agreed to send it to { $service } on { $time }.
data-partly = You agreed to send a part of it to { $service } on { $time }.
data-refused = You refused to send it to { $service } on { $time }.
data-contested = You said on { $time } that it is wrong; nothing was sent to { $service }.
data-service = Who asks
data-purpose = What for
data-holder = Who holds it
data-fields = Information
data-until = Until
data-pulls = Fetched
data-pulled = { $pulls } of { $most } at most
data-last = Last on { $time }
data-never = Never so far
data-standing-fetched = { $service } received this information and cannot ask for it again. You can still take back your agreement.
data-standing-not-begun = You did not go back to { $service }: this service received nothing and cannot ask for anything.
data-by-law = The law orders this: you can end it, but not take a part of it away.
data-end = Stop sending “{ $evidence }” to { $service }
data-change = Take information away from “{ $evidence }” for { $service }
data-renew = Renew “{ $evidence }” at { $service }
data-receipt = Download the receipt: “{ $evidence }”, { $service }
data-verify = Verify a receipt
data-ended-revoked = You ended it on { $time }.
data-ended-given_back = The service ended it on { $time }.
data-ended-replaced = A later decision took its place on { $time }.
data-ended-unused = Over since { $time }, as nobody used it.
data-ended-withdrawn = The administration ended it on { $time }.
data-unconfirmed = Arrival not confirmed
    .what = One of the two administrations did not confirm the last time it was sent. Both have been told.
data-told-title = What services received of your identity
data-told-text = Each service received only what it showed you, and knows you under a different pseudonym.
data-told-none = No service has received anything of your identity.
data-told-nothing = Nothing but a pseudonym.
data-told-asked = With your consent, last on { $time }.
data-told-informed = After telling you, last on { $time }.
data-told-offline = The service can renew this access without you.
data-told-withdraw = Unlink { $service } and take my consent back
data-told-withdrawn-badge = Consent taken back
data-told-withdrawn = You took your consent back on { $time }. The service will ask again at the next sign-in. What it received already stays there: ask it to erase it.
data-gone = This decision does not exist
    .what = The address leads to no decision of yours, or to one that can no longer be changed.
    .next = Go back to the list of your data.
change-title = Take information away from “{ $evidence }”
change-lead = Untick what { $service } should no longer receive. It takes effect at once: neither the service nor the administration has to agree, and both are told.
change-fields = Information that is sent
change-more = To add more, { $service } has to ask you again.
change-do = Send only what is ticked
change-leave = Change nothing
change-nothing-left = Everything is unticked: to stop sending anything, end it instead.
change-nothing-taken = Nothing is unticked: untick at least one.

# The statement of a history, verified.
statement-holds = This statement is authentic and complete
statement-holds-text = { $n } entries, all proven; their count is the one on record in the audit log.
statement-fails = This statement is not authentic, or not complete
statement-fails-text = At least one check failed. Do not rely on this statement.
statement-how = A statement of a history is checked by this site, which keeps nothing of it. If it is long, verify it on your computer with the same command; with the whole audit log: guichet receipt recount.
statement-check-form = It is a statement of a history.
statement-check-signature = This site signed it.
statement-check-checkpoint = The state of the audit log is signed.
statement-check-entries = All entries are about the same person, and unchanged.
statement-check-count = Their count is the one on record in the audit log.
statement-check-inclusion = They are in the signed audit log.
statement-check-earlier = Nothing of an earlier statement is missing.
statement-check-history = The audit log has one history.
statement-problem-form = No: this text is not a statement.
statement-problem-line = No: line { $n } is no entry.
statement-problem-signature = No: the signature is wrong.
statement-problem-changed = No: entry no. { $n } was changed.
statement-problem-slipped-in = No: entry no. { $n } is out of its place, or about somebody else.
statement-problem-not-stated = No: this count is not on record in the audit log.
statement-problem-count = No: there are { $n } entries here, and they are not those of the count.
statement-problem-tree = No: entry no. { $n } is not in the audit log.
statement-problem-checkpoint = No: the audit log’s signature is wrong.
# Ways in.
portal-ways-text = Which identity providers may sign you in, and on which devices you are signed in.
again-title = Sign in again
again-lead = What you want to change may close your account to others, or to you: for your safety it needs a sign-in of the last five minutes.
again-too-new = You are signed in by an identity provider that has spoken for you only for a short while. Sign in by another one that you used before; or come back after { $time }.
again-other = Sign in by another way
again-sign-in = Sign in again
again-then = You come back to the page you were on: make your choice there.
again-cannot = You can no longer sign in like that?
again-cannot-text = Call the helpdesk, or go to a public service desk: once they have checked who you are, an agent can open your ways in again. If somebody else uses your identity, freeze it at once.
again-back = Go back and change nothing
ways-fresh = To change anything here you need a sign-in of the last five minutes, at the highest level that you usually reach.
ways-alias-leads = Leads to { $address }
ways-title = My ways in
ways-sign-in = Sign in to see your ways in, and nobody else’s.
ways-lead = You decide who may sign you in. What you close here is closed everywhere, at once.
ways-providers = Your identity providers
ways-providers-text = A way in that is closed signs nobody in under your name, not even with the right password. Sessions that came by it are closed.
ways-in-use-now = In use now
ways-is-closed = Closed
ways-closed-since = Closed on { $time }.
ways-in-use-hint = You are signed in this way: to close it, sign in by another one first.
ways-may = May { $provider } sign you in?
ways-may-yes = Yes: the way in is open
ways-may-no = No: the way in is closed
ways-others = Providers that come later
ways-others-may = May a new identity provider sign you in?
ways-others-yes = Yes, as long as you do not close it
ways-others-no = No, as long as you do not open it here
ways-sessions = Your sessions
ways-sessions-text = Each browser in which you are signed in, and the means to sign it out.
ways-last = Last spoke for you on { $time }.
ways-never = Never spoke for you.
ways-unlink = These providers keep the account you have with them: closing a way in here does not remove it there. There is nothing else to unlink: the hub knows you by your identity, not by an account.
ways-alerts = Being told of sign-ins
ways-alerts-text = Each alert arrives in your account, with the means to freeze your identity in one click if it was not you. They cannot all be switched off: they are how you would see a fraud.
ways-alerts-which = Of which sign-ins would you like to be told?
ways-alerts-unusual = Only of unusual ones
ways-alerts-unusual-hint = A device, an identity provider or a service never seen before, or a way in that is closed.
ways-alerts-all = Of all of them
ways-save = Save
ways-save-hint = Your choices are saved together. If you receive your alerts by e-mail, a single e-mail says all that has changed.
ways-nothing-to-save = You have changed nothing: there is nothing to save.
ways-address = By e-mail, too
ways-address-is = Your alerts are sent to
ways-address-forget = Write to me no more and forget this address
ways-address-give = Receive alerts by e-mail
ways-address-other = Give another address
ways-email = E-mail address
ways-email-hint = It stays encrypted, serves your alerts alone, and is given to nobody.
ways-email-send = Send me a code
ways-code-sent = A code was just sent to { $address }.
ways-code = Code received by e-mail
ways-code-hint = Six digits, good for fifteen minutes.
ways-code-confirm = Confirm the address
ways-aliases = Your relay addresses
ways-aliases-text = Each is known to one service only. Once cut, nothing passes any more, at once; the service does not know your address.
ways-alias-cut = Cut
ways-alias-cut-since = Cut on { $time }: nothing passes any more.
ways-alias-made = Given on { $time }. Its messages reach you.
ways-alias-do-cut = Cut the address given to { $service }
ways-alias-join = Join the address given to { $service } again
ways-done-cut = The address is cut: nothing passes any more.
ways-done-joined = The address is joined again.
ways-devices = Your devices
ways-devices-text = The devices that you signed in from in the last three months. A device that is forgotten counts as unknown again.
ways-no-device = No device is known.
ways-device-unknown = Unknown device
ways-device-here = This device
ways-device-last = Last sign-in on { $time }.
ways-device-first = Known since { $time }.
ways-device-forget = Forget { $device }, seen on { $time }
ways-done-saved = It is saved. Your choices hold from now on, everywhere.
ways-done-unchanged = Nothing changed: that was your choice already.
ways-done-asked = A code was sent to you. Type it below, in “By e-mail, too”.
ways-done-confirmed = The address is confirmed: your alerts are sent there, too.
ways-done-forgotten = It is forgotten.
ways-done-not-an-address = That is no e-mail address. Check it, for example name@example.org.
ways-done-wrong-code = That is not the right code, or it has expired. Look at the latest e-mail, or ask for a new code.
ways-done-too-many = Too many changes or codes in a short time. Wait an hour and try again.
message-sign-in = Sign-in
message-unusual = Unusual sign-in
message-kept-out = Sign-in refused
message-changed = Choice changed
message-not-me = On { $time }: it was not me
sessions-device = Device: { $device }.
sessions-used = Last used on { $time }.
sessions-close-others = { $others ->
    [one] Close the other session
   *[other] Close the { $others } other sessions
}
ways-in-use = This way in cannot be closed now
    .what = You are signed in by this identity provider. To close it would leave you outside: nothing was changed.
    .next = Sign in to your account by another identity provider, then close this one.
ways-unknown = This is not among your ways in
    .what = The address leads to no provider, and to no device or relay address of yours: perhaps it is there no more. Nothing was changed.
    .next = Look at what is among your ways in.

# Rights.
rights-title = My rights
rights-lead = What the law lets you do with what the hub holds about you, and how. All of it can be done by telephone, by post or at a public desk, too.
rights-access = See everything: your archive
rights-access-text = One file holds everything that the hub holds about you: services that know you, agreements, evidence and its receipts, messages, ways in, devices, sessions, history. It is signed: anybody can verify that nothing in it was changed.
rights-access-button = Download my archive
rights-access-hint = A ZIP file, which opens on every device. Keep it to yourself: it says a lot about you.
rights-rectification = Have a mistake corrected
rights-rectification-text = The hub does not keep your civil status: it receives it at each sign-in. A mistake is corrected where it comes from, and the correction arrives everywhere with the next sign-in.
rights-wrong-civil = Names, birth
rights-wrong-civil-to = At the town hall of your birth, or at the central registry for births abroad; the corrected register then holds everywhere.
rights-wrong-contact = E-mail address, telephone, name used
rights-wrong-contact-to = In your account at the identity provider that stated them.
rights-wrong-evidence = A fact of some evidence
rights-wrong-evidence-to = At the administration that holds it: when you decide, the button “This is wrong” tells it, and nothing is sent.
rights-wrong-person = You are taken for somebody else
rights-wrong-person-to = Call the helpdesk: two agents can part or join two files, and undo what they did.
rights-objection = Object
rights-objection-text = Each of these choices holds at once, and needs no reason:
rights-objection-evidence = no longer let a service ask for evidence, or take back a consent
rights-objection-ways = close a way into your identity
rights-objection-messages = no longer see a service’s messages
rights-erasure = Have erased
rights-erasure-text = What can be erased, and what the law has kept:
rights-erasure-now = Your addresses, devices and relay addresses are erased or cut in “My ways in”; your sessions disappear when you close them.
rights-erasure-services = What a service received is asked of that service, or from the evidence itself: its answer, yes or the law that forbids it, is shown in your account.
rights-erasure-kept = The audit log is kept, without name or date of birth: it proves what was done in your name. The account itself you can close.
rights-complaint = Complain
rights-complaint-first = First, if you like, to the data protection officer of { $controller }: { $contact }.
rights-complaint-text = At any time to the data-protection authority: { $authority }. Add your archive: it is signed, and proves what the hub held.
rights-complaint-link = File a complaint: { $authority }
rights-controller = the operator of the hub
rights-authority = that of your country
rights-register-text = Who processes which data, why, on which basis and for how long: the register is made from what really runs, the moment you open it.
archive-about = Everything that this hub holds about the person signed in at the time of asking, file by file.
archive-not-kept = Names, sex, date and place of birth are kept nowhere in the clear: they arrive at each sign-in, stay sealed for the time of a session and disappear with it. The person is recognised by a keyed digest, from which they cannot be found. Values of evidence are never kept.
archive-verify = The file manifest.jwt has the SHA-256 digest of each file and the hub’s signature. To verify: guichet archive verify ARCHIVE --keys KEYS, with the keys published at /exchange/receipts/keys.
statement-unsettled = Your statement cannot be made yet
    .what = It was found lately that two identities known here are yours, and that can still be corrected. A statement opens the whole history, for good, to whoever has it: it waits until this is certain.
    .next = You can read and export your history already. Come back for the statement in a month, or ask the helpdesk.

archive-under-way = Your archive is being prepared already
    .what = One is prepared at a time, and yours was asked for a moment ago.
    .next = Wait a minute and ask for it again.
archive-later = Too many archives are being prepared at the moment
    .what = Those of other people take every place. Nothing is lost.
    .next = Try again in a few minutes.

# The register of processing.
processing-title = Register of processing
processing-lead = Made just now, from the services, providers, catalogue and settings of this hub (Regulation (EU) 2016/679, article 30).
processing-controller = Controller
processing-contact = Data protection officer
processing-authority = Supervisory authority
processing-sources = Where identities come from
processing-purpose = Why
processing-basis = Legal basis
processing-data = Data
processing-recipients = Recipients
processing-retention = How long
processing-of-hub = What the hub does itself
processing-of-services = The services it signs you in to
processing-of-evidence = Evidence from one administration to another
processing-json = The same register, for machines (JSON)
processing-public-task = Task in the public interest (article 6(1)(e))
processing-pseudonym = a pseudonym of this service alone
processing-service-purpose = Signing citizens in to this service
processing-service-public = Task in the public interest (article 6(1)(e)): the citizen is informed of each item
processing-service-private = Consent (article 6(1)(a)): the citizen agrees to each transmission
processing-service-kept = The hub keeps the names of what was sent alone; what follows is the service’s.
processing-evidence-kept = { $service } may keep the fact for { $duration } at most; the hub does not keep its value.
processing-session = Sign-in and session
processing-session-purpose = Knowing the citizen from one service to the next without asking for the password again
processing-session-data = Identity stated by the identity provider, sealed
processing-session-to = Nobody, but the service chosen and what the citizen saw
processing-session-kept = { $duration } at most, then all of it disappears
processing-index = Recognising people
processing-index-purpose = Giving each service the same pseudonym for the same person
processing-index-data = A keyed digest of the identity, without the identity
processing-index-to = Nobody
processing-index-kept = As long as the person uses the hub
processing-devices = Devices and alerts
processing-devices-purpose = Telling the citizen of an unusual sign-in
processing-devices-data = Approximate name of the device, services and providers used, e-mail address if the citizen gives one, sealed
processing-devices-to = The citizen
processing-devices-kept = Devices: { $duration } after the last sign-in; address: until the citizen erases it
processing-messages = Messages in the account
processing-messages-purpose = Showing citizens what their services say
processing-messages-data = The message, sealed, under the pseudonym of that service
processing-messages-to = The citizen
processing-messages-kept = { $duration } at most
processing-audit = Audit log
processing-audit-purpose = Proving what was done in somebody’s name, and finding fraud
processing-audit-data = Random identifiers, services, providers, times, the approximate place where it is known; never a name, a date of birth or an address
processing-audit-to = The citizen; authorised agents; courts, on request
processing-audit-kept = Kept as evidence, as the law says; signed every { $duration }
lasting-days = { $count } days
lasting-hours = { $count } hours
lasting-minutes = { $count } min

life-events-title = Something happens in your life
life-events-text = Say what happens to you: here are the services for it.

rights-to-hub = The team of this site
rights-to-register = The civil register
rights-asked-title = Your requests
rights-asked-of = Addressee: { $to }. Sent on { $time }.
rights-state-asked = Sent
rights-state-late = Late
rights-state-passed_on = Passed on
rights-state-done = Done
rights-state-refused = Refused
rights-state-withdrawn = Withdrawn
rights-since-asked = Sent on { $time }. An answer is due by { $due }.
rights-since-late = An answer was due by { $due }. You can complain.
rights-since-passed_on = Passed on { $time } to whoever holds the data. An answer is due by { $due }.
rights-since-done = Done on { $time }.
rights-since-refused = Refused on { $time }. The reason is given; you can complain.
rights-since-withdrawn = You withdrew it on { $time }.
rights-ask-rectification = Ask for a correction
    .lead = Say what is wrong and what is right. The request is passed on to whoever holds the data, and you follow the answer here.
rights-ask-erasure = Ask for erasure
    .lead = Say what is to be erased. A refusal names the law that makes it necessary to keep.
rights-ask-objection = Object to a processing
    .lead = Say which use of your data you object to, and why.
rights-ask-complaint = Complain
    .lead = Write what you complain about. Then take a signed file to send to the authority.
rights-ask-complaint-to = Your complaint is for { $authority }. It leaves when you send the file yourself.
rights-ask-to = Addressee
rights-ask-to-hint = Where the data comes from, or who uses it.
rights-ask-statement = Your request
rights-ask-statement-hint = At most 4,000 characters. Write no password and no card number.
rights-ask-send = Send
rights-ask-kept = Your text is kept encrypted. It is erased a year after the answer.
rights-ask-no-addressee = Choose an addressee of the list.
rights-ask-no-statement = Write your request.
rights-ask-too-long = Your text is too long: at most 4,000 characters.
rights-ask-too-many = Too many of your requests wait for an answer already. Withdraw one, or wait.
rights-request-made = Sent
rights-request-due = Answer due by
rights-request-number = Number
rights-request-answer = The answer
rights-request-statement = Your request
rights-request-how = What happens
rights-request-page = Go to the site: { $to }
rights-how-hub = The team of this site answers itself, within a month.
rights-how-register = The civil register corrects its own records: ask the town hall of your place of birth or, if you were born abroad, the central office in Nantes. The team of this site passes your request on and tells you the answer. The correction comes here with your next sign-in.
rights-how-provider = { $to } holds your address and contact details: correct them in your account there. The team of this site passes your request on if that is not enough. The correction comes here with your next sign-in.
rights-how-service = The team of this site passes your request on to { $to }, which answers within a month.
rights-how-holder = { $to } holds the data at its source. The team of this site passes your request on; once the data is corrected, each service receives the right one with the next exchange.
rights-how-authority = Take the file: it holds your complaint, your requests with their answers, and everything this site holds about you, signed. Attach it to the form of the authority ({ $to }).
rights-bundle = Take the signed file
rights-bundle-hint = A ZIP file. Its signature proves that nothing in it was changed.
rights-withdraw = Withdraw my request
rights-answered-rectification = An answer to your request for correction
rights-answered-erasure = An answer to your request for erasure
rights-answered-objection = An answer to your objection
rights-answered-complaint = An answer to your complaint

close-title = Close my account
close-lead = You can close your account yourself, at once. First read what that does.
close-does-title = What it does
close-does-sessions = You are signed out everywhere, and nobody signs in as you by this site any more.
close-does-consents = Everything you agreed to is taken back.
close-does-evidence = No service receives evidence by this site any more.
close-does-told = The services that know you by this site are told.
close-not-title = What it does not do
close-not-services = Your files at services stay: ask them for erasure.
close-not-providers = Your accounts at identity providers stay: close them there.
close-kept-title = What the law makes us keep
close-kept-log = The audit log: who did what and when, under a keyed name, without your civil status.
close-kept-index = A keyed digest of your identity: without it a stranger could open an account in your place.
close-kept-evidence = The proof of exchanges of evidence that were made.
close-undo-title = You have { $days } days to change your mind
close-undo = For { $days } days you open your account again by signing in with two identity providers, or with two agents. What was taken back does not return. After that, it is closed for good.
close-undo-mail = If you gave an address for alerts, a link goes there too: with it, one sign-in is enough.
close-archive = Before you leave, keep a copy:
close-understood = I have read this, and I want to close my account
close-not-understood = Tick the box to close your account.
close-confirm = Close my account
close-next-told = The services that know you by this site are told now.
close-next-undo = Have you changed your mind? Open your account again within 30 days with two identity providers:
close-next-kept = Keep this number: an agent will ask for it.
not-me-closed = Your account is closed
    .what = Nobody signs in as you by this site any more.

history-rights-asked = You made a request about your data
history-rights-answered-passed_on = Your request was passed on
history-rights-answered-done = Your request was done
history-rights-answered-refused = Your request was refused
history-rights-answered-withdrawn = You withdrew a request
history-rights-failed-asked = Your request was not kept: too many wait already
history-rights-failed-answered = An answer was not kept: your request was settled before it
history-rights-shown = An agent read your request
history-rights-complaint-made = You took a complaint file
history-ways-reopened = An agent opened every way into your identity again

processing-requests = Requests about your data
processing-requests-purpose = Answering whoever asks for a correction or erasure, objects or complains
processing-requests-data = What you write and the answer, encrypted
processing-requests-to = The team of this site, and whoever holds the data
processing-requests-kept = { $duration } after the answer

app-short-name = Guichet

easy-home = Here you see your services.
    Click on a service to go there.
    You do not have to write your password again.
    You also see the messages of services.
easy-data = Here you see who has your information.
    You see which service may still ask for it.
    You can say no. Each service has a button for it.
    When you say no, the service gets nothing any more.
easy-not-me = Does somebody use your name?
    Press the button below.
    Nobody can enter with your name any more.
    You get a number. Keep this number.
    Somebody can help you.
easy-rights = You have rights.
    You can see everything we know about you.
    You can have a mistake corrected.
    You can have information erased.
    You can say no to a service.
    You can complain.
easy-close = Do you want to leave?
    You can close your account.
    Nobody can enter with your name any more.
    You have 30 days to change your mind.

portal-known-since = Has known you since { $time }.
portal-last-used = Last sign-in on { $time }.
portal-last-level = Level: { $level }.
portal-unlink = See what { $service } has of you, or unlink it
close-next-undo-link = open my account again

# The support
support-title = Helpdesk
support-asks = An agent asks to see what is hidden of one of your sign-ins
support-sign-in = Sign in to see what the helpdesk asks of you.
support-sign-in-button = Sign in
support-lead = You read out a reference or a code to the helpdesk. The agent saw what happened at that sign-in, and nothing personal. Here they ask to see more; you decide.
support-none = Nobody at the helpdesk asks anything of you.
support-of = Sign-in { $handle }
support-who = Who asks
support-why = Why
support-asked = Asked on
support-what = What they would see
support-what-text = For one hour, this agent alone: your history thirty days before and after this sign-in (times, services, providers, levels), in which sectors you are known, and since when. No name, no date of birth, no address: this site keeps none.
support-until-waiting = You can answer until
support-until-agreed = Seen until
support-until-refused = Refused on
support-until-withdrawn = Taken back on
support-until-over = Over since
support-state-waiting = waits for you
support-state-agreed = agreed
support-state-refused = refused
support-state-withdrawn = taken back
support-state-over = over
support-accept = Agree for one hour
support-refuse = Refuse
support-withdraw = Take it back now
support-warning-title = Did you not call the helpdesk?
support-warning = Then refuse. Nobody needs your password, and the helpdesk never asks for it.
support-gone = This request is over
    .what = It was answered already, or its time is over. Nothing was changed.
    .next = Look at what is asked now.
history-support-looked-masked = An agent looked at one of your sign-ins; what is personal was hidden
history-support-looked-acted = An agent was led to you by one of your codes, to do something about it
history-support-looked-agreed = An agent looked at what you had agreed to show
history-support-asked = An agent asked to see what is hidden of a sign-in
history-support-answered-agreed = You agreed that an agent sees it for an hour
history-support-answered-refused = You refused an agent’s request
history-support-answered-withdrawn = You took back your agreement
history-support-purpose-citizen_called = You had called or written
history-support-purpose-service_reported = A service had reported a problem
history-support-purpose-fault = A fault of this site
history-support-purpose-misuse = Possible misuse of your identity

# The page of the mailed link that opens an account again.
reopen-title = Open my account again
reopen-lead = You followed the link that you got when your account was closed.
reopen-next = Sign in now as you usually do: your account is open again at once. What was taken back does not return.
reopen-begin = Sign in and open my account again
reopen-over = This link leads nowhere any more
    .what = It was used, the 30 days are over, or the address is not complete.
    .next = Take the whole link from the message. Otherwise two identity providers open your account again, or two agents.

# The notice that came by mail: one click is enough.
freeze-lead = You were told of something on { $time }. Identification code of that sign-in:
freeze-does = If it was not you, freeze your identity: one click is enough, without signing in. At once:
freeze-was-me = Was it you? Close this page: nothing has changed.
freeze-over = This link leads nowhere any more
    .what = It is more than thirty days old, it is not complete, or your identity was frozen since that notice.
    .next = If it is frozen, nobody can use it. If not, freeze it from the page “It was not me”.
not-me-next-held = Your agreements to send evidence are suspended, not deleted: they hold again when your identity is opened again. The case keeps the list of the sign-ins that were open.
easy-freeze = Did somebody come in with your name?
    Was it not you?
    Press the button.
    Nobody can come in with your name any more.
    You get a number. Keep this number.
easy-not-me-out = Does somebody use your name?
    Press the first button.
    You sign in, then you stop everything.
    You cannot sign in?
    Write further down what happened.
    A person reads your message.
easy-frozen = It is done.
    Nobody can come in with your name any more. Nor can you.
    Keep the number.
    Change your passwords.
    A person can help you, by telephone or at a desk.
easy-thaw = Do you want to come in again?
    Sign in twice, with two accounts.
    You have one account only? A person can help you.
easy-history = Here you see what happened.
    You see when you went into a service.
    You see which service got your information.
    There is a line that you do not know?
    Open the details of this line. Press “It was not me”.
easy-ways = Here you choose how to come in.
    You can close a way in.
    A way that is closed works for nobody.
    You can get a message when somebody comes in with your name.
    To change something, you sign in once more.
easy-sessions = Here you see where you are signed in: computers, telephones.
    You can close a sign-in. It is the button of each sign-in.
    There is a sign-in that you do not know?
    Press “it was not me”.

# A service unlinked; what is suggested; older messages.
portal-unlinked = Unlinked on { $time }: this service has no access any more.
data-told-unlink = Unlink { $service }
data-told-unlink-does = Unlinking a service ends all of its access and tells it so: it signs you out. Going there again links it again.
data-told-unlinked-badge = Unlinked
data-told-unlinked = You unlinked this service on { $time }: its access ended, and it was told. What it received already stays there: ask it to erase that.
history-consent-withdrawn-unlinked = You unlinked the service: its access ended
portal-suggested = Perhaps useful, too
portal-suggested-text = Taken from your services and what happens in a life. It is chosen at this moment and kept nowhere.
portal-suggested-why = Often useful with { $service }: “{ $event }”.
portal-older-messages = { $n ->
    [one] Show the other message
   *[other] Show the { $n } other messages
}
message-new-service = New service

# The case of a freeze, read again afterwards; renewing.
not-me-help-phone = Helpdesk: { $phone }
not-me-cases = Your cases
not-me-case-froze = Identity frozen on { $time }
not-me-case-other = Case of { $time }
not-me-case-open = Open
not-me-case-ended = Ended on { $time }.
not-me-case-evidence = The sign-ins that were open
data-renew-how = { $service } will ask you again, and you choose anew.
portal-mastery = Staying in control
portal-rights-text = Download everything, correct, have erased, object, complain, close your account.
rights-complaint-ready = For you to send
    .what = Nothing has left yet: take the signed file and send it to the authority yourself.
rights-complaint-written = Written
rights-complaint-for = For: { $to }. Written on { $time }.
