//! What every page shares: layout, language, cookies, forms, headers, errors; and the one client
//! for outgoing requests.
mod address;
mod assets;
mod brand;
mod context;
mod cookies;
mod csrf;
mod dates;
mod egress;
mod error;
mod form;
mod headers;
mod local_path;
mod locale;
mod network;
mod outgoing;
mod own;
mod pages;
mod shared_pages;
mod site;
#[cfg(test)]
mod testing;
mod texts;
mod theme;

pub use address::{ClientAddress, ThrottleKey, TrustedProxies};
pub use brand::{Accent, Brand, Emblem};
pub use context::{NavigationLink, PageContext, ServiceLabel};
pub use cookies::{CookieError, CookieLife, Cookies};
pub use csrf::{Csrf, CsrfRefusal, Purpose};
pub use egress::EgressPolicy;
pub use error::{PageError, WayBack};
pub use form::{Form, FormError, Query, parse_strictly};
pub use headers::FormAction;
pub use local_path::LocalPath;
pub use locale::Locale;
pub use minijinja::{Value, context};
pub use network::{Network, NotANetwork};
pub use outgoing::{Outgoing, OutgoingError};
pub use pages::{Pages, PagesBuilder, PagesError, PagesSettings};
pub use shared_pages::{Link, Message, Question, Tone};
