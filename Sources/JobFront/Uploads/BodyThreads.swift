import JobSystem
import Synchronization

/// A thread for each body that has not come whole, up to a limit: a slow sender blocks its own thread and nobody else.
///
/// The threads are made on demand and end with their body; making one costs nothing beside writing a file. How few of
/// them work at the same time is for `JobFiles` to say.
final class BodyThreads: Sendable {
    /// What the bodies are, for the refusal of one too many.
    let noun: String
    private let limit: Int
    private let running = Mutex(0)

    init(noun: String, limit: Int) {
        self.noun = noun
        self.limit = limit
    }

    /// Bodies that arrive now; from any thread.
    var count: Int { running.withLock { $0 } }

    /// Runs the body on a thread of its own; false when there are as many as there may be.
    func run(_ body: @escaping @Sendable () -> Void) -> Bool {
        let isAllowed = running.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        guard isAllowed else { return false }
        do {
            try startThread(named: "body") { [self] in
                body()
                leave()
            }
            return true
        } catch {
            leave()
            return false
        }
    }

    private func leave() { running.withLock { $0 -= 1 } }
}
