import JSON
import JobModel

/// A command line with places for what a job brings; never seen by a shell.
///
/// A place is a whole argument: `{input}`, `{inputs}` (any number of arguments), `{output:NAME}`, `{workdir}`, `{jobId}`,
/// `{file.name}`, `{metadata.FIELD}` (`{metadata.a.b}` is the field `b` of the object `a`).
package struct CommandTemplate: Hashable, Sendable {
    /// Why words are not a template, in words for whoever wrote them.
    package struct Mistake: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// What the places of one run stand for.
    struct Values {
        var inputs: [WorkingFile]
        var job: Job
        var workDirectory: String
        var outputDirectory: String
    }

    private enum Word: Hashable, Sendable {
        case literal(String)
        case input, inputs, fileName, workDirectory, jobId
        case output(ArtifactName)
        case metadata([String])
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
        case "file.name": return .fileName
        case "workdir": return .workDirectory
        case "jobId": return .jobId
        case _ where inner.hasPrefix("output:"):
            guard let name = ArtifactName(String(inner.dropFirst("output:".count))) else {
                throw Mistake(description: "\(text) does not name an artifact: letters, digits, . _ -")
            }
            return .output(name)
        case _ where inner.hasPrefix("metadata."):
            let fields = inner.split(separator: ".", omittingEmptySubsequences: false).dropFirst().map(String.init)
            guard fields.allSatisfy({ !$0.isEmpty }) else {
                throw Mistake(description: "\(text) does not name a field of the metadata: {metadata.FIELD}")
            }
            return .metadata(fields)
        default:
            throw Mistake(
                description: "\(text) is not a place; there are {input}, {inputs}, {output:NAME}, {workdir}, {jobId}, "
                    + "{file.name} and {metadata.FIELD}")
        }
    }

    /// The command line of one run.
    ///
    /// - Throws: ``Mistake`` when a value that a sender chose would be an option of the program.
    func expanded(with values: Values) throws(Mistake) -> [String] {
        var command = [program]
        // Behind `--` nothing is an option, nor is it behind a shell's script.
        var isSafe = words.first == .literal("-c")
        for word in words {
            switch word {
            case .literal(let text):
                command.append(text)
                isSafe = isSafe || text == "--"
            case .input: command.append(values.inputs.first?.path ?? "")
            case .inputs: command += values.inputs.map(\.path)
            case .fileName:
                command.append(try Self.argument(values.inputs.first?.name ?? "", "the file's name", isSafe))
            case .workDirectory: command.append(values.workDirectory)
            case .jobId: command.append(values.job.jobId.description)
            case .output(let name): command.append("\(values.outputDirectory)/\(name)")
            case .metadata(let fields):
                let value = fields.reduce(values.job.input.metadata.value) { $0?[$1] }?.asArgument ?? ""
                command.append(try Self.argument(value, "metadata.\(fields.joined(separator: "."))", isSafe))
            }
        }
        return command
    }

    /// An argument ends at its first U+0000, so that character becomes another.
    private static func argument(_ text: String, _ name: String, _ isSafe: Bool) throws(Mistake) -> String {
        guard isSafe || !text.hasPrefix("-") else {
            throw Mistake(
                description: "\(name) begins with \"-\", so \"--\" would have to be before it in the step's command")
        }
        return text.replacing("\0", with: "\u{FFFD}")
    }
}

extension JSONValue {
    /// A text as it is, null as nothing, anything else as JSON.
    fileprivate var asArgument: String {
        switch self {
        case .string(let text): text
        case .null: ""
        case .bool, .number, .array, .object: JSONText(self).text
        }
    }
}
