//! What a dangerous operation is, to whoever writes one ([`Dangerous`]) and to whoever carries out any of them
//! ([`Confirmable`]).

use std::sync::Arc;

use async_trait::async_trait;
use axum::response::Response;
use guichet_web::{PageContext, PageError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::api::Api;
use crate::console::Present;

/// An operation that waits for a confirmation.
#[async_trait]
pub(crate) trait Dangerous: Send + Sync + 'static {
    /// What it is done with, as it is kept until it is confirmed.
    type Input: Serialize + DeserializeOwned + Send;
    /// By what proposals name it; no other has the same.
    const NAME: &'static str;

    /// Does it, as `by`, whose rights are those of this moment: they are asked again here. Answers with where to
    /// go on (303), or with a page where something is shown once.
    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        page: PageContext,
        input: Self::Input,
    ) -> Result<Response, PageError>;
}

/// The same of whatever input: what a proposal is found by again. Every [`Dangerous`] operation is one.
#[async_trait]
pub(crate) trait Confirmable: Send + Sync {
    /// [`Dangerous::NAME`].
    fn name(&self) -> &'static str;

    /// [`Dangerous::carry_out`], with its input as it was kept.
    async fn carry_out_kept(
        &self,
        api: &Arc<Api>,
        by: Present,
        page: PageContext,
        input: Value,
    ) -> Result<Response, PageError>;
}

#[async_trait]
impl<D: Dangerous> Confirmable for D {
    fn name(&self) -> &'static str {
        D::NAME
    }

    async fn carry_out_kept(
        &self,
        api: &Arc<Api>,
        by: Present,
        page: PageContext,
        input: Value,
    ) -> Result<Response, PageError> {
        let input = serde_json::from_value(input);
        let input = input.map_err(|error| api.console.fault("read a proposal", &error))?;
        D::carry_out(api, by, page, input).await
    }
}
