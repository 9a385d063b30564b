package import JSON

/// A resumable upload, as its sender announced it.
///
/// How much of it has come is what its file on the disk says.
package struct UploadRecord: Hashable, Sendable {
    /// What its bytes are for.
    package enum Kind: Hashable, Sendable {
        /// A file.
        case file
        /// To be joined with others.
        case part
        /// A file that is made of parts, in this order.
        case joined([FileID])
    }

    /// Also that of its file.
    package let fileId: FileID
    /// Whose it is; nil for nobody's.
    package let owner: String?
    /// Whose quota it uses up; nil for one that counts in the totals only.
    package let account: Account?
    /// When it was announced; what stands still is given up some time after its last byte, or after this.
    package let createdAt: Timestamp
    /// Set when it is announced, as are the next fields.
    package let kind: Kind
    /// What its sender calls it; shown, never used as a path.
    package let name: String
    /// What its sender says it is.
    package let mediaType: String
    /// What its sender said of it, as he wrote it; nil where he said nothing.
    package let metadata: String?
    /// In bytes; nil until its sender says it.
    package var length: Int64?
    /// When its file was stored; nil until then, and always for a part.
    package var finishedAt: Timestamp?
    /// Counts stored states.
    package var revision: Int64 = 1

    package init(
        _ creation: UploadCreation, owner: String?, account: Account?, createdAt: Timestamp, length: Int64?
    ) {
        fileId = creation.fileId
        self.owner = owner
        self.account = account
        self.createdAt = createdAt
        kind = creation.kind
        name = creation.name
        mediaType = creation.mediaType
        metadata = creation.metadata
        self.length = length
    }

    /// The parts that it is made of.
    package var parts: [FileID] { kind.parts }

    /// Whether a job may wait for its file.
    var isAwaited: Bool { finishedAt == nil && kind != .part }

    /// As a job shows its file while that has not come whole; the length is 0 where nobody has said it.
    var announced: JobFile {
        JobFile(fileId: fileId, name: name, size: length ?? 0, mediaType: mediaType, sha256: nil)
    }
}

extension UploadRecord {
    /// Without its id and its revision: the same in stores and on the wire.
    package var json: JSONValue {
        var object: JSONObject = [
            "kind": .string(kind.word), "name": .string(name), "mediaType": .string(mediaType),
            "createdAt": .string(createdAt.description),
        ]
        if !parts.isEmpty { object["parts"] = .array(parts.map { .string($0.description) }) }
        object["length"] = length.map { JSONValue($0) }
        object["metadata"] = metadata.map(JSONValue.string)
        object["owner"] = owner.map(JSONValue.string)
        object["account"] = account.map { .string($0.description) }
        object["finishedAt"] = finishedAt.map { .string($0.description) }
        return .object(object)
    }

    /// Nil when a member is missing or wrong.
    package init?(_ id: FileID, revision: Int64 = 1, json: JSONValue) {
        let parts = json["parts"]?.array?.compactMap { $0.string.flatMap(FileID.init) } ?? []
        guard let word = json["kind"]?.string, let kind = Kind(word, parts: parts), let name = json["name"]?.string,
            let mediaType = json["mediaType"]?.string,
            let createdAt = json["createdAt"]?.string.flatMap(Timestamp.init)
        else { return nil }
        self.init(
            UploadCreation(
                fileId: id, kind: kind, name: name, mediaType: mediaType, metadata: json["metadata"]?.string),
            owner: json["owner"]?.string, account: json["account"]?.string.flatMap(Account.init),
            createdAt: createdAt, length: json["length"]?.integer)
        finishedAt = json["finishedAt"]?.string.flatMap(Timestamp.init)
        self.revision = revision
    }
}

extension UploadRecord.Kind {
    /// What it is made of.
    package var parts: [FileID] { if case .joined(let parts) = self { parts } else { [] } }

    /// As the wire and the store call it.
    package var word: String {
        switch self {
        case .file: "file"
        case .part: "part"
        case .joined: "joined"
        }
    }

    /// Nil when it is not one of the words, or has parts that it cannot have.
    package init?(_ word: String, parts: [FileID]) {
        switch word {
        case "file" where parts.isEmpty: self = .file
        case "part" where parts.isEmpty: self = .part
        case "joined" where !parts.isEmpty: self = .joined(parts)
        default: return nil
        }
    }
}
