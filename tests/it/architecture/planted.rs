//! Planted offences: every rule must find its own, and leave good code alone.

use std::path::Path;

use super::scan::scan;
use super::{
    LONGEST_FILE, Place, allow_offences, driver_offences, import_offences, length_offences,
    manifest_offences, module_of, place_of, sql_offences,
};

fn imports(path: &str, text: &str) -> Vec<String> {
    import_offences(Path::new(path), &scan(text))
}

#[test]
fn an_upward_import_is_found_in_every_spelling() {
    for text in [
        "use crate::conversations::reply;",
        "use crate::{ids::ContactId, conversations::{self, reply}};",
        "use crate::{\n    ids::ContactId,\n    conversations,\n};",
        "pub use crate::conversations as core;",
        "fn f() { crate::conversations::close(); }",
        "fn f(x: &crate::conversations::Conversation) {}",
        "use super::super::conversations::reply;",
    ] {
        assert_eq!(imports("src/contacts/store.rs", text).len(), 1, "{text}");
    }
    assert_eq!(
        imports("src/contacts/mod.rs", "use super::conversations::reply;").len(),
        1
    );
    let [offence] = imports("src/error.rs", "\n\nuse crate::dashboard::page;")
        .try_into()
        .expect("one");
    assert!(
        offence.starts_with("src/error.rs:3: error (kit) imports `dashboard`"),
        "{offence}"
    );
}

#[test]
fn a_sideways_import_is_found() {
    for (path, text) in [
        ("src/dashboard/mod.rs", "use crate::ticket_center::list;"),
        ("src/api/mod.rs", "use crate::dashboard::page;"),
        ("src/mail_in/route.rs", "use crate::embeds::origin;"),
        ("src/contacts/mod.rs", "use crate::operators::Operator;"),
        ("src/search/mod.rs", "use crate::notifications::Held;"),
    ] {
        assert_eq!(imports(path, text).len(), 1, "{path}: {text}");
    }
}

#[test]
fn the_top_and_the_http_kit_are_out_of_reach_of_the_inner_rings() {
    assert_eq!(
        imports("src/dashboard/mod.rs", "use crate::router::routes;").len(),
        1
    );
    assert_eq!(imports("src/web/mod.rs", "use crate::cli::Args;").len(), 1);
    assert_eq!(
        imports("src/conversations/mod.rs", "use crate::web::Page;").len(),
        1
    );
    assert_eq!(
        imports("src/notifications/mod.rs", "use crate::web::Page;").len(),
        1
    );
    assert!(imports("src/embeds/mod.rs", "use crate::web::Page;").is_empty());
}

#[test]
fn a_room_without_a_place_is_found() {
    assert_eq!(imports("src/helpers/mod.rs", "").len(), 1);
    assert_eq!(
        imports("src/clients.rs", "").len(),
        1,
        "`cli` is a prefix of names like cli_admin only"
    );
}

