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
            var reason: String?
            var query = change.query
            do throws(StoreError) {
                while matched < change.limit {
                    query.limit = min(Bulk.piece, change.limit - matched)
                    let page = try await store.list(query)
                    matched += page.jobs.count
                    if !change.isRehearsal {
                        let changed = await decideAll(page.jobs.map { change.action.command($0.jobId) })
                        done += changed.done
                        refused += page.jobs.count - changed.done
                        reason = reason ?? changed.reason
                    }
                    guard let next = page.next else { break }
                    query.after = next
                }
            } catch {
                return reply(.failure(Refusal(reading: error, logger: logger)))
            }
            var json: JSONObject = [
                "matched": JSONValue(matched), "done": JSONValue(done), "refused": JSONValue(refused),
            ]
            json["reason"] = reason.map { .string($0) }
            reply(.success(ByteBuffer(bytes: JSONValue.object(json).bytes)))
        }
    }

    /// Decides commands; returns how many were not refused, once those are durable, and why one of the others was.
    func decideAll(_ commands: [Command]) async -> (done: Int, reason: String?) {
        guard !commands.isEmpty else { return (0, nil) }
        return await withCheckedContinuation { continuation in
            let counts = Mutex((left: commands.count, done: 0, reason: String?.none))
            for command in commands {
                decide(command) { outcome in
                    let ended: (Int, String?)? = counts.withLock { counts in
                        counts.left -= 1
                        switch outcome {
                        case .success: counts.done += 1
                        case .failure(let refusal): counts.reason = counts.reason ?? refusal.message
                        }
                        return counts.left == 0 ? (counts.done, counts.reason) : nil
                    }
                    if let ended { continuation.resume(returning: ended) }
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
