# What every page says.
skip-to-content = Skip to content
demo-label = Notice
demo-notice = Demonstration: everything here is fictional, people and data alike.
destination-label = Service requested
destination = You are continuing to
navigation-label = Navigation
language-label = Language
footer-help = Help
footer-accessibility = Accessibility
continue = Continue
cancel = Cancel
back = Back
save = Save
sign-out = Sign out
sign-in = Sign in
yes = Yes
no = No
optional = (optional)
error-prefix = Error:
alert-info = Information
alert-success = Done
alert-warning = Please note
alert-error = Error
step-of = Step { $current } of { $total }
form-post-title = Back to the service
form-post-text = You are being sent back to the service. If nothing happens, press the button.

# A service, as a person is told of it before they say yes.
service-public = { $service } is a public service.
service-private = { $service } is a private organisation.
service-host = Its address: { $host }.

reading-label = How to read
reading-easy = Easy to read
reading-full = Full version
reading-large = Larger letters
reading-normal = Normal size

assistance-title = Without the internet:
assistance-phone = telephone
assistance-desk = desk
assistance-post = post
assistance-none = turn to the public service you want to reach, by telephone, at its desk or by post.
