import Glibc
import JobTesting
import Synchronization
import Testing

@testable import JobSystem

/// Locks of flock(2), which a child has a copy of until its program runs.
@Suite(.timeLimit(.minutes(5)))
struct LockTests {
    @Test func aLockThatIsGivenBackIsFreeWhileAChildIsBeingStarted() async throws {
        let directory = TemporaryDirectory()
        let path = directory.appending("lock")
        var spawn = Spawn(path: "/bin/true", arguments: ["true"], environment: [:], descriptors: [])
        // So many calls take a while.
        spawn.limits = Array(repeating: (resource: CInt(RLIMIT_CORE.rawValue), value: 0), count: 20_000)
        let starts = Starts()
        async let isStarted = onOwnThread { [spawn] in
            defer { starts.haveEnded.store(true, ordering: .releasing) }
            for _ in 0..<20 {
                guard let child = try? spawn.start() else { return false }
                waitpid(child, nil, 0)
            }
            return true
        }
        var refusals = 0
        while !starts.haveEnded.load(ordering: .acquiring) {
            let descriptor = try SystemError.check("open", open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
            if flock(descriptor, LOCK_EX | LOCK_NB) != 0 { refusals += 1 }
            Descriptors.closeUnlocked(descriptor)
            // Who starts the children may have to wait for this thread.
            await giveWay()
        }
        #expect(refusals == 0)
        #expect(await isStarted)
    }

    private final class Starts: Sendable {
        let haveEnded = Atomic(false)
    }
}
