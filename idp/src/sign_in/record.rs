//! A sign-in as a record: sealed for its identifier and step, moved by compare-and-swap, readable by
//! the one browser it began in.

use guichet_domain::LoginId;
use guichet_store::short_lived::{Advance, Step};
use guichet_web::Purpose;
use http::HeaderMap;

use super::SignIn;
use crate::Idp;
use crate::refusal::{Halt, Refusal};

/// A sign-in that this browser may go on with.
pub(crate) struct Loaded {
    pub(crate) id: LoginId,
    pub(crate) sign_in: SignIn,
}

impl Idp {
    /// Begins a sign-in.
    pub(crate) async fn open_sign_in(&self, sign_in: &SignIn) -> Result<LoginId, Halt> {
        let id = LoginId::random(&*self.entropy);
        let step = sign_in.step();
        let sealed = self
            .sealers
            .sign_ins
            .seal_json(&self.seal_context(id, step), sign_in)?;
        let expires = self.now().after(self.settings.sign_in_lifetime);
        self.logins.open(id, step, sealed, expires).await?;
        Ok(id)
    }

    /// The sign-in with this identifier, as a path has it, when it is this browser's.
    pub(crate) async fn load_sign_in(&self, id: &str, headers: &HeaderMap) -> Result<Loaded, Halt> {
        let id: LoginId = id.parse().map_err(|_| Refusal::SessionLost)?;
        let Some(record) = self.logins.load(id).await? else {
            return Err(self.no_longer(headers).await?);
        };
        let context = self.seal_context(id, &record.step);
        let opened = self
            .sealers
            .sign_ins
            .open_json::<SignIn>(&context, &record.sealed);
        let sign_in = opened.map_err(|_| Refusal::SessionLost)?;
        if self.cookies.browser(headers) != Some(sign_in.trip().browser) {
            return Err(Halt::session_lost());
        }
        Ok(Loaded { id, sign_in })
    }

    /// The same for one of its forms, which must be this browser's as well.
    pub(crate) async fn load_posted(
        &self,
        id: &str,
        headers: &HeaderMap,
        (form, token): (&'static str, &str),
    ) -> Result<Loaded, Halt> {
        let loaded = self.load_sign_in(id, headers).await?;
        self.check_form(&loaded, form, headers, token)?;
        Ok(loaded)
    }

    /// Why there is no such sign-in: whoever is signed in came back to one that is over, by the back
    /// button most often.
    async fn no_longer(&self, headers: &HeaderMap) -> Result<Halt, Halt> {
        Ok(match self.owner(headers).await? {
            Some(_) => Refusal::OutOfOrder.into(),
            None => Refusal::SessionLost.into(),
        })
    }

    /// Moves a sign-in on. Whoever comes second is told that the step is over.
    pub(crate) async fn advance_sign_in(
        &self,
        id: LoginId,
        from: Step,
        to: &SignIn,
    ) -> Result<(), Halt> {
        let sealed = self
            .sealers
            .sign_ins
            .seal_json(&self.seal_context(id, to.step()), to)?;
        won(self.logins.advance(id, from, to.step(), sealed).await?)
    }

    /// Ends a sign-in: of several callers one goes on to the answer.
    pub(crate) async fn close_sign_in(&self, id: LoginId, from: Step) -> Result<(), Halt> {
        won(self.logins.close(id, from).await?)
    }

    /// The hidden token of the form `form` of a sign-in.
    pub(crate) fn form_token(&self, loaded: &Loaded, form: &'static str) -> String {
        let browser = loaded.sign_in.trip().browser;
        self.csrf
            .token(&browser, Purpose::new(form, &loaded.id.to_string()))
    }

    /// Whether a post is of the form `form` of this sign-in.
    fn check_form(
        &self,
        loaded: &Loaded,
        form: &'static str,
        headers: &HeaderMap,
        token: &str,
    ) -> Result<(), Halt> {
        let browser = loaded.sign_in.trip().browser;
        let id = loaded.id.to_string();
        self.csrf
            .verify(headers, Some(&browser), Purpose::new(form, &id), token)
            .map_err(|refusal| {
                Halt::from(refusal).on_to(self.path(&loaded.sign_in.path(loaded.id)))
            })
    }

    /// What to tell a browser that asks for a step its sign-in is not in.
    pub(crate) fn out_of_order(&self, loaded: &Loaded) -> Halt {
        Halt::from(Refusal::OutOfOrder).on_to(self.path(&loaded.sign_in.path(loaded.id)))
    }

    fn seal_context(&self, id: LoginId, step: &str) -> Vec<u8> {
        [
            self.house().as_bytes(),
            b"/",
            id.as_bytes(),
            b"/",
            step.as_bytes(),
        ]
        .concat()
    }
}

fn won(advance: Advance) -> Result<(), Halt> {
    match advance {
        Advance::Done => Ok(()),
        Advance::Moved => Err(Refusal::OutOfOrder.into()),
    }
}
