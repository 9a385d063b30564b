import GRDB
import JobModel
import Synchronization

/// Reads of single records: those asked for while one runs share the transaction of the next.
///
/// Beginning and ending a transaction costs more than what it reads.
final class RecordReads: Sendable {
    private typealias Request = (id: JobID, continuation: CheckedContinuation<JobRecord?, any Error>)

    private struct State {
        var waiting: [Request] = []
        var isReading = false

        /// Adds a request; returns whether the caller has to see to it that reading begins.
        mutating func add(_ request: Request) -> Bool {
            waiting.append(request)
            defer { isReading = true }
            return !isReading
        }

        mutating func takeAll() -> [Request] {
            defer { waiting = [] }
            return waiting
        }

        /// Returns whether more were asked for.
        mutating func finish() -> Bool {
            isReading = !waiting.isEmpty
            return isReading
        }
    }

    private let state = Mutex(State())
    private let pool: DatabasePool

    init(pool: DatabasePool) {
        self.pool = pool
    }

    func record(_ id: JobID) async throws -> JobRecord? {
        try await withCheckedThrowingContinuation { continuation in
            if state.withLock({ $0.add((id, continuation)) }) { read() }
        }
    }

    private func read() {
        // Before the transaction begins, so that nobody gets a state older than his request.
        let requests = state.withLock { $0.takeAll() }
        pool.asyncRead { [self] database in
            for request in requests {
                request.continuation.resume(with: Result { try JobRecord.fetch(try database.get(), id: request.id) })
            }
            if state.withLock({ $0.finish() }) { read() }
        }
    }
}
