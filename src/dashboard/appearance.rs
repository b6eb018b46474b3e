//! How the embeds look.

use super::access::Administrator;
use super::{Answer, frame, ticket_center};
use crate::app::App;
use crate::helpdesks::{self, appearance::Typed};
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

/// The form; a browser leaves an unticked box out.
#[derive(Debug, Deserialize)]
pub struct Fields {
    #[serde(default)]
    align: String,
    #[serde(default)]
    max_width: String,
    #[serde(default)]
    accent: String,
    #[serde(default)]
    theme: String,
    #[serde(default)]
    border: String,
}

/// `POST /h/{helpdesk}/ticket-center/appearance`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn update(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let typed = Typed {
        align: fields.align,
        max_width: fields.max_width,
        accent: fields.accent,
        theme: fields.theme,
        border: fields.border,
    };
    let looks = match typed.checked() {
        Ok(looks) => looks,
        Err(wrong) => {
            let mut page = ticket_center::page(&app, &reader, view).await?;
            if let Some(admin) = &mut page.admin {
                let mut errors = FieldErrors::default();
                wrong.iter().for_each(|(field, why)| errors.add(field, *why));
                (admin.looks.typed, admin.looks.errors) = (typed, errors);
            }
            return Ok(ticket_center::shown(&page, StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let (id, by) = (reader.member.helpdesk_id, reader.member.by());
    let before = Typed::from(&helpdesks::set_appearance(&app, id, &by, &looks).await?);
    let address = format!("{}/ticket-center", frame::base(id));
    let again = [
        ("align", before.align),
        ("max_width", before.max_width),
        ("accent", before.accent),
        ("theme", before.theme),
        ("border", before.border),
    ];
    let again = again.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let say = Flash::say("Appearance saved").undone_by(format!("{address}/appearance"), again);
    Ok(view.redirect(&app, &format!("{address}#look"), Some(&say)))
}
