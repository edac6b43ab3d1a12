//! What a law keeps from a citizen until a date: an exchange is left out of their list and has no receipt,
//! then opens by itself. The order is an entry of the ledger like any other, and the count is public.

use guichet_domain::{AuditEvent, EventKind, ExchangeId, Timestamp};
use guichet_store::durable::exchange_entries::Secrecy;

use crate::desk::exchange_event;

/// Whether an exchange is hidden at `now`: what every list and every receipt asks.
pub fn is_hidden(secrecy: Option<&Secrecy>, now: Timestamp) -> bool {
    secrecy.is_some_and(|secrecy| now < secrecy.until)
}

/// What puts an order on record; from then on it holds. An order ends in the future, ten years away at most.
pub fn hiding(
    exchange: ExchangeId,
    secrecy: &Secrecy,
    operator: &str,
    now: Timestamp,
) -> Result<AuditEvent, NotAnOrder> {
    if secrecy.until <= now || secrecy.until.since(now) > LONGEST {
        return Err(NotAnOrder::Until);
    }
    if !is_plain(&secrecy.authority) || !is_plain(&secrecy.order) {
        return Err(NotAnOrder::Words);
    }
    Ok(exchange_event(EventKind::EvidenceHidden, exchange, now)
        .detail("hidden_until", secrecy.until)
        .detail("authority", &secrecy.authority)
        .detail("order", &secrecy.order)
        .detail("operator", operator))
}

/// Why this is no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnOrder {
    /// It ends in the past, or too late.
    #[error("an order ends in the future, ten years away at most")]
    Until,
    /// Nothing, too much, or no text.
    #[error("authority and order are 1 to 120 characters each, without control characters")]
    Words,
}

const LONGEST: std::time::Duration = std::time::Duration::from_hours(10 * 366 * 24);

fn is_plain(text: &str) -> bool {
    (1..=120).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrecy(until: i64, authority: &str) -> Secrecy {
        Secrecy {
            until: Timestamp::from_seconds(until),
            authority: authority.to_owned(),
            order: "26/17".to_owned(),
        }
    }

    #[test]
    fn what_is_hidden_opens_at_its_date_by_itself() {
        let at = Timestamp::from_seconds;
        let order = secrecy(100, "Tribunal");
        assert!(is_hidden(Some(&order), at(99)));
        assert!(!is_hidden(Some(&order), at(100)));
        assert!(!is_hidden(None, at(0)));
    }

    #[test]
    fn an_order_without_an_end_or_an_authority_is_none() {
        let id = ExchangeId::from_bytes([1; 16]);
        let now = Timestamp::from_seconds(10);
        let hides = |secrecy: &Secrecy| hiding(id, secrecy, "alix", now);
        let decade = 10 + 10 * 366 * 24 * 3600;
        assert_eq!(hides(&secrecy(10, "Tribunal")), Err(NotAnOrder::Until));
        assert_eq!(
            hides(&secrecy(decade + 1, "Tribunal")),
            Err(NotAnOrder::Until)
        );
        assert_eq!(hides(&secrecy(11, "")), Err(NotAnOrder::Words));
        assert_eq!(hides(&secrecy(11, "a\nb")), Err(NotAnOrder::Words));
        let event = hides(&secrecy(decade, "Tribunal")).unwrap();
        assert_eq!(event.details["authority"], "Tribunal");
        assert_eq!(event.details["exchange"], id.to_string());
        assert_eq!(event.person, None);
    }
}
