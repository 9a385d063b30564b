import JSON
import JobModel
import JobStorage
import JobWire
import NIOCore

/// What is told of batches, and why jobs do not run.
extension Daemon {
    /// Replies with a batch as it is stored; with whether it is new where that is asked.
    func answer(with id: BatchID, isNew: Bool?, by access: Access = .everything, to reply: @escaping Reply) {
        inBackground { [self] in
            do throws(StoreError) {
                guard let state = try await store.batch(id), access.sees(state.batch) else {
                    return reply(.failure(Refusal(.batchNotFound(id))))
                }
                let json = isNew.map { ["batch": state.json, "created": .bool($0)] } ?? state.json
                reply(.success(ByteBuffer(bytes: json.bytes)))
            } catch {
                reply(.failure(Refusal(reading: error, logger: logger)))
            }
        }
    }

    /// Says why a job does not run, as things are in the map.
    func explain(_ id: JobID, by access: Access, reply: @escaping Reply) {
        withJob(id, for: access, reply: reply) { daemon, job in
            let map = daemon.committer.map
            let explanation = map.explanation(of: map.record(id)?.job ?? job, for: access, at: daemon.readClock())
            reply(.success(ByteBuffer(bytes: explanation.json.bytes)))
        }
    }
}

extension BatchState {
    /// As clients see it.
    var json: JSONValue {
        let counts = JobStatus.allCases.map { status in
            JSONObject.Member(key: status.rawValue, value: JSONValue(self.counts[status] ?? 0))
        }
        return [
            "batchId": .string(batch.batchId.description), "owner": batch.owner.map { .string($0) } ?? .null,
            "status": .string(batch.status.rawValue), "counts": .object(JSONObject(counts)),
            "progress": JSONValue(progress), "createdAt": JSONValue(batch.createdAt),
            "finishedAt": JSONValue(batch.finishedAt), "metadata": batch.metadata.value,
            "then": batch.then.map { .string($0.description) } ?? .null,
        ]
    }
}
