import JobProcessing

extension PipelineSettings {
    /// From a thousandth of a second to thirty days.
    private static let spans = Duration.milliseconds(1)...(.seconds(30 * 86_400))

    /// Reads a pipeline over what holds already, key by key.
    mutating func read(_ section: inout ConfigurationSection, queues: Set<String>) {
        section.text("queue", into: &queue) { name in
            queues.contains(name) ? nil : "there is no such queue; add [queues.\(name)] with a width, or take another"
        }
        section.integer("maxAttempts", in: 1...1000, into: &maxAttempts)
        section.optionalSpan("timeout", in: Self.spans, into: &timeout)
        var given: [StepSettings] = []
        let isGiven = section.list("steps") { section in
            guard let step = Self.step(&section) else { return }
            if given.contains(where: { $0.name == step.name }) {
                section.report("an earlier step has the same name; choose another.", at: "name")
            }
            given.append(step)
        }
        if isGiven { steps = given }
    }

    private static func step(_ section: inout ConfigurationSection) -> StepSettings? {
        var step = StepSettings(name: "", action: .builtIn(.inspect))
        section.text("name", into: &step.name) { name in
            let isPlain =
                name.utf8.count <= 128 && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
            return isPlain ? nil : "a name has at most 128 bytes and no control characters"
        }
        var use = BuiltIn.inspect
        section.choice("use", into: &use)
        var run: CommandTemplate?
        section.command("run", into: &run)
        section.texts("when", into: &step.when)
        section.weight("weight", into: &step.weight)
        section.optionalSpan("timeout", in: spans, into: &step.timeout)
        section.optionalSpan("silence", in: spans, into: &step.silence)

        if !section.contains("name") { section.report("a step needs a name: name = \"…\".") }
        switch (section.contains("use"), section.contains("run")) {
        case (true, false): step.action = .builtIn(use)
        case (false, true): step.action = run.map(Step.Action.command) ?? step.action
        default: section.report("a step needs either use = \"…\" or run = [\"program\", …].")
        }
        return step
    }
}
