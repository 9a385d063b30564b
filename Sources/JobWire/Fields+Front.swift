import JSON
import JobModel

/// What a front says of itself.
extension Fields {
    mutating func frontReport() throws(Refusal) -> FrontReport {
        var report = FrontReport(
            streams: try require("streams", in: 0...1_000_000),
            uploads: try integer("uploads", in: 0...1_000_000) ?? 0)
        guard let value = value("requests") else { return report }
        guard let elements = value.array, elements.count <= FrontReport.maximumRequestKinds else {
            throw Self.wrong("requests", "must be a list of at most \(FrontReport.maximumRequestKinds) entries")
        }
        for (index, element) in elements.enumerated() {
            guard let operation = element["operation"]?.string, (1...32).contains(operation.utf8.count),
                operation.utf8.allSatisfy({ $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") }),
                let status = element["status"]?.string, ["1xx", "2xx", "3xx", "4xx", "5xx"].contains(status),
                let count = element["count"]?.integer, Limits.counts.contains(count)
            else {
                throw Self.wrong("\(index)", in: "requests", "must be an object of operation, status and count")
            }
            report.requests.append(.init(operation: operation, status: status, count: count))
        }
        return report
    }

    mutating func uploadReport() throws(Refusal) -> UploadReport {
        guard let upload = try text("upload", limit: 64), !upload.isEmpty else {
            throw Self.wrong("upload", "is missing")
        }
        return UploadReport(
            upload: upload, bytes: try integer("bytes", in: Limits.sizes) ?? 0,
            announced: try integer("announced", in: Limits.sizes), hasEnded: try boolean("ended") ?? false,
            stored: try storedPiece())
    }

    private mutating func storedPiece() throws(Refusal) -> UploadReport.Stored? {
        let id = try value("fileId").map { (json) throws(Refusal) in try Self.fileId(json, at: "/fileId") }
        let bytes = try integer("stored", in: Limits.sizes)
        guard let id, let bytes else { return nil }
        return UploadReport.Stored(fileId: id, bytes: bytes)
    }

    mutating func uploadCreation() throws(Refusal) -> UploadCreation {
        var parts: [FileID] = []
        if let value = value("parts") {
            guard let elements = value.array, Limits.uploadParts.contains(elements.count) else {
                throw Self.wrong("parts", "must be a list of 1 to \(Limits.uploadParts.upperBound) ids of uploads")
            }
            for (index, element) in elements.enumerated() {
                parts.append(try Self.fileId(element, at: "/parts/\(index)"))
            }
        }
        guard let kind = UploadRecord.Kind(try string("kind") ?? "file", parts: parts) else {
            throw Self.wrong("kind", "must be file, part or joined, and only what is joined has parts")
        }
        return UploadCreation(
            fileId: try fileId(), kind: kind, name: try text("name", limit: Limits.fileNameBytes) ?? "",
            mediaType: try text("mediaType") ?? "application/octet-stream",
            metadata: try text("metadata", limit: Limits.uploadMetadataBytes),
            length: try integer("length", in: Limits.sizes))
    }

    mutating func refusalReport() throws(Refusal) -> RefusalReport {
        guard let request = try text("request", limit: 128), !request.isEmpty, request.printable == request else {
            throw Self.wrong("request", "must be a line of 1 to 128 characters")
        }
        guard let code = try string("code").flatMap(ErrorCode.init), [.forbidden, .unauthorized].contains(code) else {
            throw Self.wrong("code", "must be \"forbidden\" or \"unauthorized\"")
        }
        return RefusalReport(
            request: request, code: code,
            jobId: try value("jobId").map { (json) throws(Refusal) in try Self.jobId(json, at: "/jobId") })
    }
}
