import JobModel

/// Names of files as strangers send them.
package enum FileName {
    /// A name for a file that has none.
    package static let unnamed = "file"

    /// The last part of a path, without control characters, at most `Limits.fileNameBytes` with the ending kept.
    ///
    /// For showing only: no file on the disk ever has this name.
    package static func safe(_ name: String) -> String {
        // By scalars: a slash with an accent on it is still a slash.
        let last = name.unicodeScalars.split { $0 == "/" || $0 == "\\" }.last.map(Array.init) ?? []
        let visible = last.filter { !isHidden($0) }.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        let safe = text(visible)
        guard !safe.isEmpty, safe != ".", safe != ".." else { return unnamed }
        return shortened(safe)
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
        default: false
        }
    }

    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > Limits.fileNameBytes else { return name }
        let scalars = name.unicodeScalars
        let dot = scalars.lastIndex(of: ".") ?? scalars.endIndex
        var ending = dot > scalars.startIndex ? String(scalars[dot...]) : ""
        if ending.utf8.count > 16 { ending = "" }
        var room = Limits.fileNameBytes - ending.utf8.count
        let stem = scalars.prefix { scalar in
            room -= UTF8.width(scalar)
            return room >= 0
        }
        return text(stem) + ending
    }

    private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}
