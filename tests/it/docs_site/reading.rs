//! What everybody gets: pages, Markdown, search, and what caches are told.

use helpdesky::docs_site::library::library;

use crate::dashboard::browser::{Browser, Page};
use crate::support::TestApp;

both_engines!(
    every_guide_is_a_page_and_markdown_with_this_address,
    llms_txt_lists_every_guide,
    search_finds_sections_and_escapes_what_was_typed,
    an_unknown_guide_is_a_helpful_404,
    caches_may_keep_what_nobody_is_signed_in_for,
    the_database_is_not_asked_for_nobody,
);

/// The body of the first element that begins so, with its markup taken out.
fn text_of(page: &Page, start: &str, end: &str) -> String {
    let inside = page
        .html
        .split_once(start)
        .and_then(|(_, rest)| rest.split_once(end));
    let inside = inside.unwrap_or_else(|| panic!("no {start} in {}", page.html)).0;
    inside
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
        .collect()
}

async fn every_guide_is_a_page_and_markdown_with_this_address(app: TestApp) {
    let mut nobody = Browser::new(&app);
    let home = nobody.get("/docs").await;
    assert_eq!(home.status, 200);
    let mut samples = 0;
    for guide in &library().guides {
        let slug = guide.slug;
        assert!(
            home.html.contains(&format!("<a href=\"/docs/{slug}\">")),
            "{slug}"
        );
        let page = nobody.get(&format!("/docs/{slug}")).await;
        assert_eq!(page.status, 200, "{slug}");
        assert!(
            page.html
                .contains(&format!("<a href=\"/docs/{slug}\" aria-current=\"page\">")),
            "{slug}"
        );
        assert!(
            text_of(&page, "<h1", "</h1>").ends_with(&guide.document.title),
            "{slug}"
        );
        let markdown = nobody.get(&format!("/docs/{slug}.md")).await;
        assert_eq!(
            markdown.answer.header("content-type"),
            Some("text/markdown; charset=utf-8")
        );
        let wanted = guide
            .markdown
            .replace("{{BASE_URL}}", &app.base)
            .replace("{{HELPDESK_ID}}", "YOUR_HELPDESK_ID");
        assert_eq!(markdown.html, wanted, "{slug}");
        for blank in ["{{BASE_URL}}", "{{HELPDESK_ID}}"] {
            assert!(!page.html.contains(blank), "{slug} {blank}");
            samples += usize::from(guide.markdown.contains(blank));
        }
    }
    assert!(samples > 1, "some guide has blanks");
    let setup = nobody.get("/docs/ticket-center-setup").await;
    assert!(
        setup
            .html
            .contains(&format!("src=&quot;{}/ticket-center.js", app.base)),
        "{}",
        setup.html
    );
    assert!(
        setup
            .html
            .contains("data-helpdesk-id=&quot;YOUR_HELPDESK_ID&quot;")
    );
}

async fn llms_txt_lists_every_guide(app: TestApp) {
    let page = Browser::new(&app).get("/llms.txt").await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.answer.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert!(
        page.html
            .starts_with("# Helpdesky\n\n> The guides of the help desk at http")
    );
    for group in helpdesky::docs_site::guides::GROUPS {
        assert!(
            page.html.contains(&format!("\n\n## {}\n\n- [", group.title)),
            "{}",
            page.html
        );
    }
    for guide in &library().guides {
        let (title, about) = (&guide.document.title, &guide.document.description);
        let line = format!("- [{title}]({}/docs/{}.md): {about}\n", app.base, guide.slug);
        assert!(
            page.html.contains(&line.replace("{{BASE_URL}}", &app.base)),
            "{line}"
        );
    }
}

