//! Changes of the vendor's contract since the client was recorded, with reasons.

use datalinks_tests::difference::Difference;
use serde_json::{Value, json};

/// All differences. Each must occur in a recording, otherwise it is a leftover and fails.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        what: "deleting a namespace that has datasets needs `deleteDatasets=true`",
        why: "without the flag, the contract declares 409",
        apply: |exchange| {
            if exchange.operation_id == "balefireNamespace" {
                exchange.request.target.push_str("?deleteDatasets=true");
            }
        },
    },
    Difference {
        what: "deleting a token returns 204 instead of 200",
        why: "the contract has 204 since version 2.22.1",
        apply: |exchange| {
            if exchange.operation_id == "deleteToken" {
                exchange.response.status = 204;
            }
        },
    },
    Difference {
        what: "the agents are `nl2ql` and `assistant`, and speak version 1.0 of the A2A protocol",
        why: "the service documents these, and the recorded agent and its request were invented after version 0.3",
        apply: |exchange| {
            exchange.request.target = exchange.request.target.replace("/a2a/auto_rag", "/a2a/assistant");
            if exchange.operation_id == "a2aJsonRpc" {
                let message = json!({ "messageId": "m", "role": "ROLE_USER",
                    "parts": [{ "text": "which trees are tall?" }], "metadata": { "namespace": "plants" } });
                exchange.request.json = Some(json!({ "jsonrpc": "2.0", "id": 1, "method": "SendMessage",
                    "params": { "message": message } }));
            }
            if exchange.operation_id == "getA2aAgentCard" {
                // The address is in `supportedInterfaces`.
                let name =
                    json!({ "name": "Assistant", "version": "1", "supportedInterfaces": [{ "url": "" }] });
                exchange.response.body = Some(name.to_string());
            }
        },
    },
    Difference {
        what: "the code of a cleaning task is an object that holds the files, instead of an array of files",
        why: "the contract has the object since version 2.22.1",
        apply: |exchange| {
            if exchange.operation_id == "getCleaningTaskCode" {
                let files: Value = serde_json::from_str(&exchange.response.whole_body()).unwrap();
                exchange.response.body = Some(json!({ "files": files }).to_string());
            }
        },
    },
];
