import Dispatch
import Glibc

/// Tells the worker to end at SIGTERM and SIGINT.
///
/// `@unchecked Sendable`: the sources are only kept, and never touched again.
final class WorkStop: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]
    private let flag = WorkFlag()

    init() {
        let flag = flag
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { flag.set() }
            source.activate()
            return source
        }
    }

    var isSet: Bool { flag.isSet }
}
