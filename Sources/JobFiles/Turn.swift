import Dispatch
import Glibc
import Synchronization

/// Limits how many threads of a process write or hash bytes of files at once (a quarter of the processors), with pauses while
/// others wait, so that other requests find a processor free.
///
/// Nobody waits for a sender, or for the disk to have something, while it is his turn.
enum Turn {
    private static let count = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)) / 4)
    private static let free = DispatchSemaphore(value: count)
    /// Those whose turn it is, and those who wait for theirs.
    private static let wanted = Atomic(0)
    /// How much longer than a piece the pause behind it is.
    private static let restFactor: UInt64 = 2

    /// Runs a body that writes or hashes one piece, when others have done so; blocks.
    static func take<Failure>(_ body: () throws(Failure) -> Void) throws(Failure) {
        wanted.add(1, ordering: .relaxed)
        free.wait()
        let start = processorTime
        defer {
            if wanted.load(ordering: .relaxed) > count { rest(for: (processorTime - start) * restFactor) }
            wanted.subtract(1, ordering: .relaxed)
            free.signal()
        }
        try body()
    }

    /// What this thread has taken of the processors, in nanoseconds.
    private static var processorTime: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func rest(for nanoseconds: UInt64) {
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        nanosleep(&time, nil)
    }
}
