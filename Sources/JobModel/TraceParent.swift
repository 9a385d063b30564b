/// Where a request belongs in a trace that others keep: the header `traceparent` of W3C Trace Context, which jobd hands on.
package struct TraceParent: Hashable, Sendable, CustomStringConvertible {
    /// As it came.
    package let description: String

    /// Nil when the text is not `version-traceid-parentid-flags` in lower-case hexadecimal digits, or names nothing.
    ///
    /// A version above 00 may have more behind its flags, at most so that all has 512 bytes; ff is not one.
    package init?(_ text: String) {
        guard text.utf8.count <= 512 else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, zip(parts, [2, 32, 16, 2]).allSatisfy({ Self.isHexadecimal($0, $1) }), parts[0] != "ff",
            parts[0] != "00" || parts.count == 4, Self.namesSomething(parts[1]), Self.namesSomething(parts[2]),
            parts.dropFirst(4).allSatisfy({ $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } })
        else { return nil }
        description = text
    }

    private static func isHexadecimal(_ part: Substring, _ count: Int) -> Bool {
        part.utf8.count == count
            && part.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func namesSomething(_ part: Substring) -> Bool { part.utf8.contains { $0 != UInt8(ascii: "0") } }
}
