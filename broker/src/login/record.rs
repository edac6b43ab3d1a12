//! A login as it rests: opened, loaded for its own browser only, moved on by compare-and-swap.

use guichet_domain::{BrowserId, LoginId};
use guichet_store::short_lived::{Advance, LoginRecord, Step};
use guichet_web::PageError;
use http::HeaderMap;

use super::{Login, stray};
use crate::hub::Hub;

impl Hub {
    /// Remembers a new login.
    pub(crate) async fn open_login(&self, login: &Login) -> Result<(), PageError> {
        let expires = self.now().after(self.parts().settings.login_lifetime);
        let (id, step) = (login.trip().id, login.step());
        let sealed = self.seal_login(login)?;
        let opened = self.parts().logins.open(id, step, sealed, expires).await;
        opened.map_err(|fault| self.fault("open a login", &fault))
    }

    /// The login `id`, for the browser it belongs to. Anyone else gets a page (threats N-10, N-51); so does
    /// somebody who was frozen on the way (N-08), and everybody while sign-ins are off.
    pub(crate) async fn load_login(
        &self,
        id: LoginId,
        headers: &HeaderMap,
    ) -> Result<Login, PageError> {
        let login = self.load_login_while_on(id, headers).await?;
        match login.person() {
            Some(person) if self.admit(person, self.now()).await?.is_err() => {
                Err(stray::barred(self, &login))
            }
            _ => Ok(login),
        }
    }

    /// The same for whoever asks their session next, which is asked at the gate for more: since it began.
    pub(super) async fn load_login_while_on(
        &self,
        id: LoginId,
        headers: &HeaderMap,
    ) -> Result<Login, PageError> {
        let login = self.load_login_to_leave(id, headers).await?;
        let trip = login.trip();
        match self.parts().engine.switched_off(trip.request.client()) {
            Some(off) => Err(self.to_service(self.switched_off(&off), trip)),
            None => Ok(login),
        }
    }

    /// The same for whoever only wants to leave it.
    pub(crate) async fn load_login_to_leave(
        &self,
        id: LoginId,
        headers: &HeaderMap,
    ) -> Result<Login, PageError> {
        let record = self.parts().logins.load(id).await;
        let record = record.map_err(|fault| self.fault("load a login", &fault))?;
        let Some(record) = record else {
            return Err(stray::gone(self, headers));
        };
        let login = self.open_record(id, &record)?;
        match self.parts().cookies.browser(headers) {
            Some(browser) if is_same(browser, login.trip().browser) => Ok(login),
            Some(_) => Err(stray::elsewhere(self, &login, "login-elsewhere")),
            None => Err(stray::elsewhere(self, &login, "login-no-cookie")),
        }
    }

    /// Moves a login from the step `from` to the one `to` is in. Whoever comes second is sent to
    /// where the login now is, and gets nothing that the step yields.
    pub(crate) async fn advance(&self, from: Step, to: &Login) -> Result<(), PageError> {
        match self.try_advance(from, to).await? {
            Advance::Done => Ok(()),
            Advance::Moved => Err(stray::moved_on(self, to.trip().id)),
        }
    }

    /// The same for a caller to whom being second is no error.
    pub(crate) async fn try_advance(&self, from: Step, to: &Login) -> Result<Advance, PageError> {
        let sealed = self.seal_login(to)?;
        let moved = self
            .parts()
            .logins
            .advance(to.trip().id, from, to.step(), sealed)
            .await;
        moved.map_err(|fault| self.fault("move a login", &fault))
    }

    /// Ends a login that waits in `from`.
    pub(crate) async fn close_login(&self, login: &Login) -> Result<(), PageError> {
        let id = login.trip().id;
        let closed = self.parts().logins.close(id, login.step()).await;
        match closed {
            Ok(Advance::Done) => Ok(()),
            Ok(Advance::Moved) => Err(stray::moved_on(self, id)),
            Err(fault) => Err(self.fault("close a login", &fault)),
        }
    }

    fn seal_login(&self, login: &Login) -> Result<guichet_domain::Sealed, PageError> {
        let context = context(login.trip().id, login.step());
        let sealed = self.sealers().login.seal_json(&context, login);
        sealed.map_err(|error| self.fault("seal a login", &error))
    }

    fn open_record(&self, id: LoginId, record: &LoginRecord) -> Result<Login, PageError> {
        let opened = self
            .sealers()
            .login
            .open_json(&context(id, &record.step), &record.sealed);
        opened.map_err(|error| self.fault("open a sealed login", &error))
    }
}

/// A record opens only as the login and in the step it was sealed for.
fn context(id: LoginId, step: &str) -> Vec<u8> {
    [id.as_bytes(), step.as_bytes()].concat()
}

fn is_same(one: BrowserId, other: BrowserId) -> bool {
    guichet_keys::same(one.as_bytes(), other.as_bytes())
}
