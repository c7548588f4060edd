//! Names of JSON-RPC error codes.

/// Returns the name that JSON-RPC 2.0 or A2A 1.0 defines for an error code.
pub(crate) fn name(code: i64) -> Option<&'static str> {
    Some(match code {
        -32700 => "ParseError",
        -32600 => "InvalidRequest",
        -32601 => "MethodNotFound",
        -32602 => "InvalidParams",
        -32603 => "InternalError",
        -32001 => "TaskNotFound",
        -32002 => "TaskNotCancelable",
        -32003 => "PushNotificationNotSupported",
        -32004 => "UnsupportedOperation",
        -32005 => "ContentTypeNotSupported",
        -32006 => "InvalidAgentResponse",
        -32007 => "ExtendedAgentCardNotConfigured",
        -32008 => "ExtensionSupportRequired",
        -32009 => "VersionNotSupported",
        _ => return None,
    })
}
