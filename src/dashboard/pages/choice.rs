//! What a list to choose from offers.

/// One thing to choose.
#[derive(Clone, Debug)]
pub struct Choice {
    /// As sent.
    pub value: String,
    /// As shown.
    pub label: String,
    /// Whether it is chosen.
    pub selected: bool,
}
