//! What follows the question mark of an address.

use crate::app::App;
use crate::error::Error;
use crate::web::error_page::ErrorPage;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The fields of an address; one that cannot be understood is answered with a page of ours.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = ErrorPage;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorPage> {
        let axum::extract::Query(fields) = axum::extract::Query::from_request_parts(parts, app)
            .await
            .map_err(|_| Error::invalid("address_not_understood", "This address cannot be understood"))?;
        Ok(Self(fields))
    }
}
