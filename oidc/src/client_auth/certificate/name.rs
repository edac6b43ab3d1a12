//! The name that a certificate bears: its subject (RFC 5280 §4.1.2.6), or one of its alternative names
//! (§4.2.1.6).

use std::net::IpAddr;
use std::str::FromStr as _;

use guichet_domain::client::CertificateSubject;
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::{Decode as _, Tag, Tagged as _};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::{Name, RelativeDistinguishedName};

/// Whether the certificate bears this name. One that cannot be read bears none.
pub(super) fn bears(der: &[u8], name: &CertificateSubject) -> bool {
    let Ok(certificate) = Certificate::from_der(der) else {
        return false;
    };
    let certificate = certificate.tbs_certificate();
    if let CertificateSubject::Dn(text) = name {
        let registered = Name::from_str(&without_spaces_between(text));
        return registered.is_ok_and(|registered| {
            !registered.is_empty() && is_same(&registered, certificate.subject())
        });
    }
    let alternatives = certificate.get_extension::<SubjectAltName>();
    alternatives
        .ok()
        .flatten()
        .is_some_and(|(_, alternatives)| {
            alternatives
                .0
                .iter()
                .any(|alternative| is_alternative(alternative, name))
        })
}

fn is_alternative(alternative: &GeneralName, name: &CertificateSubject) -> bool {
    match (alternative, name) {
        (GeneralName::DnsName(own), CertificateSubject::SanDns(name)) => {
            own.as_str().eq_ignore_ascii_case(name)
        }
        (GeneralName::UniformResourceIdentifier(own), CertificateSubject::SanUri(name)) => {
            own.as_str() == name
        }
        (GeneralName::IpAddress(own), CertificateSubject::SanIp(address)) => match address {
            IpAddr::V4(address) => own.as_bytes() == address.octets(),
            IpAddr::V6(address) => own.as_bytes() == address.octets(),
        },
        (GeneralName::Rfc822Name(own), CertificateSubject::SanEmail(name)) => {
            is_same_mailbox(own.as_str(), name)
        }
        _ => false,
    }
}

/// The part before the sign is compared to the letter, the host without regard to case (RFC 5280 §7.5).
fn is_same_mailbox(own: &str, name: &str) -> bool {
    match (own.rsplit_once('@'), name.rsplit_once('@')) {
        (Some((own, own_host)), Some((name, host))) => {
            own == name && own_host.eq_ignore_ascii_case(host)
        }
        _ => false,
    }
}

/// Whether two distinguished names match (RFC 5280 §7.1): the same attributes in the same order, those
/// of one component in any.
fn is_same(left: &Name, right: &Name) -> bool {
    left.len() == right.len()
        && left
            .iter_rdn()
            .zip(right.iter_rdn())
            .all(|(left, right)| is_same_component(left, right))
}

fn is_same_component(left: &RelativeDistinguishedName, right: &RelativeDistinguishedName) -> bool {
    // Both ways round: a text may name one attribute twice where the other has two.
    left.len() == right.len() && is_within(left, right) && is_within(right, left)
}

fn is_within(inner: &RelativeDistinguishedName, outer: &RelativeDistinguishedName) -> bool {
    inner
        .iter()
        .all(|one| outer.iter().any(|other| is_same_attribute(one, other)))
}

/// Text is compared without regard to case, to how many spaces there are, or to which kind of string
/// it is; anything else to the byte.
fn is_same_attribute(left: &AttributeTypeAndValue, right: &AttributeTypeAndValue) -> bool {
    left.oid == right.oid
        && match (text_of(left), text_of(right)) {
            (Some(left), Some(right)) => left == right,
            _ => left.value == right.value,
        }
}

fn text_of(attribute: &AttributeTypeAndValue) -> Option<String> {
    let is_text = matches!(
        attribute.value.tag(),
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String
    );
    let text = std::str::from_utf8(attribute.value.value()).ok()?;
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    is_text.then(|| words.join(" "))
}

