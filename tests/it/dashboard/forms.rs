//! What holds for every page and form of the dashboard. The router's table is walked, so that a
//! new route is held to it as well.

use super::browser::{Browser, owner};
use crate::support::{TestApp, TestHelpdesk};
use helpdesky::router::{Caller, routes};

both_engines!(
    every_form_is_refused_unless_our_own_page_sent_it,
    no_form_is_answered_to_a_get_or_another_method,
    no_page_can_be_put_into_a_frame_of_another_site,
    a_stream_is_refused_to_other_sites,
    a_name_that_is_not_ours_is_refused,
);

/// The paths of the dashboard, with ids of this helpdesk and of nothing.
fn paths(method: &str, helpdesk: &TestHelpdesk) -> Vec<String> {
    const NOTHING: &str = "01900000-0000-7000-8000-000000000000";
    let dashboard = |caller: Caller, path: &str| {
        let asks = matches!(
            caller,
            Caller::Operator | Caller::Admin | Caller::SignedIn | Caller::LinkHolder
        );
        // The link of a mail is itself the proof, also where mail programs post to it (RFC 8058): whoever could
        // forge the form would have to know it.
        let is_in_a_mail = path.starts_with("/unsubscribe/") || path.starts_with("/confirm/");
        (asks && !is_in_a_mail) || path == "/sign-in"
    };
    let mut paths: Vec<String> = routes()
        .iter()
        .filter(|route| route.method == method && dashboard(route.caller, route.path))
        .map(|route| {
            let mut path = route.path.replace("{helpdesk}", &helpdesk.id);
            while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
                let token = &path[from..=to] == "{token}";
                let value = if token { "A".repeat(43) } else { NOTHING.to_owned() };
                path.replace_range(from..=to, &value);
            }
            path
        })
        .collect();
    paths.sort();
    assert!(paths.len() > 10, "{paths:?}");
    paths
}

