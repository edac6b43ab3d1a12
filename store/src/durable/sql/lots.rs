//! Many rows by few statements: through a pool, a statement costs more than the row that it writes.

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

/// How many rows a statement writes: few sizes, so that few statements are prepared.
const SIZES: [usize; 3] = [64, 8, 1];

/// The rows in their order, in lots of these sizes.
pub(super) fn lots<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rows.len())?;
        let (lot, rest) = rows.split_at(size);
        rows = rest;
        Some(lot)
    })
}

/// `start VALUES ($1, $2), ($3, $4) end`: a place for each column of so many rows.
pub(super) fn of_rows(start: &str, rows: usize, columns: usize, end: &str) -> SqlStr {
    let row = |row: usize| {
        let places = (1..=columns).map(|column| format!("${}", row * columns + column));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    let rows = (0..rows).map(row).collect::<Vec<_>>().join(", ");
    // Safe: placeholders, and words of ours.
    AssertSqlSafe(format!("{start} VALUES {rows} {end}")).into_sql_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_lot_and_in_its_order() {
        let rows: Vec<usize> = (0..64 * 2 + 8 + 3).collect();
        let lots: Vec<&[usize]> = lots(&rows).collect();
        let sizes: Vec<usize> = lots.iter().map(|lot| lot.len()).collect();
        assert_eq!(sizes, [64, 64, 8, 1, 1, 1]);
        assert_eq!(lots.concat(), rows);
        assert_eq!(super::lots::<u8>(&[]).count(), 0);
    }

    #[test]
    fn each_column_of_each_row_has_its_place() {
        let statement = of_rows("INSERT INTO t (a, b)", 2, 2, "ON CONFLICT DO NOTHING");
        let text = "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING";
        assert_eq!(statement.as_str(), text);
    }
}
