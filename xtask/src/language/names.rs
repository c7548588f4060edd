//! Names in code that others have replaced.
//!
//! Only names are listed that mean nothing else: `Value` or `part` were replaced in one place and are right in others.

/// A crate, the old name and the new one. A name is looked for in its crate and in Markdown.
pub(super) struct Renamed {
    pub(super) crate_name: &'static str,
    pub(super) old: &'static str,
    pub(super) new: &'static str,
}

const fn facade(old: &'static str, new: &'static str) -> Renamed {
    Renamed { crate_name: "datalinks", old, new }
}

const fn emulator(old: &'static str, new: &'static str) -> Renamed {
    Renamed { crate_name: "datalinks-emulator", old, new }
}

pub(super) const RENAMED: &[Renamed] = &[
    facade("Outcomes", "BatchStream"),
    facade("Define", "UpdateDefinition"),
    facade("ResumeRuns", "ResumePolicy"),
    facade("ShortBatch", "PartiallyIndexedBatch"),
    facade("Waited", "WaitOutcome"),
    facade("without_progress", "max_reconnects_without_progress"),
    facade("finish_again", "force_finish"),
    facade("owned_by", "with_owner"),
    facade("Effort", "CallContext"),
    facade("Doubtful", "Ambiguous"),
    facade("dice", "rng"),
    facade("draw", "jitter"),
    facade("bury", "write_dead_letters"),
    facade("settle", "deliver_batch"),
    facade("Settling", "BatchState"),
    facade("recall", "prior_outcome"),
    facade("Recalled", "PriorOutcome"),
    facade("Pieces", "SubBatches"),
    facade("outcome_unknown", "is_ambiguous"),
    facade("outcomeUnknown", "ambiguous"),
    facade("possibly_twice", "possibly_duplicated"),
    facade("sift", "deduplicate"),
    facade("awaitable", "impl_into_future"),
    facade("is_last", "is_final"),
    facade("Repeat", "RetrySafety"),
    facade("Unanswered", "NoResponse"),
    facade("attempts_per_part", "max_attempts_per_part"),
    emulator("Kept", "Stored…"),
    emulator("Keeper", "StateStore"),
    emulator("astray", "out_of_sync"),
    emulator("mend", "resync"),
    emulator("settle", "finish_commit"),
    emulator("Marked", "Versioned"),
    emulator("Growing", "AppendOnly"),
    emulator("Folder", "DirWriter"),
    emulator("OnDisk", "Manifest"),
    emulator("Taken", "ReadRecord"),
    emulator("Noted", "ManifestBuilder"),
    emulator("carry_out", "apply"),
    emulator("Dies", "CrashInjector"),
    emulator("Sight", "CallerView"),
    emulator("Asker", "ModelSession"),
    emulator("objection", "validation_error"),
    emulator("Shelf", "CassetteDir"),
    emulator("Cord", "ConnectionControl"),
    emulator("Wish", "IngestionRequest"),
    emulator("give_up", "mark_failed"),
    emulator("welcome", "register_user"),
    emulator("Teller", "RunContext"),
    emulator("spoil", "apply_fault"),
    emulator("intake", "read_body"),
];

/// The old names among the identifiers in a piece of code.
pub(super) fn in_code(code: &str, crate_name: &str) -> Vec<&'static Renamed> {
    let identifiers = code.split(|c: char| !c.is_alphanumeric() && c != '_');
    identifiers
        .filter_map(|name| {
            RENAMED.iter().find(|renamed| renamed.old == name && renamed.crate_name == crate_name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_whole_identifiers_in_their_crate() {
        let code = "let a: Outcomes = b.finish_again(MyOutcomes, Keeper);";
        let old = |name| in_code(code, name).iter().map(|renamed| renamed.old).collect::<Vec<_>>();
        assert_eq!(old("datalinks"), ["Outcomes", "finish_again"]);
        assert_eq!(old("datalinks-emulator"), ["Keeper"]);
        assert!(old("xtask").is_empty());
    }

    #[test]
    fn lists_every_name_once() {
        let mut all: Vec<_> = RENAMED.iter().map(|renamed| (renamed.crate_name, renamed.old)).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
