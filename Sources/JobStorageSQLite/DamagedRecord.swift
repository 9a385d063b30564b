import JobModel

/// A record whose row means nothing: a disk has changed it, or somebody by hand.
struct DamagedRecord: Error, CustomStringConvertible {
    /// Nil when the id itself cannot be read.
    let id: RecordID?
    /// Where, and what is wrong.
    let reason: String

    var description: String { reason }
}
