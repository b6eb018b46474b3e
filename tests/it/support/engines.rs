//! Every test that touches data runs on both databases: `both_engines!` makes two tests of one.

use std::future::Future;

use super::TestApp;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// Starts an application on the engine and runs one test against it.
pub(crate) fn on<Test, Running>(engine: Engine, test: Test)
where
    Test: FnOnce(TestApp) -> Running,
    Running: Future<Output = ()>,
{
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(async { test(TestApp::start(engine).await).await });
}

/// Makes `name::sqlite` and `name::postgres` of each named test, an `async fn(TestApp)` beside it;
/// a test that is not named is dead code and does not pass the lints. The names are counted: see
/// `data_tests`. (A function and a module may share a name.)
macro_rules! both_engines {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                crate::support::on(crate::support::Engine::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                crate::support::on(crate::support::Engine::Postgres, super::$name);
            }
        }
    )+};
}
