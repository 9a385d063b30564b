import JobModel

/// Names of files as strangers send them.
package enum FileName {
    /// A name for a file that has none.
    package static let unnamed = "file"

    /// The last part of a path, without control characters, at most ``Limits/fileNameBytes`` with the ending kept.
    ///
    /// For showing only: no file on the disk ever has this name.
    package static func safe(_ name: String) -> String {
        let last = name.split { $0 == "/" || $0 == "\\" }.last ?? ""
        var safe = ""
        for scalar in last.unicodeScalars where !isHidden(scalar) { safe.unicodeScalars.append(scalar) }
        safe = String(safe.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
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
        let dot = name.lastIndex(of: ".") ?? name.endIndex
        let ending = name[dot...].utf8.count <= 16 ? String(name[dot...]) : ""
        var stem = Substring(name[..<dot])
        while stem.utf8.count + ending.utf8.count > Limits.fileNameBytes { stem.removeLast() }
        return stem + ending
    }
}
