//! The engine through its router, as clients and attackers meet it.

mod advertised;
mod audit;
mod authorize;
mod bounds;
mod certificates;
mod ciba;
mod claims;
mod client_auth;
mod client_keys;
mod code;
mod device;
mod documents;
mod dpop;
mod encryption;
mod exchange;
mod introspection;
mod franceconnect;
mod jarm;
mod par;
mod redirects;
mod refresh;
mod register;
mod request_objects;
mod session_end;
mod token;
mod userinfo;
