import Dispatch
import Glibc
import JSON
import JobModel

/// Data on standard output, messages on standard error.
enum Output {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Characters on a line of the terminal; nil when there is none.
    static var width: Int? {
        var size = winsize()
        guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Prints a line of data, flushed at once, because others may read along.
    static func line(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// Prints a value on one line; what could drive a terminal is escaped, as JSON can.
    static func json(_ value: JSONValue) {
        let escaped = JSONText(value).text.escapingInvisible { scalar in
            scalar.utf16.map { "\\u" + hexadecimal($0) }.joined()
        }
        line(escaped)
    }

    static func message(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Writes everything, whatever the descriptor takes at once.
    static func write(_ text: String, to descriptor: CInt) { write(Array(text.utf8), to: descriptor) }

    /// Writes everything; when that cannot be done, the program ends.
    static func write(_ bytes: [UInt8], to descriptor: CInt) {
        guard let reason = rest(of: bytes, to: descriptor) else { return }
        // A message that nobody can read is not a reason to stop.
        guard descriptor != STDERR_FILENO else { return }
        if reason == EPIPE { endWithoutReader() }
        message("jobctl: what was to be printed cannot be written: \(String(cString: strerror(reason))).")
        exit(Exit.failure)
    }

    /// Writes as much as it can, and returns the error number that stopped it.
    static func rest(of bytes: [UInt8], to descriptor: CInt) -> CInt? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return errno }
        }
        return nil
    }

    /// Ends the program as soon as nobody reads standard output any more, which a program that waits for news would notice
    /// only with the next.
    static func endWithReader() {
        DispatchQueue.global().async {
            // POLLERR and POLLHUP are told unasked.
            var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            while poll(&output, 1, -1) < 0, errno == EINTR {}
            if output.revents & Int16(POLLERR | POLLHUP) != 0 { endWithoutReader() }
        }
    }

    /// Silently, as if by the signal that the reader's end sends.
    private static func endWithoutReader() -> Never { _exit(128 + SIGPIPE) }

    /// A text from a stranger with its control characters made visible, so that it cannot drive the terminal.
    static func printable(_ text: String) -> String { text.printable }

    /// Four digits.
    private static func hexadecimal(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Rows under their headings, columns aligned.
    static func table(_ headings: [String], _ rows: [[String]]) {
        for row in aligned([headings] + rows.map { $0.map(printable) }) { line(row) }
    }

    /// A line for each row, its cells in columns; `painted` gives a cell its colours, which take no room.
    static func aligned(
        _ rows: [[String]], painted: (_ column: Int, _ cell: String) -> String = { $1 }
    ) -> [String] {
        let columns = rows.first?.indices ?? 0..<0
        let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = columns.map { column in
                painted(column, row[column])
                    + String(repeating: " ", count: max(widths[column] - row[column].count, 0))
            }
            return cells.joined(separator: "  ").trimmed
        }
    }

    /// At most so many characters, the last one a mark where something was left out.
    static func fitted(_ text: String, to width: Int) -> String {
        text.count <= width ? text : width < 1 ? "" : String(text.prefix(width - 1)) + "…"
    }
}
