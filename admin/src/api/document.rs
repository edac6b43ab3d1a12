//! The OpenAPI 3.1 document, written from the table of operations and from the types themselves.

use guichet_domain::staff::Role;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::operation::Operation;
use super::paging::MOST;
use super::problem::ProblemBody;
use super::{Api, PATH};
use crate::people::{MATRIX, scope_of};

/// The document.
pub(super) fn write(api: &Api, operations: &[Operation], mut schemas: SchemaGenerator) -> Value {
    let problem = schemas.subschema_for::<ProblemBody>();
    let mut paths = Map::new();
    for operation in operations {
        let path = paths
            .entry(operation.path.clone())
            .or_insert_with(|| json!({}));
        path[operation.method] = described(operation, &problem);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Guichet admin API",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "What the console does, for programs. Names are those of the standards.",
        },
        "servers": [{"url": format!("{}{PATH}", api.console.door.address)}],
        "security": [{"client": []}, {"console": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {
                "client": {
                    "type": "oauth2",
                    "description": "Client credentials (RFC 6749 §4.4) with private_key_jwt, or with DPoP.",
                    "flows": {"clientCredentials": {
                        "tokenUrl": format!("{}/token", api.engine.issuer()),
                        "scopes": all_scopes(),
                    }},
                },
                "console": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": api.console.cookies.full_name("session"),
                    "description": "Whoever is in at the console: good for reading alone.",
                },
            },
        },
    })
}

fn all_scopes() -> Map<String, Value> {
    let all = Role::ALL.into_iter();
    all.map(|role| (scope_of(role), format!("As {role}").into()))
        .collect()
}

fn described(operation: &Operation, problem: &Schema) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters(operation),
        "responses": responses(operation, problem),
    });
    let roles = roles(operation);
    if !roles.is_empty() {
        let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        described["description"] = format!("For the roles {}.", names.join(", ")).into();
        described["x-guichet-roles"] = json!(names);
    }
    if let Some((media_type, schema)) = &operation.takes {
        let schema = json!({"schema": schema});
        described["requestBody"] = json!({"required": true, "content": {*media_type: schema}});
    }
    described
}

/// The roles that may, on something at least.
fn roles(operation: &Operation) -> Vec<Role> {
    let Some((action, kind)) = operation.right else {
        return Vec::new();
    };
    let mut rows = MATRIX.iter();
    let row = rows.find(|(of, what, _)| *of == kind && *what == action);
    row.map_or_else(Vec::new, |(_, _, roles)| roles.to_vec())
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let mut all = Vec::new();
    if operation.path.contains("{id}") {
        all.push(json!({
            "name": "id", "in": "path", "required": true,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-.0-~]+$"},
        }));
    }
    if operation.paged {
        all.push(json!({
            "name": "cursor", "in": "query", "schema": {"type": "string"},
            "description": "The `next` of the page before.",
        }));
        all.push(json!({
            "name": "limit", "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": MOST},
        }));
    }
    for (name, says) in &operation.asks {
        all.push(json!({
            "name": name, "in": "query", "schema": {"type": "string"}, "description": says,
        }));
    }
    if operation.conditional {
        all.push(json!({
            "name": "If-Match", "in": "header", "schema": {"type": "string"},
            "description": "The ETag of the record as you know it.",
        }));
        if operation.method == "put" {
            all.push(json!({
                "name": "If-None-Match", "in": "header",
                "schema": {"type": "string", "enum": ["*"]},
                "description": "Only where there is none yet.",
            }));
        }
    }
    if operation.tagged && operation.method == "get" {
        all.push(json!({
            "name": "If-None-Match", "in": "header", "schema": {"type": "string"},
            "description": "The ETag that you have: 304 when it still is the same.",
        }));
    }
    all
}

fn responses(operation: &Operation, problem: &Schema) -> Value {
    let mut all = Map::new();
    for (status, schema) in &operation.gives {
        let mut response = json!({"description": "Done"});
        if let Some(schema) = schema {
            response["content"] = json!({"application/json": {"schema": schema}});
        }
        if operation.tagged {
            let etag = json!({"required": true, "schema": {"type": "string"}});
            response["headers"] = json!({"ETag": etag});
        }
        all.insert(status.to_string(), response);
    }
    if operation.tagged && operation.method == "get" {
        all.insert("304".to_owned(), json!({"description": "Still the same"}));
    }
    for (status, description) in refusals(operation) {
        all.insert(
            status.to_string(),
            json!({
                "description": description,
                "content": {"application/problem+json": {"schema": problem}},
            }),
        );
    }
    Value::Object(all)
}

/// How an operation may say no.
fn refusals(operation: &Operation) -> Vec<(u16, &'static str)> {
    let mut all = vec![
        (400, "The request cannot be read"),
        (401, "Nobody is known by what was brought"),
        (403, "Your roles do not allow this"),
        (
            500,
            "A fault; the reference is for whoever operates the hub",
        ),
    ];
    if operation.path.contains("{id}") || !operation.asks.is_empty() {
        all.push((404, "There is nothing of this name for you"));
    }
    if operation.takes.is_some() || matches!(operation.method, "delete" | "post") {
        all.push((409, "It cannot be so as things are"));
        all.push((422, "A member may not be what it is"));
    } else if !operation.asks.is_empty() {
        all.push((422, "What is asked for may not be what it is"));
    }
    if operation.takes.is_some() {
        all.push((413, "Too long"));
        all.push((415, "Not of the media type that is taken"));
    }
    if operation.method == "post" {
        all.push((429, "Too much at once"));
    }
    if operation.conditional {
        all.push((412, "It is not as you know it"));
        all.push((428, "Say which record you know"));
    }
    all
}
