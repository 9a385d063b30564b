import Glibc
import JobDaemon
import Logging

/// Writes log lines to standard error: for the journal with a priority, for people with a time.
struct ServiceLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let isJournal = getenv("JOURNAL_STREAM") != nil

    /// A logger for a part of jobd.
    static func logger(_ part: String, _ level: Configuration.LogLevel) -> Logger {
        Logger(label: part) { _ in ServiceLog(logLevel: Logger.Level(rawValue: level.rawValue) ?? .info) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            .map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
        let prefix = isJournal ? "<\(Self.priority(of: event.level))>" : "\(Self.time) \(event.level.rawValue): "
        let line = Array("\(prefix)\(Self.escaped("\(event.message)"))\(fields)\n".utf8)
        // One call for a line, so that lines of several processes do not mix.
        _ = write(STDERR_FILENO, line, line.count)
    }

    /// The priority of syslog, which the journal takes from the beginning of a line.
    private static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private static var time: String { "\(SystemClock().now)" }

    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && !text.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        return isPlain ? escaped(text) : "\"\(escaped(text.replacing("\"", with: "\\\"")))\""
    }

    /// A text on one line.
    private static func escaped(_ text: String) -> String {
        text.contains { $0.isNewline } ? text.split(whereSeparator: \.isNewline).joined(separator: "\\n") : text
    }
}
