import GRDB
package import JobModel
package import JobStorage

/// What goes with time: what of it is due, and the space of what has gone.
extension SQLiteJobStore {
    package func unusedFiles(createdBefore moment: Timestamp, limit: Int) async throws(StoreError) -> [FileID] {
        try await read { database in
            try String.fetchAll(
                database, sql: "SELECT id FROM file WHERE uses = 0 AND created_at < ? LIMIT ?",
                arguments: [moment.milliseconds, limit]
            ).compactMap(FileID.init)
        }
    }

    package func expiredJobs(
        _ cutoffs: EndCutoffs, pendingUnchangedBefore: Timestamp, limit: Int
    ) async throws(StoreError) -> [JobID] {
        try await read { database in
            var arguments: StatementArguments = [cutoffs.latest.milliseconds]
            for (type, moment) in cutoffs.types { arguments += [type, moment.milliseconds] }
            for status in [JobStatus.completed, .failed, .cancelled] {
                arguments += [(cutoffs.statuses[status] ?? cutoffs.latest).milliseconds]
            }
            arguments += [pendingUnchangedBefore.milliseconds, limit]
            let sql = Self.expiredJobs(types: cutoffs.types.count)
            return try String.fetchAll(database, sql: sql, arguments: arguments).compactMap(JobID.init)
        }
    }

    /// Each half in the words of the index that finds it; so many types have a moment of their own.
    static func expiredJobs(types: Int) -> String {
        let ofTypes = String(repeating: " WHEN job_type = ? THEN ?", count: types)
        return """
            SELECT id FROM job WHERE finished_at < ? AND gone_at IS NULL AND finished_at < CASE\(ofTypes)
                WHEN status = 'completed' THEN ? WHEN status = 'failed' THEN ? ELSE ? END
            UNION ALL
            SELECT id FROM job INDEXED BY job_active
                WHERE \(active) AND status = 'pending' AND has_input = 0 AND updated_at < ?
            LIMIT ?
            """
    }

    /// In the words of the index that finds them.
    static let oldestEndedJobs = """
        SELECT id, bytes FROM job WHERE finished_at IS NOT NULL AND gone_at IS NULL ORDER BY finished_at, number LIMIT ?
        """

    package func oldestEndedJobs(limit: Int) async throws(StoreError) -> [EndedJob] {
        try await read { database in
            try Row.fetchAll(database, sql: Self.oldestEndedJobs, arguments: [limit]).compactMap { row in
                JobID(row["id"] as String).map { EndedJob(jobId: $0, bytes: row["bytes"]) }
            }
        }
    }

    package func removeTombstones(goneBefore moment: Timestamp, limit: Int) async throws(StoreError) -> [JobID] {
        try await write { try Tombstone.delete(goneBefore: moment, limit: limit, in: $0) }
    }

    package func removeLinesOfDeletedJobs(limit: Int) async throws(StoreError) -> Bool {
        try await write { try LogLine.deleteOfDeletedJobs($0, limit: limit) }
    }

    // MARK: Space

    /// Pages that may be unused before any are given back, beside a tenth of all: new jobs will need some.
    private static let spareCount = 1000
    /// Pages given back at a time: a commit that waits behind them waits for milliseconds.
    private static let reclaimedCount = 200

    package func reclaimSpace() async throws(StoreError) -> Bool {
        do {
            return try await pool.writeWithoutTransaction { [self] database in
                func number(_ pragma: String) throws -> Int {
                    try Int.fetchOne(database, sql: "PRAGMA \(pragma)") ?? 0
                }
                if logBytes > Self.logLimit { _ = try? database.checkpoint(.truncate) }
                let spareCount = max(Self.spareCount, try number("page_count") / 10)
                guard try number("freelist_count") > spareCount else { return false }
                // It does its work row by row.
                _ = try Row.fetchAll(database, sql: "PRAGMA incremental_vacuum(\(Self.reclaimedCount))")
                return try number("freelist_count") > spareCount
            }
        } catch {
            throw StoreError(error)
        }
    }
}
