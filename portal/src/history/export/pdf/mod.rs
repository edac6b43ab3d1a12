//! PDF 1.7, tagged: a title, then a paragraph for each entry, in the order of reading and in the language of the
//! file. Written page by page: the crates that write PDF keep a document whole until it is done, and a
//! history has no end.
//!
//! The letters are those of Helvetica, which every reader has, in WinAnsi: French and English, é and œ
//! included. `text` is letters and their widths, `objects` what PDF is made of.

mod objects;
mod text;

use std::fmt::Write as _;

use guichet_web::Locale;

use super::{Column, Head, Line, Writer};
use objects::{Objects, Reference};
use text::{Font, wrapped};

/// A document that is being written.
#[derive(Default)]
pub(super) struct Pdf {
    objects: Objects,
    fixed: Option<Fixed>,
    /// Every page, its section, and what its marks lead to.
    pages: Vec<(Reference, Reference, Reference)>,
    page: Page,
    columns: Vec<String>,
}

/// The objects that everything else leads to, written last.
#[derive(Clone, Copy)]
struct Fixed {
    catalog: Reference,
    pages: Reference,
    info: Reference,
    structure: Reference,
    document: Reference,
    parents: Reference,
    regular: Reference,
    bold: Reference,
    locale: Locale,
}

/// The page that is being filled.
#[derive(Default)]
struct Page {
    content: String,
    /// What each mark is: the name of a structure element.
    marks: Vec<&'static str>,
    /// How far down, in points from its top.
    used: f32,
}

/// A row of letters.
struct Row {
    text: String,
    font: Font,
    size: f32,
}

impl Writer for Pdf {
    fn begin(&mut self, head: &Head) -> Vec<u8> {
        let objects = &mut self.objects;
        let mut fresh = || objects.reserve();
        let fixed = Fixed {
            catalog: fresh(),
            pages: fresh(),
            info: fresh(),
            structure: fresh(),
            document: fresh(),
            parents: fresh(),
            regular: fresh(),
            bold: fresh(),
            locale: head.locale,
        };
        let mut out = objects.header();
        for (font, reference) in [(Font::Regular, fixed.regular), (Font::Bold, fixed.bold)] {
            let name = font.name();
            let dictionary =
                format!("<</Type/Font/Subtype/Type1/BaseFont/{name}/Encoding/WinAnsiEncoding>>");
            out.extend(objects.object(reference, &dictionary));
        }
        let (title, made) = (text::utf16(&head.title), text::utf16(&head.issuer));
        let info = format!("<</Title {title}/Creator {made}/Producer(Guichet)>>");
        out.extend(objects.object(fixed.info, &info));
        self.fixed = Some(fixed);
        self.columns.clone_from(&head.columns);
        let title = row(&head.title, Font::Bold, 20.0);
        let about = format!("{} – {}", head.issuer, head.made_text);
        out.extend(self.add("H1", &[title]));
        let rows = [Some(&about), head.period.as_ref(), Some(&head.about_places)];
        let rows: Vec<Row> = rows
            .into_iter()
            .flatten()
            .map(|text| row(text, Font::Regular, 9.0))
            .collect();
        out.extend(self.add("P", &rows));
        out
    }

    fn line(&mut self, line: &Line) -> Vec<u8> {
        let when = format!("{} – {}", line.day, line.hour);
        let parties = [
            (Column::Service, &line.service),
            (Column::Provider, &line.provider),
            (Column::DataProvider, &line.data_provider),
            (Column::About, &line.about),
        ];
        let who = Some(line.who.clone());
        let more = [
            (Column::Level, &line.level),
            (Column::Means, &line.means),
            (Column::Who, &who),
            (Column::Place, &line.place),
            (Column::Code, &line.code),
        ];
        let mut rows = vec![
            row(&when, Font::Regular, 9.0),
            row(&line.what, Font::Bold, 11.0),
        ];
        for cells in [&parties[..], &more[..]] {
            let told = cells.iter().filter_map(|(column, cell)| {
                let name = self.columns.get(*column as usize)?;
                Some(format!("{name} : {}", cell.as_ref()?))
            });
            let told: Vec<String> = told.collect();
            if !told.is_empty() {
                rows.push(row(&told.join(" · "), Font::Regular, 10.0));
            }
        }
        self.add("P", &rows)
    }

