import Dispatch
import Glibc

/// Who may keep a processor busy with the bytes of files, one piece at a time: in each process so few at once that whoever
/// answers other requests finds a processor free, however many uploads come, and however fast.
///
/// Nobody waits for a sender, or for the disk to have something, while it is his turn.
enum Turn {
    private static let free = DispatchSemaphore(value: max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)) / 4))

    /// Runs a body that writes or hashes one piece, when others have done so; blocks.
    static func take<Failure>(_ body: () throws(Failure) -> Void) throws(Failure) {
        free.wait()
        defer { free.signal() }
        try body()
    }
}