async fn every_form_is_refused_unless_our_own_page_sent_it(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let profile = format!("/h/{}/profile", helpdesk.id);
    let csrf = browser.get(&profile).await.hidden("csrf");
    let before = browser.cookies.clone();
    let form = "application/x-www-form-urlencoded";
    let proved = format!("csrf={csrf}&name=Mallory&email=a%40example.com&role=owner&single_keys=on");
    let unproved = proved.replace(&csrf, "");
    let json = format!("{{\"csrf\":\"{csrf}\",\"name\":\"Mallory\"}}");
    // What the browser says of the request, its type, its body, and the answer.
    let attacks: [(&str, &str, &str, &str, &[u16]); 9] = [
        ("origin", "https://evil.example", form, &proved, &[403]),
        ("origin", "null", form, &proved, &[403]),
        ("sec-fetch-site", "cross-site", form, &proved, &[403]),
        ("sec-fetch-site", "same-site", form, &proved, &[403]),
        ("sec-fetch-site", "none", form, &proved, &[403]),
        ("sec-fetch-site", "same-origin", form, &unproved, &[403]),
        ("sec-fetch-site", "same-origin", "text/plain", &unproved, &[403]),
        // A token in them is not enough either: only forms are read, and some only with a file.
        (
            "sec-fetch-site",
            "same-origin",
            "text/plain",
            &proved,
            &[400, 403],
        ),
        ("sec-fetch-site", "same-origin", "application/json", &json, &[403]),
    ];
    for path in paths("POST", &helpdesk) {
        for (header, value, kind, body, wanted) in attacks {
            let answer = browser.send_raw(&path, kind, body, &[(header, value)]).await;
            assert!(
                wanted.contains(&answer.status),
                "{path}: {} for {header} {value} {kind}",
                answer.status
            );
        }
        // A cookie is all that another site can make a browser send.
        let answer = browser.send_raw(&path, form, "", &[]).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    assert_eq!(browser.cookies, before, "nobody was signed in or out");
    let page = browser.get(&profile).await;
    assert!(page.status == 200 && !page.html.contains("Mallory"));
}

async fn no_form_is_answered_to_a_get_or_another_method(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let readable = paths("GET", &helpdesk);
    for path in paths("POST", &helpdesk) {
        let mut methods = vec!["PUT", "PATCH", "DELETE"];
        if !readable.contains(&path) {
            methods.push("GET");
        }
        for method in methods {
            let answer = browser.method(method, &path).await;
            // A word in the place of an id is a page that is not there.
            let refused = answer.status == 405 || (method == "GET" && answer.status == 404);
            assert!(refused, "{method} {path}: {}", answer.status);
            // Whoever loads the page of a form that was refused once more is told where to go.
            if answer.status == 405 {
                let says = "go back to the page with the form";
                assert!(answer.html.contains(says), "{method} {path}: {}", answer.html);
            }
        }
    }
    // Nothing that somebody wrote can be changed or deleted by anybody: there is no such address.
    let written = ["/notes/{", "/replies/{", "/messages/{"];
    for route in routes() {
        assert!(
            !written.iter().any(|part| route.path.contains(part)),
            "{} {}",
            route.method,
            route.path
        );
        assert!(
            matches!(route.method, "GET" | "POST"),
            "{} {}",
            route.method,
            route.path
        );
    }
}

async fn no_page_can_be_put_into_a_frame_of_another_site(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    for path in paths("GET", &helpdesk) {
        if path.ends_with("/live") {
            continue;
        }
        let page = browser.get(&path).await;
        let policy = page.answer.header("content-security-policy").unwrap_or_default();
        // The preview stands in a page of ours. It may connect to nothing and holds no form.
        let (ancestors, legacy) = if path.ends_with("/preview") {
            assert!(
                !page.html.contains("<form") && !policy.contains("connect-src"),
                "{policy}"
            );
            ("frame-ancestors 'self'", "SAMEORIGIN")
        } else {
            ("frame-ancestors 'none'", "DENY")
        };
        assert!(policy.contains(ancestors), "{path}: {policy}");
        assert_eq!(page.answer.header("x-frame-options"), Some(legacy), "{path}");
        assert_eq!(page.answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(page.answer.header("access-control-allow-origin"), None, "{path}");
    }
}

async fn a_stream_is_refused_to_other_sites(app: TestApp) {
    let (helpdesk, browser) = owner(&app).await;
    let path = format!("/h/{}/live", helpdesk.id);
    for (header, value, wanted) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("accept", "text/event-stream", 200),
    ] {
        let answer = browser.open_with(&path, &[(header, value)]).await;
        assert_eq!(answer.status(), wanted, "{header}: {value}");
        assert!(answer.headers().get("access-control-allow-origin").is_none());
    }
    let stranger = Browser::new(&app);
    assert_eq!(stranger.open(&path).await.status(), 303);
}

/// A page behind a name of somebody else's would be read with the browser of whoever can reach us.
async fn a_name_that_is_not_ours_is_refused(app: TestApp) {
    let (helpdesk, browser) = owner(&app).await;
    let cookie = browser
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("; ");
    let mut paths = paths("GET", &helpdesk);
    paths.push("/nothing-here".to_owned());
    let ask = async |path: &str, host: &str| {
        let request = app.http.get(format!("{}{path}", app.base)).header("host", host);
        app.send(request.header("cookie", &cookie)).await
    };
    for path in &paths {
        for host in [
            "evil.example",
            "127.0.0.1.evil.example:80",
            "evil.example@127.0.0.1",
        ] {
            let answer = ask(path, host).await;
            assert_eq!(answer.status, 403, "{path} at {host}");
            let text = answer.text();
            assert!(
                text.contains("--base-url") && !text.contains("evil"),
                "{path}: {text}"
            );
            assert!(answer.header("content-security-policy").is_some(), "{path}");
        }
    }
    let inbox = format!("/h/{}/conversations", helpdesk.id);
    for host in ["localhost:8080", "[::1]", "helpdesky", "203.0.113.7"] {
        assert_eq!(ask(&inbox, host).await.status, 200, "{host}");
    }
    // Health checks come by whatever name, and customers' pages may know us by another one.
    for path in ["/healthz", "/readyz", "/ticket-center.js"] {
        assert_eq!(ask(path, "evil.example").await.status, 200, "{path}");
    }
}
