//! Why a member of the cast could not be set up. Nothing of it is served then.

/// A fault of the demo's own making or of an address it was given.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The pages do not compile.
    #[error(transparent)]
    Pages(#[from] guichet_web::PagesError),
    /// An address is no URL.
    #[error("an address of the cast is no URL: {0}")]
    Address(#[from] url::ParseError),
    /// Keys could not be made.
    #[error(transparent)]
    Keys(#[from] guichet_exchange_client::KeysError),
    /// An instance name makes no cookie.
    #[error(transparent)]
    Cookie(#[from] guichet_web::CookieError),
}
