import JobSystem
import Synchronization

/// A thread for each upload, up to a limit: a slow sender blocks its own thread and nobody else.
///
/// The threads are made on demand and end with their upload; making one costs nothing beside writing a file. How few of
/// them work at the same time is for `JobFiles` to say.
final class UploadThreads: Sendable {
    private let limit: Int
    private let running = Mutex(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// Uploads that arrive now; from any thread.
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
            try startThread(named: "upload") { [self] in
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
