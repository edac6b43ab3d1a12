//! Whose file a voucher means: by the name the hub has for the citizen here; where that is new, by a blind
//! index of who they are, or by who they are, as the hub may say it. From then on by the name.

use guichet_domain::PivotIdentity;
use guichet_exchange_client::{Answer, BlindRegister, HubError, Match, Voucher};

use super::linking::whose_file;
use super::records;
use super::site::Site;
use crate::cast::CITIZENS;

/// The account name of whoever `voucher` is about; what to answer where there is none.
pub(super) async fn whose(site: &Site, voucher: &Voucher) -> Result<&'static str, Answer> {
    if let Some(login) = site.citizen(&voucher.sub) {
        return Ok(login);
    }
    let found = match (&voucher.blind_index, &voucher.identity) {
        (Some(index), _) => by_index(site, index).await?,
        (None, Some(identity)) => {
            let claims = serde_json::to_value(identity).unwrap_or_default();
            let claims = claims.as_object().cloned().unwrap_or_default();
            whose_file(&claims).ok_or(Answer::NoMatch)?
        }
        (None, None) => return Err(needs_link(site)),
    };
    site.link(&voucher.sub, found);
    Ok(found)
}

async fn by_index(site: &Site, index: &str) -> Result<&'static str, Answer> {
    let register = site.register.get_or_try_init(|| indexed(site)).await;
    let register = register.map_err(|error| {
        tracing::warn!(%error, "the register could not be indexed");
        needs_link(site)
    })?;
    match register.find(index) {
        Match::One(login) => Ok(login),
        Match::Nobody => Err(Answer::NoMatch),
        Match::Several => Err(Answer::SeveralMatches),
    }
}

/// Our register, indexed once: the hub reads no name in it.
async fn indexed(site: &Site) -> Result<BlindRegister<&'static str>, HubError> {
    let mut register = BlindRegister::default();
    let rows = records::register(site.provider).filter_map(|login| {
        let citizen = CITIZENS.iter().find(|citizen| citizen.login == login)?;
        let identity = PivotIdentity::from_claims(&citizen.claims()).ok()?;
        Some((identity, login))
    });
    register.add(site.desk.hub(), rows).await?;
    Ok(register)
}

fn needs_link(site: &Site) -> Answer {
    Answer::NeedsLink {
        link: site.at("/link"),
    }
}
