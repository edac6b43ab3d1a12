//! Fields laid one after another so that no two lists of fields give the same bytes.

/// Each part preceded by its length as four bytes, most significant first. Moving a byte over a
/// field's boundary changes the result.
pub(crate) fn framed(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in parts {
        // Fields here are names, dates and identifiers: far below 4 GiB.
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_frame_is_four_bytes_of_length_then_the_field() {
        assert_eq!(framed(&[b"ab", b""]), b"\0\0\0\x02ab\0\0\0\0");
    }

    proptest! {
        #[test]
        fn a_byte_moved_over_a_boundary_changes_the_frame(
            left in "[A-Z]{1,20}",
            right in "[A-Z]{0,20}",
        ) {
            let (kept, moved) = left.split_at(left.len() - 1);
            let shifted = format!("{moved}{right}");
            prop_assert_ne!(
                framed(&[left.as_bytes(), right.as_bytes()]),
                framed(&[kept.as_bytes(), shifted.as_bytes()])
            );
        }
    }
}
