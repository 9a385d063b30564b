import JobModel
import JobProcessing

extension PipelineSettings {
    /// From a thousandth of a second to thirty days.
    fileprivate static let spans = Duration.milliseconds(1)...(.days(30))

    /// Reads a pipeline over what holds already, key by key.
    mutating func read(_ section: inout ConfigurationSection, queues: Set<String>) {
        section.text("queue", into: &queue) { name in
            queues.contains(name) ? nil : "there is no such queue; add [queues.\(name)] with a width, or take another"
        }
        section.choice("work", into: &work)
        section.integer("maxAttempts", in: 1...1000, into: &maxAttempts)
        section.span("retryDelay", in: Self.spans, into: &retryDelay)
        section.span("maximumRetryDelay", in: Self.spans, into: &maximumRetryDelay)
        section.optionalSpan("timeout", in: Self.spans, into: &timeout)
        section.choice("createdBy", into: &createdBy)
        section.section("retry") { retry in
            retry.span("delay", in: Self.spans, into: &retryDelay)
            retry.span("maximumDelay", in: Self.spans, into: &maximumRetryDelay)
        }
        section.section("timeouts") { timeouts in
            timeouts.optionalSpan("queued", in: Self.spans, into: &self.timeouts.queued)
            timeouts.optionalSpan("running", in: Self.spans, into: &timeout)
            timeouts.optionalSpan("silence", in: Self.spans, into: &self.timeouts.silence)
            timeouts.optionalSpan("total", in: Self.spans, into: &self.timeouts.total)
        }
        section.optionalSpan("retention", in: .seconds(1)...(.days(36_500)), into: &retention)
        section.refuseBoth("retryDelay", "retry", "delay")
        section.refuseBoth("maximumRetryDelay", "retry", "maximumDelay")
        section.refuseBoth("timeout", "timeouts", "running")
        var given: [StepSettings] = []
        let isGiven = section.list("steps") { section in
            let settings = StepSettings(reading: &section)
            if given.contains(where: { $0.step.name == settings.step.name }) {
                section.report("an earlier step has the same name; choose another.", at: "name")
            }
            given.append(settings)
        }
        if isGiven { steps = given }
        if work == .workers, !steps.isEmpty {
            section.report("workers run these jobs, so that it has no steps; leave out one of both.", at: "work")
        }
    }
}

extension StepSettings {
    /// Reads a step; what is wrong with it is reported to the section.
    fileprivate init(reading section: inout ConfigurationSection) {
        self.init(step: Step(name: "", action: .builtIn(.inspect)))
        section.text("name", into: &step.name) { name in
            let isPlain =
                name.utf8.count <= 128 && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
            return isPlain ? nil : "a name has at most 128 bytes and no control characters"
        }
        readAction(&section)
        section.condition("when", into: &step.condition)
        section.boolean("perFile", into: &step.perFile)
        section.boolean("optional", into: &step.isOptional)
        section.weight("weight", into: &step.weight)
        section.exitCodes("allowedExit", into: &step.exits.allowed)
        section.exitCodes("permanentExit", into: &step.exits.permanent)
        var needs: [String]?
        section.texts("needs", into: &needs)
        step.needs = needs ?? []
        section.facts("facts", into: &step.output.facts)
        section.boolean("words", into: &step.output.printsWords)
        section.textsByExitCode("exitMessages", into: &step.exits.messages) { text in
            text.utf8.count <= Limits.textBytes ? nil : "a message has at most \(Limits.textBytes) bytes"
        }
        section.textsByExitCode("exitCodes", into: &step.exits.codes) { code in
            code.wholeMatch(of: #/[a-z0-9-]{1,64}/#) == nil
                ? "\(code) is not a code: at most 64 of the letters a to z, digits and -" : nil
        }
        section.dictionary("environment", into: &step.environment) { name in
            name.isEmpty || name.contains("=") || name.hasPrefix("JOBD_") ? "\(name) is not a name for a variable" : nil
        }
        section.boolean("network", into: &step.room.network)
        section.boolean("home", into: &step.room.home)
        for (key, path) in [("read", \StepRoom.read), ("write", \StepRoom.write)] {
            var paths: [String]?
            section.texts(key, into: &paths)
            if let wrong = paths?.first(where: { Configuration.wrongPath($0) != nil || $0 == "/" }) {
                section.report("\(wrong) is not a path below /; write the whole path.", at: key)
            }
            step.room[keyPath: path] = paths ?? []
        }
        var next = ""
        section.text("nextInput", into: &next) { name in
            ArtifactName(name) == nil ? "it does not name an artifact: letters, digits, . _ -" : nil
        }
        step.output.nextInput = ArtifactName(next)
        if step.output.nextInput != nil, !step.perFile {
            section.report("only a step that runs for each file can replace it; add perFile = true.", at: "nextInput")
        }
        limits.read(&section)
        section.section("timeouts") { timeouts in
            timeouts.optionalSpan("running", in: PipelineSettings.spans, into: &limits.timeout)
            timeouts.optionalSpan("silence", in: PipelineSettings.spans, into: &limits.silence)
        }
        section.refuseBoth("timeout", "timeouts", "running")
        section.refuseBoth("silence", "timeouts", "silence")
        if !section.contains("name") { section.report("a step needs a name: name = \"…\".") }
    }

    private mutating func readAction(_ section: inout ConfigurationSection) {
        var use = BuiltIn.inspect
        section.choice("use", into: &use)
        var run: CommandTemplate?
        section.command("run", into: &run)
        switch (section.contains("use"), section.contains("run")) {
        case (true, false): step.action = .builtIn(use)
        case (false, true): step.action = run.map(Step.Action.command) ?? step.action
        default: section.report("a step needs either use = \"…\" or run = [\"program\", …].")
        }
    }
}

extension ConfigurationSection {
    /// Reports a short and a long form of one thing that stand together.
    fileprivate mutating func refuseBoth(_ short: String, _ table: String, _ key: String) {
        guard contains(short), contains(table, key) else { return }
        report("\(table).\(key) says the same; write one of them.", at: short)
    }
}

extension LimitSettings {
    private static let sizes: ClosedRange<Int64> = 1...Limits.sizes.upperBound

    /// Reads limits over what holds already.
    mutating func read(_ section: inout ConfigurationSection) {
        section.optionalSpan("timeout", in: PipelineSettings.spans, into: &timeout)
        section.optionalSpan("silence", in: PipelineSettings.spans, into: &silence)
        section.optionalSpan("cpuTime", in: .seconds(1)...(.days(30)), into: &cpuTime)
        section.optionalInteger("memoryBytes", in: Self.sizes, into: &memoryBytes)
        section.optionalInteger("outputBytes", in: Self.sizes, into: &outputBytes)
        section.optionalInteger("printedBytes", in: Self.sizes, into: &printedBytes)
    }
}
