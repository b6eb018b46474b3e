//! Renders every page from its sample, and every guide as it is.

use super::*;
use crate::docs_site::library::library;
use crate::web::page_rules::offences;

fn all() -> Vec<(&'static str, String)> {
    vec![
        ("home", HomePage::sample().render().unwrap()),
        ("guide", GuidePage::sample().render().unwrap()),
        ("guide, choosing", GuidePage::sample_choosing().render().unwrap()),
        ("results", ResultsPage::sample().render().unwrap()),
        ("results, none", ResultsPage::sample_nothing().render().unwrap()),
        (
            "results, not asked",
            ResultsPage::sample_asking().render().unwrap(),
        ),
        ("missing", MissingPage::sample().render().unwrap()),
    ]
}

#[test]
fn every_page_keeps_the_rules() {
    for (name, html) in all() {
        assert_eq!(offences(&html), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn every_guide_keeps_the_rules_on_its_page() {
    for guide in &library().guides {
        let page = GuidePage {
            body: guide.document.fill(&["https://help.example", "the-id"], ""),
            ..GuidePage::sample_choosing()
        };
        assert_eq!(
            offences(&page.render().unwrap()),
            Vec::<String>::new(),
            "{}",
            guide.slug
        );
    }
}

#[test]
fn names_and_what_was_typed_are_escaped() {
    for (name, html) in all() {
        assert!(
            !html.contains("<script>") && !html.contains("<b>secret"),
            "{name}"
        );
    }
}
