import JSON
import JobModel

/// What steps have found, in the order in which it was first said: of the job, and of each of its files.
///
/// A step may say as much as it may print: a member costs the same however many there are, and none is kept once they
/// are larger than a result may be.
struct AttemptResult {
    private struct Section {
        var members: [JSONObject.Member] = []
        var places: [String: Int] = [:]

        subscript(key: String) -> JSONValue? { places[key].map { members[$0].value } }

        /// Sets a member; returns by how many bytes the section grows.
        mutating func set(_ key: String, _ value: JSONValue) -> Int {
            let byteCount = JSONText(value).byteCount
            guard let place = places[key] else {
                places[key] = members.count
                members.append(.init(key: key, value: value))
                return byteCount + key.utf8.count
            }
            defer { members[place].value = value }
            return byteCount - JSONText(members[place].value).byteCount
        }
    }

    private var whole = Section()
    private var files: [Section]
    private var byteCount = 0
    private var isTooLarge = false

    /// - Parameter fileCount: How many files the job has.
    init(fileCount: Int) {
        files = Array(repeating: Section(), count: fileCount)
    }

    /// Sets what was found of the whole job; the last value of a key counts.
    mutating func set(_ key: String, _ value: JSONValue) {
        add { $0.whole.set(key, value) }
    }

    /// Sets what was found of one file, which is also found of the whole job when there is no other.
    mutating func set(_ key: String, _ value: JSONValue, of file: WorkingFile) {
        describe(file, key, value)
        if files.count == 1 { set(key, value) }
    }

    /// Sets what one file is.
    mutating func describe(_ file: WorkingFile, _ key: String, _ value: JSONValue) {
        add { $0.files[file.index].set(key, value) }
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
    func text(steps: [JSONValue], names: [String]) -> JSONText? {
        guard !isTooLarge else { return nil }
        var result = JSONObject(whole.members)
        if files.contains(where: { !$0.members.isEmpty }) {
            result["files"] = .array(
                zip(names, files).map { name, section in
                    .object(JSONObject([.init(key: "name", value: .string(name))] + section.members))
                })
        }
        result["steps"] = .array(steps)
        let text = JSONText(.object(result))
        return text.byteCount <= Limits.resultBytes ? text : nil
    }
}