async fn search_finds_sections_and_escapes_what_was_typed(app: TestApp) {
    let mut nobody = Browser::new(&app);
    let guide = &library().guides[0];
    let section = guide.document.sections.iter().find(|section| section.level == 2);
    let section = section.expect("the first guide has headings");
    let typed: String =
        url::form_urlencoded::byte_serialize(section.title.to_uppercase().as_bytes()).collect();
    let found = nobody.get(&format!("/docs/search?q={typed}")).await;
    assert_eq!(found.status, 200);
    let link = format!("<a href=\"/docs/{}#{}\">", guide.slug, section.anchor);
    assert!(found.html.contains(&link), "{link} in {}", found.html);
    for (query, wanted) in [
        ("q=ticket+center", "<mark>"),
        ("q=tick+cent", "<mark>"),
        ("q=xylophonic", "Nothing holds all of the words “xylophonic”"),
        ("q=ticket+xylophonic", "Nothing holds all of the words"),
        ("q=%3F%21", "no letter or digit"),
        ("q=", "Type one word"),
        ("", "Type one word"),
        (
            "q=%22%3E%3Cscript%3Ealert%281%29",
            "value=\"&#34;&#62;&#60;script&#62;alert(1)\"",
        ),
        ("q=%FF%FE", "no letter or digit"),
    ] {
        let page = nobody.get(&format!("/docs/search?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        assert!(page.html.contains(wanted), "{query}: {}", page.html);
        assert!(!page.html.contains("<script>"), "{query}");
    }
}

async fn an_unknown_guide_is_a_helpful_404(app: TestApp) {
    let mut nobody = Browser::new(&app);
    let page = nobody.get("/docs/wordpress-plugin").await;
    assert_eq!(page.status, 404);
    assert_eq!(page.answer.header("cache-control"), Some("no-store"));
    assert!(page.html.contains("There is no guide at this address"));
    let meant = text_of(&page, "<h2 id=\"meant\">", "</section>");
    assert!(meant.contains("WordPress"), "{meant}");
    let nothing = nobody.get("/docs/%3Cscript%3E").await;
    assert_eq!(nothing.status, 404);
    assert!(!nothing.html.contains("<script>") && !nothing.html.contains("Do you mean"));
    for path in ["/docs/nothing.md", "/docs/.md"] {
        let page = nobody.get(path).await;
        assert_eq!(page.status, 404);
        assert_eq!(
            page.answer.header("content-type"),
            Some("text/markdown; charset=utf-8")
        );
    }
}

async fn caches_may_keep_what_nobody_is_signed_in_for(app: TestApp) {
    let mut nobody = Browser::new(&app);
    for path in [
        "/docs",
        "/docs/wix",
        "/docs/wix.md",
        "/docs/search?q=wix",
        "/llms.txt",
    ] {
        let first = nobody.get(path).await;
        let header = |name| first.answer.header(name).map(str::to_owned);
        assert_eq!(header("cache-control").as_deref(), Some("no-cache"), "{path}");
        assert_eq!(header("vary").as_deref(), Some("cookie"), "{path}");
        assert_eq!(header("set-cookie"), None, "{path}");
        assert_eq!(
            header("x-content-type-options").as_deref(),
            Some("nosniff"),
            "{path}"
        );
        let policy = header("content-security-policy").expect("a policy");
        assert!(
            policy.contains("script-src 'self'; style-src 'self';"),
            "{policy}"
        );
        let etag = header("etag").expect("a validator");
        let again = nobody.open_with(path, &[("if-none-match", &etag)]).await;
        assert_eq!(again.status(), 304, "{path}");
        assert_eq!(again.headers()["etag"], etag.as_str());
        assert!(again.bytes().await.unwrap().is_empty());
        let other = nobody.open_with(path, &[("if-none-match", "\"another\"")]).await;
        assert_eq!(other.status(), 200, "{path}");
        let head = nobody.method("HEAD", path).await;
        assert_eq!((head.status, head.html.as_str()), (200, ""), "{path}");
        assert_eq!(head.answer.header("etag"), Some(etag.as_str()));
    }
    // What the reader chose makes another page.
    let light = nobody.get("/docs/wix").await;
    nobody.cookies.insert("theme".to_owned(), "dark".to_owned());
    let dark = nobody.get("/docs/wix").await;
    assert!(dark.html.contains("data-theme=\"dark\"") && !light.html.contains("data-theme=\"dark\""));
    assert_ne!(dark.answer.header("etag"), light.answer.header("etag"));
}

async fn the_database_is_not_asked_for_nobody(app: TestApp) {
    let mut nobody = Browser::new(&app);
    for path in [
        "/docs",
        "/docs/wix",
        "/docs/wix.md",
        "/docs/search?q=wix",
        "/docs/nothing",
        "/llms.txt",
    ] {
        // The worker asks now and then; a page that did would do so each time.
        let mut fewest = u64::MAX;
        for _ in 0..10 {
            let before = app.app.db().stats().statements;
            nobody.get(path).await;
            fewest = fewest.min(app.app.db().stats().statements - before);
        }
        assert_eq!(fewest, 0, "{path}");
    }
}
