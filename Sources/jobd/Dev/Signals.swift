import Glibc

/// The signals that `jobd dev` waits for; it waits for nothing else.
enum Signals {
    /// Sent by the process to itself, once, when everything is ready.
    static let ready = SIGUSR1
    /// A part has ended, or an orphan of one.
    static let childEnded = SIGCHLD
    private static let stop = [SIGINT, SIGTERM, SIGHUP]

    /// From here on they wait to be taken; to be called before there is another thread.
    static func block() {
        var set = all
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // If it were ignored, nobody would be told of the end of a child.
        signal(SIGCHLD, SIG_DFL)
        // A reader of the messages that goes away does not end all.
        signal(SIGPIPE, SIG_IGN)
    }

    /// The next one; nil when the time is over first.
    static func next(until deadline: ContinuousClock.Instant?) -> CInt? {
        var set = all
        guard let deadline else { return taken(sigwaitinfo(&set, nil)) }
        let (seconds, attoseconds) = max(.zero, ContinuousClock.now.duration(to: deadline)).components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        return taken(sigtimedwait(&set, nil, &time))
    }

    static func isStop(_ signal: CInt) -> Bool { stop.contains(signal) }

    private static func taken(_ result: CInt) -> CInt? { result > 0 ? result : nil }

    private static var all: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in stop + [ready, childEnded] { sigaddset(&set, signal) }
        return set
    }
}

/// What `jobd dev` says.
enum Message {
    /// A line on standard error, as it is.
    static func line(_ text: String) {
        let bytes = Array("\(text)\n".utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }

    /// A line on standard error.
    static func write(_ text: String) { line(text, to: STDERR_FILENO) }

    /// The one line on standard output.
    static func ready(_ url: LocalURL) { line("ready \(url)", to: STDOUT_FILENO) }

    /// Whole and at once; when nobody reads it, nothing can be done.
    private static func line(_ text: String, to descriptor: CInt) {
        let bytes = Array("jobd dev: \(text)\n".utf8)
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }
}
