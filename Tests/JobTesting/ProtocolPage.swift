import FoundationEssentials

/// The protocol page, read by the tests that keep it true.
package enum ProtocolPage {
    /// A row of a table of commands or fields, and states.
    package struct LifeRow: Sendable {
        package let command: String
        /// By the heading of the column.
        package let outcomes: [String: String]
    }

    /// A line of an example: what the client sends, or what the daemon sends.
    package enum ExampleLine: Hashable, Sendable {
        case request(String)
        case reply(String)
    }

    package static var lifeTable: [LifeRow] { table(withHeading: "processing (jobd)") }

    /// What an update may change: by state, then by field.
    package static var updateTable: [LifeRow] { table(withHeading: "leaseSeconds") }

    private static func table(withHeading heading: String) -> [LifeRow] {
        guard let start = lines.firstIndex(where: { $0.hasPrefix("|") && cells($0).contains(heading) }) else {
            return []
        }
        let headings = cells(lines[start])
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map(cells).map { row in
            LifeRow(
                command: row[0], outcomes: Dictionary(zip(headings, row).dropFirst(), uniquingKeysWith: { $1 }))
        }
    }

    /// The examples in their order: one conversation.
    package static var conversation: [ExampleLine] {
        lines.compactMap { line in
            if line.hasPrefix("→ ") { return .request(String(line.dropFirst(2))) }
            if line.hasPrefix("←") { return .reply(String(line.dropFirst(2))) }
            return nil
        }
    }

    /// The rows of the table of codes: code, HTTP status, exit code, retry.
    package static var errorTable: [[String]] {
        let rows = lines.filter { $0.hasPrefix("|") }.map(cells)
        guard let start = rows.firstIndex(of: ["code", "HTTP", "`jobctl`", "retry"]) else { return [] }
        return rows[(start + 2)...].prefix { $0.count == 4 }.map(Array.init)
    }

    package static var headings: [String] { lines.filter { $0.hasPrefix("#") } }

    private static func cells(_ row: String) -> [String] {
        row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map { cell in
            String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }

    private static var lines: [String] {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/JobWire/JobWire.docc/Protocol.md")
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [] }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
