# The help and accessibility pages.
help-title = Help
help-lead = A few answers for signing in with peace of mind.
help-what = What is this sign-in page for?
    .text = It lets you use an online service with an account you already have, without making up yet another password.
help-account = Which account should I choose?
    .text = Choose an account you already use. Some services need a better protected account: the choice page says which ones fit.
help-data = Which data are sent?
    .text = Only those the page shows you before you continue. Each service knows you under a different identifier and cannot match what you do here with what you do elsewhere.
help-stuck = I cannot go on
    .text = Go back to the service and start again in a single tab. Check that your browser accepts cookies. If there is an error, note the reference shown.
help-phishing = How do I recognise the real page?
    .text = Check the address your browser shows. We never ask for your password by e-mail, text message or telephone.
help-contact = Getting help
    .text = Contact the helpdesk of the service you wanted to use, and give the incident reference if there is one.
accessibility-title = Accessibility
accessibility-lead = These pages are made for everyone.
accessibility-aim = What we aim for
    .text = We aim to conform to WCAG 2.2 level AA, on which the European standard EN 301 549 and the French RGAA are based.
accessibility-how = What that means
    .text = Pages can be used with a keyboard and with a screen reader, can be enlarged to 400 % without horizontal scrolling, respect your contrast, theme and motion settings, and work without JavaScript.
accessibility-limits = Known limits
    .text = Passkeys need JavaScript and a compatible device; another way to sign in is always offered. This statement rests on automatic checks, not yet on an independent audit.
accessibility-contact = Reporting a difficulty
    .text = If a page gets in your way, write to the helpdesk of the service you wanted to use. Without a satisfactory answer, in France you may turn to the Défenseur des droits.

# The page that tells services of a sign-out.
signing-out-title = You are signed out
signing-out-text = The services you had entered are being told.
signing-out-next = You go on in a few seconds.
signing-out-frame = A service is being told
