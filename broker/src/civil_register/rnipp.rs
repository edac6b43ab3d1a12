//! The register over HTTP: the question as a query, the answer as XML (`protocol.md`).

use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::pivot::{Birthplace, Gender};
use guichet_domain::{PartialDate, PivotIdentity};
use guichet_web::{Outgoing, OutgoingError};
use http::StatusCode;
use url::Url;

use super::answer::{self, Unreadable};
use super::{CivilRegister, RegisterUnavailable, Verdict};

/// A register reached over HTTP.
pub struct Rnipp {
    endpoint: Url,
    outgoing: Outgoing,
    timeout: Duration,
}

impl Rnipp {
    /// The register at `endpoint`, which must answer within `timeout`.
    pub fn new(endpoint: Url, outgoing: Outgoing, timeout: Duration) -> Self {
        Self {
            endpoint,
            outgoing,
            timeout,
        }
    }
}

#[async_trait]
impl CivilRegister for Rnipp {
    async fn ask(&self, identity: &PivotIdentity) -> Result<Verdict, RegisterUnavailable> {
        let url = question(&self.endpoint, identity);
        let answer = tokio::time::timeout(self.timeout, self.outgoing.get(url.as_str()))
            .await
            .map_err(|_| RegisterUnavailable::Timeout)?
            .map_err(|error| match error {
                OutgoingError::Timeout => RegisterUnavailable::Timeout,
                OutgoingError::Broken => RegisterUnavailable::Broken,
                OutgoingError::TooLarge => RegisterUnavailable::Garbled,
                _ => RegisterUnavailable::Unreachable,
            })?;
        if answer.status() != StatusCode::OK {
            return Err(RegisterUnavailable::Unreachable);
        }
        answer::read(answer.body()).map_err(|unreadable| match unreadable {
            Unreadable::Garbled => RegisterUnavailable::Garbled,
            Unreadable::Unknown => RegisterUnavailable::Unknown,
        })
    }
}

/// The endpoint with the identity as its query.
fn question(endpoint: &Url, identity: &PivotIdentity) -> Url {
    let mut url = endpoint.clone();
    url.query_pairs_mut()
        .append_pair("rechercheType", "S")
        .append_pair("nom", identity.family_name())
        .append_pair("prenoms", identity.given_names())
        .append_pair("dateNaissance", &eight_digits(identity.birthdate()))
        .append_pair("sexe", letter(identity.gender()))
        .append_pair("codeLieuNaissance", &place(identity.birthplace()));
    url
}

/// `19900412`; unknown parts are zeros.
fn eight_digits(date: PartialDate) -> String {
    date.to_string().replace('-', "")
}

const fn letter(gender: Gender) -> &'static str {
    match gender {
        Gender::Female => "F",
        Gender::Male => "M",
        Gender::Unspecified => "I",
    }
}

fn place(birthplace: Birthplace) -> String {
    match birthplace {
        Birthplace::France(place) => place.to_string(),
        Birthplace::Abroad(country) => country.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use guichet_domain::IdentityClaims;

    use super::*;

    fn asked(change: impl Fn(&mut IdentityClaims)) -> String {
        let mut claims = IdentityClaims {
            given_name: Some("Camille Aimée".into()),
            family_name: Some("MARTIN".into()),
            birthdate: Some("1990-04-12".into()),
            gender: Some("female".into()),
            birthcountry: Some("99100".into()),
            birthplace: Some("2A004".into()),
            ..IdentityClaims::default()
        };
        change(&mut claims);
        let identity = PivotIdentity::from_claims(&claims).unwrap();
        let endpoint = Url::parse("http://localhost:8040/rnipp").unwrap();
        question(&endpoint, &identity).into()
    }

    #[test]
    fn the_question_states_the_identity_and_encodes_it() {
        assert_eq!(
            asked(|_| ()),
            "http://localhost:8040/rnipp?rechercheType=S&nom=MARTIN&prenoms=Camille+Aim%C3%A9e\
             &dateNaissance=19900412&sexe=F&codeLieuNaissance=2A004"
        );
    }

    #[test]
    fn a_birth_abroad_is_asked_by_country_and_a_presumed_date_with_zeros() {
        let url = asked(|claims| {
            claims.birthcountry = Some("99243".into());
            claims.birthdate = Some("1969-00-00".into());
            claims.gender = Some("unspecified".into());
        });
        assert!(
            url.ends_with("dateNaissance=19690000&sexe=I&codeLieuNaissance=99243"),
            "{url}"
        );
    }

    #[test]
    fn a_name_cannot_add_a_parameter() {
        // `&` is no name at all; `=` and `#` are escaped.
        let url = asked(|claims| claims.family_name = Some("A=B#C".into()));
        assert!(url.contains("nom=A%3DB%23C&"), "{url}");
    }
}