    fn end(&mut self) -> Vec<u8> {
        let Some(fixed) = self.fixed else {
            return Vec::new();
        };
        let mut out = self.finish_page(fixed);
        let listed = |all: Vec<Reference>| {
            let all: Vec<String> = all.iter().map(ToString::to_string).collect();
            all.join(" ")
        };
        let count = self.pages.len();
        let pages = listed(self.pages.iter().map(|page| page.0).collect());
        let sections = listed(self.pages.iter().map(|page| page.1).collect());
        let parents: Vec<String> = (0..)
            .zip(&self.pages)
            .map(|(at, page): (usize, _)| format!("{at} {}", page.2))
            .collect();
        let Fixed {
            structure,
            parents: tree,
            document,
            info,
            ..
        } = fixed;
        let language = fixed.locale.tag();
        for (reference, dictionary) in [
            (
                fixed.pages,
                format!("<</Type/Pages/Count {count}/Kids[{pages}]>>"),
            ),
            (tree, format!("<</Nums[{}]>>", parents.join(" "))),
            (
                document,
                format!("<</Type/StructElem/S/Document/P {structure}/K[{sections}]>>"),
            ),
            (
                structure,
                format!(
                    "<</Type/StructTreeRoot/K {document}/ParentTree {tree}/ParentTreeNextKey {count}>>"
                ),
            ),
            (
                fixed.catalog,
                format!(
                    "<</Type/Catalog/Pages {}/Lang({language})/MarkInfo<</Marked true>>\
                     /ViewerPreferences<</DisplayDocTitle true>>/StructTreeRoot {structure}>>",
                    fixed.pages
                ),
            ),
        ] {
            out.extend(self.objects.object(reference, &dictionary));
        }
        out.extend(self.objects.trailer(fixed.catalog, info));
        out
    }
}

fn row(text: &str, font: Font, size: f32) -> Row {
    Row {
        text: text.to_owned(),
        font,
        size,
    }
}

impl Pdf {
    /// A paragraph, on a page of its own where this one has no room for it.
    fn add(&mut self, mark: &'static str, rows: &[Row]) -> Vec<u8> {
        let Some(fixed) = self.fixed else {
            return Vec::new();
        };
        let lines: Vec<Row> = rows
            .iter()
            .flat_map(|it| {
                let lines = wrapped(&it.text, it.font, it.size, WIDTH - 2.0 * MARGIN);
                lines.into_iter().map(|text| row(&text, it.font, it.size))
            })
            .collect();
        let height: f32 = lines.iter().map(|line| line.size * LEADING).sum();
        let out = if self.page.used + height > HEIGHT - 2.0 * MARGIN && self.page.used > 0.0 {
            self.finish_page(fixed)
        } else {
            Vec::new()
        };
        self.page.add(mark, &lines);
        out
    }

    /// The page as it is, and what its marks are; the next one is empty.
    fn finish_page(&mut self, fixed: Fixed) -> Vec<u8> {
        let number = self.pages.len();
        let mut page = std::mem::take(&mut self.page);
        page.number(number + 1);
        let objects = &mut self.objects;
        let (itself, section, marks) = (objects.reserve(), objects.reserve(), objects.reserve());
        let content = objects.reserve();
        let mut out = objects.stream(content, page.content.as_bytes());
        let mut kids = Vec::new();
        for (at, mark) in page.marks.iter().enumerate() {
            let element = objects.reserve();
            let dictionary =
                format!("<</Type/StructElem/S/{mark}/P {section}/Pg {itself}/K {at}>>");
            out.extend(objects.object(element, &dictionary));
            kids.push(element.to_string());
        }
        let kids = kids.join(" ");
        let Fixed {
            pages,
            document,
            regular,
            bold,
            ..
        } = fixed;
        for (reference, dictionary) in [
            (
                section,
                format!("<</Type/StructElem/S/Sect/P {document}/K[{kids}]>>"),
            ),
            (marks, format!("[{kids}]")),
            (
                itself,
                format!(
                    "<</Type/Page/Parent {pages}/MediaBox[0 0 {WIDTH} {HEIGHT}]/Contents {content}\
                     /Resources<</Font<</R {regular}/B {bold}>>>>/StructParents {number}/Tabs/S>>"
                ),
            ),
        ] {
            out.extend(objects.object(reference, &dictionary));
        }
        self.pages.push((itself, section, marks));
        out
    }
}

