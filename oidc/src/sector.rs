//! `sector_identifier_uri`: the document by which clients of several hosts share one sector (OIDC Core
//! §8.1, Registration §5). Without it, whoever registers could take a place among another's
//! pseudonyms: its host must list every redirect URI of the client.

use guichet_domain::{Client, KeySource};

use crate::fetch::{Document, Fetch, Unfetchable};

/// Why a client does not belong to the sector it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SectorRefusal {
    /// Plain http (Registration §2 asks for https); loopback is left to the egress policy.
    #[error("https is needed")]
    NotHttps,
    /// It could not be had.
    #[error("{0}")]
    Unfetchable(#[from] Unfetchable),
    /// It is no JSON array of strings.
    #[error("the document is not a JSON array of addresses")]
    NotAList,
    /// It leaves an address of the client out.
    #[error("the document does not list every redirect URI of the client")]
    NotListed,
}

/// Fetches the document a client names, if it names one, and looks whether the client is in it. To be
/// asked whenever a client is registered, declared or changed.
pub async fn check(fetch: &dyn Fetch, client: &Client) -> Result<(), SectorRefusal> {
    let Some(uri) = &client.sector_identifier_uri else {
        return Ok(());
    };
    let is_own_machine = matches!(uri.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if uri.scheme() != "https" && !is_own_machine {
        return Err(SectorRefusal::NotHttps);
    }
    let document = fetch.get(uri, Document::SectorRedirectUris).await?;
    let listed: Vec<String> =
        serde_json::from_slice(&document).map_err(|_| SectorRefusal::NotAList)?;
    let is_listed = |address: &str| listed.iter().any(|other| other == address);
    let belongs = match (client.redirect_uris.as_slice(), &client.keys) {
        // CIBA §4: a client without redirect URIs is known by its keys.
        ([], Some(KeySource::JwksUri(keys))) => is_listed(keys.as_str()),
        ([], _) => false,
        (uris, _) => uris.iter().all(|uri| is_listed(uri.as_str())),
    };
    if belongs {
        Ok(())
    } else {
        Err(SectorRefusal::NotListed)
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use bytes::Bytes;
    use guichet_domain::ClientMetadata;
    use guichet_keys::client_secret_hash;
    use serde_json::json;
    use url::Url;

    use super::*;

    /// Answers every address alike.
    struct Answering(&'static str);

    #[async_trait]
    impl Fetch for Answering {
        async fn get(&self, _url: &Url, what: Document) -> Result<Bytes, Unfetchable> {
            assert_eq!(what, Document::SectorRedirectUris);
            Ok(Bytes::from_static(self.0.as_bytes()))
        }
    }

    fn client(sector_identifier_uri: &str) -> Client {
        let metadata: ClientMetadata = serde_json::from_value(json!({
            "client_id": "a",
            "client_secret": "0123456789abcdef",
            "redirect_uris": ["https://a.example/cb", "https://b.example/cb"],
            "sector_identifier_uri": sector_identifier_uri,
        }))
        .unwrap();
        metadata.check(client_secret_hash).unwrap()
    }

    #[tokio::test]
    async fn every_redirect_uri_must_be_listed_to_the_letter() {
        let client = client("https://sector.example/uris");
        let all = r#"["https://b.example/cb", "https://a.example/cb", "https://c.example/"]"#;
        assert_eq!(check(&Answering(all), &client).await, Ok(()));
        for (document, why) in [
            (r#"["https://a.example/cb"]"#, SectorRefusal::NotListed),
            (
                r#"["https://a.example/cb", "https://b.example/cb/"]"#,
                SectorRefusal::NotListed,
            ),
            ("[]", SectorRefusal::NotListed),
            (r#"{"redirect_uris": []}"#, SectorRefusal::NotAList),
            (r#"["https://a.example/cb", 7]"#, SectorRefusal::NotAList),
            ("", SectorRefusal::NotAList),
        ] {
            assert_eq!(
                check(&Answering(document), &client).await,
                Err(why),
                "{document}"
            );
        }
    }

    #[tokio::test]
    async fn the_document_comes_by_https() {
        let client = client("http://sector.example/uris");
        let all = r#"["https://b.example/cb", "https://a.example/cb"]"#;
        assert_eq!(
            check(&Answering(all), &client).await,
            Err(SectorRefusal::NotHttps)
        );
    }
}
