//! Phrases of the client's errors that name Rust items, and what the command line says in their place.

/// What the client says, and what the command line says. `{}` stands for any text, which is kept without its quotes. The first
/// phrase that occurs is replaced first, so a long one precedes its parts.
pub(super) const PHRASES: &[(&str, &str)] = &[
    // Connections and settings.
    (
        "set the value in the environment, in a .env file or on the builder",
        "set it by its option, by its variable or in the profile: datalinks config",
    ),
    ("use https, or allow unencrypted API keys with DataLinksBuilder::allow_plain_http", "use https"),
    (
        "use https, name the host in NO_PROXY, or call no_proxy or allow_plain_http_through_proxy on the builder",
        "use https, or name the host in NO_PROXY",
    ),
    (
        "use https, name the host in no_proxy_for, or call allow_plain_http_through_proxy on the builder",
        "use https, or leave out --proxy",
    ),
    (
        "check the proxy (DataLinksBuilder::proxy), or name the host in DataLinksBuilder::no_proxy_for",
        "check the proxy (--proxy, or DL_PROXY)",
    ),
    ("with DataLinksBuilder::add_root_certificate", "with --ca FILE"),
    ("or pass it to add_root_certificate", "or pass it to --ca"),
    (
        "create the client with an API key: use DataLinks::builder or DataLinks::from_env",
        "datalinks auth login",
    ),
    (
        "the server asks for a longer delay than RetryPolicy::max_retry_after",
        "the server asks for a longer delay than this program waits",
    ),
    (
        "the server requests a longer delay than RetryPolicy::max_retry_after allows",
        "the server requests a longer delay than this program waits",
    ),
    (
        "check DL_API_KEY: the API key is missing, wrong, expired or deleted",
        "the token is missing, wrong, expired or deleted",
    ),
    ("; raise idle_timeout if the service needs more time", ""),
    ("a newer version of this crate may know it", "a newer version of this program may know it"),
    ("wait for the run {} with DataLinks::run before you ask again", "wait for the run before you ask again"),
    (
        "look for the run with Namespace::conversations before you ask again",
        "look for the question before you ask again",
    ),
    // Files of rows.
    (
        "set Reader::format; spreadsheets and Parquet are read with the features excel and parquet of this crate",
        "add --format FORMAT; spreadsheets and Parquet are read by a build with the features excel and parquet",
    ),
    ("set Reader::format (feature excel)", "add --format excel, in a build with the feature excel"),
    ("set Reader::format (feature parquet)", "add --format parquet, in a build with the feature parquet"),
    ("set Reader::format", "add --format FORMAT"),
    ("or skip bad records with Reader::on_bad_row", "or add --bad-rows skip"),
    (
        "set OnBadRow::Report on the reader to write bad records to the dead letters and continue",
        "add --bad-rows dead-letter to write bad records to the dead-letter file and continue",
    ),
    (
        "make the type fit the file, correct the record, or set Reader::infer_types and name the columns of strings with \
         Reader::string_columns",
        "correct the record, or add --infer-types, and --string-column NAME for columns of strings",
    ),
    ("correct Reader::string_columns", "correct --string-column"),
    ("read the files in it with read::files", "give a pattern, such as 'DIRECTORY/*.csv'"),
    (
        "correct the names of the columns, or skip them with Reader::without_columns",
        "correct the names of the columns",
    ),
    (
        "check that the file is complete, or skip the column with Reader::without_columns",
        "check that the file is complete",
    ),
    ("correct the names of the columns, or set Reader::header_row", "correct the names of the columns"),
    (
        "rename the file, or set Reader::compression(Compression::None) if it is not compressed",
        "rename the file",
    ),
    // Ingestion.
    (
        "reconcile_by is set with another delivery: set Delivery::Reconciled, or leave out the key column",
        "--reconcile-by is set with another delivery: add --delivery reconciled, or leave out the key column",
    ),
    ("; set Ingest::concurrency", "; set --concurrency"),
    ("; set Ingest::max_batch_bytes", "; set --max-batch-bytes"),
    ("; set Ingest::reconcile_by", "; set --reconcile-by"),
    (": set Ingest::dead_letters, too", ": add --dead-letter FILE"),
    ("bad_records_to_dead_letters is set", "--bad-rows dead-letter is set"),
    ("max_batch_bytes was", "--max-batch-bytes was"),
    ("batch_size was", "--batch-size was"),
    ("max_batch_bytes is", "--max-batch-bytes is"),
    (", or raise max_isolation_requests", ""),
    (", or raise max_batches_without_success", ""),
    (
        "as an editor, write the rows to a file and send it with Dataset::upload, whose route names the owner",
        "as an editor, write the rows to a file and send it with datalinks upload --dataset USER/NAMESPACE/DATASET",
    ),
    (
        "for a dataset of another user, use Namespace::with_owner and Dataset::upload",
        "for a dataset of another user, send a file with datalinks upload --dataset USER/NAMESPACE/DATASET",
    ),
    // Uploads.
    (
        "look for the ingestion of upload {} with key {} in Dataset::ingestions",
        "look for the ingestion of upload {} with key {}: datalinks ingestion list",
    ),
    ("set UploadFile::force_finish", "add --force-finish"),
    (" (url_lifetime)", ""),
    ("set WaitForIngestion::every", "set --every"),
    // Questions and runs.
    ("with DataLinks::run({}) and AgentRun::status", "by datalinks run show {}"),
    ("with DataLinks::run and AgentRun::status", "by datalinks run show RUN"),
    ("with AgentRun::status", "by datalinks run show RUN"),
    ("read its result from AgentRun::status", "read its result by datalinks run show RUN"),
    (
        "follow it later from event {} with IngestProxy::follow",
        "follow it later: datalinks pipeline follow RUN --cursor {}",
    ),
    ("; Error::body has the start of the event", ""),
    // Agents, datasets and tokens.
    ("set it with AgentAsk::namespace", "add --namespace NAME"),
    ("read Agent::card for what it offers", "datalinks agent card NAME shows what it offers"),
    (
        "call QueryBuilder::metadata_columns to keep these columns",
        "add --metadata-columns to keep these columns",
    ),
    (
        "delete them, or call Namespace::delete_with_datasets",
        "delete them, or leave out --if-empty to delete them with the namespace",
    ),
    ("find it with DataLinks::tokens and delete it", "find it by datalinks token list, and delete it"),
];
