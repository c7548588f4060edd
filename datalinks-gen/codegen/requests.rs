//! Shortens the generated functions by work that the hooks and the transport do anyway.
//!
//! Each function parses the text of its URL, and sets the headers `api-version`, which the service does not know, and
//! `Accept`, which depends on the operation. The functions now begin their request through `begin_request` of the
//! client, which can reuse a parsed URL, and the hook before each request sets `Accept`. They decode a success through
//! `decode` of the client, because the transport may have read the body.

use syn::{Expr, ExprMethodCall, File, ImplItem, ImplItemFn, Item, Lit, Member, Pat, Stmt, parse_quote};

/// The local variable for the headers of a request.
const HEADERS: &str = "header_map";

/// Shortens every function of a client that sends a request.
///
/// # Errors
///
/// Fails if a function sends another header than those above, which would be lost.
pub(super) fn shorten(file: &mut File) -> Result<(), String> {
    for item in &mut file.items {
        let Item::Impl(block) = item else { continue };
        for item in &mut block.items {
            if let ImplItem::Fn(function) = item {
                shorten_function(function)?;
            }
        }
    }
    Ok(())
}

fn shorten_function(function: &mut ImplItemFn) -> Result<(), String> {
    let statements = &mut function.block.stmts;
    for call in statements.iter().filter_map(added_header) {
        if added_name(call).as_deref() != Some("api-version") {
            let name = &function.sig.ident;
            return Err(format!("{name}: a request has a header that codegen/requests.rs does not know"));
        }
    }
    statements.retain(|statement| !declares_headers(statement) && added_header(statement).is_none());
    for statement in statements {
        match statement {
            Stmt::Local(local) => local.init.iter_mut().for_each(|init| shorten_chain(&mut init.expr)),
            Stmt::Expr(Expr::Match(by_status), _) => {
                by_status.arms.iter_mut().for_each(|arm| shorten_decoding(&mut arm.body));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Replaces the decoding of a success.
fn shorten_decoding(body: &mut Expr) {
    if let Expr::Block(block) = body {
        return block.block.stmts.iter_mut().for_each(|statement| {
            if let Stmt::Expr(expression, None) = statement {
                shorten_decoding(expression);
            }
        });
    }
    if let Expr::Await(decoding) = body
        && let Expr::Call(call) = &*decoding.base
        && let Expr::Path(function) = &*call.func
        && function.path.segments.last().is_some_and(|last| last.ident == "from_response")
    {
        *body = parse_quote!(self.decode(response).await);
    }
}

/// Returns `true` for the statement that declares the headers of a request.
fn declares_headers(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Local(local) if matches!(&local.pat, Pat::Ident(name) if name.ident == HEADERS))
}

/// Returns the call of a statement that adds a header to those of a request.
fn added_header(statement: &Stmt) -> Option<&ExprMethodCall> {
    match statement {
        Stmt::Expr(Expr::MethodCall(call), _) if is_variable(&call.receiver, HEADERS) => Some(call),
        _ => None,
    }
}

/// Returns the name of a header that a call adds, if it is a literal.
fn added_name(call: &ExprMethodCall) -> Option<String> {
    let Some(Expr::Call(name)) = call.args.first() else { return None };
    match name.args.first() {
        Some(Expr::Lit(literal)) => match &literal.lit {
            Lit::Str(name) => Some(name.value()),
            _ => None,
        },
        _ => None,
    }
}

/// Replaces the start of a chain of calls that builds a request, and removes its calls that set headers.
fn shorten_chain(expression: &mut Expr) {
    match expression {
        Expr::Try(tried) => shorten_chain(&mut tried.expr),
        Expr::MethodCall(call) if sets_headers(call) => {
            *expression = (*call.receiver).clone();
            shorten_chain(expression);
        }
        Expr::MethodCall(call) if is_http_client(&call.receiver) => {
            let method = syn::Ident::new(&call.method.to_string().to_uppercase(), call.method.span());
            let url = &call.args;
            *expression = parse_quote!(self.begin_request(::reqwest::Method::#method, #url));
        }
        Expr::MethodCall(call) => shorten_chain(&mut call.receiver),
        _ => {}
    }
}

/// Returns `true` for a call that sets `Accept`, or the headers that are no longer declared.
fn sets_headers(call: &ExprMethodCall) -> bool {
    let Some(first) = call.args.first() else { return false };
    let is_accept = || matches!(first, Expr::Path(name) if name.path.segments.last().is_some_and(|last| last.ident == "ACCEPT"));
    (call.method == "headers" && is_variable(first, HEADERS)) || (call.method == "header" && is_accept())
}

/// Returns `true` for `self.client`.
fn is_http_client(expression: &Expr) -> bool {
    matches!(expression, Expr::Field(field) if is_variable(&field.base, "self")
        && matches!(&field.member, Member::Named(name) if name == "client"))
}

fn is_variable(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Path(path) if path.path.is_ident(name))
}
