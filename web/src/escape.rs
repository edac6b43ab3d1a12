//! How values are written into HTML: `&`, `<`, `>`, `"` and `'` escaped, everything else as it is.
//!
//! The engine's own escaping also turns every `/` into `&#x2f;`, which makes addresses unreadable
//! in the source and longer on the wire, and adds nothing: our attributes are always quoted.

use minijinja::{Error, Output, State, Value, escape_formatter};

/// The formatter of every environment.
pub(crate) fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() => escape(out, text),
        // Numbers, safe strings made by macros, and lists and maps, which the engine escapes.
        _ => escape_formatter(out, state, value),
    }
}

fn escape(out: &mut Output, text: &str) -> Result<(), Error> {
    let mut rest = text;
    while let Some(position) = rest.find(['&', '<', '>', '"', '\'']) {
        let (plain, special) = rest.split_at(position);
        out.write_str(plain)?;
        out.write_str(match special.as_bytes()[0] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &special[1..];
    }
    out.write_str(rest)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use minijinja::{AutoEscape, Environment, context};
    use proptest::prelude::*;

    use super::*;

    fn render(text: &str) -> String {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(format);
        environment
            .render_str("{{ text }}", context!(text))
            .unwrap()
    }

    #[test]
    fn an_address_stays_readable_and_a_tag_does_not_stay_a_tag() {
        assert_eq!(render("/a?b=1&c=é"), "/a?b=1&amp;c=é");
        assert_eq!(
            render("<a b=\"c\" d='e'>"),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;"
        );
    }

    proptest! {
        #[test]
        fn no_text_can_open_a_tag_or_leave_an_attribute(text in "[a<>\"'&/é]{0,20}") {
            prop_assert!(!render(&text).contains(['<', '>', '"', '\'']));
        }
    }
}
