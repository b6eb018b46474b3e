//! Lengths of files as people say them.

/// `84 KB`, `1.2 MB`.
pub(super) fn in_words(bytes: i64) -> String {
    const KIB: i64 = 1024;
    const MIB: i64 = KIB * KIB;
    match bytes {
        ..KIB => format!("{bytes} B"),
        // What would round up to 1024 KB is 1 MB.
        KIB..1_048_064 => format!("{} KB", (bytes + KIB / 2) / KIB),
        _ => {
            let tenths = (bytes * 10 + MIB / 2) / MIB;
            if tenths % 10 == 0 || tenths >= 100 {
                format!("{} MB", tenths / 10)
            } else {
                format!("{}.{} MB", tenths / 10, tenths % 10)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn lengths_are_said_shortly() {
        for (bytes, words) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KB"),
            (86_016, "84 KB"),
            (1_048_063, "1023 KB"),
            (1_048_064, "1 MB"),
            (1_258_291, "1.2 MB"),
            (10_485_760, "10 MB"),
        ] {
            assert_eq!(in_words(bytes), words, "{bytes}");
        }
    }
}
