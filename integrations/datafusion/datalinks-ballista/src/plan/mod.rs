//! Plans of `INSERT INTO` on a cluster.

mod insert_partitions;
mod insert_total;
mod report;
mod rule;

pub(crate) use insert_partitions::InsertPartitions;
pub(crate) use insert_total::InsertTotal;
pub(crate) use rule::DistributeInserts;
