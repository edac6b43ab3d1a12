//! Which addresses outgoing requests may reach: by default the public Internet and nothing else.
//!
//! An address someone registers must not make the hub call its own neighbours (server-side request
//! forgery). The ranges are those of the IANA special-purpose registries (RFC 6890), and the IPv6
//! forms that wrap an IPv4 address are judged by what they wrap.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use url::{Host, Url};

use crate::Network;

/// What outgoing requests may reach and how long they may take.
#[derive(Clone, Debug)]
pub struct EgressPolicy {
    /// Private networks that are allowed all the same.
    pub allowed_networks: Vec<Network>,
    /// Whether this very machine may be called, and by plain http: the demo and tests.
    pub allow_loopback: bool,
    /// Certificate authorities trusted besides the public ones, each one PEM certificate or bundle.
    pub extra_certificates: Vec<Vec<u8>>,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long a whole exchange may take.
    pub total_timeout: Duration,
    /// The most bytes of an answer that are read.
    pub largest_answer: usize,
}

impl Default for EgressPolicy {
    /// The public Internet, 2 s to connect, 5 s in all, 1 MiB.
    fn default() -> Self {
        Self {
            allowed_networks: Vec::new(),
            allow_loopback: false,
            extra_certificates: Vec::new(),
            connect_timeout: Duration::from_secs(2),
            total_timeout: Duration::from_secs(5),
            largest_answer: 1024 * 1024,
        }
    }
}

impl EgressPolicy {
    /// Whether requests may go to `address` by https.
    pub fn allows_address(&self, address: IpAddr) -> bool {
        is_public(effective(address)) || self.allows_plain_http(address)
    }

    /// Whether requests may go to `address` by plain http: only where settings name it.
    pub fn allows_plain_http(&self, address: IpAddr) -> bool {
        let address = effective(address);
        let named = |network: &Network| network.contains(address);
        (self.allow_loopback && address.is_loopback()) || self.allowed_networks.iter().any(named)
    }

    /// Whether a request may be made to `url` as written. A name is judged again, address by
    /// address, once it is resolved; a literal address never passes a resolver, so it is judged here.
    ///
    /// User and password in a URL are refused.
    pub fn allows_url(&self, url: &Url) -> bool {
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        let literal = match url.host() {
            Some(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
            Some(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
            Some(Host::Domain(name)) if is_localhost(name) && !self.allow_loopback => return false,
            Some(Host::Domain(_)) => None,
            None => return false,
        };
        match url.scheme() {
            "https" => literal.is_none_or(|address| self.allows_address(address)),
            "http" => literal.is_none_or(|address| self.allows_plain_http(address)),
            _ => false,
        }
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
}

/// The address that packets would really go to.
fn effective(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => wrapped_v4(v6).map_or(address, IpAddr::V4),
    }
}

/// The IPv4 address inside an IPv6 one: mapped and compatible (RFC 4291), NAT64 (RFC 6052), 6to4
/// (RFC 3056). Local NAT64 (RFC 8215) is nobody's public address, whatever it wraps.
fn wrapped_v4(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let (high, low) = match v6.segments() {
        [0x2002, high, low, ..]
        | [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => (high, low),
        // Not ::1 nor ::, which are themselves.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => (high, low),
        _ => return None,
    };
    Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

fn is_public(address: IpAddr) -> bool {
    let within = |network: &Network| network.contains(address);
    match address {
        IpAddr::V4(_) => !special_v4().any(|network| within(&network)),
        // Only 2000::/3 is handed out for the public Internet.
        IpAddr::V6(v6) => {
            v6.segments()[0] & 0xe000 == 0x2000 && !special_v6().any(|network| within(&network))
        }
    }
}

fn special_v4() -> impl Iterator<Item = Network> {
    SPECIAL_V4.iter().filter_map(|(first, prefix)| {
        Network::new(IpAddr::V4(Ipv4Addr::from_octets(*first)), *prefix)
    })
}

fn special_v6() -> impl Iterator<Item = Network> {
    SPECIAL_V6.iter().filter_map(|(first, prefix)| {
        let bits = u128::from(*first) << 96;
        Network::new(IpAddr::V6(Ipv6Addr::from_bits(bits)), *prefix)
    })
}

const SPECIAL_V4: [([u8; 4], u32); 14] = [
    ([0, 0, 0, 0], 8),       // this network
    ([10, 0, 0, 0], 8),      // private
    ([100, 64, 0, 0], 10),   // carrier-grade NAT
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local, and every cloud's metadata service
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocol assignments
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 88, 99, 0], 24),  // 6to4 relay
    ([192, 168, 0, 0], 16),  // private
    ([198, 18, 0, 0], 15),   // benchmarks
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 3),     // multicast, reserved, broadcast
];

/// By their first 32 bits. 6to4 is judged by the address inside, before it comes here.
const SPECIAL_V6: [(u32, u32); 3] = [
    (0x2001_0000, 23), // protocol assignments, Teredo, ORCHID
    (0x2001_0db8, 32), // documentation
    (0x3fff_0000, 20), // documentation
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn strict() -> EgressPolicy {
        EgressPolicy::default()
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn private_and_special_addresses_are_refused_in_every_writing() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[::ffff:10.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::10.0.0.1]",
            "[64:ff9b:1::10.0.0.1]",
            "[2002:a00:1::1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[ff02::1]",
            "[2001:db8::1]",
            "[::10.0.0.1]",
            "[2001::1]",
            "[fec0::1]",
            "localhost",
            "a.localhost",
            "LOCALHOST.",
        ] {
            assert!(
                !strict().allows_url(&url(&format!("https://{host}/"))),
                "{host}"
            );
        }
    }

