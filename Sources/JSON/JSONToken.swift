/// Where one value of a text, or one key, stands; the tokens of what an array or an object contains follow its own.
///
/// The first key of an object is followed by its value, that by the next key, and so on.
struct JSONToken {
    enum Kind: UInt8 {
        case null, no, yes, number, string, array, object
    }

    let kind: Kind
    /// Whether it has neither space around its parts nor an escape: then its bytes are what jobd would write.
    let isMinified: Bool
    /// Where it begins and ends, in bytes from the start of the text, with its quotes or brackets.
    let start: UInt32
    let end: UInt32
    /// The place of the token that follows it and all that it contains.
    let next: UInt32
}

extension UnsafeRawBufferPointer {
    /// What a value is in the text.
    func source(of token: JSONToken) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: self[Int(token.start)..<Int(token.end)]), as: UTF8.self)
    }

    /// What a string, or a key, of a text that was read says.
    func string(of token: JSONToken) -> String {
        if token.isMinified { return String(decoding: content(of: token), as: UTF8.self) }
        var reader = JSONStringReader(bytes: self, index: Int(token.start) + 1)
        return (try? reader.read()) ?? ""
    }

    /// Whether two strings have the same bytes in the text, escapes included.
    func haveSameSource(_ one: JSONToken, _ other: JSONToken) -> Bool {
        guard one.end - one.start == other.end - other.start else { return false }
        return content(of: one).hasSameBytes(as: content(of: other))
    }

    /// Whether a string says this.
    func says(_ token: JSONToken, _ text: UnsafeRawBufferPointer) -> Bool {
        let content = content(of: token)
        if token.isMinified { return content.hasSameBytes(as: text) }
        // What is too long is not decoded: no escape is longer than six bytes.
        return content.count <= text.count * 6 && string(of: token).utf8.elementsEqual(text)
    }

    /// What is between the quotes.
    private func content(of token: JSONToken) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[Int(token.start) + 1..<Int(token.end) - 1])
    }

    /// Where what needs no decoding ends that begins here: before a quote, an escape, a control character or the end.
    func plainText(from start: Int) -> (end: Int, isASCII: Bool) {
        // Nearly every byte of a request goes through this loop.
        var end = start
        var seen: UInt8 = 0
        let count = count
        while end < count, case let byte = self[end], byte >= 0x20, byte != UInt8(ascii: "\""),
            byte != UInt8(ascii: "\\")
        {
            seen |= byte
            end += 1
        }
        return (end, seen < 0x80)
    }
}
