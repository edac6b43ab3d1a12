# The citizen's account.
portal-title = My account
portal-intro = Sign in once: the services below then open without asking for a password again. Each knows you under a different pseudonym.
portal-services = Services
portal-private = Private body
portal-no-service = No service is open yet.
portal-leave = Leave every service
portal-leave-text = Signing out here signs you out of every service opened from this browser, and of your identity provider.
portal-sign-out = Sign me out everywhere
