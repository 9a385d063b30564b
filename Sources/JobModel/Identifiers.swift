/// A job's id: chosen by a client, or made by a front; `[A-Za-z0-9][A-Za-z0-9._:-]{0,127}`, and not `stream`.
package struct JobID: Hashable, Sendable, CustomStringConvertible {
    /// The id itself, 1 to 128 bytes, which is what clients send and see.
    package let description: String

    /// Nil when the text is outside the grammar.
    package init?(_ text: String) {
        guard isIdentifier(text, extra: "._:-"), text != "stream" else { return nil }
        description = text
    }

    /// `job_<ms since 1970>_<16 random base-36 digits>`; sorts by the time of its making.
    package static func make(at now: Timestamp, using generator: inout some RandomNumberGenerator) -> JobID {
        make(at: now, generator.next(), generator.next())
    }

    /// The same id for the same time and numbers: 64 random bits each, of which the last eight base-36 digits are used.
    package static func make(at now: Timestamp, _ first: UInt64, _ second: UInt64) -> JobID {
        JobID(made: "job_\(now.milliseconds)_\(digits(first))\(digits(second))")
    }

    private init(made text: String) { description = text }
}

/// A batch's id: chosen by a client, or made by a front; in the grammar of ``JobID``.
package struct BatchID: Hashable, Sendable, CustomStringConvertible {
    /// The id itself, 1 to 128 bytes, which is what clients send and see.
    package let description: String

    /// Nil when the text is outside the grammar.
    package init?(_ text: String) {
        guard isIdentifier(text, extra: "._:-"), text != "stream" else { return nil }
        description = text
    }

    /// One as unique as that of a job that nobody chose: `batch_<ms since 1970>_<16 random base-36 digits>`.
    package init(like id: JobID) {
        let text = id.description
        description = String(("batch_" + (text.hasPrefix("job_") ? text.dropFirst(4) : text[...])).prefix(128))
    }
}

/// A schedule's name: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
package struct ScheduleName: Hashable, Sendable, CustomStringConvertible, Comparable {
    /// The name itself, 1 to 64 bytes.
    package let description: String

    /// Nil when the text is outside the grammar.
    package init?(_ text: String) {
        guard isIdentifier(text, extra: "._-"), text.utf8.count <= 64 else { return nil }
        description = text
    }

    /// By bytes, as lists show them.
    package static func < (left: ScheduleName, right: ScheduleName) -> Bool { left.description < right.description }
}

/// A webhook's name in the configuration: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
package struct WebhookName: Hashable, Sendable, CustomStringConvertible, Comparable {
    /// The name itself, 1 to 64 bytes.
    package let description: String

    /// Nil when the text is outside the grammar.
    package init?(_ text: String) {
        guard isIdentifier(text, extra: "._-"), text.utf8.count <= 64 else { return nil }
        description = text
    }

    /// By bytes, as lists show them.
    package static func < (left: WebhookName, right: WebhookName) -> Bool { left.description < right.description }
}

/// The id of a message to a webhook: `msg_<ms since 1970>_<16 random base-36 digits>`; the same each time that it is sent.
package struct DeliveryID: Hashable, Sendable, CustomStringConvertible {
    /// The id itself, 1 to 128 bytes.
    package let description: String

    /// Nil when the text is outside the grammar, which is that of ``JobID``.
    package init?(_ text: String) {
        guard isIdentifier(text, extra: "._:-") else { return nil }
        description = text
    }

    /// `msg_<ms>_<random digits>`: unique, and in the order of time.
    package static func make(at now: Timestamp, using generator: inout some RandomNumberGenerator) -> DeliveryID {
        DeliveryID(made: "msg_\(now.milliseconds)_\(digits(generator.next()))\(digits(generator.next()))")
    }

    private init(made text: String) { description = text }
}

/// An uploaded file's id, made by whoever stores the file: `file_<ms since 1970>_<16 random base-36 digits>`.
package struct FileID: Hashable, Sendable, CustomStringConvertible {
    /// The id itself, 1 to 128 bytes; also the name of its file on the disk.
    package let description: String

    /// Nil when the text is outside the grammar, which is that of ``JobID``.
    package init?(_ text: String) {
        guard isIdentifier(text, extra: "._:-") else { return nil }
        description = text
    }

    /// `file_<ms>_<random digits>`: unique, and not to be guessed.
    package static func make(at now: Timestamp, using generator: inout some RandomNumberGenerator) -> FileID {
        FileID(made: "file_\(now.milliseconds)_\(digits(generator.next()))\(digits(generator.next()))")
    }

    private init(made text: String) { description = text }
}

/// An artifact's name: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`, flat, so that it is safe as a file name.
package struct ArtifactName: Hashable, Sendable, CustomStringConvertible {
    /// The name itself, 1 to 128 bytes; also the name of its file on the disk.
    package let description: String

    /// Nil when the text is outside the grammar.
    package init?(_ text: String) {
        guard isIdentifier(text, extra: "._-") else { return nil }
        description = text
    }
}

private func isIdentifier(_ text: String, extra: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
    var text = text
    return text.withUTF8 { bytes in
        guard let first = bytes.first, isAlphanumeric(first), bytes.count <= 128 else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || extra.utf8.contains($0) }
    }
}

/// Eight digits of base 36, the last ones of a number.
private func digits(_ number: UInt64) -> String {
    let digits = String(number % (36 * 36 * 36 * 36 * 36 * 36 * 36 * 36), radix: 36)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
}
