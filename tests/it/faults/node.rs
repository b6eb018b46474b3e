//! A data folder belongs to one process that serves.

use super::server::Installation;
use db::Engine;

async fn a_folder_serves_one(engine: Engine) {
    let installation = Installation::new(engine).await;
    let (server, _) = installation.start().await;
    let refusal = installation.refused(&["serve", "--listen", "127.0.0.1:0"]);
    let sentence = refusal["error"].as_str().unwrap().to_owned();
    assert!(sentence.contains("another"), "{sentence}");
    // The first one is as it was: commands still reach it.
    assert_eq!(installation.ask(&["doctor"])["ok"], true);
    let id = std::fs::read_to_string(installation.data().join("node")).unwrap();
    server.kill();
    let (_server, _) = installation.start().await;
    let again = std::fs::read_to_string(installation.data().join("node")).unwrap();
    assert!(id.trim().len() == 36 && id == again, "{id} {again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    a_folder_serves_one(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    a_folder_serves_one(Engine::Postgres).await;
}
