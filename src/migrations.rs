//! The schema's steps, compiled in. Released ones are never edited.

use db::Migration;

macro_rules! migrations {
    ($($number:literal $name:literal;)*) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }),*]
    };
}

/// All steps in order.
pub(crate) const MIGRATIONS: &[Migration] = migrations! {
    1 "0001_core";
    2 "0002_jobs";
    3 "0003_inbox";
    4 "0004_people";
    5 "0005_embeds";
    6 "0006_contacts";
    7 "0007_search";
    8 "0008_notifications";
    9 "0009_mail_out";
    10 "0010_claims_of_nodes";
    11 "0011_contact_form";
    12 "0012_quoted_history";
    13 "0013_files";
    14 "0014_mail_in";
    15 "0015_mailboxes";
    16 "0016_acknowledgements";
    17 "0017_copies";
    18 "0018_confirmations";
};
