//! `guichet person case CASE --csv FOLDER`: what is on record of the visits a case is about, in a file for whoever
//! follows it up, and in one for each service and each provider with what is theirs to know.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use guichet_broker::Track;
use guichet_web::{csv_head, csv_row};

/// The columns of each file.
const COLUMNS: [&str; 6] = ["code", "time", "what", "service", "provider", "level"];

/// Writes the files into a folder that there was not, so that none of another case is among them; their names.
#[expect(
    clippy::disallowed_methods,
    reason = "a command writes where it is told"
)]
pub(super) fn write(folder: &Path, tracks: &[Track]) -> Result<Vec<String>> {
    fs::create_dir(folder).with_context(|| format!("make the folder {}", folder.display()))?;
    let mut names = Vec::new();
    for (name, rows) in files(tracks) {
        let path = folder.join(&name);
        let mut text = csv_head(&COLUMNS);
        for row in &rows {
            text.extend(csv_row(row));
        }
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
        names.push(name);
    }
    Ok(names)
}

type Row = [String; COLUMNS.len()];

/// The rows of each file, by its name. A service is not told by whom somebody was vouched for, nor a provider where
/// they went.
fn files(tracks: &[Track]) -> BTreeMap<String, Vec<Row>> {
    let mut files = BTreeMap::from([("support.csv".to_owned(), Vec::new())]);
    for track in tracks {
        let service = track.client.as_ref().map(ToString::to_string);
        let provider = track.provider.as_ref().map(ToString::to_string);
        let row = |service: Option<&str>, provider: Option<&str>| {
            [
                track.visit.clone(),
                track.at.to_string(),
                track.kind.clone(),
                service.unwrap_or_default().to_owned(),
                provider.unwrap_or_default().to_owned(),
                track.level.map_or_else(String::new, |acr| acr.to_string()),
            ]
        };
        let (service, provider) = (service.as_deref(), provider.as_deref());
        let mut add = |name: String, row| files.entry(name).or_default().push(row);
        add("support.csv".to_owned(), row(service, provider));
        if let Some(id) = service {
            add(file_name("service", id), row(service, None));
        }
        if let Some(id) = provider {
            add(file_name("provider", id), row(None, provider));
        }
    }
    files
}

/// A name for a file, whatever a client may be called.
fn file_name(of: &str, id: &str) -> String {
    let plain = |letter: char| {
        let is_plain = letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        if is_plain { letter } else { '_' }
    };
    let id: String = id.chars().map(plain).take(LONGEST).collect();
    format!("{of}-{id}.csv")
}

/// No file system takes names without end.
const LONGEST: usize = 100;

#[cfg(test)]
mod tests {
    use guichet_domain::Timestamp;

    use super::*;

    fn track(client: Option<&str>, provider: Option<&str>) -> Track {
        Track {
            visit: "ABCD-2345-WXYZ".to_owned(),
            sequence: 7,
            at: Timestamp::from_seconds(1_795_296_504),
            kind: "identity.verified".to_owned(),
            client: client.map(|id| id.parse().unwrap()),
            provider: provider.map(|id| id.parse().unwrap()),
            level: None,
        }
    }

    #[test]
    fn each_party_has_a_file_with_what_is_theirs_to_know() {
        let tracks = [
            track(Some("cantine"), Some("compte")),
            track(Some("banque"), None),
            track(None, None),
        ];
        let files = files(&tracks);
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        let all = [
            "provider-compte.csv",
            "service-banque.csv",
            "service-cantine.csv",
            "support.csv",
        ];
        assert_eq!(names, all);
        assert_eq!(files["support.csv"].len(), 3);
        let service = format!("{:?}", files["service-cantine.csv"]);
        assert!(
            service.contains("cantine") && !service.contains("compte"),
            "{service}"
        );
        let provider = format!("{:?}", files["provider-compte.csv"]);
        assert!(
            provider.contains("compte") && !provider.contains("cantine"),
            "{provider}"
        );
    }

    #[test]
    fn a_folder_that_is_there_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write(folder.path(), &[]).is_err());
        let fresh = folder.path().join("case");
        assert_eq!(write(&fresh, &[]).unwrap(), ["support.csv"]);
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        assert_eq!(file_name("service", "../x y/z"), "service-___x_y_z.csv");
        assert!(file_name("service", &"a".repeat(999)).len() < 120);
    }
}
