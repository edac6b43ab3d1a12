//! The rules for short-lived records: one file per consumer.

mod access_tokens;
mod apart;
mod attempts;
mod codes;
mod deferred;
mod logins;
mod pending;
mod pushed;
mod replay;
mod session_index;
mod sessions;
mod verdicts;
mod vouchers;

pub use access_tokens::*;
pub use apart::*;
pub use attempts::*;
pub use codes::*;
pub use deferred::*;
pub use logins::*;
pub use pending::*;
pub use pushed::*;
pub use replay::*;
pub use session_index::*;
pub use sessions::*;
pub use verdicts::*;
pub use vouchers::*;

/// Hands every rule to the macro `$run`.
#[macro_export]
macro_rules! short_lived_rules {
    ($run:ident) => {
        $run! {
            a_login_comes_back_as_it_was_left
            a_login_is_advanced_once_whoever_asks_first
            a_login_out_of_step_stays_as_it_is
            a_login_keeps_its_expiry_when_it_advances
            a_login_is_closed_once_and_in_its_step_only
            a_login_past_its_expiry_is_gone
            an_identifier_opens_one_login
            a_step_of_more_than_32_characters_is_a_fault
            a_code_is_redeemed_once_whoever_asks_first
            a_spent_code_names_its_grant_until_it_is_forgotten
            a_trace_never_goes_before_its_code
            an_expired_code_is_unknown
            a_code_is_issued_once
            a_token_lives_until_it_expires
            a_revoked_token_is_dead_and_no_other
            revoking_a_grant_kills_its_tokens_and_those_issued_later
            revoking_a_session_kills_its_tokens_and_no_others
            a_revocation_is_never_shortened
            no_token_survives_a_revocation_that_races_its_issue
            a_session_is_replaced_once_per_version
            a_replaced_session_has_its_new_expiry
            a_session_ends_once
            a_session_past_its_expiry_is_gone
            a_session_is_found_under_its_own_keys
            no_session_is_lost_when_many_are_noted_at_once
            no_session_is_lost_when_others_are_forgotten_meanwhile
            a_key_leads_to_so_many_sessions_and_no_more
            an_index_lasts_as_long_as_its_sessions
            what_may_be_used_once_is_used_once
            a_guard_holds_in_its_own_space
            a_guard_is_free_again_after_its_expiry
            what_cannot_be_remembered_is_no_first_use
            every_attempt_is_counted
            a_window_ends_when_its_first_attempt_said
            forgotten_attempts_start_again
            what_is_pending_is_taken_once
            what_is_pending_gives_way_and_expires
            a_pushed_request_is_taken_once
            a_pushed_request_expires
            a_reference_is_pushed_once
            a_deferred_grant_is_found_by_its_lookup
            a_lookup_leads_to_one_grant
            a_lookup_gives_way_once_its_grant_is_settled
            a_deferred_grant_is_settled_once_whoever_answers_first
            an_approved_grant_is_redeemed_once_whoever_asks_first
            polling_changes_nothing_and_loses_no_approval
            a_settled_grant_keeps_its_expiry
            a_handle_opens_one_grant
            the_latest_verdict_counts_on_every_node
            a_verdict_is_forgotten_when_it_said
            a_voucher_is_spent_once_whoever_asks_first
            a_spent_voucher_is_known_until_it_would_have_expired
            revoking_an_exchange_kills_its_vouchers_and_those_kept_later
            no_voucher_survives_an_earlier_revocation
            objects_of_one_kind_are_no_objects_of_another
            houses_do_not_see_each_other
            an_empty_record_is_a_record
        }
    };
}
