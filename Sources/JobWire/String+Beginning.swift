extension String {
    /// As much of a stranger's word as belongs into a sentence about it.
    var beginning: String { String(String.UnicodeScalarView(unicodeScalars.prefix(100))) }
}
