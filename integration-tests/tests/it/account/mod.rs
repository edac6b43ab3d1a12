//! The citizen's single account, from outside: what services leave there, and who sees it.

mod messages;
