//! Every page, as everybody must be able to use it: without script, without a mouse, without sight,
//! enlarged, in either language; and photographed.

mod each;
mod elsewhere;
mod evidence;
pub(super) mod inspection;
mod keyboard;
mod rooms;
mod script_off;
mod tour;
mod whole_tour;
