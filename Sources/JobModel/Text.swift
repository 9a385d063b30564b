/// Texts from below, made to fit.
package enum Text {
    /// At most ``Limits/textBytes``, without U+0000.
    package static func limited(_ text: String) -> String {
        let text = text.replacing("\0", with: "\u{FFFD}")
        guard text.utf8.count > Limits.textBytes else { return text }
        // Whole scalars, not whole characters: a single character may be longer than the limit.
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: Limits.textBytes)
        while text.utf8[end] & 0xC0 == 0x80 { end = text.utf8.index(before: end) }
        return String(text.unicodeScalars[..<end])
    }

    /// The end of what a program complained of, behind a line that stays whole: together at most 16 KiB, as much as an
    /// application may report.
    package static func cause(_ lines: [String], after first: String? = nil) -> String? {
        let head = first.map { "\($0)\n" } ?? ""
        let text = lines.joined(separator: "\n").replacing("\0", with: "\u{FFFD}")
        let end = text.utf8.suffix(max(0, 16 * 1024 - head.utf8.count)).drop { $0 & 0xC0 == 0x80 }
        return end.isEmpty ? first : head + String(decoding: end, as: UTF8.self)
    }
}

/// Whether a byte is an ASCII letter or digit.
package func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
    default: false
    }
}