impl Page {
    fn add(&mut self, mark: &'static str, lines: &[Row]) {
        let id = self.marks.len();
        let _ = writeln!(self.content, "/{mark}<</MCID {id}>>BDC");
        for line in lines {
            self.used += line.size * LEADING;
            self.show(line, MARGIN, HEIGHT - MARGIN - self.used);
        }
        self.content.push_str("EMC\n");
        self.marks.push(mark);
        self.used += BETWEEN;
    }

    /// At the foot; nothing that is read.
    fn number(&mut self, number: usize) {
        self.content.push_str("/Artifact<</Type/Pagination>>BDC\n");
        let number = row(&number.to_string(), Font::Regular, 9.0);
        self.show(&number, WIDTH / 2.0, MARGIN / 2.0);
        self.content.push_str("EMC\n");
    }

    fn show(&mut self, line: &Row, x: f32, y: f32) {
        let (font, size) = (line.font.letter(), line.size);
        let letters = text::literal(&line.text);
        let shown = format!("BT /{font} {size} Tf {x:.1} {y:.1} Td {letters} Tj ET\n");
        self.content.push_str(&shown);
    }
}

/// A4, in points.
const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 56.0;
/// From one line to the next, in sizes of letters.
const LEADING: f32 = 1.35;
/// From one paragraph to the next, in points.
const BETWEEN: f32 = 11.0;

#[cfg(test)]
mod tests {
    use super::super::tests::{head, line};
    use super::*;

    fn file(lines: u64) -> String {
        let mut pdf = Pdf::default();
        let mut bytes = pdf.begin(&head());
        for number in 0..lines {
            bytes.extend(pdf.line(&line(number, "Œuvre d’été (à \\ Lyon)")));
        }
        bytes.extend(pdf.end());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_object_is_where_the_table_says() {
        for lines in [0, 1, 40] {
            let text = file(lines);
            let start = text.rfind("startxref\n").unwrap();
            let at: usize = text[start + 10..].lines().next().unwrap().parse().unwrap();
            assert!(text[at..].starts_with("xref\n0 "), "{lines}");
            let table: Vec<&str> = text[at..start].lines().skip(2).collect();
            let entries = table.iter().take_while(|it| it.len() == 19);
            let mut number = 0;
            for entry in entries.skip(1) {
                number += 1;
                let offset: usize = entry[..10].parse().unwrap();
                let object = &text[offset..];
                assert!(
                    object.starts_with(&format!("{number} 0 obj\n")),
                    "object {number}"
                );
            }
            assert!(number > 8, "{number}");
        }
    }

    #[test]
    fn a_long_history_has_many_pages_and_each_is_tagged() {
        let text = file(40);
        let pages = text.matches("/Type/Page/").count();
        assert!((3..8).contains(&pages), "{pages}");
        assert!(text.contains(&format!("/Type/Pages/Count {pages}/")));
        assert_eq!(text.matches("/S/P/").count(), 41);
        assert_eq!(text.matches("/S/H1/").count(), 1);
        assert_eq!(text.matches(" BDC").count(), 0);
        assert_eq!(
            text.matches(">>BDC\n").count(),
            text.matches("EMC\n").count()
        );
        assert!(text.contains("/Lang(fr)/MarkInfo<</Marked true>>"));
    }

    #[test]
    fn what_is_written_is_as_it_reads() {
        let text = file(1);
        assert!(
            text.contains("(\\214uvre d\\222\\351t\\351 \\(\\340 \\\\ Lyon\\)) Tj"),
            "{text}"
        );
    }
}
