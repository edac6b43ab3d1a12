//! Dates of keys, as they stand in a record.

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

#[test]
fn a_key_is_over_at_its_end_and_its_end_is_never_put_off() {
    let mut key = json!({"kid": "a", "kty": "EC"});
    assert!(!is_over(&key, NOW));
    end_by(&mut key, Some(NOW));
    assert!(is_over(&key, NOW));
    let day = std::time::Duration::from_hours(24);
    end_by(&mut key, Some(NOW.after(day)));
    assert!(is_over(&key, NOW));
    end_by(&mut key, None);
    assert_eq!(key["exp"], json!(NOW.seconds()));
}
