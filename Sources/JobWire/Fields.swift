import JSON
import JobModel

/// Takes the members of a parameter object one by one, and refuses what is left.
///
/// `null` counts as left out, except where a field says that it can be set to null. The pointers in its errors are those
/// of the HTTP body too, because both doors have the same fields.
struct Fields {
    private var members: JSONMembers

    init(_ params: JSONNode?) throws(Refusal) {
        // Some clients send an empty list for a method that needs nothing.
        guard let params, !params.isNull, params.array?.isEmpty != true else {
            members = JSONMembers(of: nil)
            return
        }
        guard params.isObject else {
            throw Refusal(.invalidRequest, "The parameters must be an object with named members.", pointer: "")
        }
        members = params.members
        for member in members { try member.value.checkDepth(as: member.key) }
    }

    /// Refuses members that nobody took.
    func end() throws(Refusal) {
        // No request has 64 fields.
        if let key = members.rest { throw Self.wrong(key, "is not a field of this request") }
    }

    /// The member as it is; nil when left out or null.
    mutating func value(_ key: String) -> JSONNode? {
        guard let value = members.take(key), !value.isNull else { return nil }
        return value
    }

    /// Whether the member is there, be it null.
    mutating func has(_ key: String) -> Bool { members.take(key) != nil }

    mutating func require(_ key: String) throws(Refusal) -> JSONNode {
        guard let value = value(key) else { throw Self.wrong(key, "is missing") }
        return value
    }

    mutating func string(_ key: String) throws(Refusal) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.string else { throw Self.wrong(key, "must be a string") }
        return text
    }

    /// A text that people read: bounded, without U+0000.
    mutating func text(_ key: String, limit: Int = Limits.textBytes) throws(Refusal) -> String? {
        guard let text = try string(key) else { return nil }
        guard text.utf8.count <= limit else { throw Self.wrong(key, "is longer than \(limit) bytes") }
        guard !text.utf8.contains(0) else { throw Self.wrong(key, "contains U+0000") }
        return text
    }

    /// A text that may be set to null.
    mutating func settableText(_ key: String) throws(Refusal) -> Field<String> {
        has(key) ? .set(try text(key)) : .absent
    }

    mutating func integer<Number: FixedWidthInteger>(
        _ key: String, in range: ClosedRange<Number>
    ) throws(Refusal) -> Number? {
        guard let value = value(key) else { return nil }
        guard let number = value.integer.flatMap({ Number(exactly: $0) }), range.contains(number) else {
            throw Self.wrong(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func require<Number: FixedWidthInteger>(
        _ key: String, in range: ClosedRange<Number>
    ) throws(Refusal) -> Number {
        guard let number = try integer(key, in: range) else { throw Self.wrong(key, "is missing") }
        return number
    }

    mutating func boolean(_ key: String) throws(Refusal) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let flag = value.bool else { throw Self.wrong(key, "must be true or false") }
        return flag
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>) throws(Refusal) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.double, range.contains(number) else {
            throw Self.wrong(
                key, "must be a number from \(JSONValue(range.lowerBound).text) to \(JSONValue(range.upperBound).text)")
        }
        return number
    }

    mutating func moment(_ key: String) throws(Refusal) -> Timestamp? {
        guard let text = try string(key) else { return nil }
        guard let moment = Timestamp(text) else {
            throw Self.wrong(key, "must be a moment such as 2026-11-23T12:00:00.000Z")
        }
        return moment
    }

    /// A number of bytes.
    mutating func size(_ key: String) throws(Refusal) -> Int64 { try require(key, in: Limits.sizes) }

    /// A JSON value kept as text.
    mutating func json(_ key: String, limit: Int) throws(Refusal) -> JSONText? {
        guard let value = value(key) else { return nil }
        let text = JSONText(value)
        guard text.byteCount <= limit else { throw Self.wrong(key, "is larger than \(limit) bytes") }
        return text
    }

    mutating func object(_ key: String, limit: Int) throws(Refusal) -> JSONText? {
        if let value = value(key), !value.isObject { throw Self.wrong(key, "must be an object") }
        return try json(key, limit: limit)
    }

    /// An object that says what is to change in another one; nil when left out or null.
    mutating func patch(_ key: String, limit: Int) throws(Refusal) -> JSONValue? {
        guard try object(key, limit: limit) != nil else { return nil }
        return value(key).map(JSONValue.init)
    }

    mutating func jobId(_ key: String = "jobId") throws(Refusal) -> JobID {
        try Self.jobId(try require(key), at: "/\(key)")
    }

    mutating func fileId(_ key: String = "fileId") throws(Refusal) -> FileID {
        try Self.fileId(try require(key), at: "/\(key)")
    }

    /// What is wrong with a text that is not a job id, as half a sentence.
    static let notAJobId =
        "is not a job id: 1 to 128 of A-Z a-z 0-9 . _ : -, beginning with a letter or digit, not 'stream'"

    static func jobId(_ value: JSONNode, at pointer: @autoclosure () -> String) throws(Refusal) -> JobID {
        guard let id = value.string.flatMap(JobID.init) else {
            let pointer = pointer()
            throw Refusal(.invalidRequest, "\(pointer) \(notAJobId).", pointer: pointer)
        }
        return id
    }

    static func fileId(_ value: JSONNode, at pointer: @autoclosure () -> String) throws(Refusal) -> FileID {
        guard let id = value.string.flatMap(FileID.init) else {
            let pointer = pointer()
            throw Refusal(.invalidRequest, "\(pointer) is not a file id.", pointer: pointer)
        }
        return id
    }

    static func wrong(_ key: String, _ problem: String) -> Refusal { .wrongField(key, problem) }

    /// What is wrong with one element of a list, or one member of an object.
    static func wrong(_ key: String, in parent: String, _ problem: String) -> Refusal {
        wrong(key, problem).within("/\(parent)")
    }

    /// Reads an object within the parameters; what is wrong with it is named by its pointer, such as `/jobs/3/queue`.
    static func object<Value>(
        at pointer: String, _ value: JSONNode, _ read: (inout Fields) throws(Refusal) -> Value
    ) throws(Refusal) -> Value {
        guard value.isObject else {
            throw Refusal(.invalidRequest, "\(pointer) must be an object.", pointer: pointer)
        }
        do throws(Refusal) {
            var fields = try Fields(value)
            let result = try read(&fields)
            try fields.end()
            return result
        } catch {
            throw error.within(pointer)
        }
    }
}

extension Refusal {
    /// What is wrong with a field, named by its JSON Pointer; the problem is half a sentence.
    package static func wrongField(_ key: String, _ problem: String) -> Refusal {
        let escaped = key.beginning.replacing("~", with: "~0").replacing("/", with: "~1")
        return Refusal(.invalidRequest, "/\(escaped) \(problem).", pointer: "/\(escaped)")
    }
}

extension JSONNode {
    /// Refuses a member that is nested deeper than what is kept may be, and so than a line may carry.
    package func checkDepth(as key: @autoclosure () -> String) throws(Refusal) {
        guard isDeeper(than: JSONValue.maximumDepth) else { return }
        throw Fields.wrong(key(), "is nested more than \(JSONValue.maximumDepth) levels deep")
    }
}
