//! The application as its callers see it, on logs in memory and read models in a temporary directory.

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what it expects by failing")]

mod access_records;
mod clinic;
mod clock;
mod commands;
mod deaths;
mod delegations_in_time;
mod directive_secrets;
mod directives;
mod drafts;
mod duplicates;
mod durability;
mod faults;
mod faulty;
mod folding;
mod help;
mod help_reminders;
mod help_taken_away;
mod hidden_threads;
mod information_leaks;
mod invitations;
mod live;
mod loose_ends;
mod operator;
mod order;
mod organization_threads;
mod outside_messages;
mod patient_lists;
mod permissions;
mod processes;
mod read_models_file;
mod record_links;
mod repeats;
mod row_limits;
mod slow_keys;
mod staff_who_help;
mod standings;
mod team_threads;
mod timeline;
mod visibility;
mod who_may;
