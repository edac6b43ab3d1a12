//! A citizen wants erased what was sent: each party is asked by an event, answers within thirty days that
//! it did or which law forbids it, and the answer is kept and shown.

mod answer;
mod ask;

pub(crate) use answer::Said;
