import GRDB
import JobModel
import JobStorage

/// The writing of a commit: everything at once; when something is refused, once more with a savepoint for each decision.
///
/// Nearly always nothing is refused, and then each record is written once, however many decisions have changed it.
struct Transaction {
    let decisions: [[Event]]

    /// Writes the decisions, and returns those that were refused when the others are durable.
    func commit(to database: Database) throws(StoreError) -> [Int: StoreError] {
        do {
            let writes = WriteSet(decisions.flatMap { $0 })
            try run(in: database) { try writes.write(to: database) }
            return [:]
        } catch {
            guard error.isOfOneDecision else { throw outcome(of: error, in: database) }
        }
        var refused: [Int: StoreError] = [:]
        do {
            try run(in: database) { refused = try writeEach(to: database) }
        } catch {
            throw outcome(of: error, in: database)
        }
        return refused
    }

    /// A transaction that has failed where it would have become durable.
    private struct NotSynced: Error {
        let cause: DatabaseError
    }

    private func run(in database: Database, _ body: () throws -> Void) throws {
        try database.beginTransaction(.immediate)
        do {
            try body()
        } catch {
            // SQLite may have ended it by itself.
            if database.isInsideTransaction { try? database.rollback() }
            throw error
        }
        do {
            try database.commit()
        } catch {
            if database.isInsideTransaction { try? database.rollback() }
            if let error = error as? DatabaseError, error.mayHaveWritten { throw NotSynced(cause: error) }
            throw error
        }
    }

    private func writeEach(to database: Database) throws -> [Int: StoreError] {
        var refused: [Int: StoreError] = [:]
        // What rests on a refused decision is refused, too, even where the store has a record of the same revision.
        var doubted: Set<RecordID> = []
        for (index, events) in decisions.enumerated() {
            let writes = WriteSet(events)
            do {
                try database.execute(sql: "SAVEPOINT decision")
                guard !events.contains(where: { doubted.contains($0.recordId) }) else { throw WriteSet.Conflict() }
                try writes.write(to: database)
                try database.execute(sql: "RELEASE decision")
            } catch {
                guard error.isOfOneDecision, database.isInsideTransaction else { throw error }
                doubted.formUnion(events.map(\.recordId))
                try database.execute(sql: "ROLLBACK TO decision; RELEASE decision")
                refused[index] = try refusal(of: writes, for: error, in: database)
            }
        }
        return refused
    }

    private func refusal(of writes: WriteSet, for error: any Error, in database: Database) throws -> StoreError {
        guard error is WriteSet.Conflict else { return .rejected("\(error)") }
        do {
            return .conflict(try writes.present(in: database))
        } catch let error as DamagedRecord {
            return StoreError(error)
        }
    }

    /// What was written without becoming durable would be there again after a crash, until other frames take its place.
    private func outcome(of error: any Error, in database: Database) -> StoreError {
        guard let error = error as? NotSynced else { return StoreError(error) }
        do {
            try database.overwriteUnsynced()
            return .unavailable(error.cause.description)
        } catch let second {
            return .unknown("\(error.cause.description); then \(second)")
        }
    }
}

extension Database {
    /// Makes something durable that changes nothing, in the place of what could not be made durable before.
    func overwriteUnsynced() throws {
        // jobd does not use this number; setting it writes the first page, even when it stays the same.
        try execute(sql: "PRAGMA user_version = 0")
    }
}

extension Error {
    /// Whether the fault is in what was to be written, and not in the store.
    fileprivate var isOfOneDecision: Bool {
        if self is WriteSet.Conflict { return true }
        guard let error = self as? DatabaseError else { return false }
        switch error.resultCode {
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE: return true
        default: return false
        }
    }
}

extension DatabaseError {
    /// Whether a commit that failed so may be complete in the log: it was written, and what comes after the writing failed.
    fileprivate var mayHaveWritten: Bool {
        let writing: Int32 = 10 | (3 << 8)
        return resultCode == .SQLITE_NOMEM || resultCode == .SQLITE_IOERR && extendedResultCode.rawValue != writing
    }
}
