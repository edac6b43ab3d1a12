//! What a party says of an exchange in a form, authenticated as at `/token`: a delivery, an erasure. 204,
//! however often it comes.

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use guichet_domain::Client;
use guichet_oidc::ClientForm;
use guichet_store::Fault;
use guichet_store::durable::Party;
use http::StatusCode;

use super::{Counter, failed};

/// The members that a form may have.
type Members = &'static [&'static str];

/// The form, and which exchange it is about, by the name that the party has for it.
pub(super) struct Form {
    members: ClientForm,
    party: Party,
    name: String,
}

impl Form {
    /// The exchange.
    pub(super) fn exchange(&self) -> (Party, &str) {
        (self.party, &self.name)
    }

    /// Who says it.
    pub(super) fn client(&self) -> &Client {
        &self.members.client
    }

    /// A member, empty when it is not there.
    pub(super) fn get(&self, member: &str) -> &str {
        self.members.get(member).unwrap_or_default()
    }
}

impl Counter {
    /// Takes a form of `members`, among them `exchange` (of a data provider) and `grant_id` (of a
    /// service); or the answer to what is none.
    pub(super) async fn said(&self, request: Request, members: Members) -> Result<Form, Response> {
        let form = self.engine.client_form(request, members).await?;
        let (party, name) = match (form.get("grant_id"), form.get("exchange")) {
            (Some(id), None) => (Party::Service, id.to_owned()),
            (None, Some(alias)) => (Party::DataProvider, alias.to_owned()),
            _ => return Err(self.engine.refuse_form(WHICH)),
        };
        Ok(Form {
            members: form,
            party,
            name,
        })
    }

    /// The answer, once it was noted or not: then the log has `what`.
    pub(super) fn noted(
        &self,
        noted: Result<Result<(), &'static str>, Fault>,
        what: &'static str,
    ) -> Response {
        match noted {
            Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
            Ok(Err(why)) => self.engine.refuse_form(why),
            Err(fault) => failed(&fault, what),
        }
    }
}

const WHICH: &str = "exchange or grant_id says which one";
