//! What was measured, of whom, and how it is said.

use std::collections::HashMap;

use crate::gauge::Spread;

/// One kind of operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Measure {
    /// A citizen's whole first login, tokens and claims included.
    SignIn,
    /// A code flow under a live session, where nothing is shown: request, answer, token, userinfo.
    SignOn,
    /// The token endpoint, with a client secret.
    Token,
    /// Userinfo as JSON.
    Userinfo,
    /// The token endpoint, with a client secret and a proof of possession (DPoP).
    DpopToken,
    /// The token endpoint, for a refresh token.
    Refresh,
    /// Userinfo as a signed JWT.
    SignedUserinfo,
    /// Userinfo as a JWT that is signed, then encrypted.
    EncryptedUserinfo,
    /// Introspection of an access token.
    Introspection,
    /// A pushed authorization request.
    Push,
    /// A citizen under a live session decides on one evidence: request, pages, answer, token.
    Decision,
    /// One exchange of evidence: voucher, release, and both halves of the delivery.
    Exchange,
    /// The metadata document.
    Discovery,
    /// The key set.
    Jwks,
}

impl Measure {
    /// All, in the order of the table.
    pub(crate) const ALL: [Self; 14] = [
        Self::SignIn,
        Self::SignOn,
        Self::Token,
        Self::DpopToken,
        Self::Refresh,
        Self::Userinfo,
        Self::SignedUserinfo,
        Self::EncryptedUserinfo,
        Self::Introspection,
        Self::Push,
        Self::Decision,
        Self::Exchange,
        Self::Discovery,
        Self::Jwks,
    ];

    /// What it is called.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::SignIn => "federated login",
            Self::SignOn => "code flow under a live session",
            Self::Token => "token call",
            Self::DpopToken => "token call with DPoP",
            Self::Refresh => "token call, refresh",
            Self::Userinfo => "userinfo call, JSON",
            Self::SignedUserinfo => "userinfo call, signed ES256",
            Self::EncryptedUserinfo => "userinfo call, signed ES256, encrypted ECDH-ES",
            Self::Introspection => "introspection call",
            Self::Push => "pushed authorization request",
            Self::Decision => "decision on evidence under a live session",
            Self::Exchange => "exchange of evidence",
            Self::Discovery => "discovery",
            Self::Jwks => "JWKS",
        }
    }

    /// What the metadata of a server that does it says; the floor's says nothing of the kind.
    pub(crate) const fn stated_as(self) -> &'static str {
        match self {
            Self::SignIn
            | Self::SignOn
            | Self::Token
            | Self::Userinfo
            | Self::SignedUserinfo
            | Self::Discovery
            | Self::Jwks => "issuer",
            Self::DpopToken => "dpop_signing_alg_values_supported",
            Self::Refresh => "refresh_token",
            Self::EncryptedUserinfo => "userinfo_encryption_alg_values_supported",
            Self::Introspection => "introspection_endpoint",
            Self::Push => "pushed_authorization_request_endpoint",
            Self::Decision | Self::Exchange => "authorization_details_types_supported",
        }
    }
}

/// The product on embedded stores.
pub(crate) const PRODUCT: &str = "Guichet";
/// The product on PostgreSQL and Redis.
pub(crate) const ON_SERVERS: &str = "Guichet on PostgreSQL and Redis";
/// The floor without an audit log.
pub(crate) const PLAIN_FLOOR: &str = "floor";
/// The floor with one: what the product is compared with.
pub(crate) const AUDITED_FLOOR: &str = "audited floor";

/// Memory of one contestant, in megabytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Ready, before any login.
    pub(crate) idle: f64,
    /// After the logins.
    pub(crate) after: f64,
    /// How many logins that were.
    pub(crate) logins: u64,
}

/// All that was measured.
#[derive(Default)]
pub(crate) struct Results {
    /// Milliseconds of CPU for one operation, one reading for each turn.
    cpu: HashMap<(Measure, &'static str), Vec<f64>>,
    /// Milliseconds from the start of the program to its first answers.
    starts: HashMap<&'static str, Vec<f64>>,
    /// Exchanges of evidence in a second, by contestant, one reading for each turn.
    rates: HashMap<&'static str, Vec<f64>>,
    /// Of the audit log alone: milliseconds of CPU for one entry, and entries in a second.
    pub(crate) ledger: Vec<(f64, f64)>,
    /// By contestant.
    pub(crate) memory: HashMap<&'static str, Memory>,
    /// Bytes of the page of the choice and of the consent.
    pub(crate) pages: (usize, usize),
}

impl Results {
    /// Notes a reading.
    pub(crate) fn note(&mut self, measure: Measure, contestant: &'static str, milliseconds: f64) {
        self.cpu
            .entry((measure, contestant))
            .or_default()
            .push(milliseconds);
    }

