//! A cell as bytes: the expiry in sixteen digits, the mark's length in one byte, the mark, the body.

use guichet_domain::Timestamp;

use crate::Fault;
use crate::short_lived::cells::{Cell, Mark, deadline_digits, read_deadline};

pub(super) fn write(cell: &Cell) -> Vec<u8> {
    let mark = cell.mark.as_bytes();
    let mut value = Vec::with_capacity(17 + mark.len() + cell.body.len());
    value.extend_from_slice(&deadline_digits(cell.expires));
    // At most Mark::MAX.
    value.push(u8::try_from(mark.len()).unwrap_or(0));
    value.extend_from_slice(mark);
    value.extend_from_slice(&cell.body);
    value
}

pub(super) fn read(mut value: Vec<u8>) -> Result<Cell, Fault> {
    const MALFORMED: Fault = Fault::bare("a value in Redis that Guichet did not write");
    let expires = value.get(..16).and_then(read_deadline).ok_or(MALFORMED)?;
    let end = 17 + value.get(16).copied().map(usize::from).ok_or(MALFORMED)?;
    let mark = Mark::new(value.get(17..end).ok_or(MALFORMED)?)?;
    Ok(Cell {
        mark,
        body: value.split_off(end),
        expires,
    })
}

pub(super) fn live(value: Option<Vec<u8>>, now: Timestamp) -> Result<Option<Cell>, Fault> {
    let cell = value.map(read).transpose()?;
    Ok(cell.filter(|cell| cell.expires > now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives_the_trip_through_bytes() {
        let cell = Cell {
            mark: Mark::new(b"AwaitingConsent").unwrap(),
            body: vec![0, 1, 255],
            expires: Timestamp::from_seconds(1_795_296_504),
        };
        let bytes = write(&cell);
        assert!(read(bytes).is_ok_and(|read| read == cell));
    }

    #[test]
    fn bytes_that_are_no_value_are_a_fault_and_no_panic() {
        let value = write(&Cell::trace(
            Mark::new(&[7; 32]).unwrap(),
            Timestamp::from_seconds(1),
        ));
        for end in 0..value.len() {
            assert!(read(value[..end].to_vec()).is_err(), "{end} bytes");
        }
        assert!(read(b"xxxxxxxxxxxxxxxx\x00".to_vec()).is_err());
        assert!(read([b"0000000000000001".as_slice(), &[200; 300]].concat()).is_err());
    }
}
