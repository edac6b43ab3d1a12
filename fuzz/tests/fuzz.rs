//! The fuzzer: libFuzzer, and the one target that `GUICHET_FUZZ_TARGET` names. Without a name it tells
//! which targets there are.
#![no_main]
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stdout,
    reason = "libFuzzer owns the command line; a development tool reads the environment and tells"
)]

use std::sync::OnceLock;

use guichet_fuzz::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;

static CHOSEN: OnceLock<Target> = OnceLock::new();

fuzz_target!(
    init: {
        let name = std::env::var("GUICHET_FUZZ_TARGET").unwrap_or_default();
        if name.is_empty() {
            for (known, _) in TARGETS {
                println!("{known}");
            }
            std::process::exit(0);
        }
        let target = TARGETS.into_iter().find(|(known, _)| *known == name);
        let Some((_, target)) = target else {
            panic!("GUICHET_FUZZ_TARGET names no target: {name:?}");
        };
        CHOSEN.get_or_init(|| target);
    },
    |input: &[u8]| {
        if let Some(target) = CHOSEN.get() {
            target(input);
        }
    }
);
