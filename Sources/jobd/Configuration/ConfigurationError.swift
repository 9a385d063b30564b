/// Something wrong with the configuration: where, what, and what to do.
struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    /// A file and, if known, its line from 1; or the name of a flag or an environment variable.
    var place: String
    var line: Int?
    /// The key with those above it (`pipelines.scan.steps[0].timeout`); empty when the text as a whole is wrong.
    var key = ""
    /// What is wrong and what to do, as sentences.
    var message: String

    var description: String {
        [place, line.map(String.init) ?? "", key].filter { !$0.isEmpty }.joined(separator: ":") + ": " + message
    }
}

/// All that was found wrong, in the order of the lines; never empty.
struct ConfigurationErrors: Error, Hashable, CustomStringConvertible {
    var errors: [ConfigurationError]

    /// One line for each.
    var description: String { errors.map(\.description).joined(separator: "\n") }
}
