//! A small contract, in both forms.

use serde_json::{Value, json};

/// Returns the sample as an OpenAPI document with shared parts.
pub(super) fn openapi() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Things", "version": "1" },
        "servers": [{ "url": "https://one.example/api" }],
        "security": [{ "bearer": [] }],
        "paths": {
            "/things/{id}": {
                "parameters": [{ "$ref": "#/components/parameters/Id" }],
                "get": {
                    "operationId": "readThing",
                    "description": "Reads.",
                    "tags": ["things"],
                    "parameters": [{ "in": "query", "name": "limit", "schema": { "type": "integer", "default": 5 } }],
                    "responses": {
                        "200": {
                            "description": "Read.",
                            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } },
                        },
                        "404": { "$ref": "#/components/responses/Missing" },
                    },
                },
                "put": {
                    "operationId": "replaceThing",
                    "requestBody": { "$ref": "#/components/requestBodies/Thing" },
                    "responses": { "204": { "description": "Done." } },
                },
            },
            "/events": { "get": {
                "operationId": "watch",
                "security": [],
                "responses": { "200": { "description": "A stream.", "content": { "text/event-stream": {
                    "schema": { "$ref": "#/components/schemas/Event" },
                } } } },
            } },
        },
        "components": {
            "parameters": { "Id": {
                "in": "path", "name": "id", "required": true, "schema": { "type": "string", "format": "uuid" },
            } },
            "requestBodies": { "Thing": {
                "required": true,
                "content": { "application/json; charset=utf-8": {
                    "schema": { "$ref": "#/components/schemas/ThingRequest" },
                } },
            } },
            "responses": { "Missing": {
                "description": "There is none.",
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
            } },
            "schemas": schemas(),
        },
    })
}

/// Returns the sample in structural form.
pub(super) fn structural() -> Value {
    let id = json!({ "in": "path", "name": "id", "required": true, "schema": { "type": "string", "format": "uuid" } });
    json!({
        "operations": {
            "readThing": {
                "method": "GET", "path": "/things/{id}", "auth": true, "requestBody": null,
                "parameters": [
                    id,
                    { "in": "query", "name": "limit", "required": false, "schema": { "type": "integer", "default": 5 } },
                ],
                "responses": {
                    "200": { "application/json": { "$ref": "#/components/schemas/Thing" } },
                    "404": { "application/json": { "$ref": "#/components/schemas/Problem" } },
                },
            },
            "replaceThing": {
                "method": "PUT", "path": "/things/{id}", "auth": true, "parameters": [id],
                "requestBody": {
                    "required": true,
                    "content": { "application/json": { "$ref": "#/components/schemas/ThingRequest" } },
                },
                "responses": { "204": null },
            },
            "watch": {
                "method": "GET", "path": "/events", "auth": false, "parameters": [], "requestBody": null,
                "responses": { "200": { "text/event-stream": { "$ref": "#/components/schemas/Event" } } },
            },
        },
        "components": { "schemas": schemas() },
    })
}

fn schemas() -> Value {
    json!({
        "Thing": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": { "type": "string", "maxLength": 20 },
                "size": { "type": "integer" },
                "color": { "type": "string", "enum": ["blue", "red"], "nullable": true },
                "tags": { "type": "array", "items": { "type": "string" } },
                "notes": { "type": "object", "additionalProperties": { "type": "string" } },
                "extra": { "type": "object", "additionalProperties": true },
                "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Part" } },
                "code": { "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] },
                "location": { "anyOf": [
                    { "type": "object", "required": ["x", "y"], "properties": { "x": { "type": "number" } } },
                    { "type": "object", "required": ["y"], "properties": { "y": { "type": "number" } } },
                ] },
            },
        },
        "ThingRequest": { "type": "object", "properties": { "name": { "type": "string" } } },
        "Part": {
            "oneOf": [{ "$ref": "#/components/schemas/Bolt" }, { "$ref": "#/components/schemas/Nut" }],
            "discriminator": { "propertyName": "kind" },
        },
        "Bolt": {
            "type": "object",
            "properties": { "kind": { "type": "string", "enum": ["bolt"] }, "length": { "type": "number" } },
        },
        "Nut": { "type": "object", "properties": { "kind": { "type": "string", "enum": ["nut"] } } },
        "Problem": { "type": "object", "properties": { "message": { "type": "string" } } },
        "Event": { "anyOf": [
            { "$ref": "#/components/schemas/Added" },
            { "$ref": "#/components/schemas/Removed" },
        ] },
        "Added": { "type": "object", "properties": { "id": { "type": "string" } } },
        "Removed": { "type": "object", "properties": { "at": { "type": "string" } } },
    })
}
