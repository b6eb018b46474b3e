//! Files in the words of the page.

use crate::attachments::Attachment;

/// A file of a message, or one in the box.
#[derive(Clone, Debug)]
pub struct File {
    /// The id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its length, in words.
    pub size: String,
    /// Where it is saved from.
    pub href: String,
    /// Where it is shown, width and height; pictures only.
    pub preview: Option<(String, i64, i64)>,
}

impl File {
    /// A file below the address of a helpdesk.
    pub fn of(base: &str, file: &Attachment) -> Self {
        let href = format!("{base}/attachments/{}", file.id);
        Self {
            id: file.id.to_string(),
            name: file.name.clone(),
            size: size_in_words(file.size),
            preview: file
                .picture
                .map(|(width, height)| (format!("{href}/picture"), width, height)),
            href,
        }
    }

    /// The icon's name.
    pub fn icon(&self) -> &'static str {
        if self.preview.is_some() { "image" } else { "file" }
    }

    /// For sample pages.
    pub fn sample(name: &str, is_picture: bool) -> Self {
        Self {
            id: name.to_owned(),
            name: name.to_owned(),
            size: size_in_words(86_016),
            href: format!("/h/1/attachments/{name}"),
            preview: is_picture.then(|| (format!("/h/1/attachments/{name}/picture"), 640, 400)),
        }
    }
}

/// A length as people say it: `84 KB`, `1.2 MB`.
fn size_in_words(bytes: i64) -> String {
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
    use super::size_in_words;

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
            assert_eq!(size_in_words(bytes), words, "{bytes}");
        }
    }
}
