import TOMLKit

/// A value of a TOML document; the one place that knows the library which reads it.
enum TOMLNode: Sendable {
    case table([String: TOMLNode])
    case array([TOMLNode])
    case string(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case moment

    /// Why a text is not TOML.
    struct Failure: Error {
        let line: Int
        let reason: String
    }

    /// Reads a whole document.
    static func document(_ text: String) throws(Failure) -> [String: TOMLNode] {
        // The library would silently stop there.
        if let end = text.utf8.firstIndex(of: 0) {
            throw Failure(line: text.utf8[..<end].count { $0 == UInt8(ascii: "\n") } + 1, reason: "a NUL byte")
        }
        do {
            let table = try TOMLTable(string: text)
            // Its values point into the table.
            return withExtendedLifetime(table) { nodes(of: $0) }
        } catch let error as TOMLParseError {
            throw Failure(line: error.source.begin.line, reason: error.description)
        } catch {
            throw Failure(line: 1, reason: "\(error)")
        }
    }

    /// What a text from outside a document may stand for, which has no types.
    static func readings(of text: String) -> [TOMLNode] {
        [.string(text)] + (Int(text).map { [.integer($0)] } ?? []) + (Double(text).map { [.number($0)] } ?? [])
    }

    /// What was written, for people.
    var written: String {
        switch self {
        case .table: "a table"
        case .array: "a list"
        case .string(let text): "\"\(text.prefix(80))\""
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .boolean(let isTrue): "\(isTrue)"
        case .moment: "a date or time"
        }
    }

    /// The texts of a list that has nothing else; nil for anything else.
    var texts: [String]? {
        guard case .array(let nodes) = self else { return nil }
        let texts = nodes.compactMap { if case .string(let text) = $0 { text } else { nil } }
        return texts.count == nodes.count ? texts : nil
    }

    private static func nodes(of table: TOMLTable) -> [String: TOMLNode] {
        var nodes: [String: TOMLNode] = [:]
        for key in table.keys { nodes[key] = table[key].map(TOMLNode.init) }
        return nodes
    }

    private init(_ value: any TOMLValueConvertible) {
        if let table = value.table {
            self = .table(Self.nodes(of: table))
        } else if let array = value.array {
            self = .array(array.map(TOMLNode.init))
        } else if let string = value.string {
            self = .string(string)
        } else if let integer = value.int {
            self = .integer(integer)
        } else if let number = value.double {
            self = .number(number)
        } else if let boolean = value.bool {
            self = .boolean(boolean)
        } else {
            self = .moment
        }
    }
}
