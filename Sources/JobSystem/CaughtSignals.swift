import CJobSystem
import Glibc

/// The signals that a service is sent, one after the other.
package enum CaughtSignals {
    /// Catches these signals from here on, once in a process.
    ///
    /// They end the process no more.
    ///
    /// - Parameter signals: Numbers, as of `kill`.
    /// - Returns: Each signal as it comes. Ends when its reader is cancelled.
    /// - Throws: What the system says when no descriptor or thread is left.
    package static func stream(of signals: CInt...) throws(SystemError) -> AsyncStream<CInt> {
        let descriptor = try SystemError.check("catch_signals", catch_signals(signals, CInt(signals.count)))
        let (stream, continuation) = AsyncStream.makeStream(of: CInt.self)
        try startThread(named: "signals") {
            var number: UInt8 = 0
            while true {
                let count = read(descriptor, &number, 1)
                if count == 1 { continuation.yield(CInt(number)) }
                guard count == 1 || errno == EINTR else { return }
            }
        }
        return stream
    }
}
