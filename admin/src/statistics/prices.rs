//! What sign-ins cost, where the operator says what things cost. Amounts are whole ten-thousandths of the
//! currency: no sum is off by a rounding.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use guichet_domain::ProviderId;

/// Prices, as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct Prices {
    /// What all of them are in: `EUR`.
    pub currency: String,
    /// What the hub costs in a month, whatever happens.
    pub per_month: Price,
    /// What each sign-in with a provider costs.
    pub per_sign_in: BTreeMap<ProviderId, Price>,
}

/// An amount of money, in ten-thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(u64);

/// What is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a price is a number with at most four decimals: 12000, 0.05")]
pub struct NoPrice;

impl Prices {
    /// Whether any is known.
    pub fn are_known(&self) -> bool {
        self.per_month.0 > 0 || self.per_sign_in.values().any(|price| price.0 > 0)
    }

    /// What `days` days with so many sign-ins at providers cost: all together. The hub's own share is by the
    /// day of a year of twelve months.
    pub(super) fn of(&self, days: u32, sign_ins: &BTreeMap<ProviderId, u64>) -> Price {
        let own = self.per_month.0.saturating_mul(12 * u64::from(days)) / 365;
        let at_providers = sign_ins.iter().map(|(provider, times)| {
            let price = self.per_sign_in.get(provider).copied().unwrap_or_default();
            price.0.saturating_mul(*times)
        });
        Price(at_providers.fold(own, u64::saturating_add))
    }
}

impl Price {
    /// In whole hundredths.
    pub(super) const fn rounded(self) -> Self {
        Self(self.0.saturating_add(50) / 100 * 100)
    }

    /// For each of so many; `None` of none.
    pub(super) fn each(self, of: u64) -> Option<Self> {
        self.0.checked_div(of).map(Self)
    }
}

impl FromStr for Price {
    type Err = NoPrice;

    fn from_str(text: &str) -> Result<Self, NoPrice> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let are_digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits(whole) || !are_digits(decimals) || decimals.len() > 4 {
            return Err(NoPrice);
        }
        let padded: u64 = format!("{decimals:0<4}").parse().map_err(|_| NoPrice)?;
        let whole: u64 = whole.parse().map_err(|_| NoPrice)?;
        let scaled = whole.checked_mul(10_000).ok_or(NoPrice)?;
        scaled.checked_add(padded).map(Self).ok_or(NoPrice)
    }
}

impl fmt::Display for Price {
    /// `12000.00`, `0.0525`: two decimals at least.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.0 / 10_000, self.0 % 10_000);
        if decimals.is_multiple_of(100) {
            write!(f, "{whole}.{:02}", decimals / 100)
        } else {
            write!(f, "{whole}.{decimals:04}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(text: &str) -> Price {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_read_and_written_exactly() {
        for (text, written) in [
            ("12000", "12000.00"),
            ("0.05", "0.05"),
            ("0.0525", "0.0525"),
        ] {
            assert_eq!(price(text).to_string(), written);
        }
        for text in [
            "",
            "-1",
            "1,5",
            "0.12345",
            ".5",
            "1.",
            "1e3",
            "99999999999999999999",
        ] {
            assert_eq!(text.parse::<Price>(), Err(NoPrice), "{text}");
        }
    }

    #[test]
    fn a_sign_in_costs_its_provider_s_price_and_its_share_of_the_hub() {
        let prices = Prices {
            currency: "EUR".to_owned(),
            per_month: price("365"),
            per_sign_in: [("poste".parse().unwrap(), price("0.05"))].into(),
        };
        assert!(prices.are_known() && !Prices::default().are_known());
        let sign_ins = [
            ("poste".parse().unwrap(), 100),
            ("other".parse().unwrap(), 20),
        ]
        .into();
        // 31 days of 12 euros, and a hundred times five cents.
        let all = prices.of(31, &sign_ins);
        assert_eq!(all.to_string(), "377.00");
        assert_eq!(price("0.0050").rounded().to_string(), "0.01");
        assert_eq!(all.each(120).unwrap().to_string(), "3.1416");
        assert_eq!(all.each(0), None);
    }
}
