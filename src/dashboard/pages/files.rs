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
            size: file.size_in_words(),
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
            size: "84 KB".to_owned(),
            href: format!("/h/1/attachments/{name}"),
            preview: is_picture.then(|| (format!("/h/1/attachments/{name}/picture"), 640, 400)),
        }
    }
}
