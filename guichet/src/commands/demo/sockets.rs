//! One socket for each member of the cast, all on loopback.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};
use guichet_demo::cast::{Addresses, Member};
use tokio::net::TcpListener;

use crate::cli::Ports;
use crate::listen;

/// One socket for each member of the cast.
pub(super) struct Sockets(BTreeMap<Member, TcpListener>);

impl Sockets {
    pub(super) async fn bind(ports: Ports) -> Result<Self> {
        let mut sockets = BTreeMap::new();
        for member in Member::ALL {
            let port = match ports {
                Ports::Standard => member.default_port(),
                Ports::Auto => 0,
            };
            sockets.insert(member, listen::bind(loopback(port)).await?);
        }
        Ok(Self(sockets))
    }

    pub(super) fn addresses(&self) -> Result<Addresses> {
        let mut ports = BTreeMap::new();
        for (member, socket) in &self.0 {
            ports.insert(*member, socket.local_addr()?.port());
        }
        Ok(Addresses::on_localhost(|member| {
            ports.get(&member).copied().unwrap_or_default()
        }))
    }

    pub(super) fn take(&mut self, member: Member) -> Result<TcpListener> {
        self.0
            .remove(&member)
            .with_context(|| format!("{} is served twice", member.name()))
    }
}

/// A port of this machine that nobody else reaches.
pub(super) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
