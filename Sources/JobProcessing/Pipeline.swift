import JobModel

/// What is done with a job of one type: steps in order.
///
/// Pipelines are data. The daemon knows no file format; the configuration does.
package struct Pipeline: Hashable, Sendable {
    /// May be empty: such a job completes at once.
    package var steps: [Step]
    /// For all steps together; nil means no limit.
    package var timeout: Duration?

    package init(steps: [Step], timeout: Duration? = nil) {
        self.steps = steps
        self.timeout = timeout
    }
}

/// One thing that is done with a job, or with those of its files that it is for.
package struct Step: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case builtIn(BuiltIn)
        case command(CommandTemplate)
    }

    /// Unique within the pipeline; shown to people.
    package var name: String
    package var action: Action
    /// Patterns such as `image/*`; the step applies when a file has a matching media type, and always when empty.
    package var mediaTypes: [String]
    /// Its share of the progress, relative to the other steps that apply; above 0.
    package var weight: Double
    package var limits: StepLimits

    package init(
        name: String, action: Action, mediaTypes: [String] = [], weight: Double = 1, limits: StepLimits = StepLimits()
    ) {
        self.name = name
        self.action = action
        self.mediaTypes = mediaTypes
        self.weight = weight
        self.limits = limits
    }

    /// The files that the step is for, in their order.
    func files(of job: Job) -> [JobFile] {
        guard !mediaTypes.isEmpty else { return job.files }
        return job.files.filter { file in mediaTypes.contains { Self.pattern($0, matches: file.mediaType) } }
    }

    func applies(to job: Job) -> Bool { mediaTypes.isEmpty || !files(of: job).isEmpty }

    /// The name as words: `extract-text` becomes "Extract text".
    var title: String {
        let words = name.split { $0 == "-" || $0 == "_" }.joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private static func pattern(_ pattern: String, matches mediaType: String) -> Bool {
        guard pattern.hasSuffix("/*") else { return pattern == mediaType || pattern == "*" }
        return mediaType.hasPrefix(pattern.dropLast())
    }
}

/// Steps that need no program.
package enum BuiltIn: String, Hashable, Sendable, CaseIterable {
    /// Reads every file again: digest, size, and media type by content. Refuses a file that is not what was uploaded.
    case inspect
    /// Counts pages, words and characters of the text artifact `text.txt`, or of the input when no step has made one.
    case textStatistics = "text-statistics"
}
