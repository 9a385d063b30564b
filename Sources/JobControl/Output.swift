import Glibc
import JSON
import JobModel

/// Data on standard output, messages on standard error.
enum Output {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

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

    static func write(_ bytes: [UInt8], to descriptor: CInt) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
        }
    }

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

    /// A line for each row, its cells in columns.
    static func aligned(_ rows: [[String]]) -> [String] {
        let columns = rows.first?.indices ?? 0..<0
        let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: max(width - cell.count, 0))
            }
            return String(cells.joined(separator: "  ").trimmingSuffix { $0 == " " })
        }
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> String {
        var text = String(self)
        while let last = text.last, isDropped(last) { text.removeLast() }
        return text
    }
}
