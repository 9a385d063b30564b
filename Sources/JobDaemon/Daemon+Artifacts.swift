import JSON
import JobModel
import JobWire
import NIOCore

/// What runs make, and what workers elsewhere get for theirs.
extension Daemon {
    func getArtifact(
        _ name: ArtifactName, of id: JobID, by access: Access, offset: Int64, limit: Int, reply: @escaping Reply
    ) {
        withJob(id, for: access, reply: reply) { daemon, job in
            guard let artifact = job.outcome.artifacts.first(where: { $0.name == name }) else {
                return reply(.failure(Refusal(.artifactNotFound, "The job \(id) has no artifact \(name).")))
            }
            var json = artifact.json.object ?? JSONObject()
            json["run"] = job.runs.last.map { JSONValue($0) } ?? .null
            guard limit > 0 else { return reply(.success(ByteBuffer(bytes: JSONValue.object(json).bytes))) }
            daemon.disk.read(name, of: id, run: job.runs.last, from: offset, limit: limit).whenComplete {
                [json] result in
                reply(
                    result.asReply { data in
                        var json = json
                        json["data"] = JSONValue(base64: data)
                        return .object(json)
                    })
            }
        }
    }

    // MARK: Of workers elsewhere

    func getInput(_ proof: LeaseProof, _ id: FileID, reply: @escaping Reply) {
        guard let job = leased(proof) else { return reply(.failure(Refusal(.leaseLost(proof.jobId)))) }
        guard let file = job.input.files.first(where: { $0.fileId == id }) else {
            return reply(.failure(Refusal(.fileNotFound, "The job \(job.jobId) has no file \(id).")))
        }
        reply(.success(ByteBuffer(bytes: file.json.bytes)))
    }

    func beginArtifact(
        _ proof: LeaseProof, _ name: ArtifactName, mediaType: String?, for listener: any WatchListener,
        reply: @escaping Reply
    ) {
        guard leased(proof) != nil else { return reply(.failure(Refusal(.leaseLost(proof.jobId)))) }
        begin(name.description, as: .artifact(proof, name, mediaType: mediaType), for: listener, reply: reply)
    }

    /// Takes an artifact that has arrived: first its bytes, then its record.
    func adopt(
        _ file: JobFile, as name: ArtifactName, mediaType: String? = nil, of proof: LeaseProof, by access: Access,
        reply: @escaping Reply
    ) {
        guard let job = leased(proof) else {
            disk.discard([file.fileId])
            return reply(.failure(Refusal(.leaseLost(proof.jobId))))
        }
        let artifact = Artifact(
            name: name, mediaType: mediaType ?? file.mediaType, size: file.size, sha256: file.sha256 ?? "")
        disk.adopt(file, as: name, of: job.jobId, run: job.runs.last).hop(to: loop).whenComplete { result in
            guard case .success = result else { return reply(result.asReply { _ in [:] }) }
            self.assumeIsolated { $0.decide(.say(.artifact(artifact), proof), by: access, reply: reply) }
        }
    }
}
