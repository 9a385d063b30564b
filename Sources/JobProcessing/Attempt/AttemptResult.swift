import JobModel

/// What steps have found, in the order in which it was first said.
///
/// A step may say as much as it may print: a member costs the same however many there are, and none is kept once they
/// are larger than a result may be.
struct AttemptResult {
    private var members: [JSONObject.Member] = []
    private var places: [String: Int] = [:]
    private var byteCount = 0
    private var isTooLarge = false

    /// Sets a member; the last value of a key counts.
    mutating func set(_ key: String, _ value: JSONValue) {
        guard !isTooLarge else { return }
        byteCount += JSONText(value).byteCount
        if let place = places[key] {
            byteCount -= JSONText(members[place].value).byteCount
            members[place].value = value
        } else {
            byteCount += key.utf8.count
            places[key] = members.count
            members.append(.init(key: key, value: value))
        }
        isTooLarge = byteCount > Limits.resultBytes
    }

    /// Nil when it is larger than a result may be.
    var text: JSONText? {
        guard !isTooLarge else { return nil }
        let text = JSONText(.object(JSONObject(members)))
        return text.byteCount <= Limits.resultBytes ? text : nil
    }
}