#[test]
fn downward_imports_and_prose_are_left_alone() {
    for (path, text) in [
        (
            "src/dashboard/messages.rs",
            "use crate::{conversations::reply, web::Page, error::Error};",
        ),
        (
            "src/conversations/store.rs",
            "use crate::contacts::ContactId; use super::Conversation;",
        ),
        (
            "src/contacts/mod.rs",
            "// use crate::conversations::reply;\n/* crate::dashboard:: /* x */ */",
        ),
        (
            "src/contacts/mod.rs",
            "const S: &str = \"crate::conversations::reply\";",
        ),
        (
            "src/contacts/mod.rs",
            "const S: &str = r#\"a \" crate::dashboard::x\"#; const C: char = '\"';",
        ),
        (
            "src/contacts/mod.rs",
            "fn f<'a>(x: &'a str) -> char { '\\'' } // crate::dashboard::y",
        ),
        (
            "src/contacts/mod.rs",
            "pub(crate) fn f() {} pub(in crate::contacts) fn g() {}",
        ),
        ("src/web/mod.rs", "use crate::app::App;"),
        ("src/router.rs", "use crate::{dashboard, ticket_center};"),
        ("src/cli/secret.rs", "use crate::secrets;"),
        ("src/demo/host_site.rs", "use crate::dashboard;"),
        ("src/admin_socket.rs", "use crate::conversations;"),
    ] {
        assert_eq!(imports(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn an_import_after_a_tricky_literal_is_still_seen() {
    for before in [
        "const A: &str = \"\\\\\";",
        "const A: &str = r\"\\\";",
        "const A: &[u8] = br#\"\"\"#;",
        "const A: char = '\"';",
        "const A: char = '\\'';",
        "const A: u8 = b'\\\\';",
        "/* /* */ \" */",
        "fn f<'a>(x: &'a str) {}",
    ] {
        let text = format!("{before}\nuse crate::dashboard::page;");
        assert_eq!(imports("src/contacts/mod.rs", &text).len(), 1, "{before}");
    }
}

#[test]
fn sql_is_found_outside_a_store_only() {
    let found = |path: &str, text: &str| sql_offences(Path::new(path), &scan(text)).len();
    for text in [
        "tx.query(\"SELECT id FROM contact\")",
        "tx.run(\"\n    insert into contact (id) values ($1)\")",
        "tx.run(r#\"UPDATE contact\n   SET name = $1\"#)",
        "tx.run(\"DELETE FROM contact\")",
        "tx.run(\"WITH x AS (SELECT 1) TABLE x\")",
    ] {
        assert_eq!(found("src/contacts/mod.rs", text), 1, "{text}");
        assert_eq!(found("src/contacts/store.rs", text), 0, "{text}");
        assert_eq!(found("src/conversations/store/lists.rs", text), 0, "{text}");
        assert_eq!(found("src/contacts/restore.rs", text), 1, "{text}");
    }
    for text in [
        "say(\"Select a conversation from the list.\")",
        "say(\"Update the setting and start again.\")",
        "// SELECT id FROM contact",
    ] {
        assert_eq!(found("src/contacts/mod.rs", text), 0, "{text}");
    }
}

#[test]
fn a_driver_is_found_in_code_and_in_a_manifest() {
    let found = |text: &str| driver_offences(Path::new("src/app.rs"), &scan(text)).len();
    assert_eq!(found("use rusqlite::Connection;"), 1);
    assert_eq!(found("fn f() { tokio_postgres::connect(); }"), 1);
    assert_eq!(found("use deadpool_postgres::Pool;"), 1);
    assert_eq!(found("// rusqlite is behind the database crate"), 0);

    let manifest = |text: &str| manifest_offences(Path::new("Cargo.toml"), text).len();
    assert_eq!(manifest("[dependencies]\nrusqlite = \"0.41\""), 1);
    assert_eq!(manifest("[dev-dependencies]\ntokio-postgres.workspace = true"), 1);
    assert_eq!(
        manifest("[dependencies.deadpool-postgres]\nversion = \"0.14\""),
        1
    );
    assert_eq!(
        manifest("[workspace.dependencies]\nrusqlite = \"0.41\"\n[features]\nx = []"),
        0
    );
}

#[test]
fn a_long_file_and_an_allowed_lint_are_found() {
    let path = Path::new("src/app.rs");
    assert_eq!(length_offences(path, &"x\n".repeat(LONGEST_FILE)).len(), 0);
    assert_eq!(length_offences(path, &"x\n".repeat(LONGEST_FILE + 1)).len(), 1);

    let found = |text: &str| allow_offences(path, &scan(text)).len();
    assert_eq!(found("#[allow(dead_code)]\nfn f() {}"), 1);
    assert_eq!(found("#![ allow(clippy::all)]"), 1);
    assert_eq!(found("#[cfg_attr(test, allow(dead_code))]"), 1);
    assert_eq!(found("#[expect(dead_code, reason = \"#[allow(x)]\")]"), 0);
    assert_eq!(found("// #[allow(dead_code)]"), 0);
}

#[test]
fn files_belong_to_the_room_they_stand_in() {
    for (path, room, depth) in [
        ("src/contacts/mod.rs", "contacts", 1),
        ("src/contacts/store.rs", "contacts", 2),
        ("src/conversations/store/lists.rs", "conversations", 3),
        ("src/error.rs", "error", 1),
        ("src/lib.rs", "lib", 0),
    ] {
        assert_eq!(
            module_of(Path::new(path)),
            Some((room.to_owned(), depth)),
            "{path}"
        );
    }
    assert_eq!(place_of("cli"), Place::Top);
    assert_eq!(place_of("demo_host"), Place::Top);
    assert_eq!(place_of("clients"), Place::Unknown);
}
