//! Letters of a PDF: WinAnsi (ISO 32000-1 annex D), and how wide they are in Helvetica.

use std::fmt::Write as _;

/// The two fonts, which every reader has (§9.6.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Font {
    /// For what there is to say.
    Regular,
    /// For what to find.
    Bold,
}

impl Font {
    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Regular => "Helvetica",
            Self::Bold => "Helvetica-Bold",
        }
    }

    /// Its name on a page.
    pub(super) const fn letter(self) -> char {
        match self {
            Self::Regular => 'R',
            Self::Bold => 'B',
        }
    }

    /// The width of so many thousandths of a size, in points.
    fn width(self, letters: u32, size: f32) -> f32 {
        let wider = match self {
            Self::Regular => 1.0,
            // Hardly any bold letter is wider than this.
            Self::Bold => 1.1,
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "a line has a few hundred letters"
        )]
        let letters = letters as f32;
        letters * wider * size / 1000.0
    }
}

/// The text in lines no wider than `width`; a word that is wider is cut. Each letter is measured once or twice,
/// however long its line is.
pub(super) fn wrapped(text: &str, font: Font, size: f32, width: f32) -> Vec<String> {
    let fits = |letters: u32| font.width(letters, size) <= width;
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for word in text.split_whitespace() {
        let after = if line.is_empty() {
            letters(word)
        } else {
            used + letter(' ') + letters(word)
        };
        if fits(after) {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            used = after;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        used = 0;
        for one in word.chars() {
            if !line.is_empty() && !fits(used + letter(one)) {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(one);
            used += letter(one);
        }
    }
    lines.push(line);
    lines
}

fn letters(text: &str) -> u32 {
    text.chars().map(letter).sum()
}

fn letter(letter: char) -> u32 {
    u32::from(width(ansi(letter)))
}

/// A literal string (§7.3.4.2).
pub(super) fn literal(text: &str) -> String {
    let mut out = String::from("(");
    for byte in text.chars().map(ansi) {
        match byte {
            b'(' | b')' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            0x20..=0x7e => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out.push(')');
    out
}

/// A text string in UTF-16 (§7.9.2.2), for what is no page.
pub(super) fn utf16(text: &str) -> String {
    let mut out = String::from("<FEFF");
    for unit in text.encode_utf16() {
        let _ = write!(out, "{unit:04X}");
    }
    out.push('>');
    out
}

/// The letter in WinAnsi; a question mark for one that it does not have.
fn ansi(letter: char) -> u8 {
    let code = u32::from(letter);
    match code {
        0x20..=0x7e | 0xa0..=0xff => u8::try_from(code).unwrap_or(b'?'),
        // Narrow and figure spaces.
        0x2007..=0x200a | 0x202f => 0xa0,
        _ => {
            let found = SPECIAL.iter().find(|(it, _)| *it == letter);
            found.map_or(b'?', |(_, byte)| *byte)
        }
    }
}

const SPECIAL: [(char, u8); 27] = [
    ('€', 0x80),
    ('‚', 0x82),
    ('ƒ', 0x83),
    ('„', 0x84),
    ('…', 0x85),
    ('†', 0x86),
    ('‡', 0x87),
    ('ˆ', 0x88),
    ('‰', 0x89),
    ('Š', 0x8a),
    ('‹', 0x8b),
    ('Œ', 0x8c),
    ('Ž', 0x8e),
    ('‘', 0x91),
    ('’', 0x92),
    ('“', 0x93),
    ('”', 0x94),
    ('•', 0x95),
    ('–', 0x96),
    ('—', 0x97),
    ('˜', 0x98),
    ('™', 0x99),
    ('š', 0x9a),
    ('›', 0x9b),
    ('œ', 0x9c),
    ('ž', 0x9e),
    ('Ÿ', 0x9f),
];

/// Thousandths of a size. Of letters that are not ASCII, what is never too little.
const fn width(byte: u8) -> u16 {
    match byte {
        0x20..=0x7e => ASCII[(byte - 0x20) as usize],
        0xa0 | 0xb7 | 0xcc..=0xcf | 0xec..=0xef => 278,
        0xe0..=0xff => 611,
        0x85 | 0x8c | 0x97 | 0x99 | 0x9c | 0xc6 => 1000,
        _ => 778,
    }
}

const ASCII: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn french_letters_are_those_of_french() {
        assert_eq!(
            literal("é œ Œ ’ « » €"),
            "(\\351 \\234 \\214 \\222 \\253 \\273 \\200)"
        );
        assert_eq!(literal("10\u{202f}h Ł"), "(10\\240h ?)");
        assert_eq!(utf16("é"), "<FEFF00E9>");
    }

    proptest! {
        #[test]
        fn lines_fit_and_no_word_is_lost(text in "\\PC{0,200}", width in 40.0f32..500.0) {
            let lines = wrapped(&text, Font::Bold, 11.0, width);
            for line in &lines {
                let fits = Font::Bold.width(letters(line), 11.0) <= width || line.chars().count() == 1;
                prop_assert!(fits, "{line}");
            }
            let written = |text: &str| text.chars().filter(|it| !it.is_whitespace()).collect::<String>();
            prop_assert_eq!(written(&lines.concat()), written(&text));
        }

        #[test]
        fn no_text_ends_its_string(text in "\\PC{0,80}") {
            let written = literal(&text);
            prop_assert!(written.is_ascii());
            let inside = written[1..written.len() - 1].replace("\\\\", "").replace("\\(", "").replace("\\)", "");
            prop_assert!(!inside.contains(['(', ')']));
        }
    }
}