/// Many write `CN=a, O=b`, which RFC 4514 does not have: the spaces belong to nothing.
fn without_spaces_between(text: &str) -> String {
    let mut compact = String::with_capacity(text.len());
    let (mut is_escaped, mut is_between) = (false, true);
    for letter in text.chars() {
        if is_between && letter == ' ' {
            continue;
        }
        is_between = !is_escaped && matches!(letter, ',' | '+');
        is_escaped = !is_escaped && letter == '\\';
        compact.push(letter);
    }
    compact
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `O=Mairie de Lyon\, 3e+OU=SI,L=Lyon,C=FR` over `CN=service.example`, with one alternative name
    /// of each kind.
    const CERTIFICATE: &[u8] = include_bytes!("../../testing/fixtures/client.der");

    fn bears_dn(text: &str) -> bool {
        bears(CERTIFICATE, &CertificateSubject::Dn(text.to_owned()))
    }

    #[test]
    fn a_subject_is_compared_as_rfc_4514_writes_it() {
        for same in [
            r"CN=service.example,OU=SI+O=Mairie de Lyon\, 3e,L=Lyon,C=FR",
            r"CN=service.example,O=Mairie de Lyon\, 3e+OU=SI,L=Lyon,C=FR",
            r"CN=service.example,O=Mairie de Lyon\2c 3e+OU=SI,L=Lyon,C=FR",
            r"2.5.4.3=service.example, O=Mairie de  Lyon\, 3e + OU=SI, L=Lyon, C=FR",
            r"cn=SERVICE.example,o=mairie de lyon\, 3e+ou=si,l=lyon,c=fr",
        ] {
            assert!(bears_dn(same), "{same}");
        }
    }

    #[test]
    fn a_subject_that_only_resembles_is_another() {
        for other in [
            r"C=FR,L=Lyon,O=Mairie de Lyon\, 3e+OU=SI,CN=service.example",
            r"CN=service.example,O=Mairie de Lyon\, 3e,OU=SI,L=Lyon,C=FR",
            r"CN=service.example,O=Mairie de Lyon\, 3e+OU=SI,L=Lyon",
            r"CN=service.example,OU=SI+OU=SI,L=Lyon,C=FR",
            "CN=service.example",
            "CN=service.example,O=Mairie de Lyon, 3e,L=Lyon,C=FR",
            "",
            "service.example",
        ] {
            assert!(!bears_dn(other), "{other}");
        }
    }

    #[test]
    fn alternative_names_match_by_their_kind() {
        let bears = |name| bears(CERTIFICATE, &name);
        assert!(bears(CertificateSubject::SanDns("Service.example".into())));
        assert!(bears(CertificateSubject::SanUri("urn:service:1".into())));
        assert!(bears(CertificateSubject::SanIp([192, 0, 2, 7].into())));
        assert!(bears(CertificateSubject::SanEmail(
            "Si@SERVICE.example".into()
        )));
        assert!(!bears(CertificateSubject::SanDns("example".into())));
        assert!(!bears(CertificateSubject::SanDns("urn:service:1".into())));
        assert!(!bears(CertificateSubject::SanUri("URN:service:1".into())));
        assert!(!bears(CertificateSubject::SanIp([192, 0, 2, 8].into())));
        assert!(!bears(CertificateSubject::SanEmail(
            "si@service.example".into()
        )));
    }

    proptest! {
        #[test]
        fn any_certificate_and_any_name_are_judged_without_panic(
            der in proptest::collection::vec(any::<u8>(), 0..200),
            text in ".{0,60}",
            at in 0..CERTIFICATE.len(),
            byte: u8,
        ) {
            let name = CertificateSubject::Dn(text);
            prop_assert!(!bears(&der, &name));
            let mut damaged = CERTIFICATE.to_vec();
            damaged[at] = byte;
            prop_assert!(!bears(&damaged, &name));
        }
    }
}
