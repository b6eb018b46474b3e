//! Which guides there are, in their order. A guide is a line here and a file in `docs/guides`.

/// Guides that belong together.
#[derive(Debug)]
pub struct Group {
    /// What they are about.
    pub title: &'static str,
    /// The guides.
    pub guides: &'static [Text],
}

/// A guide as it was written.
#[derive(Debug)]
pub struct Text {
    /// Its name in addresses.
    pub slug: &'static str,
    /// The Markdown.
    pub markdown: &'static str,
}

macro_rules! guide {
    ($slug:literal) => {
        Text {
            slug: $slug,
            markdown: include_str!(concat!("../../docs/guides/", $slug, ".md")),
        }
    };
}

/// All of them.
pub const GROUPS: &[Group] = &[
    Group {
        title: "Ticket Center",
        guides: &[
            guide!("ticket-center-setup"),
            guide!("restrict-embed-domains"),
            guide!("troubleshooting"),
        ],
    },
    Group {
        title: "Contact Form",
        guides: &[guide!("contact-form")],
    },
    Group {
        title: "Site builders",
        guides: &[
            guide!("wordpress"),
            guide!("wix"),
            guide!("astro"),
            guide!("ai-builder"),
        ],
    },
    Group {
        title: "Email",
        guides: &[
            guide!("sending-mail"),
            guide!("imap"),
            guide!("email-forwarding"),
            guide!("email-notification-timing"),
        ],
    },
    Group {
        title: "Reference",
        guides: &[guide!("ticket-center-embed"), guide!("ticket-center-api")],
    },
    Group {
        title: "Operating",
        guides: &[
            guide!("install"),
            guide!("reverse-proxy"),
            guide!("postgresql"),
            guide!("backup"),
            guide!("upgrade"),
            guide!("settings"),
            guide!("command-line"),
        ],
    },
];
