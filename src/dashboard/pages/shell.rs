//! The frame around every page of a helpdesk: sidebar, menus, counts.

use super::SAMPLE_NOW_MS;
use crate::web::page::View;

/// A person's mark: initials on a colour that stays the same for the same address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avatar {
    /// One or two letters.
    pub initials: String,
    /// 1 to 8.
    pub hue: u32,
}

impl Avatar {
    /// The mark of somebody with this name and this address (or another lasting key).
    pub fn of(name: &str, key: &str) -> Self {
        let mut words = name
            .split(|c: char| c.is_whitespace() || matches!(c, '@' | '.' | '_' | '-'))
            .filter(|w| !w.is_empty());
        let letter = |word: Option<&str>| {
            word.and_then(|word| word.chars().find(|c| c.is_alphanumeric()))
                .map(|c| c.to_uppercase().to_string())
        };
        let first = letter(words.next());
        let last = if name.contains('@') {
            None
        } else {
            letter(words.next_back())
        };
        // FNV-1a: small, and the same on every machine and in every release.
        let hash = key.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        Self {
            initials: first.into_iter().chain(last).collect(),
            hue: hash % 8 + 1,
        }
    }
}

/// Another helpdesk that the operator answers for.
#[derive(Clone, Debug)]
pub struct OtherHelpdesk {
    /// Its name.
    pub name: String,
    /// Its inbox.
    pub href: String,
    /// Its mark.
    pub avatar: Avatar,
}

/// How many conversations stand in each view.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Open and assigned to the reader.
    pub mine: i64,
    /// Of these, the ones with something new.
    pub mine_unread: i64,
    /// Open and assigned to nobody.
    pub unassigned: i64,
    /// All that are open.
    pub open: i64,
    /// All that are closed.
    pub closed: i64,
    /// What stands in spam.
    pub spam: i64,
    /// What waits until its sender confirms their address.
    pub waiting: i64,
    /// Mails that wait for somebody, up to a hundred.
    pub quarantined: i64,
}

/// The frame's content.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The reader's side.
    pub view: View,
    /// The public id.
    pub helpdesk_id: String,
    /// The name.
    pub helpdesk_name: String,
    /// The other helpdesks of the reader.
    pub others: Vec<OtherHelpdesk>,
    /// `/h/{helpdesk}`.
    pub base: String,
    /// The page's name in the sidebar.
    pub here: &'static str,
    /// Counts beside the views.
    pub counts: Counts,
    /// The last event this page shows; live updates go on from there.
    pub cursor: i64,
    /// The reader's id.
    pub my_id: String,
    /// The reader's name.
    pub my_name: String,
    /// The reader's role, in words.
    pub my_role: &'static str,
    /// The reader's mark.
    pub me: Avatar,
    /// Whether the reader may change settings.
    pub may_administer: bool,
    /// Whether the reader may create a further helpdesk.
    pub may_add_helpdesk: bool,
    /// Whether single keys do things for the reader.
    pub single_keys: bool,
}

impl Shell {
    /// Whether the sidebar's entry of this name is the present page.
    pub fn is_at(&self, name: &str) -> bool {
        self.here == name
    }

    /// A count as it is shown: exact up to four digits, then in thousands.
    pub fn shown(&self, count: &i64) -> String {
        match count {
            ..10_000 => count.to_string(),
            10_000..1_000_000 => format!("{}k", count / 1_000),
            _ => format!("{}M", count / 1_000_000),
        }
    }

    /// The address of a guide or of all of them. For an admin of several helpdesks it names this one,
    /// so that the guide carries its id.
    pub fn docs(&self, path: &str) -> String {
        if self.may_administer && !self.others.is_empty() {
            format!("{path}?helpdesk={}", self.helpdesk_id)
        } else {
            path.to_owned()
        }
    }

    /// A frame for sample pages.
    pub fn sample(here: &'static str) -> Self {
        Self {
            view: View::sample(SAMPLE_NOW_MS),
            helpdesk_id: "7c1f6f0e-2b9a-4e55-9d0c-3f8ab1c6d2e4".to_owned(),
            helpdesk_name: "Fernway".to_owned(),
            others: vec![OtherHelpdesk {
                name: "Luma Studio".to_owned(),
                href: "/h/2/conversations".to_owned(),
                avatar: Avatar::of("Luma Studio", "2"),
            }],
            base: "/h/7c1f6f0e-2b9a-4e55-9d0c-3f8ab1c6d2e4".to_owned(),
            here,
            counts: Counts {
                mine: 6,
                mine_unread: 3,
                unassigned: 5,
                open: 14,
                closed: 1_208,
                spam: 3,
                waiting: 2,
                quarantined: 2,
            },
            cursor: 41,
            my_id: "0198".to_owned(),
            my_name: "Noor Haddad".to_owned(),
            my_role: "Owner",
            me: Avatar::of("Noor Haddad", "noor@fernway.example"),
            may_administer: true,
            may_add_helpdesk: true,
            single_keys: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_names_and_addresses() {
        for (name, wanted) in [
            ("Noor Haddad", "NH"),
            ("Ana Maria de Souza", "AS"),
            ("madonna", "M"),
            ("jane.doe@example.com", "J"),
            ("  ", ""),
            ("李 小龙", "李小"),
        ] {
            assert_eq!(Avatar::of(name, name).initials, wanted, "{name:?}");
        }
        assert!((1..=8).contains(&Avatar::of("a", "b").hue));
    }

    #[test]
    fn a_guide_is_told_which_helpdesk_only_where_there_is_a_choice() {
        let mut shell = Shell::sample("open");
        let named = format!("/docs/wix?helpdesk={}", shell.helpdesk_id);
        assert_eq!(shell.docs("/docs/wix"), named);
        shell.may_administer = false;
        assert_eq!(shell.docs("/docs/wix"), "/docs/wix");
        (shell.may_administer, shell.others) = (true, Vec::new());
        assert_eq!(shell.docs("/docs/wix"), "/docs/wix");
    }
}
