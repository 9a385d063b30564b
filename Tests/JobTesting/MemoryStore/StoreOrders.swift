import JobStorage
import JobModel

/// What a store in memory does instead of a commit.
package enum StoreFault: Hashable, Sendable {
    case full, unavailable, unknown, damaged, superseded
    /// Refuses each decision: everything that it touches has been changed by somebody else. With the records as they are.
    case conflict
    /// Refuses each decision for good.
    case rejected
}

/// What a test has ordered of a store in memory, and how often it was asked.
struct StoreOrders {
    /// Of the commits to come; nil lets one pass.
    var faults: ArraySlice<StoreFault?> = []
    /// Reads that pass before one fails; none fails with nil.
    var readsBeforeFault: Int?
    var areCommitsHeld = false
    var areListsHeld = false
    /// Pieces of space that could be given back.
    var unusedPieces = 0

    private(set) var commitCount = 0
    /// Events of the largest commit so far.
    private(set) var largestCommit = 0
    var interruptedLists = 0

    /// What becomes of the next commit, instead of what it asks for; nil: it is made.
    mutating func outcome(of decisions: [[Event]], on records: MemoryRecords) throws(StoreError) -> [Int: StoreError]? {
        commitCount += 1
        largestCommit = max(largestCommit, decisions.reduce(0) { $0 + $1.count })
        switch faults.popFirst() ?? nil {
        case nil: return nil
        case .full: throw .full("the test said so")
        case .unavailable: throw .unavailable("the test said so")
        case .unknown: throw .unknown("the test said so")
        case .damaged: throw .damaged("the test said so")
        case .superseded: throw .superseded("the test said so")
        case .conflict: return refuse(decisions) { .conflict(records.present(of: $0)) }
        case .rejected: return refuse(decisions) { _ in .rejected("the test said so") }
        }
    }

    private func refuse(_ decisions: [[Event]], _ error: ([Event]) -> StoreError) -> [Int: StoreError] {
        Dictionary(uniqueKeysWithValues: decisions.enumerated().map { ($0, error($1)) })
    }

    /// Whether the next read fails.
    mutating func failsRead() -> Bool {
        defer { readsBeforeFault = readsBeforeFault.flatMap { $0 == 0 ? nil : $0 - 1 } }
        return readsBeforeFault == 0
    }
}
