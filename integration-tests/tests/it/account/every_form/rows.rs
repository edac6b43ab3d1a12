//! Every form of the account, well filled: whose token counts where, and what comes of it.

use super::things::Things;

/// A form.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// Where it is posted, as the route is written.
    pub(super) path: &'static str,
    /// The page on which it stands.
    pub(super) page: &'static str,
    pub(super) on: On,
    /// What is filled in, where the page does not fill it in: words, and what [`filled`] puts in their place.
    pub(super) fields: &'static [(&'static str, &'static str)],
    /// A box that is unticked.
    pub(super) unticked: Option<&'static str>,
    /// Where it leads whoever posts it for themselves; nowhere, to a page or a file.
    pub(super) leads: Option<&'static str>,
    /// Whether whoever posts it for themselves sees something of theirs change.
    pub(super) changes: bool,
    /// What whoever did it once is answered when they do it again.
    pub(super) again: Option<u16>,
}

/// What a form acts on, and so who holds a token for it that counts.
#[derive(Clone, Copy)]
pub(super) enum On {
    /// A thing of one person, by a name that nobody else is told. The token is bound to the browser, to the thing
    /// and, but for a device's request, to the person: an attacker holds one for a thing of their own of the same
    /// kind. It opens no other address (403); and one that the hub's own key made for the address of somebody
    /// else's gets no further (`refused`).
    Thing {
        /// Which.
        of: fn(&Things) -> &str,
        /// The form's name in its token.
        form: &'static str,
        /// Whether the person is in the token.
        of_person: bool,
        /// What is answered where the thing is somebody else's.
        refused: u16,
    },
    /// Whoever posts it, with nothing in the address (empty) or a name that everybody knows: the attacker's own
    /// token counts at this very address.
    Poster(&'static str),
    /// The same, and it ends the poster's account, sessions and all.
    Leaver,
    /// Nobody: the form stands for whoever is not signed in, and its token is bound to the browser alone.
    Nobody,
    /// A service that authenticates itself; there is no form.
    Service,
    /// Whoever has a link that its person was mailed: see
    /// `the_form_behind_a_mailed_link_is_no_use_for_the_account_of_another`, and `freezing.rs`.
    MailedLink,
}

impl Row {
    /// A path of the row with what it is about.
    pub(super) fn at(&self, path: &str, things: &Things) -> String {
        let about = match self.on {
            On::Thing { of, .. } => of(things),
            On::Poster(word) => word,
            On::Leaver | On::Nobody | On::Service | On::MailedLink => "",
        };
        match (path.find('{'), path.find('}')) {
            (Some(start), Some(end)) => format!("{}{about}{}", &path[..start], &path[end + 1..]),
            _ => path.to_owned(),
        }
    }
}

/// What is filled in, of the things of whom the row is turned against; what an attacker was mailed is theirs.
pub(super) fn filled(row: &Row, theirs: &Things, own_code: &str) -> Vec<(String, String)> {
    let fill = |(name, text): &(&str, &str)| {
        let text = match *text {
            THEIR_VISIT => theirs.visit.as_str(),
            THEIR_CODE => theirs.code.as_str(),
            THEIR_USER_CODE => theirs.user_code.as_str(),
            THEIR_SUB => theirs.sub.as_str(),
            OWN_CODE => own_code,
            text => text,
        };
        ((*name).to_owned(), text.to_owned())
    };
    row.fields.iter().map(fill).collect()
}

const THEIR_VISIT: &str = "{the code of their visit}";
const THEIR_CODE: &str = "{the code they were mailed}";
const THEIR_USER_CODE: &str = "{the code their device shows}";
const THEIR_SUB: &str = "{what Cantine calls them}";
pub(super) const OWN_CODE: &str = "{the code that the attacker was mailed}";
/// Where the attacker wants to be told.
pub(super) const OWN_ADDRESS: &str = "linh.alertes@example.org";

/// One that is posted for oneself, from `page`.
const fn own(path: &'static str, page: &'static str, about: &'static str) -> Row {
    Row {
        path,
        page,
        on: On::Poster(about),
        fields: &[],
        unticked: None,
        leads: None,
        changes: true,
        again: None,
    }
}

/// One about a thing, from `page`.
const fn about(
    path: &'static str,
    page: &'static str,
    form: &'static str,
    of: fn(&Things) -> &str,
    refused: u16,
) -> Row {
    Row {
        on: On::Thing {
            of,
            form,
            of_person: true,
            refused,
        },
        ..own(path, page, "")
    }
}

const DATA: &str = "/account/data";
const WAYS: &str = "/account/ways";
const REQUEST: &str = "/account/rights/requests/{id}";

/// In the order in which they are posted: what ends something comes after what it is needed for.
pub(super) const ROWS: &[Row] = &[
    // Whoever has the code of a device may answer it (RFC 8628); the ticket is their browser's own.
    Row {
        fields: &[("user_code", THEIR_USER_CODE)],
        leads: Some("/account/device/"),
        changes: false,
        ..own("/account/device", "/account/device", "")
    },
    Row {
        on: On::Thing {
            of: |it| &it.ticket,
            form: "device-decide",
            of_person: false,
            refused: 410,
        },
        fields: &[("decision", "refuse")],
        ..own("/account/device/{ticket}", "/account/device/{ticket}", "")
    },
    Row {
        fields: &[("decision", "refuse")],
        ..about(
            "/account/requests/{name}",
            "/account/requests",
            "request-decide",
            |it| &it.asked,
            410,
        )
    },
    Row {
        fields: &[("messages", "mute")],
        leads: Some("/account"),
        ..own("/account/services/{client}", "/account", "cantine")
    },
    Row {
        unticked: Some("field-quotient"),
        leads: Some(DATA),
        ..about(
            "/account/data/{id}/change",
            "/account/data/{id}/change",
            "evidence-change",
            |it| &it.granted,
            404,
        )
    },
    Row {
        fields: &[("service", "yes"), ("data_provider", "yes")],
        leads: Some(DATA),
        ..about(
            "/account/data/{id}/erasure",
            "/account/data/{id}/erasure",
            "evidence-erase",
            |it| &it.sent,
            404,
        )
    },
    // What has ended is in the list.
    Row {
        again: Some(303),
        leads: Some(DATA),
        ..about(
            "/account/data/{id}",
            DATA,
            "evidence-end",
            |it| &it.granted,
            404,
        )
    },
    Row {
        leads: Some(DATA),
        ..own("/account/data/consents/{client}", DATA, "ville")
    },
    Row {
        fields: &[
            ("provider-identite-postale", "close"),
            ("others", "close"),
            ("alerts", "all"),
        ],
        leads: Some("/account/ways?done=saved"),
        ..own("/account/ways", WAYS, "")
    },
    Row {
        fields: &[("email", OWN_ADDRESS)],
        leads: Some("/account/ways?done=asked"),
        ..own("/account/ways/address", WAYS, "")
    },
    // A code that somebody else was mailed confirms nothing of theirs, and nothing of one's own.
    Row {
        fields: &[("code", THEIR_CODE)],
        leads: Some("/account/ways?done=wrong-code"),
        changes: false,
        ..own("/account/ways/address/code", WAYS, "")
    },
    Row {
        fields: &[("code", OWN_CODE)],
        leads: Some("/account/ways?done=confirmed"),
        ..own("/account/ways/address/code", WAYS, "")
    },
    Row {
        leads: Some("/account/ways?done=forgotten"),
        ..own("/account/ways/address/forget", WAYS, "")
    },
    Row {
        fields: &[("way", "close")],
        leads: Some("/account/ways?done=cut"),
        ..about(
            "/account/ways/aliases/{handle}",
            WAYS,
            "way-alias",
            |it| &it.alias,
            404,
        )
    },
    Row {
        again: Some(404),
        leads: Some("/account/ways?done=forgotten"),
        ..about(
            "/account/ways/devices/{handle}",
            WAYS,
            "way-device",
            |it| &it.device,
            404,
        )
    },
    Row {
        fields: &[("decision", "accept")],
        leads: Some("/account/support"),
        ..about(
            "/account/support/{id}",
            "/account/support",
            "support-answer",
            |it| &it.support,
            404,
        )
    },
    Row {
        again: Some(404),
        leads: Some("/account/sessions"),
        ..about(
            "/account/sessions/{handle}",
            "/account/sessions",
            "session-close",
            |it| &it.session,
            404,
        )
    },
    Row {
        leads: Some("/account/sessions"),
        ..own("/account/sessions/others", "/account/sessions", "")
    },
    Row {
        fields: &[("statement", "Une demande.")],
        leads: Some("/account/rights/requests/"),
        ..own(
            "/account/rights/ask/{right}",
            "/account/rights/ask/{right}",
            "objection",
        )
    },
    about(
        "/account/rights/requests/{id}/bundle",
        REQUEST,
        "rights-bundle",
        |it| &it.complaint,
        404,
    ),
    Row {
        leads: Some("/account/rights/requests/"),
        ..about(
            "/account/rights/requests/{id}/withdraw",
            REQUEST,
            "rights-withdraw",
            |it| &it.request,
            404,
        )
    },
    own("/account/rights/archive", "/account/rights", ""),
    Row {
        changes: false,
        ..own("/account/history/statement", "/account/history", "")
    },
    // What anybody may do with a receipt that they have.
    Row {
        fields: &[("receipt", "eyJhbGciOiJFUzI1NiJ9.e30.AA")],
        changes: false,
        ..own("/receipts/verify", "/receipts/verify", "")
    },
    Row {
        on: On::Service,
        fields: &[("client_id", "cantine"), ("sub", THEIR_SUB)],
        ..own("/account/messages", "", "")
    },
    Row {
        on: On::Nobody,
        fields: &[("statement", "Ce n’était pas moi."), ("visit", THEIR_VISIT)],
        leads: Some("/account/not-me/reported/"),
        changes: false,
        ..own("/account/not-me/report", "/account/not-me", "")
    },
    Row {
        on: On::MailedLink,
        ..own("/account/reopen/{case}/{key}", "", "")
    },
    Row {
        on: On::MailedLink,
        ..own("/account/freeze/{key}", "", "")
    },
    Row {
        on: On::Leaver,
        fields: &[("understood", "yes")],
        leads: Some("/account/not-me/closed/"),
        ..own("/account/close", "/account/close", "")
    },
    // Last: it ends what everything else is posted with.
    Row {
        fields: &[("visit", THEIR_VISIT)],
        leads: Some("/account/not-me/frozen/"),
        ..own("/account/not-me", "/account/not-me", "")
    },
];
