package import JSON

// The parts of a job as JSON: the same on the wire and in stores.

extension JobFile {
    /// As `JobFile.init(json:)` reads it again.
    package var json: JSONValue {
        [
            "fileId": .string(fileId.description), "name": .string(name), "size": JSONValue(size),
            "mediaType": .string(mediaType), "sha256": sha256.map(JSONValue.string) ?? .null,
        ]
    }

    /// Nil when a member is missing or wrong; others are ignored.
    package init?(json: JSONValue) {
        guard let id = json["fileId"]?.string.flatMap(FileID.init), let name = json["name"]?.string,
            let size = json["size"]?.integer, Limits.sizes.contains(size), let mediaType = json["mediaType"]?.string,
            let sha256 = json["sha256"], sha256 == .null || sha256.string != nil
        else { return nil }
        self.init(fileId: id, name: name, size: size, mediaType: mediaType, sha256: sha256.string)
    }
}

extension Artifact {
    /// Without the `href`, which only the wire has.
    package var json: JSONValue {
        [
            "name": .string(name.description), "mediaType": .string(mediaType), "size": JSONValue(size),
            "sha256": .string(sha256),
        ]
    }

    /// Nil when a member is missing or wrong; others are ignored.
    package init?(json: JSONValue) {
        guard let name = json["name"]?.string.flatMap(ArtifactName.init), let mediaType = json["mediaType"]?.string,
            let size = json["size"]?.integer, Limits.sizes.contains(size), let sha256 = json["sha256"]?.string
        else { return nil }
        self.init(name: name, mediaType: mediaType, size: size, sha256: sha256)
    }
}

extension EarlierAttempt {
    /// As `EarlierAttempt.init(json:)` reads it again.
    package var json: JSONValue {
        [
            "run": run.map { JSONValue($0) } ?? .null, "attempt": JSONValue(attempt),
            "startedAt": startedAt.map { .string($0.description) } ?? .null,
            "finishedAt": .string(finishedAt.description), "error": error?.json ?? .null,
        ]
    }

    /// Nil when a member is missing or wrong; others are ignored.
    package init?(json: JSONValue) {
        guard let attempt = json["attempt"]?.integer.flatMap({ Int(exactly: $0) }),
            let finishedAt = json["finishedAt"]?.string.flatMap(Timestamp.init)
        else { return nil }
        self.init(
            run: json["run"]?.integer, attempt: attempt,
            startedAt: json["startedAt"]?.string.flatMap(Timestamp.init), finishedAt: finishedAt,
            error: json["error"].flatMap(JobFailure.init(json:)))
    }
}

extension JobFailure {
    /// Members that are nil are left out.
    package var json: JSONValue {
        var object: JSONObject = ["code": .string(code), "message": .string(message)]
        object["step"] = step.map(JSONValue.string)
        object["exitCode"] = exitCode.map { JSONValue($0) }
        object["signal"] = signal.map(JSONValue.string)
        object["cause"] = cause.map(JSONValue.string)
        return .object(object)
    }

    /// Nil when `code` or `message` is missing; others are optional.
    package init?(json: JSONValue) {
        guard let code = json["code"]?.string, let message = json["message"]?.string else { return nil }
        self.init(
            code: code, message: message, step: json["step"]?.string,
            exitCode: json["exitCode"]?.integer.flatMap { Int(exactly: $0) }, signal: json["signal"]?.string,
            cause: json["cause"]?.string)
    }
}
