//! What the pages call their controls: the part of the surface that scripts may rely on, in one place.

use crate::journey::Control;

/// The button of every demo service that starts a login.
pub const SIGN_IN_WITH_GUICHET: Control<'_> = Control::Id("sign-in");
/// The sign-out button of a demo service.
pub const SIGN_OUT: Control<'_> = Control::Id("sign-out");
/// The account name on a sign-in page.
pub const LOGIN: &str = "login";
/// The password on a sign-in page.
pub const PASSWORD: &str = "password";
/// The button that sends the sign-in page.
pub const SIGN_IN: Control<'_> = Control::Id("sign-in");
/// The one-time code of an authenticator application.
pub const CODE: &str = "code";
/// The button that sends the code.
pub const VERIFY: Control<'_> = Control::Id("verify");
/// The button that starts a passkey ceremony.
pub const USE_PASSKEY: Control<'_> = Control::Id("passkey");
/// Yes on the information and consent pages.
pub const AGREE: Control<'_> = Control::Id("accept");
/// No on the consent page.
pub const REFUSE: Control<'_> = Control::Id("refuse");
/// Yes on the hub's sign-out page.
pub const CONFIRM_SIGN_OUT: Control<'_> = Control::Id("confirm");

/// Where a demo service shows the pseudonym it knows the citizen by.
pub const SHOWN_SUB: &str = "subject";
/// Where a demo service shows the citizen's name.
pub const SHOWN_NAME: &str = "name";
/// Where an error page shows the reference to read out.
pub const SHOWN_REFERENCE: &str = "error-reference";
