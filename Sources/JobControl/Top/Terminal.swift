import Dispatch
import Glibc

/// The terminal as a picture that is drawn again and again, and its keys.
final class Terminal {
    enum Event: Hashable, Sendable {
        /// It is time to draw, or the size has changed.
        case draw
        case quit
    }

    let events: AsyncStream<Event>
    private let usual: termios
    private let sources: [any DispatchSourceProtocol]

    /// Takes the terminal of standard input; nil when there is none.
    init?(interval: Double) {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        usual = settings
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        // The other screen, without a cursor.
        Output.write("\u{1B}[?1049h\u{1B}[?25l", to: STDOUT_FILENO)

        let (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(4))
        self.events = events
        let queue = DispatchQueue(label: "jobctl.terminal")
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .now(), repeating: interval)
        timer.setEventHandler { continuation.yield(.draw) }
        let keys = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        keys.setEventHandler {
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            // The terminal has gone, or one of q, Q and Ctrl-C.
            let isEnd =
                count <= 0 || bytes[..<count].contains { [UInt8(ascii: "q"), UInt8(ascii: "Q"), 3].contains($0) }
            if isEnd { continuation.yield(.quit) }
        }
        let signals = [(SIGWINCH, Event.draw), (SIGTERM, .quit), (SIGHUP, .quit), (SIGINT, .quit)].map {
            number, event in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { continuation.yield(event) }
            return source as any DispatchSourceProtocol
        }
        sources = [timer, keys] + signals
        for source in sources { source.activate() }
    }

    /// In characters.
    var size: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Draws the picture over the last one, in one write.
    func show(_ lines: [String]) {
        let text = lines.map { "\($0)\u{1B}[K" }.joined(separator: "\r\n")
        Output.write("\u{1B}[H\(text)\u{1B}[J", to: STDOUT_FILENO)
    }

    /// Gives the terminal back as it was.
    func restore() {
        for source in sources { source.cancel() }
        var settings = usual
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        Output.write("\u{1B}[?25h\u{1B}[?1049l", to: STDOUT_FILENO)
    }
}
