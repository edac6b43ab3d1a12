//! The end of a sign-in that was asked for elsewhere: the person's part is done, and whoever waits is
//! told (RFC 8628 §3.3, CIBA Core §10.2).

use axum::response::Response;
use guichet_oidc::{DeferredKind, Settled, Settlement};
use guichet_web::{Link, Message, PageContext, Tone};

use crate::hub::Hub;

impl Hub {
    /// The page that says what became of it; the client's ping, which waited for that, goes out.
    pub(crate) fn settled_page(&self, settled: &Settled, page: &PageContext) -> Response {
        if settled.kind == DeferredKind::Ciba {
            self.deliver_soon();
        }
        let client = self.parts().clients.client(settled.client.as_str());
        let service =
            client.map_or_else(|| settled.client.to_string(), |client| client.name.clone());
        let pages = &self.parts().pages;
        let text = |id: &str| pages.text(page.locale, id, &[("service", service.as_str())]);
        let (what, tone) = match settled.what {
            Settlement::Approved => ("approved", Tone::Success),
            Settlement::Refused => ("refused", Tone::Info),
            Settlement::TooLate => ("too-late", Tone::Warning),
        };
        let next = match (settled.what, settled.kind) {
            (Settlement::TooLate, _) => "settled-too-late-next".to_owned(),
            (_, DeferredKind::Device) => format!("settled-{what}-device"),
            (_, DeferredKind::Ciba) => format!("settled-{what}-ciba"),
        };
        let message = Message {
            title: text(&format!("settled-{what}")),
            paragraphs: vec![text(&next), text("settled-close")],
            tone,
            next: Some(Link {
                label: text("settled-account"),
                href: self.path("/account"),
            }),
        };
        // Nobody is on the way to the service any more.
        let page = page.clone().with_no_service();
        pages.message(&page, &message)
    }
}
