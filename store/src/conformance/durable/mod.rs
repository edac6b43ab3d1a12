//! The rules for durable records: one file per consumer.

use std::time::Duration;

use guichet_domain::Timestamp;

mod accounts;
mod audit_index;
mod authenticators;
mod cases;
mod client_tests;
mod consents;
mod corrections;
mod erasures;
mod evidence_deliveries;
mod evidence_grants;
mod evidence_pulls;
mod exchange_entries;
mod habilitations;
mod histories;
mod initial_access_tokens;
mod ledger;
mod mail_aliases;
mod messages;
mod outbox;
mod people;
mod refresh_tokens;
mod registry;
mod rights_requests;
mod schema;
mod staff;
mod statistics;
mod subjects;
mod support;
mod switches;
mod waiting_events;
mod ways;
mod webhooks;

pub use accounts::*;
pub use audit_index::*;
pub use authenticators::*;
pub use cases::*;
pub use client_tests::*;
pub use consents::*;
pub use corrections::*;
pub use erasures::*;
pub use evidence_deliveries::*;
pub use evidence_grants::*;
pub use evidence_pulls::*;
pub use exchange_entries::*;
pub use habilitations::*;
pub use histories::*;
pub use initial_access_tokens::*;
pub use ledger::*;
pub use mail_aliases::*;
pub use messages::*;
pub use outbox::*;
pub use people::*;
pub use refresh_tokens::*;
pub use registry::*;
pub use rights_requests::*;
pub use schema::*;
pub use staff::*;
pub use statistics::*;
pub use subjects::*;
pub use support::*;
pub use switches::*;
pub use waiting_events::*;
pub use ways::*;
pub use webhooks::*;

/// Hands the rules of refresh tokens to the macro `$run`: those alone, for whoever has no other table.
#[macro_export]
macro_rules! refresh_token_rules {
    ($run:ident) => {
        $run! {
            a_family_comes_back_as_it_began
            a_refresh_token_is_rotated_once_whoever_asks_first
            two_tabs_and_a_lost_answer_get_the_same_successor
            the_one_before_is_good_for_a_moment_only
            a_used_refresh_token_takes_its_family_down
            an_old_token_that_races_a_rotation_leaves_nothing_alive
            a_generation_never_reached_changes_nothing
            a_family_ends_when_it_said
            a_revoked_family_is_over
            a_grant_revoked_before_its_family_began_has_none
            of_a_family_that_begins_and_its_revocation_nothing_is_left_alive
            a_grant_has_one_family
            a_person_takes_back_what_one_client_has
            a_session_takes_its_families_with_it
            families_whose_time_is_over_are_forgotten
        }
    };
}

