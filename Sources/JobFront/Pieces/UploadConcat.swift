import JobModel
import JobWire

/// What `Upload-Concat` says: that an upload is a part, or is made of parts.
enum UploadConcat {
    static func parse(_ header: String?) throws(Refusal) -> UploadRecord.Kind {
        guard let header else { return .file }
        if header == "partial" { return .part }
        let wrong = Tus.wrong("Upload-Concat", "must be partial, or final; and the addresses of partial uploads")
        guard header.hasPrefix("final;") else { throw wrong }
        var parts: [FileID] = []
        for address in header.dropFirst("final;".count).split(separator: " ") {
            guard let part = id(in: address) else { throw wrong }
            parts.append(part)
        }
        guard Limits.uploadParts.contains(parts.count) else { throw wrong }
        return .joined(parts)
    }

    /// The upload that an address names, with or without a host.
    private static func id(in address: Substring) -> FileID? {
        let path = RequestTarget(String(address)).path
        guard Tus.hasPath(path) else { return nil }
        return PercentEncoding.decode(path.dropFirst(Tus.path.count + 1).utf8).flatMap(FileID.init)
    }

    /// What is told of an upload; nil for one that is neither.
    static func text(_ kind: UploadRecord.Kind) -> String? {
        switch kind {
        case .file: nil
        case .part: "partial"
        case .joined(let parts): "final;" + parts.map { Tus.location(of: $0) }.joined(separator: " ")
        }
    }
}