    #[test]
    fn public_addresses_are_reached_by_https_only() {
        let lenient = EgressPolicy {
            allowed_networks: vec!["10.0.0.0/8".parse().unwrap()],
            allow_loopback: true,
            ..strict()
        };
        for host in ["1.1.1.1", "[2606:4700::1111]", "[64:ff9b::1.1.1.1]"] {
            assert!(
                strict().allows_url(&url(&format!("https://{host}/"))),
                "{host}"
            );
            for policy in [&strict(), &lenient] {
                assert!(
                    !policy.allows_url(&url(&format!("http://{host}/"))),
                    "{host}"
                );
            }
        }
        for other in [
            "ftp://1.1.1.1/",
            "file:///etc/passwd",
            "https://user@provider.example/",
        ] {
            assert!(!strict().allows_url(&url(other)), "{other}");
        }
    }

    #[test]
    fn the_demo_reaches_this_machine_and_no_other_neighbour() {
        let demo = EgressPolicy {
            allow_loopback: true,
            ..strict()
        };
        assert!(demo.allows_url(&url("http://localhost:8010/")));
        assert!(demo.allows_url(&url("http://127.0.0.1:8010/")));
        assert!(demo.allows_url(&url("http://[::1]:8010/")));
        assert!(!demo.allows_url(&url("http://10.0.0.1/")));
        assert!(!demo.allows_url(&url("http://169.254.169.254/")));
    }

    #[test]
    fn a_network_that_settings_allow_is_reached_and_its_neighbours_are_not() {
        let policy = EgressPolicy {
            allowed_networks: vec!["10.1.0.0/16".parse().unwrap()],
            ..strict()
        };
        assert!(policy.allows_url(&url("https://10.1.2.3/")));
        assert!(policy.allows_url(&url("https://[::ffff:10.1.2.3]/")));
        assert!(!policy.allows_url(&url("https://10.2.0.1/")));
    }

    proptest! {
        #[test]
        fn wrapping_an_ipv4_address_never_changes_the_verdict(bits: u32, form in 0_u8..4) {
            let plain = Ipv4Addr::from_bits(bits);
            prop_assume!(bits >> 16 != 0);
            let (high, low) = ((bits >> 16) as u16, (bits & 0xffff) as u16);
            let wrapped = match form {
                0 => plain.to_ipv6_mapped(),
                1 => Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                2 => Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                _ => Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
            };
            prop_assert_eq!(
                strict().allows_address(IpAddr::V6(wrapped)),
                strict().allows_address(IpAddr::V4(plain))
            );
        }

        #[test]
        fn what_the_standard_library_calls_private_is_never_reached(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            let private = v4.is_private() || v4.is_loopback() || v4.is_link_local()
                || v4.is_multicast() || v4.is_broadcast() || v4.is_documentation()
                || v4.is_unspecified();
            if private {
                prop_assert!(!strict().allows_address(IpAddr::V4(v4)));
            }
        }

        #[test]
        fn outside_the_global_unicast_range_nothing_is_reached(bits: u128) {
            let v6 = Ipv6Addr::from_bits(bits);
            if bits >> 125 != 1 && wrapped_v4(v6).is_none() {
                prop_assert!(!strict().allows_address(IpAddr::V6(v6)));
            }
        }
    }
}
