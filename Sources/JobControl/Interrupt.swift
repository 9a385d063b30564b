import Dispatch
import Glibc

/// Ctrl-C while jobs are followed: the program ends, and the jobs go on.
struct Interrupt {
    private let source: any DispatchSourceSignal

    /// Ends the program at SIGINT, with a word on how to go on.
    init(_ ids: [String], quiet: Bool) {
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            if !quiet {
                let words = ids.joined(separator: " ")
                Output.message(
                    ids.count == 1
                        ? "\njobctl: the job goes on. See it again: jobctl follow \(words)\n        End it: jobctl cancel \(words)"
                        : "\njobctl: the jobs go on. See them again: jobctl follow \(words)")
            }
            _exit(128 + SIGINT)
        }
        source.activate()
    }
}
