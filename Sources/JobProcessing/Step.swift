package import JobModel

/// One thing that is done with a job, or with those of its files that it is for.
package struct Step: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case builtIn(BuiltIn)
        case command(CommandTemplate)
    }

    /// Unique within the pipeline; shown to people.
    package var name: String
    package var action: Action
    package var condition: StepCondition
    /// Whether it runs for each file that it is for alone, instead of once for all of them.
    package var perFile: Bool
    /// Whether the job goes on when it fails or its program is missing.
    package var isOptional: Bool
    /// Its share of the progress, relative to the other steps; above 0.
    package var weight: Double
    package var limits: StepLimits
    /// What its command's exit codes mean.
    package var exits: StepExits
    /// What is made of what its command leaves.
    package var output: StepOutput
    /// Programs that must be there besides the command's own.
    package var needs: [String]
    /// Variables of the command's environment besides jobd's own.
    package var environment: [String: String]
    /// What it sees besides what every step does.
    package var room = StepRoom()

    package init(
        name: String, action: Action, condition: StepCondition = StepCondition(), perFile: Bool = false,
        isOptional: Bool = false, weight: Double = 1, limits: StepLimits = StepLimits(),
        exits: StepExits = StepExits(), output: StepOutput = StepOutput(), needs: [String] = [],
        environment: [String: String] = [:]
    ) {
        self.name = name
        self.action = action
        self.condition = condition
        self.perFile = perFile
        self.isOptional = isOptional
        self.weight = weight
        self.limits = limits
        self.exits = exits
        self.output = output
        self.needs = needs
        self.environment = environment
    }

    /// The programs that must be there for it; none for a built-in step.
    package var programs: [String] {
        switch action {
        case .builtIn: needs
        case .command(let template): [template.program] + needs
        }
    }

    /// Whether it needs no program, and so no room and nothing of its own on the disk.
    var isBuiltIn: Bool { if case .builtIn = action { true } else { false } }

    /// What a run says when it begins with this step; nil where that depends on the job's files.
    package var opening: Report? {
        guard condition == StepCondition(), !perFile else { return nil }
        return Report(progress: 0, step: name, message: title)
    }

    /// The name as words: `extract-text` becomes "Extract text".
    var title: String {
        let words = name.split { $0 == "-" || $0 == "_" }.joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}

/// Steps that need no program.
package enum BuiltIn: String, Hashable, Sendable, CaseIterable {
    /// Reads every file again: digest, size, and media type by content. Refuses a file that is not what was uploaded.
    case inspect
    /// Counts pages, lines, words and characters of the `text.txt` that an earlier step made, or of a text file, and
    /// quotes its beginning.
    case textStatistics = "text-statistics"
}