/// Hands every other rule to the macro `$run`.
#[macro_export]
macro_rules! durable_rules {
    ($run:ident) => {
        $run! {
            a_registration_comes_back_whole
            the_revision_grows_with_each_change_and_with_nothing_else
            no_change_of_the_registry_is_lost_in_a_race
            a_client_changed_meanwhile_is_not_replaced
            a_provider_changed_meanwhile_is_not_replaced
            a_data_provider_changed_meanwhile_is_not_replaced
            a_snapshot_sees_what_another_node_wrote
            a_snapshot_lists_providers_in_the_order_of_the_page
            a_snapshot_knows_who_holds_an_evidence
            what_is_written_through_a_memory_is_seen_with_what_others_wrote
            a_switch_thrown_between_a_write_and_its_being_seen_is_not_missed
            an_initial_access_token_is_worth_its_uses_whoever_asks_first
            an_initial_access_token_ends_when_it_said
            one_index_makes_one_person_whoever_asks_first
            a_corrected_identity_belongs_to_whoever_had_the_one_before
            a_providers_word_alone_is_no_ground_for_a_correction
            two_persons_whom_the_register_calls_one_are_told_and_left
            a_change_of_status_that_races_itself_leaves_one_owner
            a_correction_takes_two_operators_and_happens_once
            a_merge_keeps_the_older_name_and_is_undone_exactly
            a_correction_is_undone_within_its_window_only
            a_split_moves_one_row_and_is_undone
            a_correction_overtaken_by_another_changes_nothing
            a_split_is_not_undone_where_that_would_close_a_circle
            a_split_is_undone_though_its_person_was_merged_into_another
            of_merges_that_close_a_circle_one_is_refused_whoever_confirms_first
            a_case_bars_its_person_on_every_node_at_once_and_whoever_they_were_merged_with
            what_began_before_a_case_ended_does_not_come_back_with_its_end
            of_persons_parted_while_a_case_is_open_each_stays_barred
            a_case_is_ended_by_two_operators_or_once_by_its_person
            a_thaw_is_undone_within_its_window
            a_report_is_kept_and_bars_nobody
            a_case_is_listed_until_it_was_followed
            a_sector_has_one_key_whoever_asks_first
            a_subject_stays_what_it_was_first
            two_people_never_share_a_subject_in_one_sector
            consents_come_newest_first
            a_consent_is_taken_back_once
            a_decision_comes_back_as_it_was_recorded
            what_is_granted_begins_with_its_sign_in_and_not_before
            a_changed_decision_ends_the_one_before
            of_recurring_decisions_at_once_one_stands
            decisions_follow_whoever_their_person_is
            evidence_is_pulled_as_often_as_granted_whoever_asks_first
            a_pull_that_was_confirmed_is_not_tried_again_whoever_races
            a_pull_that_nobody_confirmed_may_be_tried_again_for_a_moment
            a_recurring_grant_keeps_its_rhythm_and_its_end
            nothing_is_pulled_after_a_revocation_that_raced_it
            a_grant_ends_once
            a_grant_is_narrowed_as_long_as_it_stands_and_by_one_at_a_time
            what_was_refused_cannot_be_pulled
            the_halves_of_a_delivery_find_each_other
            a_half_that_comes_late_says_nothing_of_the_next_pull
            a_pull_that_one_side_did_not_confirm_is_found_once
            two_halves_that_come_in_at_once_confirm_each_other
            a_grant_nobody_uses_is_found
            a_message_said_again_takes_its_own_place
            a_message_expires
            a_service_leaves_so_many_messages_and_no_more
            room_is_made_by_the_oldest_messages
            a_service_is_muted_by_one_citizen
            a_party_is_asked_once_to_erase_and_answers
            requests_to_erase_follow_whoever_their_person_is
            what_is_erased_is_never_refused_whoever_answers_first
            a_request_to_erase_without_an_answer_is_found_when_it_is_due
            a_trace_is_read_once_and_found_by_what_is_read_out
            whoever_came_to_be_known_about_a_time_is_found
            a_citizen_agrees_once_in_time_and_takes_it_back_once
            what_the_support_asked_long_ago_is_forgotten
            what_the_support_asks_follows_whoever_the_person_is
            a_citizens_request_is_answered_until_it_is_settled
            a_citizen_has_only_so_many_requests_that_wait
            requests_follow_whoever_their_person_is
            a_page_of_the_ledger_is_taken_in_once
            pulls_are_counted_by_each_sides_word
            what_is_hidden_opens_at_its_time
            a_history_is_read_once_and_found_by_name
            a_history_is_found_in_pages_as_asked
            what_is_about_an_exchange_waits_for_whoever_decides
            what_a_law_hides_is_in_no_history_until_its_time
            what_was_last_is_found_of_every_service_at_once
            what_was_last_is_of_no_closed_time_and_of_nothing_hidden
            what_the_audit_log_is_looked_up_by_is_taken_in_once
            several_things_are_looked_up_at_once
            what_is_looked_up_comes_page_by_page_and_of_its_hours
            a_page_of_the_ledger_is_counted_once
            counts_add_up_and_are_found_by_period_and_client
            a_sign_in_is_under_way_until_it_is_over
            a_test_of_a_client_is_changed_by_one_at_a_time
            tests_of_a_client_are_found_the_latest_first
            of_old_tests_the_latest_of_each_client_stays
            a_login_name_is_taken_once_in_a_house
            a_password_is_replaced_only_if_it_still_is_the_old_one
            sql_in_a_text_is_text
            an_authenticator_is_of_one_account
            an_authenticator_keeps_its_use
            a_batch_is_placed_whole_or_not_at_all
            an_entry_beyond_the_end_is_a_fault
            nodes_that_race_leave_a_ledger_without_gaps
            the_ledger_is_read_in_pages
            a_checkpoint_is_never_overwritten
            a_letter_is_given_to_one_node_at_a_time
            a_letter_nobody_confirmed_comes_back
            what_was_never_tried_goes_before_what_did_not_arrive
            a_letter_is_kept_once
            letters_of_another_kind_keep_nobody_waiting
            a_letter_goes_to_whoever_carries_its_kind
            an_event_waits_for_its_client_until_it_is_acknowledged
            an_event_is_acknowledged_once_whoever_asks_first
            whoever_leaves_events_waiting_is_known
            an_invitation_lets_one_in_whoever_asks_first
            an_invitation_ends_when_it_said_or_is_withdrawn
            whoever_is_there_already_gets_roles_beside_their_own
            a_member_changed_meanwhile_is_not_replaced
            somebody_operates_the_hub_whoever_takes_the_role_from_whom
            a_team_changed_meanwhile_is_not_replaced
            two_persons_sign_a_habilitation_and_one_never_twice_whoever_races
            a_habilitation_comes_back_whole_and_once
            what_a_step_left_to_be_done_is_found_until_it_was
            an_organisation_is_founded_whole_and_its_number_is_one_s
            events_that_nobody_fetched_are_forgotten_the_oldest_first
            what_is_switched_off_is_off_on_every_node_until_it_is_on
            a_switch_changed_meanwhile_is_not_replaced
            a_credential_is_known_by_the_last_day_of_its_use
            of_reminders_at_once_one_is_sent
            of_choices_made_at_once_one_is_kept
            choices_are_found_by_whoever_their_person_is
            what_was_used_before_is_known_once_it_was_noted
            a_device_not_seen_for_long_is_forgotten
            when_something_was_last_there_is_told_of_each
            of_too_many_devices_the_oldest_are_forgotten
            a_person_has_one_alias_at_a_service_whoever_asks_first
            an_alias_is_cut_and_joined_again
            an_event_is_left_for_a_webhook_once_whichever_node_reads_the_ledger
            a_delivery_is_told_and_replayed_under_its_own_name
            what_is_replayed_while_it_is_on_its_way_is_sent_again
            a_webhook_changed_meanwhile_is_not_replaced
            the_schema_is_brought_up_to_date_once
        }
    };
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_795_296_504_000).after(Duration::from_secs(seconds))
}

/// A text that the domain takes; the rules only use such.
fn valid<T, E: std::fmt::Display>(value: Result<T, E>) -> T {
    match value {
        Ok(value) => value,
        Err(error) => panic!("a rule uses what is not valid: {error}"),
    }
}
