//! Sessions with a token: logged in, pooled, opened anew when the token lost them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::MechanismType;
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;

use super::{Pkcs11Settings, key_id};
use crate::custody::CustodyError;

/// A bounded pool of sessions. Who finds all of them taken waits for one: a token does no more at once.
pub(super) struct Sessions {
    module: Pkcs11,
    label: String,
    pin: AuthPin,
    most: usize,
    pool: Mutex<Pool>,
    freed: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<OpenSession>,
    /// How many there are, idle and taken.
    open: usize,
}

/// A session, and the keys it found so far.
pub(super) struct OpenSession {
    pub(super) session: Session,
    handles: RefCell<HashMap<String, ObjectHandle>>,
}

impl Sessions {
    /// Loads the module and opens a first session, so that a wrong label or PIN shows at once.
    pub(super) fn open(settings: &Pkcs11Settings) -> Result<Self, CustodyError> {
        let module = Pkcs11::new(&settings.module).map_err(|error| failed("be reached", &error))?;
        match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            // One process may hold several tokens of one module.
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(failed("be reached", &error)),
        }
        let sessions = Self {
            module,
            label: settings.label.clone(),
            pin: AuthPin::new(settings.pin.as_str().into()),
            most: settings.sessions.max(1),
            pool: Mutex::default(),
            freed: Condvar::new(),
        };
        sessions.with("be logged in to", |_| Ok(()))?;
        Ok(sessions)
    }

    /// What the token can do.
    pub(super) fn mechanisms(&self) -> Result<Vec<MechanismType>, CustodyError> {
        let slot = self.slot()?;
        self.module
            .get_mechanism_list(slot)
            .map_err(|error| failed("say what it can do", &error))
    }

    /// Runs `work` with a session. When the token lost the session (it restarted, or was taken out and
    /// put back), a fresh one is tried, once.
    pub(super) fn with<T>(
        &self,
        action: &'static str,
        work: impl Fn(&OpenSession) -> Result<T, Error>,
    ) -> Result<T, CustodyError> {
        let mut session = self.take()?;
        let mut answer = work(&session);
        if answer.as_ref().is_err_and(is_lost) {
            self.close(session);
            self.close_idle();
            session = self.take()?;
            answer = work(&session);
        }
        match answer {
            Ok(answer) => {
                self.give_back(session);
                Ok(answer)
            }
            // It may be in the middle of something: closed rather than given back.
            Err(error) => {
                self.close(session);
                Err(failed(action, &error))
            }
        }
    }

    /// An idle session, or a fresh one where one more may be opened.
    fn take(&self) -> Result<OpenSession, CustodyError> {
        let mut pool = locked(&self.pool);
        loop {
            if let Some(session) = pool.idle.pop() {
                return Ok(session);
            }
            if pool.open < self.most {
                break;
            }
            pool = self
                .freed
                .wait(pool)
                .unwrap_or_else(PoisonError::into_inner);
        }
        pool.open += 1;
        drop(pool);
        self.fresh().inspect_err(|_| self.one_less())
    }

    fn give_back(&self, session: OpenSession) {
        locked(&self.pool).idle.push(session);
        self.freed.notify_one();
    }

    fn close(&self, session: OpenSession) {
        drop(session);
        self.one_less();
    }

    /// After one session was lost, the idle ones are too.
    fn close_idle(&self) {
        let idle = std::mem::take(&mut locked(&self.pool).idle);
        for session in idle {
            self.close(session);
        }
    }

    fn one_less(&self) {
        locked(&self.pool).open -= 1;
        self.freed.notify_one();
    }

    fn fresh(&self) -> Result<OpenSession, CustodyError> {
        let slot = self.slot()?;
        let opened = self.module.open_rw_session(slot).and_then(|session| {
            match session.login(UserType::User, Some(&self.pin)) {
                // Sessions of one process share their login.
                Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
                Err(error) => Err(error),
            }
        });
        let session = opened.map_err(|error| failed("be logged in to", &error))?;
        Ok(OpenSession {
            session,
            handles: RefCell::default(),
        })
    }

    /// The slot that holds the token: looked up anew each time, since a token may move.
    fn slot(&self) -> Result<Slot, CustodyError> {
        let refused = |error| failed("be found", &error);
        let mut found = None;
        for slot in self.module.get_slots_with_token().map_err(refused)? {
            let info = self.module.get_token_info(slot).map_err(refused)?;
            if info.label() == self.label && found.replace(slot).is_some() {
                return Err(not_one("several tokens have this label"));
            }
        }
        found.ok_or_else(|| not_one("no token has this label"))
    }
}

impl OpenSession {
    /// The private key with this identifier.
    pub(super) fn private_key(&self, id: &str) -> Result<ObjectHandle, Error> {
        if let Some(handle) = self.handles.borrow().get(id) {
            return Ok(*handle);
        }
        let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), key_id(id)?];
        let found = self.session.find_objects(&wanted)?;
        let handle = *found.first().ok_or(Error::InvalidValue)?;
        self.handles.borrow_mut().insert(id.to_owned(), handle);
        Ok(handle)
    }
}

fn locked(pool: &Mutex<Pool>) -> MutexGuard<'_, Pool> {
    pool.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the session, or what it knew, is gone, so that a fresh one may do better.
const fn is_lost(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::UserNotLoggedIn
                | RvError::DeviceError
                | RvError::DeviceRemoved
                | RvError::TokenNotPresent
                | RvError::KeyHandleInvalid
                | RvError::ObjectHandleInvalid,
            _
        )
    )
}

fn failed(action: &'static str, error: &Error) -> CustodyError {
    CustodyError::Token {
        action,
        reason: error.to_string(),
    }
}

fn not_one(reason: &str) -> CustodyError {
    CustodyError::Token {
        action: "be found",
        reason: reason.to_owned(),
    }
}