    /// Notes how many exchanges of evidence there were in a second.
    pub(crate) fn note_rate(&mut self, contestant: &'static str, per_second: f64) {
        self.rates.entry(contestant).or_default().push(per_second);
    }

    /// Exchanges of evidence in a second, if any were counted.
    pub(crate) fn rate(&self, contestant: &'static str) -> Option<Spread> {
        Spread::of(self.rates.get(contestant)?)
    }

    /// What one entry of the audit log costs by itself, and how many there are in a second.
    pub(crate) fn ledger_alone(&self) -> Option<(Spread, Spread)> {
        let (cpu, rate): (Vec<f64>, Vec<f64>) = self.ledger.iter().copied().unzip();
        Some((Spread::of(&cpu)?, Spread::of(&rate)?))
    }

    /// Notes a start.
    pub(crate) fn note_start(&mut self, contestant: &'static str, milliseconds: f64) {
        self.starts
            .entry(contestant)
            .or_default()
            .push(milliseconds);
    }

    /// The readings of a measure, if there are any.
    pub(crate) fn cpu(&self, measure: Measure, contestant: &'static str) -> Option<Spread> {
        Spread::of(self.cpu.get(&(measure, contestant))?)
    }

    /// The starts, if there are any.
    pub(crate) fn start(&self, contestant: &'static str) -> Option<Spread> {
        Spread::of(self.starts.get(contestant)?)
    }

    /// How often the first measure was repeated.
    pub(crate) fn turns(&self) -> usize {
        self.cpu
            .get(&(Measure::SignIn, AUDITED_FLOOR))
            .map_or(0, Vec::len)
    }

    /// The lines a person and a script read: each figure with its ratio to the audited floor.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for measure in Measure::ALL {
            let floor = self.cpu(measure, AUDITED_FLOOR);
            for contestant in [PRODUCT, ON_SERVERS, AUDITED_FLOOR, PLAIN_FLOOR] {
                let Some(spread) = self.cpu(measure, contestant) else {
                    continue;
                };
                let ratio = floor.map_or_else(String::new, |floor| {
                    let ratio = spread.median / floor.median;
                    format!(", ratio to audited floor: {ratio:.2}")
                });
                let of = if contestant == PRODUCT {
                    String::new()
                } else {
                    format!(" ({contestant})")
                };
                lines.push(format!(
                    "{}{of}: {:.3} ms CPU{ratio}",
                    measure.title(),
                    spread.median
                ));
            }
        }
        if let Some((cpu, rate)) = self.ledger_alone() {
            let (cpu, rate) = (cpu.median, rate.median);
            lines.push(format!(
                "one entry of the audit log alone: {cpu:.3} ms CPU, {rate:.0} a second"
            ));
        }
        for contestant in [PRODUCT, ON_SERVERS, AUDITED_FLOOR, PLAIN_FLOOR] {
            let of = if contestant == PRODUCT {
                String::new()
            } else {
                format!(" ({contestant})")
            };
            if let Some(rate) = self.rate(contestant) {
                lines.push(format!(
                    "exchanges of evidence{of}: {:.0} a second",
                    rate.median
                ));
            }
            if let Some(Memory {
                idle,
                after,
                logins,
            }) = self.memory.get(contestant)
            {
                lines.push(format!(
                    "memory{of}: {idle:.0} MB idle, {after:.0} MB after {logins} logins"
                ));
            }
            if let Some(start) = self.start(contestant) {
                lines.push(format!(
                    "cold start to first answer{of}: {:.0} ms",
                    start.median
                ));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_the_median_and_its_ratio_to_the_audited_floor() {
        let mut results = Results::default();
        for milliseconds in [0.4, 0.6, 0.5] {
            results.note(Measure::SignIn, PRODUCT, milliseconds);
            results.note(Measure::SignIn, AUDITED_FLOOR, 0.25);
        }
        assert_eq!(
            results.lines()[0],
            "federated login: 0.500 ms CPU, ratio to audited floor: 2.00"
        );
        assert_eq!(results.turns(), 3);
    }
}
