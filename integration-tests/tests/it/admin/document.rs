//! The OpenAPI document judged by a stranger: schemathesis, driven from it, as every role.

use anyhow::Result;
use guichet_integration_tests::schemathesis;
use serde_json::json;

use super::program::{Program, ROLES, operated};

#[tokio::test]
async fn the_api_is_as_its_document_says_whoever_calls() -> Result<()> {
    let programs: Vec<Program> = ROLES
        .iter()
        .map(|(role, _)| Program::new(&format!("as-{}", role.replace('_', "-"))))
        .collect::<Result<_>>()?;
    let borrowed: Vec<&Program> = programs.iter().collect();
    let (demo, _, operator) = operated(&borrowed).await?;
    for (program, (role, on)) in programs.iter().zip(ROLES) {
        let member = json!({"client_id": program.id, "roles": [{"role": role, "on": on}]});
        operator
            .put(&format!("/people/{}", program.id), &member)
            .await?;
        let token = program.api(&demo).await?.token;
        let document = format!("{}/openapi.json", operator.base);
        schemathesis::judge(&document, &token)?;
    }
    Ok(())
}
