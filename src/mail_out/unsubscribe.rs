//! The page behind "Stop these emails". Whoever holds the link of a mail may stop such mails, without
//! signing in; mail programs do it by one POST (RFC 8058). Opening the page changes nothing, because
//! scanners open links. The link opens nothing else.

use crate::app::App;
use crate::contacts::Contact;
use crate::web::error_page::ErrorPage;
use crate::web::page::View;
use crate::{helpdesks, notifications};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

/// The page.
#[derive(Template)]
#[template(path = "mail_out/unsubscribe.html")]
pub struct UnsubscribePage {
    /// The reader's side.
    pub view: View,
    /// Whose mails they are.
    pub helpdesk: String,
    /// To which address.
    pub address: String,
    /// Where the button leads.
    pub action: String,
    /// Whether they are stopped.
    pub stopped: bool,
}

impl UnsubscribePage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.view
    }
}

/// `GET /unsubscribe/{token}`.
///
/// # Errors
/// When the link is not one of ours.
pub async fn show(
    State(app): State<App>,
    Path(token): Path<String>,
    view: View,
) -> Result<Response, ErrorPage> {
    let contact = notifications::recipient_of(&app, &token).await?;
    let refusal = notifications::refusal(&app, contact.helpdesk_id, contact.id).await?;
    let stopped = matches!(refusal, Some(notifications::Refusal::Unsubscribed { .. }));
    answer(&app, view, &token, contact, stopped).await
}

/// `POST /unsubscribe/{token}`: stops the mails. It takes no form token: mail programs have none, and
/// the link itself says who may.
///
/// # Errors
/// When the link is not one of ours.
pub async fn create(
    State(app): State<App>,
    Path(token): Path<String>,
    view: View,
) -> Result<Response, ErrorPage> {
    let contact = notifications::unsubscribe(&app, &token).await?;
    answer(&app, view, &token, contact, true).await
}

/// `POST /unsubscribe/{token}/removal`: takes it back.
///
/// # Errors
/// When the link is not one of ours.
pub async fn remove(
    State(app): State<App>,
    Path(token): Path<String>,
    view: View,
) -> Result<Response, ErrorPage> {
    let contact = notifications::subscribe_again(&app, &token).await?;
    answer(&app, view, &token, contact, false).await
}

async fn answer(
    app: &App,
    view: View,
    token: &str,
    contact: Contact,
    stopped: bool,
) -> Result<Response, ErrorPage> {
    let helpdesk = helpdesks::get(app, contact.helpdesk_id).await?;
    let page = UnsubscribePage {
        helpdesk: helpdesk.name.clone(),
        address: contact.email,
        action: format!("/unsubscribe/{token}"),
        stopped,
        view,
    };
    Ok(page.view.show(&page))
}

#[cfg(test)]
mod tests {
    use super::UnsubscribePage;
    use crate::web::page::View;
    use crate::web::page_rules::offences;
    use askama::Template;

    #[test]
    fn the_page_keeps_the_rules_in_both_states() {
        for stopped in [false, true] {
            let page = UnsubscribePage {
                view: View::sample(1_763_636_400_000),
                helpdesk: "<b>Fernway</b>".to_owned(),
                address: "priya@lumastudio.example".to_owned(),
                action: "/unsubscribe/token".to_owned(),
                stopped,
            };
            let html = page.render().unwrap();
            assert_eq!(offences(&html), Vec::<String>::new());
            assert!(!html.contains("<b>Fernway"));
        }
    }
}
