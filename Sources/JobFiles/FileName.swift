import JobModel

/// Names of files as strangers send them.
package enum FileName {
    /// A name for a file that has none.
    package static let unnamed = "file"

    /// The last part of a path, without control characters and what turns the direction of writing, at most
    /// `Limits.fileNameBytes` with the ending kept.
    ///
    /// For showing only: no file on the disk ever has this name.
    package static func safe(_ name: String) -> String {
        // By scalars: a slash with an accent on it is still a slash.
        let last = name.unicodeScalars.split { $0 == "/" || $0 == "\\" }.last.map(Array.init) ?? []
        let kept = last.filter { !isHarmful($0) }.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        let safe = text(kept)
        guard kept.contains(where: isVisible), safe != ".", safe != ".." else { return unnamed }
        return shortened(safe)
    }

    /// What breaks a line or a terminal, shows a name in another order than it is written in, or is empty.
    ///
    /// Joiners stay, since Persian, Hindi and emoji are written with them; so does what the tables of this program do not
    /// know yet.
    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x202A...0x202E, 0x2066...0x2069: true
        // Spaces without a width, which hide where a name ends.
        case 0x200B, 0x2060, 0xFEFF: true
        default:
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
            default: scalar.properties.isNoncharacterCodePoint
            }
        }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory != .format && !scalar.properties.isWhitespace
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
