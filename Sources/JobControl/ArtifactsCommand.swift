import ArgumentParser
import FoundationEssentials
import Glibc
import JSON
import JobModel
import JobWire

struct ArtifactsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifacts", abstract: "List and fetch what a job made.",
        subcommands: [ListArtifactsCommand.self, GetArtifactCommand.self])
}

struct ListArtifactsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ls", abstract: "List a job's artifacts.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The job's id.")
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
        discussion: "With --json standard output gets the artifact's description, and the bytes go to --output only.")

    private static let chunkBytes = 512 * 1024

    @OptionGroup var common: CommonOptions

    @Argument(help: "The job's id.")
    var id: String

    @Argument(help: "The artifact's name.")
    var name: String

    @Option(name: [.customShort("o"), .long], help: "The file to write.", completion: .file())
    var output: String?

    func run() async throws {
        try await Session.with(common) { session in
            var params: JSONObject = [
                "jobId": .string(id), "name": .string(name), "limit": JSONValue(Self.chunkBytes),
            ]
            if common.json {
                Output.json(try await session.call(.getArtifact, ["jobId": .string(id), "name": .string(name)]))
                guard output != nil else { return }
            }
            var chunk = try await session.call(.getArtifact, params)
            let descriptor = try openOutput()
            defer { if output != nil { close(descriptor) } }
            var offset = 0
            while let data = chunk["data"]?.string.flatMap({ Data(base64Encoded: $0) }), !data.isEmpty {
                Output.write(Array(data), to: descriptor)
                offset += data.count
                params["offset"] = JSONValue(offset)
                chunk = try await session.call(.getArtifact, params)
            }
        }
    }

    private func openOutput() throws -> CInt {
        guard let output else { return STDOUT_FILENO }
        let descriptor = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw Exit(
                code: Exit.failure, message: "jobctl: \(output) cannot be written: \(String(cString: strerror(errno)))."
            )
        }
        return descriptor
    }
}
