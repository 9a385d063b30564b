import JobModel

/// A command line with places for what a job brings; never seen by a shell.
///
/// A place is a whole argument: `{input}`, `{inputs}` (any number of arguments), `{output:NAME}`, `{workdir}`, `{jobId}`.
package struct CommandTemplate: Hashable, Sendable {
    /// Why words are no template, in words for whoever wrote them.
    package struct Mistake: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    private enum Word: Hashable, Sendable {
        case literal(String)
        case input, inputs, workDirectory, jobId
        case output(ArtifactName)
    }

    /// The program: a name that is looked for in the standard path, or a path.
    package let program: String
    private let words: [Word]

    package init(_ arguments: [String]) throws(Mistake) {
        guard let program = arguments.first, !program.isEmpty, !program.hasPrefix("{") else {
            throw Mistake(description: "the first word must be a program")
        }
        self.program = program
        var words: [Word] = []
        for argument in arguments.dropFirst() { words.append(try Self.word(argument)) }
        self.words = words
    }

    private static func word(_ text: String) throws(Mistake) -> Word {
        guard text.hasPrefix("{"), text.hasSuffix("}") else { return .literal(text) }
        let inner = text.dropFirst().dropLast()
        switch inner {
        case "input": return .input
        case "inputs": return .inputs
        case "workdir": return .workDirectory
        case "jobId": return .jobId
        case _ where inner.hasPrefix("output:"):
            guard let name = ArtifactName(String(inner.dropFirst("output:".count))) else {
                throw Mistake(description: "\(text) does not name an artifact: letters, digits, . _ -")
            }
            return .output(name)
        default:
            throw Mistake(
                description: "\(text) is no place; there are {input}, {inputs}, {output:NAME}, {workdir} and {jobId}")
        }
    }

    /// The command line of one run.
    func expanded(inputs: [String], run: RunDirectory, jobId: JobID) -> [String] {
        [program]
            + words.flatMap { word in
                switch word {
                case .literal(let text): [text]
                case .input: [inputs.first ?? ""]
                case .inputs: inputs
                case .workDirectory: [run.work]
                case .jobId: [jobId.description]
                case .output(let name): ["\(run.output)/\(name)"]
                }
            }
    }
}
