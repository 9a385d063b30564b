/// The text of one JSON value, minified, as it is stored and sent.
package struct JSONText: Hashable, Sendable {
    package let text: String

    /// Of a value that was read; its bytes, unless they could be fewer.
    package init(_ node: JSONNode) {
        text = node.isMinified ? node.source : JSONText(JSONValue(node)).text
    }

    package init(_ value: JSONValue) {
        if case .number(let text) = value {
            self.text = text
            return
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        value.write(into: &bytes)
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// Takes a text that was made of a value earlier, from a store; nil when it is not one JSON value any more.
    package init?(stored text: String) {
        guard text == Self.emptyObject.text || (try? JSONNode.parse(text)) != nil else { return nil }
        self.text = text
    }

    /// The value.
    package var value: JSONValue {
        guard let value = try? JSONValue.parse(text) else {
            preconditionFailure("a text that was made from a value does not parse: \(text.prefix(200))")
        }
        return value
    }

    package var byteCount: Int { text.utf8.count }

    /// Whether the bytes are the same.
    package static func == (one: JSONText, other: JSONText) -> Bool { one.text.hasSameBytes(as: other.text) }

    package func hash(into hasher: inout Hasher) { hasher.combine(ByteKey(text: text)) }

    package static let emptyObject = JSONText(.object(JSONObject()))
}

extension JSONValue {
    /// Appends the minified text.
    package func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): bytes.append(contentsOf: text.utf8)
        case .string(let text): Self.write(string: text, into: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(string: member.key, into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Appends a string literal; only what RFC 8259 demands is escaped, so no line break is ever written.
    package static func write(string text: String, into bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { utf8 in
            bytes.append(UInt8(ascii: "\""))
            if utf8.contains(where: needsEscape) {
                writeEscaped(utf8, into: &bytes)
            } else {
                bytes.append(contentsOf: utf8)
            }
            bytes.append(UInt8(ascii: "\""))
        }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func writeEscaped(_ text: UnsafeBufferPointer<UInt8>, into bytes: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
            case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
            case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
            case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: #"\u00"#.utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
    }
}
