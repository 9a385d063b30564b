import JSON
import JobModel
import JobStorage
import JobWire
import NIOCore
import Synchronization

/// One change of many jobs: piece by piece, and others are served between.
extension Daemon {
    private enum Bulk {
        /// Jobs of one piece.
        static let piece = 200
    }

    func perform(_ change: BulkChange, reply: @escaping Reply) {
        inBackground { [self] in
            var (matched, done, refused): (Int, Int, Int) = (0, 0, 0)
            var query = change.query
            do throws(StoreError) {
                while matched < change.limit {
                    query.limit = min(Bulk.piece, change.limit - matched)
                    let page = try await store.list(query)
                    matched += page.jobs.count
                    if !change.isRehearsal {
                        let changed = await decideAll(page.jobs.map { change.action.command($0.jobId) })
                        done += changed
                        refused += page.jobs.count - changed
                    }
                    guard let next = page.next else { break }
                    query.after = next
                }
            } catch {
                return reply(.failure(Refusal(reading: error, logger: logger)))
            }
            let json: JSONValue = [
                "matched": JSONValue(matched), "done": JSONValue(done), "refused": JSONValue(refused),
            ]
            reply(.success(ByteBuffer(bytes: json.bytes)))
        }
    }

    /// Decides commands; returns how many were not refused, once those are durable.
    func decideAll(_ commands: [Command]) async -> Int {
        guard !commands.isEmpty else { return 0 }
        return await withCheckedContinuation { continuation in
            let counts = Mutex((left: commands.count, done: 0))
            for command in commands {
                decide(command) { outcome in
                    let done: Int? = counts.withLock { counts in
                        counts.left -= 1
                        if case .success = outcome { counts.done += 1 }
                        return counts.left == 0 ? counts.done : nil
                    }
                    if let done { continuation.resume(returning: done) }
                }
            }
        }
    }
}

extension BulkChange.Action {
    fileprivate func command(_ id: JobID) -> Command {
        switch self {
        case .cancel: .cancel(id, reason: nil)
        case .retry: .retry(id)
        case .delete: .delete(id)
        }
    }
}
