import Glibc

/// What a supervisor says to the daemon on its status pipe, a line each: that it has begun, and how the command ended.
struct SupervisorWords {
    /// Longer than both lines together.
    private static let maximumBytes = 8192
    private static let beginning = "begun "

    private var text = ""

    /// The line that a supervisor begins with.
    static func begun(_ process: pid_t) -> String { "\(beginning)\(process)\n" }

    /// Takes what came; what is too much is left out.
    mutating func add(_ bytes: [UInt8]) {
        guard text.utf8.count + bytes.count <= Self.maximumBytes else { return }
        text += String(decoding: bytes, as: UTF8.self)
    }

    /// Those that have come whole.
    private var lines: ArraySlice<Substring> {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    }

    /// Its process id; nil until it has begun.
    var process: pid_t? {
        guard let line = lines.first, line.hasPrefix(Self.beginning) else { return nil }
        return pid_t(line.dropFirst(Self.beginning.count))
    }

    /// How the command ended; empty until it has said so.
    var end: String { lines.first { !$0.hasPrefix(Self.beginning) }.map(String.init) ?? "" }
}
