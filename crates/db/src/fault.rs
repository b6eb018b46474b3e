//! Breaks durability on purpose, so that the crash test can show that it would notice.
//! Does something only with the feature `fault-injection`, and then only if the environment asks.

/// True when callers are to be answered before the commit: the fault the crash test must catch.
#[cfg(feature = "fault-injection")]
pub(crate) fn acknowledges_early() -> bool {
    static ASKED: std::sync::LazyLock<bool> =
        std::sync::LazyLock::new(|| std::env::var_os("FAULT_ACKNOWLEDGE_BEFORE_COMMIT").is_some());
    *ASKED
}

/// Widens the window in which a crash loses what was acknowledged too early.
#[cfg(feature = "fault-injection")]
#[expect(
    clippy::disallowed_methods,
    reason = "holds up the writer's own thread, which is the point"
)]
pub(crate) fn delay_commit() {
    if acknowledges_early() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[cfg(not(feature = "fault-injection"))]
pub(crate) const fn acknowledges_early() -> bool {
    false
}

#[cfg(not(feature = "fault-injection"))]
pub(crate) const fn delay_commit() {}
