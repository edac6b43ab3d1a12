//! The cast without the hub, for looking at its pages: `cargo run -p guichet-demo --example preview`.
//! Prints the address of every member; services say that the hub is out of reach.

use std::sync::Arc;

use axum::Router;
use guichet_demo::cast::{Addresses, DataProvider, Member, Service};
use guichet_demo::{Surroundings, data_provider, mailbox, register, services, start_page};
use guichet_domain::{Clock, Entropy, Timestamp};
use guichet_web::{EgressPolicy, Outgoing};
use tokio::net::TcpListener;

struct Now;

impl Clock for Now {
    #[expect(clippy::disallowed_methods, reason = "the clock of this example")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp::from_millis(0).after(since.unwrap_or_default())
    }
}

/// Nothing here is worth guessing.
struct Zero;

impl Entropy for Zero {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "an example tells where to look")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut listeners = Vec::new();
    for member in Member::ALL {
        listeners.push((member, TcpListener::bind(("127.0.0.1", 0)).await?));
    }
    let port = |member| {
        let found = listeners.iter().find(|(known, _)| *known == member);
        found
            .and_then(|(_, listener)| listener.local_addr().ok())
            .map_or(0, |at| at.port())
    };
    let addresses = Arc::new(Addresses::on_localhost(port));
    let policy = EgressPolicy {
        allow_loopback: true,
        ..EgressPolicy::default()
    };
    let surroundings = Surroundings {
        addresses: Arc::clone(&addresses),
        clock: Arc::new(Now),
        entropy: Arc::new(Zero),
        outgoing: Outgoing::new(policy)?,
        theme_dir: None,
    };
    let inbox = mailbox::Inbox::new();
    let smtp = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("smtp {}", smtp.local_addr()?);
    let clock = Arc::clone(&surroundings.clock);
    tokio::spawn(mailbox::serve(
        smtp,
        inbox.clone(),
        clock,
        mailbox::Limits::default(),
    ));
    for (member, listener) in listeners {
        println!("{} {}", member.slug(), addresses.of(member));
        let site = site(member, &inbox, &surroundings)?;
        tokio::spawn(async move { axum::serve(listener, site).await });
    }
    std::future::pending().await
}

fn site(
    member: Member,
    inbox: &mailbox::Inbox,
    surroundings: &Surroundings,
) -> Result<Router, guichet_demo::DemoError> {
    if let Some(service) = Service::ALL
        .into_iter()
        .find(|known| known.member() == member)
    {
        return services::router(service, surroundings);
    }
    if let Some(provider) = DataProvider::ALL
        .into_iter()
        .find(|known| known.member() == member)
    {
        return data_provider::router(provider, surroundings);
    }
    match member {
        Member::Register => register::router(surroundings),
        Member::Mailbox => mailbox::router(inbox, surroundings),
        // The hub has its assets from its own pages; here they are borrowed from the register.
        _ => {
            Ok(start_page::router(surroundings)?.fallback_service(register::router(surroundings)?))
        }
    }
}
