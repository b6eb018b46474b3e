//! Fills the frame around a page of the docs.

use super::guides::GROUPS;
use super::library::{FOLDER, library};
use super::pages::{Choice, Frame, NavGroup, NavGuide};
use super::reader::Reader;

/// The frame for this reader. `path` is the address of the page, `here` the guide on it.
pub(super) fn build(reader: &Reader, path: String, here: Option<&str>) -> Frame {
    Frame {
        theme: reader.theme,
        is_signed_in: reader.is_signed_in,
        groups: groups(reader, here),
        query: reader.query(),
        chosen: reader.query().split_once('=').map(|(_, id)| id.to_owned()),
        choices: choices(reader),
        typed: String::new(),
        path,
    }
}

fn groups(reader: &Reader, here: Option<&str>) -> Vec<NavGroup> {
    let (values, query) = (reader.values(), reader.query());
    let group = |group: &super::guides::Group| NavGroup {
        title: group.title,
        guides: group
            .guides
            .iter()
            .filter_map(|text| library().find(text.slug))
            .map(|(_, guide)| NavGuide {
                title: values.fill(&guide.document.title),
                description: values.fill(&guide.document.description),
                href: format!("{FOLDER}{}{query}", guide.slug),
                is_here: here == Some(guide.slug),
            })
            .collect(),
    };
    GROUPS.iter().map(group).collect()
}

/// The helpdesks to choose from; none when there is no choice.
fn choices(reader: &Reader) -> Vec<Choice> {
    if reader.desks.len() < 2 {
        return Vec::new();
    }
    let choice = |(place, desk): (usize, &super::reader::Desk)| Choice {
        id: desk.id.clone(),
        name: desk.name.clone(),
        is_chosen: place == reader.chosen,
    };
    reader.desks.iter().enumerate().map(choice).collect()
}
