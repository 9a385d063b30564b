import JSON
import JobModel

/// Names, and what they stand for.
extension Fields {
    mutating func ifVersion() throws(Refusal) -> Int64? { try integer("ifVersion", in: 0...Int64.max) }

    mutating func artifactName() throws(Refusal) -> ArtifactName {
        guard let name = try require("name").string.flatMap(ArtifactName.init) else {
            throw Self.wrong("name", "is not an artifact name")
        }
        return name
    }

    mutating func queueName() throws(Refusal) -> String {
        guard let name = try text("name") else { throw Self.wrong("name", "is missing") }
        return name
    }

    mutating func file() throws(Refusal) -> JobFile {
        let (id, name) = (try fileId(), try text("name", limit: Limits.fileNameBytes) ?? "")
        let size = try size("size")
        let mediaType = try text("mediaType") ?? "application/octet-stream"
        let sha256 = try string("sha256") ?? ""
        guard sha256.utf8.count == 64, sha256.utf8.allSatisfy("0123456789abcdef".utf8.contains) else {
            throw Self.wrong("sha256", "must be 64 hexadecimal digits, letters in lower case")
        }
        return JobFile(fileId: id, name: name, size: size, mediaType: mediaType, sha256: sha256)
    }
}
