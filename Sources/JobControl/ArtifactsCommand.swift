import ArgumentParser
import FoundationEssentials
import Glibc
import JSON
import JobModel
import JobWire

struct ArtifactsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifacts", abstract: "List and fetch the artifacts of a job.",
        subcommands: [ListArtifactsCommand.self, GetArtifactCommand.self])
}

struct ListArtifactsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List a job's artifacts.", aliases: ["list"])

    @OptionGroup var common: CommonOptions

    @Argument(help: "The job's id.", completion: Completion.jobs)
    var id: String

    func run() async throws {
        let job = try await Session.with(common) { try await $0.call(.getJob, ["jobId": .string(id)]) }
        let artifacts = job["artifacts"]?.array ?? []
        for artifact in artifacts where common.json { Output.json(artifact) }
        for artifact in artifacts where common.quiet && !common.json { Output.line(artifact["name"]?.string ?? "") }
        guard !common.json, !common.quiet else { return }
        Output.table(
            ["NAME", "SIZE", "TYPE", "SHA-256"],
            artifacts.map { artifact in
                [
                    artifact["name"]?.string ?? "", artifact["size"].map { JSONText($0).text } ?? "",
                    artifact["mediaType"]?.string ?? "", artifact["sha256"]?.string ?? "",
                ]
            })
    }
}

struct GetArtifactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Write an artifact's bytes to standard output or a file.",
        discussion: """
            On a terminal, prints only texts, with control characters made visible; --output - prints any bytes. With --json, \
            prints the artifact's description, and writes the bytes to --output only.
            """)

    private static let chunkBytes = 512 * 1024

    @OptionGroup var common: CommonOptions

    @Argument(help: "The job's id.", completion: Completion.jobs)
    var id: String

    @Argument(help: "The artifact's name.")
    var name: String

    @Option(name: [.customShort("o"), .long], help: "The file to write; - is standard output.", completion: .file())
    var output: String?

    func run() async throws {
        try await Session.with(common) { session in
            let description = try await session.call(.getArtifact, ["jobId": .string(id), "name": .string(name)])
            if common.json {
                Output.json(description)
                guard output != nil else { return }
            }
            guard output == nil, Output.isTerminal else { return try await save(over: session) }
            let mediaType = description["mediaType"]?.string ?? ""
            guard mediaType.hasPrefix("text/") || mediaType == "application/json" else {
                throw Exit(
                    code: Exit.usage,
                    message:
                        "jobctl: \(Output.printable(name)) is of the type \(Output.printable(mediaType)), which a terminal "
                        + "cannot show. Give --output FILE, or send standard output elsewhere.")
            }
            var text = TerminalText()
            try await forEachChunk(over: session) { text.show($0) }
            text.end()
        }
    }

    private func save(over session: Session) async throws {
        let path = output == "-" ? nil : output
        let descriptor = path.map { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666) } ?? STDOUT_FILENO
        guard descriptor >= 0 else { throw failure(path ?? "") }
        try await forEachChunk(over: session) { bytes in
            guard let path else { return Output.write(bytes, to: descriptor) }
            if let reason = Output.rest(of: bytes, to: descriptor) {
                errno = reason
                throw failure(path)
            }
        }
        if let path, close(descriptor) != 0 { throw failure(path) }
    }

    private func forEachChunk(over session: Session, _ body: ([UInt8]) throws -> Void) async throws {
        var params: JSONObject = ["jobId": .string(id), "name": .string(name), "limit": JSONValue(Self.chunkBytes)]
        var offset = 0
        while true {
            params["offset"] = JSONValue(offset)
            let chunk = try await session.call(.getArtifact, params)
            guard let data = chunk["data"]?.string.flatMap({ Data(base64Encoded: $0) }), !data.isEmpty else { return }
            try body(Array(data))
            offset += data.count
        }
    }

    private func failure(_ path: String) -> Exit {
        Exit(
            code: Exit.failure,
            message: "jobctl: \(Output.printable(path)) cannot be written: \(String(cString: strerror(errno))).")
    }
}
