extension Directory {
    /// The name of something in a directory: bytes, which need not be text.
    package struct Name: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
        /// Ends with 0.
        let bytes: [CChar]

        /// Of bytes without the 0.
        init(bytes: [CChar]) { self.bytes = bytes + [0] }

        package init(_ text: String) { bytes = Array(text.utf8CString) }

        package init(stringLiteral text: String) { self.init(text) }

        /// As text, with U+FFFD for what is not text.
        package var description: String {
            String(decoding: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
