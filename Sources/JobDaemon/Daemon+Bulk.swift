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
                        let outcomes = await outcomes(of: page.jobs.map { change.action.command($0.jobId) })
                        let refusals = outcomes.filter { if case .failure = $0 { true } else { false } }.count
                        done += outcomes.count - refusals
                        refused += refusals
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

    /// Decides commands; returns what became of each, in no order, when all of them are durable, or refused.
    func outcomes(of commands: [Command]) async -> [Result<ByteBuffer, Refusal>] {
        guard !commands.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            let outcomes = Mutex<[Result<ByteBuffer, Refusal>]>([])
            for command in commands {
                decide(command) { outcome in
                    let all: [Result<ByteBuffer, Refusal>]? = outcomes.withLock { known in
                        known.append(outcome)
                        return known.count == commands.count ? known : nil
                    }
                    if let all { continuation.resume(returning: all) }
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
