//! The list of service providers that FranceConnect's operators import: CSV, a heading and twelve columns.
//! Several values in a cell are apart by spaces, `;` or `|`.

use guichet_domain::ClientMetadata;
use guichet_domain::client::{ClientKind, Profile};
use serde::Deserialize;

use super::{Imported, SIGN_IN_ALONE, Unreadable, addresses};

/// Reads the text of the list, apart by commas or by semicolons.
pub fn franceconnect(text: &str) -> Result<Imported, Unreadable> {
    let heading = text.lines().next().unwrap_or_default();
    let delimiter = if heading.contains(';') { b';' } else { b',' };
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let found = rows
        .headers()
        .map_err(|error| Unreadable(error.to_string()))?;
    if let Some(missing) = COLUMNS
        .iter()
        .find(|name| !found.iter().any(|it| it == **name))
    {
        return Err(Unreadable(format!("there is no column `{missing}`")));
    }
    let mut imported = Imported::default();
    for (number, row) in rows.deserialize::<Row>().enumerate() {
        // Beside the heading, and counted from one as editors do.
        let place = format!("line {}", number + 2);
        match row {
            Ok(row) => row.import(&place, &mut imported),
            // What the reader shows of a row may be personal data: the place is enough.
            Err(_) => imported.left(&place, "", "not twelve columns"),
        }
    }
    Ok(imported)
}

#[derive(Deserialize)]
struct Row {
    name: String,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    adresses_ip: String,
    datapass_id: String,
    scopes: String,
    r#type: String,
    signature_response_alg: String,
    email: String,
    client_id_v1: String,
    site: String,
}

impl Row {
    fn import(self, place: &str, imported: &mut Imported) {
        let mut remarks = Vec::new();
        let kind = match self.r#type.as_str() {
            "public" => ClientKind::Public,
            "private" => ClientKind::Private,
            other => {
                let why = format!("type: `{other}`: public or private is needed");
                return imported.left(place, &self.name, &why);
            }
        };
        if !self.adresses_ip.is_empty() {
            remarks.push("adresses_ip: not enforced: a secret or a key proves a client".to_owned());
        }
        let id = if self.client_id_v1.is_empty() {
            short(&self.name, &self.datapass_id)
        } else {
            self.client_id_v1.clone()
        };
        let mut scopes = values(&self.scopes);
        if scopes.is_empty() {
            scopes.push(SIGN_IN_ALONE.to_owned());
            remarks.push("scope: openid alone: name what it may ask citizens for".to_owned());
        }
        let alg = Some(self.signature_response_alg).filter(|alg| !alg.is_empty());
        let metadata = ClientMetadata {
            client_id: id,
            client_name: Some(self.name),
            profile: Some(Profile::FranceConnect),
            kind: Some(kind),
            redirect_uris: addresses("redirect_uris", values(&self.redirect_uris), &mut remarks),
            post_logout_redirect_uris: addresses(
                "post_logout_redirect_uris",
                values(&self.post_logout_redirect_uris),
                &mut remarks,
            ),
            scope: Some(scopes.join(" ")),
            id_token_signed_response_alg: alg.clone(),
            userinfo_signed_response_alg: alg,
            contacts: Some(values(&self.email)).filter(|contacts| !contacts.is_empty()),
            client_uri: values(&self.site).into_iter().next(),
            ..ClientMetadata::default()
        };
        imported.client(place, metadata, remarks);
    }
}

/// A name for a client that has none yet: the same each time the list is read.
fn short(name: &str, datapass: &str) -> String {
    let letters = |text: &str| {
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        let words: Vec<String> = words
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        words.join("-")
    };
    let (name, datapass) = (letters(name), letters(datapass));
    if datapass.is_empty() {
        name
    } else {
        format!("{name}-{datapass}")
    }
}

fn values(cell: &str) -> Vec<String> {
    let values = cell.split(|letter: char| letter.is_whitespace() || ";|,".contains(letter));
    values
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .collect()
}

const COLUMNS: [&str; 12] = [
    "name",
    "redirect_uris",
    "post_logout_redirect_uris",
    "adresses_ip",
    "datapass_id",
    "scopes",
    "type",
    "signature_response_alg",
    "email",
    "phone",
    "client_id_v1",
    "site",
];
