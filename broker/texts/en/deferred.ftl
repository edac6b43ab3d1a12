# A sign-in asked for elsewhere: on a device, or by a service that named you.
settled-approved = All done
settled-approved-device = You have authorised { $service }. You can go back to your device: it will sign in by itself in a few seconds.
settled-approved-ciba = You have authorised { $service }. The service will go on by itself in a few seconds.
settled-refused = Request refused
settled-refused-device = Nothing was sent to { $service }, and the device will not be signed in.
settled-refused-ciba = Nothing was sent to { $service }, which will be told.
settled-too-late = It is too late to answer
settled-too-late-next = The request of { $service } has expired, or was answered before. If you were expecting it, start again from the service or the device.
settled-close = You can close this page.
consent-approve = Authorise
consent-deny = Refuse
refuse-request = Refuse the request
settled-account = My account
