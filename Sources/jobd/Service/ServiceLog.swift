import Glibc
import JobDaemon
import JobModel
import Logging
import Synchronization

/// Writes log lines to standard error: for the journal with a priority, for people with a time.
struct ServiceLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    /// Shared by all copies, so that a reload changes it for everybody.
    var logLevel: Logger.Level {
        get { level.value }
        set { level.value = newValue }
    }
    private let level: Level
    private let isJournal = getenv("JOURNAL_STREAM") != nil

    /// A logger for a part of jobd.
    static func logger(_ part: String, _ level: Configuration.LogLevel) -> Logger {
        Logger(label: part) { _ in ServiceLog(level: Level(level.logged)) }
    }

    private init(level: Level) {
        self.level = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let prefix = isJournal ? "<\(Self.priority(of: event.level))>" : "\(Self.time) \(event.level.rawValue): "
        let fields = event.metadata ?? [:]
        let text = Self.text("\(event.message)", metadata.isEmpty ? fields : metadata.merging(fields) { $1 })
        let line = Array("\(prefix)\(text)\n".utf8)
        // One call for a line, so that lines of several processes do not mix.
        _ = write(STDERR_FILENO, line, line.count)
    }

    /// A message and its fields on one line.
    static func text(_ message: String, _ metadata: Logger.Metadata) -> String {
        let fields = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(quoted("\($0.value)"))" }
        return escaped(message) + fields.joined()
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
        let isPlain =
            !text.isEmpty
            && !text.utf8.contains { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "=") }
        guard !isPlain else { return escaped(text) }
        var quoted = ""
        // Scalar by scalar: with a combining mark behind it, a quotation mark is another character.
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return "\"\(escaped(quoted))\""
    }

    /// A text on one line that drives no terminal, whoever wrote it.
    private static func escaped(_ text: String) -> String {
        text.escapingInvisible { $0 == "\n" ? "\\n" : String($0).printable }
    }
}

/// From where on lines are written; may be asked and changed from any thread.
private final class Level: Sendable {
    private let index: Atomic<Int>

    init(_ level: Logger.Level) {
        index = Atomic(Self.index(of: level))
    }

    var value: Logger.Level {
        get { Logger.Level.allCases[index.load(ordering: .relaxed)] }
        set { index.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    private static func index(of level: Logger.Level) -> Int { Logger.Level.allCases.firstIndex(of: level) ?? 0 }
}

extension Configuration.LogLevel {
    /// The same word of swift-log's.
    var logged: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}

extension Logger {
    /// Changes the level of this logger and of everybody who has a copy of it.
    func setSharedLevel(_ level: Configuration.LogLevel) {
        var copy = self
        copy.logLevel = level.logged
    }
}
