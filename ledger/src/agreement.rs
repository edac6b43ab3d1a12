//! Whether two checkpoints are of one history: the one a receipt holds, and one that somebody kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_keys::LedgerVerifier;

use crate::checkpoint::Checkpoint;
use crate::note::{NoteError, Signed};
use crate::proof::verify_consistency;
use crate::tree::Hash;

/// Why a checkpoint does not agree with one that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Disagreement {
    /// The key signed two histories.
    #[error("the log forked: the checkpoints of {0} and of {1} entries are of two histories")]
    Forked(u64, u64),
    /// What came with the other one does not tell.
    #[error(
        "the checkpoint of {1} entries does not tell whether it continues the one of {0}: take it from /exchange/checkpoint?since={0}"
    )]
    Unproven(u64, u64),
    /// The other one is none of this log.
    #[error("the other checkpoint does not hold: {0}")]
    Other(NoteError),
}

/// Whether the checkpoint in `other` signs the tree of `known` or continues it. Its text may come with the hashes
/// of [`latest_checkpoint`](crate::latest_checkpoint), or with the proof of
/// [`History::checkpoint_since`](crate::History::checkpoint_since).
///
/// # Errors
///
/// It does not, or does not tell.
pub fn agrees(
    known: Signed,
    other: &str,
    verifier: &LedgerVerifier,
    origin: &str,
) -> Result<(), Disagreement> {
    let parsed = Checkpoint::parse(other, verifier, origin);
    let Checkpoint { signed, span } = parsed.map_err(Disagreement::Other)?;
    let continues = if signed.size == known.size {
        Some(signed.root == known.root)
    } else if let Some(tree) = span.and_then(|span| span.at(known.size)) {
        Some(tree.root() == known.root)
    } else {
        proof_since(other, known.size).map(|proof| {
            verify_consistency(known.size, signed.size, &proof, &known.root, &signed.root)
        })
    };
    match continues {
        Some(true) => Ok(()),
        Some(false) => Err(Disagreement::Forked(known.size, signed.size)),
        None => Err(Disagreement::Unproven(known.size, signed.size)),
    }
}

/// What stands before a consistency proof, on a line behind the signatures: then the smaller size, then the
/// hashes.
pub(crate) const CONSISTENCY: &str = "consistency ";

fn proof_since(text: &str, size: u64) -> Option<Vec<Hash>> {
    text.lines().find_map(|line| {
        let mut words = line.strip_prefix(CONSISTENCY)?.split(' ');
        if words.next()?.parse() != Ok(size) {
            return None;
        }
        words
            .map(|word| STANDARD.decode(word).ok()?.try_into().ok())
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MemoryRecords, event, signer};
    use crate::{Ledger, LedgerSettings, latest_checkpoint, open_checkpoint};

    const ORIGIN: &str = "guichet.example/ledger";

    #[tokio::test]
    async fn a_later_checkpoint_agrees_or_the_key_signed_two_histories() {
        let signer = signer();
        let verifier = signer.verifier();
        let (mut known, mut later, mut hashed) = (Vec::new(), Vec::new(), Vec::new());
        for first in [0, 100] {
            let records = MemoryRecords::new();
            let settings = LedgerSettings::default();
            let opened = Ledger::open(records.clone(), signer.clone(), ORIGIN, settings);
            let ledger = opened.await.ok().unwrap();
            for number in first..first + 5 {
                ledger.append(event(number)).await.unwrap();
            }
            ledger.flush().await.unwrap();
            known.push(ledger.history().checkpoint().await.unwrap().unwrap());
            for number in 5..12 {
                ledger.append(event(number)).await.unwrap();
            }
            ledger.flush().await.unwrap();
            let since = ledger.history().checkpoint_since(5).await.unwrap();
            later.push(since.unwrap());
            hashed.push(latest_checkpoint(&*records, true).await.unwrap().unwrap());
        }
        let compare = |known: Signed, other: &str| agrees(known, other, &verifier, ORIGIN);
        for (one, other) in [(0, 1), (1, 0)] {
            let mine = known[one].1;
            assert_eq!(compare(mine, &known[one].0), Ok(()));
            let forked = Disagreement::Forked(5, 5);
            assert_eq!(compare(mine, &known[other].0), Err(forked));
            for texts in [&later, &hashed] {
                assert_eq!(compare(mine, &texts[one]), Ok(()));
                let forked = Disagreement::Forked(5, 12);
                assert_eq!(compare(mine, &texts[other]), Err(forked));
            }
            let (alone, _) = later[one].split_once("consistency").unwrap();
            let unproven = Disagreement::Unproven(5, 12);
            assert_eq!(compare(mine, alone), Err(unproven));
            let newest = open_checkpoint(&later[one], &verifier, ORIGIN).unwrap();
            let unproven = Disagreement::Unproven(12, 5);
            assert_eq!(compare(newest, &known[one].0), Err(unproven));
        }
    }

    #[test]
    fn a_checkpoint_of_another_log_says_nothing_of_this_one() {
        let known = Signed {
            size: 1,
            root: [0; 32],
        };
        let verifier = signer().verifier();
        let refused = agrees(known, "other.example\n1\nAAAA\n\n", &verifier, ORIGIN);
        assert!(
            matches!(refused, Err(Disagreement::Other(_))),
            "{refused:?}"
        );
    }
}
