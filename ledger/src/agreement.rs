//! Whether two checkpoints are of one history: the one a receipt holds, and one that somebody kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_keys::LedgerVerifier;

use crate::checkpoint::Checkpoint;
use crate::note::{NoteError, Signed};
use crate::proof::verify_consistency;
use crate::tree::Hash;

/// What two checkpoints say of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// They sign one tree.
    Same,
    /// The other one continues it.
    Continues,
    /// The key signed two histories.
    Forked,
    /// What came with the other one does not tell.
    Unproven,
}

/// Whether the checkpoint in `other` agrees with `known`. Its text may come with the hashes of
/// [`latest_checkpoint`](crate::latest_checkpoint), or with the proof of
/// [`History::checkpoint_since`](crate::History::checkpoint_since). Also what it says.
pub fn agreement(
    known: Signed,
    other: &str,
    verifier: &LedgerVerifier,
    origin: &str,
) -> Result<(Signed, Agreement), NoteError> {
    let Checkpoint { signed, span } = Checkpoint::parse(other, verifier, origin)?;
    let or_forked = |agrees, agreement| if agrees { agreement } else { Agreement::Forked };
    if signed.size == known.size {
        let same = or_forked(signed.root == known.root, Agreement::Same);
        return Ok((signed, same));
    }
    if let Some(tree) = span.and_then(|span| span.at(known.size)) {
        let continues = or_forked(tree.root() == known.root, Agreement::Continues);
        return Ok((signed, continues));
    }
    let agreement = match proof_since(other, known.size) {
        Some(proof) => or_forked(
            verify_consistency(known.size, signed.size, &proof, &known.root, &signed.root),
            Agreement::Continues,
        ),
        None => Agreement::Unproven,
    };
    Ok((signed, agreement))
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
        let compare = |known: Signed, other: &str| {
            let (stated, agreement) = agreement(known, other, &verifier, ORIGIN).unwrap();
            assert!(other.contains(&format!("\n{}\n", stated.size)));
            agreement
        };
        for (one, other) in [(0, 1), (1, 0)] {
            let mine = known[one].1;
            assert_eq!(compare(mine, &known[one].0), Agreement::Same);
            assert_eq!(compare(mine, &known[other].0), Agreement::Forked);
            for texts in [&later, &hashed] {
                assert_eq!(compare(mine, &texts[one]), Agreement::Continues);
                assert_eq!(compare(mine, &texts[other]), Agreement::Forked);
            }
            let (alone, _) = later[one].split_once("consistency").unwrap();
            assert_eq!(compare(mine, alone), Agreement::Unproven);
            let newest = open_checkpoint(&later[one], &verifier, ORIGIN).unwrap();
            assert_eq!(compare(newest, &known[one].0), Agreement::Unproven);
        }
    }

    #[test]
    fn a_checkpoint_of_another_log_says_nothing_of_this_one() {
        let known = Signed {
            size: 1,
            root: [0; 32],
        };
        let verifier = signer().verifier();
        let refused = agreement(known, "other.example\n1\nAAAA\n\n", &verifier, ORIGIN);
        assert!(refused.is_err());
    }
}
