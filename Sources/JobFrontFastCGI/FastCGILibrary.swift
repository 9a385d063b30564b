import CFastCGI
import Glibc

/// What all of libfcgi needs once in a process.
enum FastCGILibrary {
    /// libfcgi sets handlers for signals that belong to the program: those from before are put back, and SIGPIPE is
    /// ignored, because libfcgi answers management records with plain writes.
    static func initialize() { _ = isInitialized }

    private static let isInitialized: Bool = {
        let signals = [SIGTERM, SIGUSR1]
        var actions = signals.map { _ in sigaction() }
        for (index, number) in signals.enumerated() { sigaction(number, nil, &actions[index]) }
        FCGX_Init()
        for (index, number) in signals.enumerated() { sigaction(number, &actions[index], nil) }
        signal(SIGPIPE, SIG_IGN)
        return true
    }()
}
