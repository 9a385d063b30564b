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
            var query = JobQuery(
                statuses: change.query.statuses, queue: change.query.queue, jobType: change.query.jobType,
                text: change.query.text, endedBefore: change.endedBefore)
            query.owner = change.query.owner
            do throws(StoreError) {
                while matched < change.limit {
                    query.limit = min(Bulk.piece, change.limit - matched)
                    let page = try await store.list(query)
                    matched += page.jobs.count
                    if !change.isRehearsal {
                        let outcome = await decideAll(page.jobs.map { change.action.command($0.jobId) })
                        done += outcome.done
                        refused += outcome.refused
                    }
                    guard let next = page.next else { break }
                    query.after = next
                }
            } catch {
                return reply(.failure(refusal(for: error)))
            }
            let json: JSONValue = [
                "matched": JSONValue(matched), "done": JSONValue(done), "refused": JSONValue(refused),
            ]
            reply(.success(ByteBuffer(bytes: json.bytes)))
        }
    }

    /// Decides commands, and returns when all of them are durable, or refused.
    private func decideAll(_ commands: [Command]) async -> (done: Int, refused: Int) {
        guard !commands.isEmpty else { return (0, 0) }
        return await withCheckedContinuation { continuation in
            let counts = Mutex((done: 0, refused: 0))
            for command in commands {
                decide(command) { outcome in
                    let counted = counts.withLock { counts in
                        if case .success = outcome { counts.done += 1 } else { counts.refused += 1 }
                        return counts
                    }
                    if counted.done + counted.refused == commands.count { continuation.resume(returning: counted) }
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
