import JSON
import JobModel

/// What steps have found, in the order in which it was first said: of the job, and of each of its files.
///
/// A step may say as much as it may print: a member costs the same however many there are, and none is kept once they
/// are larger than a result may be.
struct RunResult {
    private var whole = JSONObject()
    private var files: [JSONObject]
    private var byteCount = 0
    private var isTooLarge = false
    /// What became of each step that ran.
    var steps: [JSONValue] = []
    /// The name of the step that runs or ran last; empty before the first.
    var lastStep = ""
    /// What steps have said of the media types of their outputs.
    var mediaTypes: [ArtifactName: String] = [:]

    /// - Parameter fileCount: How many files the job has.
    init(fileCount: Int) {
        files = Array(repeating: JSONObject(), count: fileCount)
    }

    /// Sets what was found of the whole job; the last value of a key counts.
    mutating func set(_ key: String, _ value: JSONValue) {
        add { Self.set(key, value, in: &$0.whole) }
    }

    /// Sets what was found of one file, which is also found of the whole job when there is no other.
    mutating func set(_ key: String, _ value: JSONValue, of file: WorkingFile) {
        describe(file, key, value)
        if files.count == 1 { set(key, value) }
    }

    /// Sets what one file is.
    mutating func describe(_ file: WorkingFile, _ key: String, _ value: JSONValue) {
        add { Self.set(key, value, in: &$0.files[file.index]) }
    }

    /// Sets a member; returns by how many bytes the object grows.
    private static func set(_ key: String, _ value: JSONValue, in object: inout JSONObject) -> Int {
        let byteCount = JSONText(value).byteCount
        let before = object[key]
        object[key] = value
        return before.map { byteCount - JSONText($0).byteCount } ?? byteCount + key.utf8.count
    }

    private mutating func add(_ change: (inout Self) -> Int) {
        guard !isTooLarge else { return }
        byteCount += change(&self)
        isTooLarge = byteCount > Limits.resultBytes
    }

    /// What was found of a file, or else of the whole job.
    func value(_ key: String, of file: WorkingFile?) -> JSONValue? {
        file.flatMap { files[$0.index][key] } ?? whole[key]
    }

    /// All of it, with the list of the steps; nil when it is larger than a result may be.
    ///
    /// `names` are those of the files.
    func text(names: [String]) -> JSONText? {
        guard !isTooLarge else { return nil }
        var result = whole
        if files.contains(where: { !$0.members.isEmpty }) {
            result["files"] = .array(
                zip(names, files).map { name, section in
                    .object(JSONObject([JSONObject.Member(key: "name", value: .string(name))] + section.members))
                })
        }
        result["steps"] = .array(steps)
        let text = JSONText(.object(result))
        return text.byteCount <= Limits.resultBytes ? text : nil
    }
}
