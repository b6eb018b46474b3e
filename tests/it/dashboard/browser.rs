//! A browser without scripts: cookies, pages, forms.

use std::collections::BTreeMap;
use std::time::Duration;

use helpdesky::audit::By;
use helpdesky::ids::HelpdeskId;
use helpdesky::operators::{self, Role};

use crate::support::{Answer, TestApp, TestHelpdesk, multipart};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// One person's browser.
pub(crate) struct Browser<'app> {
    pub(crate) app: &'app TestApp,
    http: reqwest::Client,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// A page as it was received.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) answer: Answer,
    pub(crate) html: String,
}

impl Page {
    /// The value of the first hidden field of this name.
    #[track_caller]
    pub(crate) fn hidden(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let rest = self.html.split(&start).nth(1);
        let value = rest.and_then(|rest| rest.split('"').next());
        value
            .unwrap_or_else(|| panic!("no field {name} in {}", self.html))
            .to_owned()
    }

    pub(crate) fn location(&self) -> String {
        self.answer.header("location").unwrap_or_default().to_owned()
    }
}

impl<'app> Browser<'app> {
    pub(crate) fn new(app: &'app TestApp) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            app,
            http,
            cookies: BTreeMap::new(),
        }
    }

    /// Opens a page; redirects are answers like any other.
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = self.http.get(format!("{}{path}", self.app.base));
        self.send(request).await
    }

    /// Sends a form as browsers do, from a page of ours.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_with(path, fields, &[("sec-fetch-site", "same-origin")])
            .await
    }

    pub(crate) async fn post_with(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Page {
        let body = encoded(fields);
        let mut request = self.form(path, body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    /// Sends a form and closes the connection without waiting for the answer. `wait` is how long
    /// the server had; what it then finds stored is the same for every length.
    pub(crate) async fn hang_up(&self, path: &str, fields: &[(&str, &str)], wait: Duration) {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let request = self
            .form(path, encoded(fields))
            .header("cookie", self.cookie_line())
            .header("sec-fetch-site", "same-origin")
            .timeout(wait + Duration::from_millis(1));
        let answer = http.execute(request.build().expect("a request")).await;
        drop(answer);
    }

    /// Sends a form while others are under way; the status of the answer.
    pub(crate) async fn post_beside(&self, path: &str, fields: &[(&str, &str)]) -> u16 {
        let request = self
            .form(path, encoded(fields))
            .header("cookie", self.cookie_line())
            .header("sec-fetch-site", "same-origin");
        request.send().await.expect("an answer").status().as_u16()
    }

    fn form(&self, path: &str, body: String) -> reqwest::RequestBuilder {
        self.http
            .post(format!("{}{path}", self.app.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    }

    /// Sends a form with the token of the page it stands on.
    pub(crate) async fn submit(&mut self, page: &Page, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = page.hidden("csrf");
        let all: Vec<(&str, &str)> = [("csrf", csrf.as_str())]
            .into_iter()
            .chain(fields.iter().copied())
            .collect();
        self.post(path, &all).await
    }

    /// Signs in and answers where that leads.
    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Page {
        let page = self.get("/sign-in").await;
        self.submit(
            &page,
            "/sign-in",
            &[("email", email), ("password", password), ("keep", "yes")],
        )
        .await
    }

    /// A response that is still open, for streams.
    pub(crate) async fn open(&self, path: &str) -> reqwest::Response {
        self.open_with(path, &[]).await
    }

    pub(crate) async fn open_with(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let mut request = self
            .http
            .get(format!("{}{path}", self.app.base))
            .header("cookie", self.cookie_line());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("an answer")
    }

    /// Sends a body of any type, as other sites can make a browser do.
    pub(crate) async fn send_raw(
        &mut self,
        path: &str,
        content_type: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Page {
        let mut request = self
            .http
            .post(format!("{}{path}", self.app.base))
            .header("content-type", content_type)
            .body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    /// Sends a form with a file, as a page of ours does.
    pub(crate) async fn send_file(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        (name, bytes): (&str, &[u8]),
    ) -> Page {
        let (content_type, body) = multipart(fields, name, bytes);
        let request = self
            .http
            .post(format!("{}{path}", self.app.base))
            .header("content-type", content_type)
            .header("sec-fetch-site", "same-origin")
            .body(body);
        self.send(request).await
    }

    /// A request of any method without a body.
    pub(crate) async fn method(&mut self, method: &str, path: &str) -> Page {
        let method = method.parse().expect("a method");
        let request = self.http.request(method, format!("{}{path}", self.app.base));
        self.send(request).await
    }

    fn cookie_line(&self) -> String {
        self.cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Page {
        let request = request
            .header("cookie", self.cookie_line())
            .build()
            .expect("a request");
        let answer = self.http.execute(request).await.expect("an answer");
        for line in answer.headers().get_all("set-cookie") {
            let line = line.to_str().expect("ASCII");
            let (pair, rules) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("name and value");
            if rules.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let status = answer.status().as_u16();
        let mut headers = BTreeMap::new();
        for (name, value) in answer.headers() {
            headers.insert(
                name.as_str().to_owned(),
                value.to_str().expect("ASCII").to_owned(),
            );
        }
        let body = answer.bytes().await.expect("a body").to_vec();
        let answer = Answer {
            status,
            headers,
            body,
        };
        Page {
            status,
            html: answer.text(),
            answer,
        }
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        body.append_pair(name, value);
    }
    body.finish()
}

/// Adds an operator whom `PASSWORD` signs in.
pub(crate) async fn operator(app: &TestApp, helpdesk: &TestHelpdesk, email: &str, role: Role) {
    let id: HelpdeskId = helpdesk.id.parse().expect("an id");
    operators::add(&app.app, id, &By::console(), email, "Noor Haddad", PASSWORD, role)
        .await
        .expect("a new operator");
}

/// A helpdesk with an owner who is signed in.
pub(crate) async fn owner(app: &TestApp) -> (TestHelpdesk, Browser<'_>) {
    let helpdesk = app.helpdesk_without_secret("Acme").await;
    operator(app, &helpdesk, "noor@acme.example", Role::Owner).await;
    let mut browser = Browser::new(app);
    let page = browser.sign_in("noor@acme.example", PASSWORD).await;
    assert_eq!(
        (page.status, page.location().as_str()),
        (303, "/"),
        "{}",
        page.html
    );
    (helpdesk, browser)
}
