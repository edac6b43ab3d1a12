//! Ranges of addresses as settings write them: `10.0.0.0/8`, `fd00::/8`, or one address alone.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A range of IPv4 or IPv6 addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: u128,
    prefix: u32,
    v4: bool,
}

/// Why a text is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a network such as 10.0.0.0/8 or fd00::/8")]
pub struct NotANetwork(pub String);

impl Network {
    /// The network of `address` whose first `prefix` bits count.
    pub const fn new(address: IpAddr, prefix: u32) -> Option<Self> {
        let (bits, width, v4) = bits_of(address);
        if prefix > width {
            return None;
        }
        // Bits after the prefix are dropped; a shift by the whole width would overflow.
        let first = match width - prefix {
            128 => 0,
            rest => bits >> rest << rest,
        };
        Some(Self { first, prefix, v4 })
    }

    /// Whether `address` lies within. An IPv4 address mapped into IPv6 is the IPv4 address.
    pub const fn contains(&self, address: IpAddr) -> bool {
        match Self::new(address.to_canonical(), self.prefix) {
            Some(of_address) => of_address.v4 == self.v4 && of_address.first == self.first,
            None => false,
        }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let refused = || NotANetwork(text.to_owned());
        let (address, prefix) = text
            .split_once('/')
            .map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().map_err(|_| refused())?;
        // Addresses are compared as IPv4 where they are: one mapped into IPv6 would hold none.
        if address != address.to_canonical() {
            return Err(refused());
        }
        let prefix = match prefix {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| refused())?
            }
            Some(_) => return Err(refused()),
            None => bits_of(address).1,
        };
        Self::new(address, prefix).ok_or_else(refused)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = match u32::try_from(self.first) {
            Ok(bits) if self.v4 => IpAddr::V4(bits.into()),
            _ => IpAddr::V6(Ipv6Addr::from_bits(self.first)),
        };
        write!(f, "{address}/{}", self.prefix)
    }
}

const fn bits_of(address: IpAddr) -> (u128, u32, bool) {
    match address {
        IpAddr::V4(v4) => (v4.to_bits() as u128, 32, true),
        IpAddr::V6(v6) => (v6.to_bits(), 128, false),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_within_by_its_leading_bits() {
        let ten: Network = "10.1.2.3/8".parse().unwrap();
        assert_eq!(ten.to_string(), "10.0.0.0/8");
        assert!(ten.contains("10.255.0.1".parse().unwrap()));
        assert!(ten.contains("::ffff:10.0.0.1".parse().unwrap()));
        assert!(!ten.contains("11.0.0.0".parse().unwrap()));
        assert!(!ten.contains("::10.0.0.1".parse().unwrap()));
        let all: Network = "::/0".parse().unwrap();
        assert!(all.contains("2001:db8::1".parse().unwrap()));
        assert!(!all.contains("10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "a/8",
            "::ffff:10.0.0.0/104",
        ] {
            assert_eq!(
                text.parse::<Network>(),
                Err(NotANetwork(text.to_owned())),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_network_is_read_back_as_written(bits: u128, v4: bool, prefix in 0_u32..=128) {
            let address = if v4 { IpAddr::V4((bits as u32).into()) } else { IpAddr::V6(bits.into()) };
            if let Some(network) = Network::new(address, prefix) {
                prop_assert_eq!(network.to_string().parse::<Network>(), Ok(network));
                if address.to_canonical() == address {
                    prop_assert!(network.contains(address));
                }
            }
        }
    }
}
