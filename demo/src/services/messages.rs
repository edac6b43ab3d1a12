//! What a service says to whoever signed in to it, in their account at the hub: each service of the cast what
//! it would. Said again at the next sign-in, it takes its own place.

use std::time::Duration;

use guichet_domain::Timestamp;
use guichet_exchange_client::{Authentication, Hub};
use serde_json::{Map, Value, json};

use super::evidence::Office;
use crate::cast::Service;
use crate::party::TRIED_AFTER;
use crate::{DemoError, Surroundings, party};

/// A service's way into the accounts of its citizens.
pub(super) struct Messenger {
    service: Service,
    hub: Hub,
    /// Whether it publishes keys, and so signs.
    signs: bool,
    home: String,
}

impl Messenger {
    /// The one of `service`; a private body has none.
    pub(super) fn of(
        service: Service,
        office: Option<&Office>,
        surroundings: &Surroundings,
    ) -> Result<Option<Self>, DemoError> {
        if service == Service::Banque {
            return Ok(None);
        }
        let secret = service.client_secret().to_owned();
        let hub = match office {
            Some(office) => office.hub().clone(),
            None => party::hub(
                surroundings,
                service.client_id(),
                Authentication::SecretPost(secret),
            )?,
        };
        Ok(Some(Self {
            service,
            hub,
            signs: office.is_some(),
            home: surroundings.addresses.at(service.member(), "/"),
        }))
    }

    /// Says what this service has to say to `subject`, off the way of whoever waits for a page.
    pub(super) fn greet(&self, subject: &str, now: Timestamp) {
        for message in self.messages(subject, now) {
            let (hub, signs) = (self.hub.clone(), self.signs);
            tokio::spawn(async move {
                for pause in TRIED_AFTER {
                    tokio::time::sleep(pause).await;
                    match hub.tell_citizen(message.clone(), signs).await {
                        Ok(()) => return,
                        Err(error) => tracing::warn!(%error, "a message was not left"),
                    }
                }
            });
        }
    }

    fn messages(&self, subject: &str, now: Timestamp) -> Vec<Map<String, Value>> {
        let appointment = now.after(Duration::from_hours(9 * 24)).to_string();
        let said = match self.service {
            Service::CarteGrise => vec![
                json!({ "reference": "cg-changement", "kind": "opened", "title": {
                    "fr": "Votre demande de changement de titulaire est ouverte",
                    "en": "Your request to change the holder is open",
                } }),
                json!({ "reference": "cg-certificat", "kind": "ready", "title": {
                    "fr": "Votre certificat provisoire est prêt",
                    "en": "Your provisional certificate is ready",
                } }),
            ],
            Service::Plainte => vec![
                json!({ "reference": "pl-rdv", "kind": "appointment", "at": appointment, "title": {
                    "fr": "Rendez-vous au commissariat pour signer votre plainte",
                    "en": "Appointment at the police station to sign your complaint",
                } }),
            ],
            Service::Cantine => vec![
                json!({ "reference": "ca-quotient", "kind": "waiting", "title": {
                    "fr": "Il manque votre quotient familial pour calculer le tarif",
                    "en": "Your family quotient is missing to work out the price",
                } }),
                json!({ "reference": "ca-inscription", "kind": "decided", "title": {
                    "fr": "L’inscription à la cantine est acceptée",
                    "en": "The enrolment at the canteen is accepted",
                } }),
            ],
            Service::Banque => Vec::new(),
        };
        let with = |message: Value| {
            let Value::Object(mut message) = message else {
                return None;
            };
            message.insert("sub".to_owned(), subject.into());
            message.insert("uri".to_owned(), self.home.as_str().into());
            Some(message)
        };
        said.into_iter().filter_map(with).collect()
    }
}
