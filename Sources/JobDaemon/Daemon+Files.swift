import JSON
package import JobModel
import JobStorage
package import JobWire
import NIOCore

/// The methods of files: the disk keeps the bytes, the map their records.
extension Daemon {
    func getFile(_ id: FileID, by access: Access, reply: @escaping Reply) {
        inBackground { [self] in
            do throws(StoreError) {
                guard let record = try await store.files([id]).first, access.sees(record) else {
                    return reply(.failure(Refusal(.fileNotFound(id))))
                }
                reply(.success(ByteBuffer(bytes: record.file.json.bytes)))
            } catch {
                reply(.failure(Refusal(reading: error, logger: logger)))
            }
        }
    }

    func readFile(_ id: FileID, offset: Int64, limit: Int, reply: @escaping Reply) {
        inBackground { [self] in
            do throws(StoreError) {
                guard try await store.files([id]).first != nil else {
                    return reply(.failure(Refusal(.fileNotFound(id))))
                }
            } catch {
                return reply(.failure(Refusal(reading: error, logger: logger)))
            }
            disk.read(id, from: offset, limit: limit).whenComplete { result in
                reply(result.asReply { ["data": JSONValue(base64: $0)] })
            }
        }
    }

    // MARK: Uploads over the socket

    func begin(_ name: String, as purpose: OpenUploads.Purpose, for listener: any WatchListener, reply: @escaping Reply)
    {
        do throws(JobError) {
            try uploads.checkSocket(committer.map.rules.quotas)
        } catch {
            return reply(.failure(Refusal(error)))
        }
        guard uploads.reserve(for: ObjectIdentifier(listener)) else {
            let message = "A connection may have \(OpenUploads.maximumCount) uploads at once; complete one first."
            return reply(.failure(Refusal(.tooManyRequests, message)))
        }
        disk.begin(name).hop(to: loop).whenComplete { result in
            self.assumeIsolated { daemon in
                let id = try? result.get()
                if !daemon.uploads.begin(id, as: purpose, of: ObjectIdentifier(listener)), let id {
                    daemon.disk.discard([id])
                }
            }
            reply(result.asReply { ["fileId": .string($0.description)] })
        }
    }

    func append(_ bytes: [UInt8], to id: FileID, for listener: any WatchListener, reply: @escaping Reply) {
        let owner = ObjectIdentifier(listener)
        guard uploads.isOpen(id, of: owner) else { return reply(.failure(.noUpload(id))) }
        disk.append(bytes, to: id).hop(to: loop).whenComplete { result in
            if case .failure = result { self.assumeIsolated { _ = $0.uploads.end(id, of: owner) } }
            reply(result.asReply { _ in [:] })
        }
    }

    func commit(
        _ id: FileID, by access: Access, sha256: String?, for listener: any WatchListener, reply: @escaping Reply
    ) {
        guard let purpose = uploads.end(id, of: ObjectIdentifier(listener)) else {
            return reply(.failure(.noUpload(id)))
        }
        disk.commit(id, sha256: sha256).hop(to: loop).whenComplete { result in
            switch result {
            case .success(let file):
                self.assumeIsolated { daemon in
                    switch purpose {
                    case .file: daemon.adopt(file, by: access, reply: reply)
                    case .artifact(let proof, let name, let mediaType):
                        daemon.adopt(file, as: name, mediaType: mediaType, of: proof, by: access, reply: reply)
                    }
                }
            case .failure: reply(result.asReply { $0.json })
            }
        }
    }

    // MARK: Uploads through the fronts

    /// Takes note of an upload that a front receives, or refuses more of it.
    func note(_ report: UploadReport, by access: Access, for listener: any WatchListener, reply: @escaping Reply) {
        let front = ObjectIdentifier(listener)
        guard !report.hasEnded else {
            uploads.end(report.upload, on: front)
            if let stored = report.stored { note(stored) }
            return reply(.success(ByteBuffer(string: "{}")))
        }
        do throws(JobError) {
            try uploads.check(report, of: access.account, on: front, by: committer.map)
        } catch {
            return reply(.failure(Refusal(error)))
        }
        // A connection that has ended meanwhile is not to be remembered.
        guard listener.isActive else { return }
        uploads.note(report, for: access.account, on: front)
        reply(.success(ByteBuffer(string: "{}")))
    }

    /// Takes note of how much has come of a resumable upload.
    private func note(_ stored: UploadReport.Stored) {
        guard let record = committer.map.upload(stored.fileId), record.finishedAt == nil else { return }
        uploads.setStored(stored.bytes, of: stored.fileId, for: record.account)
    }

    // MARK: Adoption

    /// Takes an upload that has arrived, by whichever door: first its bytes, then its record.
    func adopt(_ file: JobFile, by access: Access, reply: @escaping Reply) {
        disk.adopt(file).hop(to: loop).whenComplete { result in
            guard case .success = result else { return reply(result.asReply { _ in [:] }) }
            self.assumeIsolated { daemon in
                let disk = daemon.disk
                daemon.decide(.adoptFile(file), by: access) { result in
                    var isRecorded: Bool { if case .success = result { true } else { false } }
                    disk.endAdoption(of: file.fileId, isRecorded: isRecorded)
                    reply(result)
                }
            }
        }
    }
}

extension Refusal {
    /// An upload that was never begun on this connection, has ended, or of which a part was refused.
    package static func noUpload(_ id: FileID) -> Refusal {
        Refusal(.fileNotFound, "There is no upload \(id) on this connection.")
    }
}
